"""The national record and the patients that it verifies: what goes in comes out."""

from datetime import date

import pytest

from simulator.domain.national_record import NationalRecord
from simulator.domain.organization import Address
from simulator.domain.patient import Patient
from simulator.store.database import Store
from simulator.store.national_record import national_record_of, national_record_row
from simulator.store.patients import patient_of, patient_row
from tests.diary import Diary

HOME = Address(("1 Mill Lane", "Holbeck"), "Leeds", "West Yorkshire", "ZZ99 1AA")
ADA = NationalRecord(
    "9876543210", "Ms", "Ada", "Lark", "female", date(1980, 2, 3), HOME, "01632 960001", "Z90001",
    date(2026, 1, 2), sensitive=True, invalid=True, superseded_by="9434765919", version=3,
    mobile="07700 900001", email="ada@example.org", registered_on=date(2020, 5, 6), former_family="Wren",
    former_postal_code="ZZ99 2BB",
)  # fmt: skip
BARE = NationalRecord("9876543210", "", "Ada", "Lark", "female", date(1980, 2, 3), None, None)


@pytest.mark.parametrize("record", [ADA, BARE])
def test_a_person_comes_out_as_it_went_in(record: NationalRecord) -> None:
    assert national_record_of(national_record_row(record)) == record


def test_a_person_is_traced_by_number(store: Store, diary: Diary) -> None:
    diary.national_record("9876543210", superseded_by="9434765919")
    with store.reading() as transaction:
        found = transaction.people.trace("9876543210")
        assert transaction.people.trace("9434765919") is None
    assert found is not None
    assert (found.given, found.superseded_by) == ("Ada", "9434765919")


def test_a_superseded_number_leads_to_the_current_one(store: Store, diary: Diary) -> None:
    diary.national_record("9434765919")
    diary.national_record("9876543210", superseded_by="9434765919")
    diary.national_record("9990000018", superseded_by="9876543210")
    diary.national_record("9990000026", superseded_by="9990000034")
    diary.national_record("9990000042", superseded_by="9990000042")
    diary.national_record("9990000050", superseded_by="9990000069")
    diary.national_record("9990000069", invalid=1)
    with store.reading() as transaction:
        for number in ("9434765919", "9876543210", "9990000018"):
            found = transaction.people.current(number)
            assert found is not None
            assert found.nhs_number == "9434765919"
        for number in ("9990000026", "9990000042", "9990000050", "9990000069", "9990000077"):
            assert transaction.people.current(number) is None


@pytest.mark.parametrize(
    ("known", "initials", "is_found"),
    [
        ({}, "l", True),
        ({}, "a", True),
        ({}, "xl", True),
        ({}, "x", False),
        ({}, "", False),
        ({"former_family": "Xavier"}, "x", True),
        ({"family": "Østby"}, "x", True),
        ({"given": "Éa"}, "x", True),
        ({"former_family": "'t Hooft"}, "x", True),
        ({"birth_date": "1980-02-01"}, "l", True),
        ({"birth_date": "1980-01-31"}, "l", False),
        ({"birth_date": "1980-02-29"}, "l", True),
        ({"birth_date": "1980-03-01"}, "l", False),
    ],
)
def test_people_are_looked_up_by_day_of_birth_and_initials(
    store: Store, diary: Diary, known: dict[str, str], initials: str, is_found: bool
) -> None:
    diary.national_record("9876543210", **known)
    with store.reading() as transaction:
        found = [each.nhs_number for each in transaction.people.born(*FEBRUARY, initials)]
    assert ("9876543210" in found) is is_found


FEBRUARY = (date(1980, 2, 1), date(1980, 2, 29))

PATIENT = Patient(1, 1, "9876543210", "", "Ada", "Lark", "female", date(1980, 2, 3), None, None, None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"address": Address(("1 Row",), "", "", "")},
        {"address": Address((), "York", "", "")},
        {"address": Address((), "", "Yorkshire", "")},
        {"address": Address((), "", "", "ZZ99 1AA")},
        {"temporary_address": HOME, "temporary_phone": "1", "registered_until": date(2026, 6, 15)},
        {"temporary_address": Address((), "York", "", "")},
        {"other_given": ("Beth", "Cleo"), "work_phone": "2"},
    ],
    ids=lambda change: "+".join(change),
)
def test_what_registration_brings_is_kept(change: dict[str, object]) -> None:
    patient = PATIENT._replace(**change)  # type: ignore[arg-type]  # a table of changes of several types
    assert patient_of(patient_row(patient)) == patient


def test_a_new_patient_gets_an_id_and_a_known_one_changes(store: Store) -> None:
    with store.writing() as transaction:
        added = transaction.patients.store(PATIENT._replace(id=0))
        changed = transaction.patients.store(added._replace(phone="1", version=2))
    with store.reading() as transaction:
        assert transaction.patients.with_nhs_number(1, "9876543210") == changed
        assert transaction.patients.get(1, added.id) == changed
    assert changed.id == added.id > 1


def test_a_number_is_verified_once(store: Store, diary: Diary) -> None:
    diary.update("patients", 1, verified=0)
    for _ in range(2):
        with store.writing() as transaction:
            patient = transaction.patients.verify(1)
        assert (patient.verified, patient.version) == (True, 2)


def test_a_practitioner_is_found_by_sds_user_id_at_its_own_practice(store: Store) -> None:
    with store.reading() as transaction:
        practitioner = transaction.practices.practitioner(1, 1)
        assert practitioner is not None
        assert transaction.practices.with_sds_user_id(1, practitioner.sds_user_id) == [practitioner]
        assert transaction.practices.with_sds_user_id(2, practitioner.sds_user_id) == []


@pytest.mark.parametrize(
    ("capability", "on", "expected"),
    [(None, False, (False, True)), ("appointments", False, (True, False)), (None, True, (True, True))],
)
def test_a_practice_is_switched_apart_from_its_appointments(
    store: Store, capability: str | None, on: bool, expected: tuple[bool, bool]
) -> None:
    with store.writing() as transaction:
        transaction.practices.switch(1, capability, on)
        practice = transaction.practices.all()[0]
    assert (practice.enabled, practice.appointments_enabled) == expected


def test_a_writing_whose_commit_fails_leaves_the_store_usable(store: Store, diary: Diary) -> None:
    diary.connection.executescript(
        "create table whole (id integer primary key);"
        "create table part (whole references whole deferrable initially deferred);"
        "pragma foreign_keys = on;"
    )
    with pytest.raises(Exception, match="FOREIGN KEY"), store.writing():
        diary.connection.execute("insert into part values (7)")
    with store.writing():
        assert diary.connection.execute("select count(*) from part").fetchone() == (0,)


def test_a_writing_that_the_database_has_rolled_back_itself_raises_what_went_wrong(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing():
        store.connection.execute("rollback")
        raise ZeroDivisionError
    with store.writing():
        pass

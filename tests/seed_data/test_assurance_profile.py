"""What a run of the published conformance suite takes for granted of the first practice."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from seed_data.profile import read_profile
from seed_data.refusals import SeedRefused
from seed_data.seeding import SeedOptions, seed
from simulator.domain.clock import end_of_day, start_of_day, uk_date
from simulator.domain.national_record import NationalRecord
from simulator.domain.nhs_number import NOBODY, is_valid
from simulator.domain.patient import Patient
from simulator.store.mappings import (
    LOCATIONS,
    ORGANISATIONS,
    PATIENTS,
    PRACTITIONERS,
    mappings,
    registration_candidates,
)
from simulator.store.national_record import national_record_of
from simulator.store.patients import patient_of
from simulator.store.practices import practitioner_of

SATURDAY = date(2026, 5, 23)
"""Before the spring bank holiday: a run from then on meets three closed days."""

ORDINARY = [f"patient{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 13, 15, 16, 17, 19)]
UNRESTRICTED = (
    "select slots.start from slots join schedules s on s.id = schedule_id"
    " join access_profiles a on a.id = access_profile_id where s.organization_id = 1 and status = 'free'"
    " and organisation_types = '' and ods_codes = '' and window_days is null and embargo_minutes = 0"
    " and limit_per_organisation is null and practitioner_role in ('R0260', 'R0270') and minutes = 10"
    " and slots.start between ? and ?"
)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("assurance") / "practices.db"
    seed(path, SeedOptions(SATURDAY, "assurance"))
    return path


@pytest.fixture
def assurance(seeded: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{seeded}?mode=ro", uri=True)) as connection:
        yield connection


def patient(connection: sqlite3.Connection, key: str) -> Patient:
    """Return the patient of the practice under test that one of the suite's keys stands for."""
    number = dict(mappings(connection, PATIENTS))[key]
    row = connection.execute(
        "select * from patients where organization_id = 1 and nhs_number = ?", (number,)
    ).fetchone()
    return patient_of(row)


def traced(connection: sqlite3.Connection, key: str) -> NationalRecord | None:
    number = dict(mappings(connection, PATIENTS))[key]
    row = connection.execute("select * from national_record where nhs_number = ?", (number,)).fetchone()
    return national_record_of(row) if row else None


def test_every_key_that_the_suite_uses_stands_for_something(assurance: sqlite3.Connection) -> None:
    assert {key for key, _ in mappings(assurance, PATIENTS)} == {
        *(f"patient{n}" for n in (*range(1, 20), 21)), "patientNotInSystem", "patientNoAppointments",
    }  # fmt: skip
    organisations = {"ORG1", "ORG2", "ORG3", "SIT1", "SIT2", "SIT3", "unknownORG"}
    assert {key for key, _ in mappings(assurance, ORGANISATIONS)} == organisations
    assert [key for key, _ in mappings(assurance, PRACTITIONERS)] == [f"practitioner{n}" for n in (1, 2, 3)]
    assert mappings(assurance, LOCATIONS) == [("SIT1", "1"), ("SIT2", "2"), ("SIT3", "3")]


@pytest.mark.parametrize("key", ORDINARY)
def test_ordinary_patients_may_be_shown_and_the_national_record_agrees(
    assurance: sqlite3.Connection, key: str
) -> None:
    found, record = patient(assurance, key), traced(assurance, key)
    assert found.may_be_shown
    assert found.registration_type == "R"
    assert record is not None
    assert (record.given, record.family, record.birth_date) == (found.given, found.family, found.birth_date)
    assert (record.deceased_on, record.sensitive, record.invalid, record.superseded_by) == (
        None, False, False, None,
    )  # fmt: skip


def test_patients_are_special_as_the_suite_expects(assurance: sqlite3.Connection) -> None:
    for key in ("patient9", "patient10"):
        record = traced(assurance, key)
        assert patient(assurance, key).sensitive
        assert record is not None
        assert record.sensitive
    superseded, dead = traced(assurance, "patient11"), traced(assurance, "patient18")
    assert patient(assurance, "patient11").may_be_shown
    assert superseded is not None
    assert superseded.superseded_by is not None
    assert patient(assurance, "patient14").may_be_shown
    assert traced(assurance, "patient14") is None
    assert dead is not None
    assert dead.deceased_on == patient(assurance, "patient18").deceased_on is not None
    assert not patient(assurance, "patient21").active
    assert patient(assurance, "patientNoAppointments").may_be_shown
    numbers = dict(mappings(assurance, PATIENTS))
    assert numbers["patientNotInSystem"] == NOBODY
    assert traced(assurance, "patientNotInSystem") is None


def test_contacts_are_where_the_suite_wants_them_and_nowhere_else(assurance: sqlite3.Connection) -> None:
    assert all(patient(assurance, key).contact is None for key in ("patient1", "patient15"))
    assert all(patient(assurance, f"patient{n}").contact for n in range(2, 7))


def test_mapped_numbers_are_valid_and_end_in_no_zero(assurance: sqlite3.Connection) -> None:
    numbers = [number for _, number in mappings(assurance, PATIENTS)]
    assert len(set(numbers)) == len(numbers)
    assert all(is_valid(number) and number.startswith("999") and number[-1] != "0" for number in numbers)


def test_practice_has_booked_nothing_for_mapped_patients(assurance: sqlite3.Connection) -> None:
    assert assurance.execute("select count(*) from appointments where patient_id <= 21").fetchone() == (0,)
    assert assurance.execute("select count(*) from appointments").fetchone() > (0,)


def test_mapped_practitioners_have_none_one_and_two_role_profiles(assurance: sqlite3.Connection) -> None:
    for held, (_, user_id) in enumerate(mappings(assurance, PRACTITIONERS)):
        rows = assurance.execute(
            "select * from practitioners where organization_id = 1 and sds_user_id = ?", (user_id,)
        ).fetchall()
        assert len(rows) == 1
        assert len(practitioner_of(rows[0]).sds_role_profile_ids) == held


def test_organisations_are_there_or_not_as_the_suite_expects(assurance: sqlite3.Connection) -> None:
    codes = dict(mappings(assurance, ORGANISATIONS))
    known = {code for (code,) in assurance.execute("select ods_code from organizations")}
    assert {codes["ORG1"], codes["ORG2"]} <= known
    assert codes["unknownORG"] not in known
    assert assurance.execute("select ods_code from organizations where id = 1").fetchone() == (codes["ORG1"],)
    assert assurance.execute("select id from locations where organization_id = 1").fetchall() == [
        (1,), (2,), (3,),
    ]  # fmt: skip


@pytest.mark.parametrize("ahead", range(38))
def test_three_runs_find_slots_enough_whatever_day_they_begin(
    assurance: sqlite3.Connection, ahead: int
) -> None:
    days = [SATURDAY + timedelta(days=ahead + n) for n in (1, 2, 3)]
    rows = assurance.execute(UNRESTRICTED, (start_of_day(days[0]), end_of_day(days[-1]))).fetchall()
    by_day = Counter(uk_date(start) for (start,) in rows)
    assert len(rows) >= 600
    assert min(by_day[days[0]], by_day[days[1]]) >= 150


def test_clinics_are_of_every_channel_and_at_every_surgery(assurance: sqlite3.Connection) -> None:
    rows = assurance.execute(
        "select distinct location_id, delivery_channel from slots join schedules s on s.id = schedule_id"
        " where service_category = 'Daily clinic' and s.organization_id = 1"
    ).fetchall()
    assert {location for location, _ in rows} == {1, 2, 3}
    assert {channel for _, channel in rows} == {"In-person", "Telephone", "Video"}
    assert assurance.execute(
        "select count(*) from schedules where service_category = 'Daily clinic' and organization_id <> 1"
    ).fetchone() == (0,)


def test_enough_people_wait_to_be_registered(assurance: sqlite3.Connection) -> None:
    candidates = registration_candidates(assurance)
    registered = {number for (number,) in assurance.execute("select nhs_number from patients")}
    assert len(candidates) >= 158
    assert not registered & {each.nhs_number for each in candidates}
    assert {each.gender for each in candidates} == {"female", "male"}
    for each in candidates:
        assert not each.invalid
        assert not each.sensitive
        assert each.deceased_on is None
        assert each.superseded_by is None


def test_what_is_mapped_does_not_depend_on_how_much_else_there_is(
    assurance: sqlite3.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "small.db"
    seed(path, SeedOptions(SATURDAY, "assurance", practices=1, practitioners=3, patients=5, days=2))
    with closing(sqlite3.connect(path)) as small:
        for file in (PATIENTS, PRACTITIONERS, LOCATIONS):
            assert mappings(small, file) == mappings(assurance, file)


def test_profile_that_maps_more_practitioners_than_there_are_is_refused(tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    text = read_profile("assurance").declaration
    begin, end = text.index("[[daily_clinics]]"), text.index("# Who is who")
    profile.write_text(text[:begin] + text[end:])
    with pytest.raises(SeedRefused, match="--practitioners: got 2 for the practice under test"):
        seed(tmp_path / "practices.db", SeedOptions(SATURDAY, str(profile), practitioners=2))

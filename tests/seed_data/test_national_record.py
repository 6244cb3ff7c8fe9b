import sqlite3
from datetime import date

import pytest

from simulator.domain.national_record import NationalRecord, confirms
from simulator.domain.nhs_number import NOBODY, is_valid
from simulator.domain.patient import Patient
from simulator.store.national_record import national_record_of
from simulator.store.patients import patient_of

TODAY = date(2026, 3, 23)


@pytest.fixture
def people(demo: sqlite3.Connection) -> dict[str, NationalRecord]:
    records = [national_record_of(row) for row in demo.execute("select * from national_record")]
    return {record.nhs_number: record for record in records}


@pytest.fixture
def patients(demo: sqlite3.Connection) -> list[Patient]:
    return [patient_of(row) for row in demo.execute("select * from patients order by id")]


def noted(demo: sqlite3.Connection, kind: str, case: str) -> list[str]:
    """Return what is noted of a case, at each of the five practices where GP Connect is on."""
    query = "select value from about where key like ? order by rowid"
    found = [value for (value,) in demo.execute(query, (f"{kind}:%:{case}",))]
    assert len(found) == 5
    return found


def test_everybody_is_on_the_national_record_with_a_number_of_their_own(
    people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    assert {patient.nhs_number for patient in patients} <= people.keys()
    assert len(people) == len(patients) + 40 + 3
    assert all(is_valid(number) and number.startswith("999") for number in people)
    assert NOBODY not in people


def test_records_agree_with_the_practices_but_for_the_cases_about_disagreeing(
    demo: sqlite3.Connection, people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    unverifiable = {int(id_) for id_ in noted(demo, "named_case", "unverifiable")}
    dead = {int(id_) for id_ in noted(demo, "named_case", "deceased_nationally")}
    for patient in patients:
        record = people[patient.nhs_number]
        assert (record.given, record.family, record.gender) == (patient.given, patient.family, patient.gender)
        assert (record.birth_date == patient.birth_date) == (patient.id not in unverifiable)
        assert (record.deceased_on == patient.deceased_on) == (patient.id not in dead)
        assert record.sensitive == patient.sensitive
        assert not record.invalid
        assert record.superseded_by is None


def test_some_addresses_differ_and_most_do_not(
    people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    moved = [patient for patient in patients if people[patient.nhs_number].address != patient.address]
    assert 0.02 < len(moved) / len(patients) < 0.06


def test_unverified_patients_are_two_and_the_record_confirms_one(
    demo: sqlite3.Connection, people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    by_id = {patient.id: patient for patient in patients}
    for case, confirmed in (("unverified", True), ("unverifiable", False)):
        for id_ in noted(demo, "named_case", case):
            patient = by_id[int(id_)]
            record = people[patient.nhs_number]
            assert patient.active
            assert not patient.verified
            assert confirms(record, patient.given, patient.family, patient.birth_date) is confirmed
    assert sum(not patient.verified for patient in patients) == 10


def test_patient_deceased_on_the_national_record_alone_lives_at_the_practice(
    demo: sqlite3.Connection, people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    by_id = {patient.id: patient for patient in patients}
    for id_ in noted(demo, "named_case", "deceased_nationally"):
        patient = by_id[int(id_)]
        assert patient.may_be_shown
        assert (people[patient.nhs_number].deceased_on or TODAY) < TODAY


def test_every_practice_has_somebody_of_its_own_to_register(
    demo: sqlite3.Connection, people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    numbers = noted(demo, "named_person", "unregistered")
    assert len(set(numbers)) == 5
    registered = {patient.nhs_number for patient in patients}
    practices = {code for (code,) in demo.execute("select ods_code from organizations")}
    for number in numbers:
        record = people[number]
        assert number not in registered
        assert record.ods_code not in practices
        assert record.deceased_on is None
        assert not record.sensitive
        assert not record.invalid
        assert record.superseded_by is None
        assert record.gender in ("female", "male")


def test_flagged_records_are_there_and_the_superseded_one_leads_to_the_same_person(
    demo: sqlite3.Connection, people: dict[str, NationalRecord]
) -> None:
    (old,) = {people[number] for number in noted(demo, "named_person", "superseded")}
    assert old.superseded_by is not None
    current = people[old.superseded_by]
    assert (current.family, current.birth_date, current.superseded_by) == (old.family, old.birth_date, None)
    (invalid,) = {people[number] for number in noted(demo, "named_person", "invalid")}
    assert invalid.invalid

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
    assert len(people) == len(patients) + 40 + 5
    assert all(is_valid(number) and number.startswith("999") for number in people)
    assert NOBODY not in people


def test_records_agree_with_the_practices_but_for_the_cases_about_disagreeing(
    demo: sqlite3.Connection, people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    unverifiable = {int(id_) for id_ in noted(demo, "named_case", "unverifiable")}
    dead = {int(id_) for id_ in noted(demo, "named_case", "deceased_nationally")}
    renamed = {int(id_) for id_ in noted(demo, "named_case", "renamed")}
    elsewhere = {int(id_) for id_ in noted(demo, "named_case", "registered_elsewhere")}
    practices = dict(demo.execute("select id, ods_code from organizations"))
    for patient in patients:
        record = people[patient.nhs_number]
        practice = practices[patient.organization_id] if patient.active else None
        assert (record.given, record.gender) == (patient.given, patient.gender)
        assert (record.mobile, record.email) == (patient.mobile, patient.email)
        assert (record.family == patient.family) == (patient.id not in renamed)
        assert (record.ods_code == practice) == (patient.id not in elsewhere)
        same_since = record.registered_on == patient.registered_on
        assert same_since == (patient.id not in renamed | elsewhere)
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


def test_who_was_renamed_is_known_by_the_old_name_at_the_practice(
    demo: sqlite3.Connection, people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    by_id = {patient.id: patient for patient in patients}
    for id_ in noted(demo, "named_case", "renamed"):
        patient = by_id[int(id_)]
        record = people[patient.nhs_number]
        assert record.family.startswith(f"{patient.family}-")
        assert record.former_family == patient.family
        assert confirms(record, patient.given, patient.family, patient.birth_date)


def test_who_went_elsewhere_is_with_a_practice_that_is_listed_and_not_ours(
    demo: sqlite3.Connection, people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    listed = {code for (code,) in demo.execute("select ods_code from listed_organizations")}
    by_id = {patient.id: patient for patient in patients}
    for id_ in noted(demo, "named_case", "registered_elsewhere"):
        assert people[by_id[int(id_)].nhs_number].ods_code in listed
        assert by_id[int(id_)].active


def test_some_people_had_other_names_and_who_moved_had_another_postcode(
    people: dict[str, NationalRecord], patients: list[Patient]
) -> None:
    records = [people[patient.nhs_number] for patient in patients]
    assert 0.02 < sum(record.former_family is not None for record in records) / len(records) < 0.08
    for patient, record in zip(patients, records, strict=True):
        moved = record.address != patient.address
        assert patient.address is not None
        assert record.former_postal_code == (patient.address.postal_code if moved else None)


def test_twins_differ_in_number_and_given_name_alone(
    demo: sqlite3.Connection, people: dict[str, NationalRecord]
) -> None:
    (twin,) = {people[number] for number in noted(demo, "named_person", "twin")}
    alike = [
        each for each in people.values() if (each.family, each.birth_date) == (twin.family, twin.birth_date)
    ]
    (other,) = [each for each in alike if each != twin]
    assert other.given != twin.given
    assert twin._replace(nhs_number="", given="", mobile=None, email=None) == other._replace(
        nhs_number="", given=""
    )

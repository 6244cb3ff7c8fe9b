import re
import sqlite3
from collections import Counter
from datetime import date

import pytest

from simulator.domain.nhs_number import NOBODY, is_valid
from simulator.domain.patient import Patient
from simulator.domain.practitioner import JOB_ROLES
from simulator.store.patients import patient_of
from simulator.store.practices import parted

TODAY = date(2026, 3, 23)


@pytest.fixture
def patients(demo: sqlite3.Connection) -> list[Patient]:
    return [patient_of(row) for row in demo.execute("select * from patients order by id")]


@pytest.fixture
def cases(demo: sqlite3.Connection, patients: list[Patient]) -> dict[tuple[str, str], Patient]:
    """Named cases by (ODS code, case)."""
    rows = demo.execute("select key, value from about where key like 'named_case:%'").fetchall()
    by_id = {patient.id: patient for patient in patients}
    return {(key.split(":")[1], key.split(":")[2]): by_id[int(value)] for key, value in rows}


def of_case(cases: dict[tuple[str, str], Patient], wanted: str) -> list[Patient]:
    """Return the patients of one case, one of each of the five practices."""
    found = [patient for (_, case), patient in cases.items() if case == wanted]
    assert len({patient.organization_id for patient in found}) == 5
    return found


def test_nhs_numbers_are_valid_synthetic_and_given_once(crowd: sqlite3.Connection) -> None:
    numbers = [number for (number,) in crowd.execute("select nhs_number from patients")]
    assert len(numbers) == len(set(numbers)) == 12_020
    assert all(is_valid(number) and number.startswith("999") for number in numbers)
    assert NOBODY not in numbers


def test_ids_are_counted_through(demo: sqlite3.Connection) -> None:
    for table in (
        "organizations",
        "locations",
        "practitioners",
        "patients",
        "schedules",
        "slots",
        "appointments",
    ):
        ids = [id_ for (id_,) in demo.execute(f"select id from {table} order by rowid")]
        assert ids == list(range(1, len(ids) + 1)), table


def test_telephone_numbers_are_of_the_drama_ranges(demo: sqlite3.Connection, patients: list[Patient]) -> None:
    landline, mobile = re.compile(r"01632 960\d{3}"), re.compile(r"07700 900\d{3}")
    places = demo.execute("select phone from organizations union select phone from locations").fetchall()
    phones = [phone for (phone,) in places] + [patient.phone for patient in patients if patient.phone]
    assert all(landline.fullmatch(phone) for phone in phones)
    mobiles = [patient.mobile for patient in patients if patient.mobile]
    mobiles += [patient.contact.phone for patient in patients if patient.contact]
    assert mobiles
    assert all(mobile.fullmatch(phone) for phone in mobiles)


def test_addresses_and_emails_cannot_be_anybodys(demo: sqlite3.Connection, patients: list[Patient]) -> None:
    codes = [code for (code,) in demo.execute("select postal_code from locations")]
    codes += [patient.address.postal_code for patient in patients if patient.address]
    assert len(codes) > 1000
    assert all(re.fullmatch(r"ZZ99 \d[A-Z]{2}", code) for code in codes)
    emails = [patient.email for patient in patients if patient.email]
    assert len(emails) == len(set(emails)) > 300
    assert all(re.fullmatch(r"[a-z.-]+\.\d+@example\.org", email) for email in emails)


def test_people_make_sense(patients: list[Patient]) -> None:
    for patient in patients:
        age = (TODAY - patient.birth_date).days / 365.25
        assert 0 <= age < 101
        assert patient.registered_on is not None
        assert patient.birth_date <= patient.registered_on <= TODAY
        if patient.prefix in ("Master", "Miss") and age < 17:
            assert (
                patient.contact is None or patient.contact.relationship in ("Mother", "Father") or age >= 15
            )
        assert (patient.prefix == "Mr") <= (patient.gender == "male")
        assert (patient.prefix == "Mrs") <= (patient.gender == "female")
    assert {patient.gender for patient in patients} >= {"male", "female"}


def test_some_patients_have_what_consumers_must_cope_with(patients: list[Patient]) -> None:
    number = len(patients)
    for has in (
        [patient for patient in patients if patient.contact],
        [patient for patient in patients if patient.email],
        [patient for patient in patients if patient.language],
        [patient for patient in patients if patient.interpreter_required],
        [patient for patient in patients if patient.usual_practitioner_id],
    ):
        assert 0.01 * number < len(has) < 0.9 * number
    assert all(patient.language for patient in patients if patient.interpreter_required)
    assert all(patient.preferred_location_id for patient in patients)


def test_usual_gp_and_preferred_surgery_are_of_the_patients_practice(demo: sqlite3.Connection) -> None:
    assert demo.execute(
        "select count(*) from patients p left join practitioners g on g.id = usual_practitioner_id"
        " left join locations l on l.id = preferred_location_id"
        " where g.organization_id <> p.organization_id or l.organization_id <> p.organization_id"
        " or g.job_role not in ('R0260', 'R0270', 'R6200', 'R6300')"
    ).fetchone() == (0,)


def test_practitioners_are_known_to_the_spine(crowd: sqlite3.Connection) -> None:
    rows = crowd.execute(
        "select sds_user_id, sds_role_profile_ids, job_role, gender from practitioners"
    ).fetchall()
    users = [user for user, *_ in rows]
    profiles = [profile for _, joined, *_ in rows for profile in parted(joined)]
    assert len(set(users)) == len(users)
    assert len(set(profiles)) == len(profiles) >= len(users)
    assert all(re.fullmatch(r"\d{12}", code) for code in users + profiles)
    assert {role for _, _, role, _ in rows} <= JOB_ROLES.keys()
    assert {gender for *_, gender in rows} == {"male", "female"}


def test_every_practice_has_its_named_cases(
    demo: sqlite3.Connection, cases: dict[tuple[str, str], Patient]
) -> None:
    booked = Counter(
        id_ for (id_,) in demo.execute("select patient_id from appointments where status = 'booked'")
    )
    for patient in of_case(cases, "no_appointments"):
        assert booked[patient.id] == 0
        assert patient.may_be_shown
    for patient in of_case(cases, "many_appointments"):
        assert booked[patient.id] >= 10
        assert patient.may_be_shown
    assert all(patient.sensitive for patient in of_case(cases, "sensitive"))
    assert all(patient.deceased_on and patient.deceased_on < TODAY for patient in of_case(cases, "deceased"))
    assert all(not patient.active for patient in of_case(cases, "inactive"))
    for patient in of_case(cases, "temporary"):
        assert patient.registration_type == "T"
        assert patient.registered_until
        assert patient.registered_until > TODAY
    for patient in of_case(cases, "preferred_branch"):
        assert (
            patient.preferred_location_id
            == demo.execute(
                "select max(id) from locations where organization_id = ?", (patient.organization_id,)
            ).fetchone()[0]
        )


def test_cancelled_case_has_one_future_appointment_that_holds_no_slot(
    demo: sqlite3.Connection, cases: dict[tuple[str, str], Patient]
) -> None:
    for patient in of_case(cases, "one_cancelled"):
        rows = demo.execute(
            "select a.status, cancellation_reason, a.version, live, slots.status from appointments a"
            " join appointment_slots on appointment_id = a.id join slots on slots.id = slot_id"
            " where patient_id = ?",
            (patient.id,),
        ).fetchall()
        assert rows == [("cancelled", "No longer needed", 2, 0, "free")]


def test_patients_without_care_are_not_booked(demo: sqlite3.Connection) -> None:
    assert demo.execute(
        "select count(*) from appointments join patients on patients.id = patient_id"
        " where not active or sensitive or deceased_on is not null"
    ).fetchone() == (0,)


def test_first_patients_of_a_practice_are_ordinary(patients: list[Patient]) -> None:
    for practice in range(1, 6):
        first = [patient for patient in patients if patient.organization_id == practice][:150]
        assert all(patient.may_be_shown and patient.registration_type == "R" for patient in first)

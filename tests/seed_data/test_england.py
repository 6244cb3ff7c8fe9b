"""A small country, made as the england profile makes the whole: practices as large as they are."""

import sqlite3

import pytest

from seed_data.lists import list_size
from seed_data.profile import read_profile
from seed_data.reference import read_reference

PRACTICES = 50
WORKING_DAYS = 25
LISTS = {number: list_size(1, number, read_reference()) for number in range(1, PRACTICES + 1)}
OURS = f"organization_id <= {PRACTICES}"


def test_the_whole_country_is_six_thousand_practices_for_over_two_weeks() -> None:
    profile = read_profile("england")
    assert profile.size.practices == 6_000
    assert profile.size.days > 14
    assert profile.lists is not None


def test_a_working_day_has_the_published_appointments_for_the_patients_there_are(
    country: sqlite3.Connection,
) -> None:
    (slots,) = country.execute(
        f"select count(*) from slots join schedules on schedules.id = schedule_id where {OURS}"
    ).fetchone()
    a_day = slots / WORKING_DAYS / sum(LISTS.values()) * 10_390
    assert a_day * 0.9 == pytest.approx(247, rel=0.05)


def test_larger_practices_have_more_clinicians_and_patients_in_proportion(
    country: sqlite3.Connection,
) -> None:
    for table, ratio, fewest in (("practitioners", 1 / 530, 1), ("patients", 0.014, 26)):
        counts = dict(
            country.execute(
                f"select organization_id, count(*) from {table} where {OURS} group by 1"
            ).fetchall()
        )
        assert counts == {number: max(fewest, round(size * ratio)) for number, size in LISTS.items()}, table


def test_every_practice_has_every_case_of_a_patient(country: sqlite3.Connection) -> None:
    rows = country.execute(
        "select count(*) from about where key like 'named_case:%' group by substr(key, 12, 6)"
    ).fetchall()
    assert len(rows) == PRACTICES
    assert len(set(rows)) == 1


def test_a_fifth_of_what_is_booked_is_for_patients_who_are_made(country: sqlite3.Connection) -> None:
    (booked, held) = country.execute(
        "select (select count(*) from slots where status = 'busy'),"
        " (select count(*) from appointment_slots where live = 1)"
    ).fetchone()
    assert held / booked == pytest.approx(0.2, abs=0.02)
    twice = country.execute(
        "select count(*) from appointments where status = 'booked'"
        " group by patient_id, start / 86400 having count(*) > 1"
    ).fetchall()
    assert twice == []


def test_nhs_111_gets_a_slot_a_day_for_each_whole_three_thousand_patients(
    country: sqlite3.Connection,
) -> None:
    rows = dict(
        country.execute(
            "select organization_id, count(*) from slots join access_profiles p on p.id = access_profile_id"
            f" where p.name = 'NHS 111 only' and {OURS} group by 1"
        ).fetchall()
    )
    assert rows == {number: WORKING_DAYS * max(1, size // 3_000) for number, size in LISTS.items()}


def test_most_slots_are_not_for_outside_organisations(country: sqlite3.Connection) -> None:
    (share,) = country.execute("select avg(access_profile_id is not null) from slots").fetchone()
    assert 0.03 < share < 0.15


def test_the_national_services_know_every_practice(country: sqlite3.Connection) -> None:
    everyone = PRACTICES + read_profile("england").size.switched_off
    for table, number in (
        ("organizations", everyone),
        ("endpoints", everyone),
        ("accredited_systems", everyone + 4),
        ("data_sharing_agreements", everyone * 3),
    ):
        assert country.execute(f"select count(*) from {table}").fetchone() == (number,), table
    (unknown,) = country.execute(
        "select count(*) from patients where nhs_number not in (select nhs_number from national_record)"
    ).fetchone()
    assert unknown == 0


def test_every_practice_has_somebody_of_its_own_to_register(country: sqlite3.Connection) -> None:
    numbers = [
        number
        for (number,) in country.execute(
            "select value from about where key like 'named_person:%:unregistered'"
        ).fetchall()
    ]
    assert len(set(numbers)) == len(numbers) == PRACTICES

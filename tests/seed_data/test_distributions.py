"""The seeded shares beside the published ones. Each tolerance is in points of the whole."""

import sqlite3
from collections import Counter
from datetime import date
from typing import Any

import pytest

from seed_data.diaries import booked_ahead
from seed_data.reference import read_reference
from simulator.domain.clock import start_of_day, uk_date

FIRST_DAY = date(2026, 6, 1)
GP_ROLES = "('R0260', 'R0270', 'R6200', 'R6300')"


@pytest.fixture(params=["crowd", "country"])
def practices(request: pytest.FixtureRequest) -> sqlite3.Connection:
    """Practices that are all of one size, and practices as large as England's."""
    connection: sqlite3.Connection = request.getfixturevalue(request.param)
    return connection


def shares(practices: sqlite3.Connection, query: str) -> dict[Any, float]:
    counts = dict(practices.execute(query).fetchall())
    total = sum(counts.values())
    return {key: number / total for key, number in counts.items()}


def test_two_thirds_of_slots_are_in_person(practices: sqlite3.Connection) -> None:
    by_channel = shares(practices, "select delivery_channel, count(*) from slots group by 1")
    assert by_channel["In-person"] == pytest.approx(0.67, abs=0.03)
    assert by_channel["Telephone"] == pytest.approx(0.28, abs=0.03)
    assert by_channel["Video"] == pytest.approx(0.05, abs=0.02)


def test_gps_hold_under_half_of_appointments(practices: sqlite3.Connection) -> None:
    by_gp = shares(
        practices,
        f"select practitioner_role in {GP_ROLES}, count(*) from slots"
        " join schedules on schedules.id = schedule_id group by 1",
    )
    assert by_gp[1] == pytest.approx(0.46, abs=0.04)


def test_most_practices_have_ten_minute_gp_slots(practices: sqlite3.Connection) -> None:
    by_length = shares(
        practices,
        "select minutes, count(distinct organization_id) from slots"
        f" join schedules on schedules.id = schedule_id where practitioner_role in {GP_ROLES} group by 1",
    )
    assert by_length[10] == pytest.approx(0.83, abs=0.10)
    assert set(by_length) == {10, 15}


def test_mondays_are_heaviest_and_fridays_lightest(practices: sqlite3.Connection) -> None:
    by_day: Counter[int] = Counter()
    for start, number in practices.execute("select start, count(*) from slots group by 1"):
        by_day[uk_date(start).weekday()] += number
    for weekday, share in read_reference().weekdays.items():
        assert by_day[weekday] / by_day.total() == pytest.approx(share, abs=0.01)
    assert max(by_day, key=by_day.__getitem__) == 0
    assert min(by_day, key=by_day.__getitem__) == 4


def test_gps_work_six_sessions_a_week_of_26_appointments_a_day(practices: sqlite3.Connection) -> None:
    (sessions, gps, days) = practices.execute(
        "select count(*), count(distinct practitioner_id),"
        " count(distinct practitioner_id || date(start, 'unixepoch')) from schedules"
        f" where practitioner_role in {GP_ROLES} and service_category <> 'Embargoed clinic'"
    ).fetchone()
    (slots,) = practices.execute(
        "select count(*) from slots join schedules on schedules.id = schedule_id"
        f" where practitioner_role in {GP_ROLES} and service_category <> 'Embargoed clinic'"
    ).fetchone()
    assert sessions / gps / 5 == pytest.approx(6.2, abs=0.4)
    assert slots / days == pytest.approx(25.8, abs=1.5)


def test_slots_are_booked_as_long_ahead_as_published(practices: sqlite3.Connection) -> None:
    made = booked_ahead(read_reference().lead_times, 35)
    for ahead, share in practices.execute(
        "select (start - ?) / 86400, avg(status = 'busy') from slots"
        " where access_profile_id is null group by 1",
        (start_of_day(FIRST_DAY),),
    ):
        assert share == pytest.approx(made[ahead] * 0.9, abs=0.04), ahead


def test_lead_times_are_the_published_ones() -> None:
    leads = [(lead.first_day, lead.share) for lead in read_reference().lead_times]
    assert leads == [(0, 0.43), (1, 0.07), (2, 0.20), (8, 0.14), (15, 0.07), (22, 0.05), (29, 0.04)]
    assert sum(share for _, share in leads) == pytest.approx(1)


def test_job_roles_come_in_their_shares(practices: sqlite3.Connection) -> None:
    seen = shares(practices, "select job_role, count(*) from practitioners group by 1")
    roles = read_reference().job_roles
    for low, high, role in zip((0.0, *roles.bounds), (*roles.bounds[:-1], 1.0), roles.values, strict=False):
        assert seen.get(role, 0.0) == pytest.approx(high - low, abs=0.03), role


def test_ages_and_genders_are_those_of_the_census(practices: sqlite3.Connection) -> None:
    by_gender = shares(practices, "select gender, count(*) from patients group by 1")
    assert by_gender["female"] == pytest.approx(0.51, abs=0.02)
    assert set(by_gender) == {"female", "male", "other", "unknown"}
    (old, young) = practices.execute(
        "select avg(birth_date <= '1961-06-01'), avg(birth_date > '2011-06-01') from patients"
    ).fetchone()
    assert old == pytest.approx(0.186, abs=0.025)
    assert young == pytest.approx(0.174, abs=0.03)

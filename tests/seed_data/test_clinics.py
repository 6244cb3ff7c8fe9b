import sqlite3
from datetime import date, timedelta

import pytest

from seed_data.practice_weeks import is_full_week
from seed_data.working_days import Day, diary_days
from simulator.domain.availability import ROLES_ALLOWED
from simulator.domain.clock import DAY, start_of_day, uk_date

TODAY = date(2026, 3, 23)
SCHEDULE = (
    "select s.organization_id, s.practitioner_id, practitioner_role, s.start, slots.status,"
    " access_profiles.name from schedules s join slots on schedule_id = s.id"
    " left join access_profiles on access_profiles.id = access_profile_id where s.id = ?"
)


def noted(demo: sqlite3.Connection, case: str) -> list[list[int]]:
    """Return the ids of the schedules of a case, a list for each of the five practices."""
    query = "select value from about where key like ? order by rowid"
    series = [list(map(int, ids.split())) for (ids,) in demo.execute(query, (f"named_schedule:%:{case}",))]
    assert len(series) == 5
    return series


def test_clinic_of_a_role_not_allowed_has_open_slots_every_week(demo: sqlite3.Connection) -> None:
    for series in noted(demo, "role_not_allowed"):
        assert len(series) >= 6
        for id_ in series:
            rows = demo.execute(SCHEDULE, (id_,)).fetchall()
            assert len(rows) == 6
            assert all(role not in ROLES_ALLOWED for _, _, role, *_ in rows)
            assert {row[4:] for row in rows} == {("free", "Open to all")}


def test_embargoed_clinic_is_open_from_a_week_to_two_days_ahead(demo: sqlite3.Connection) -> None:
    for series in noted(demo, "embargoed_clinic"):
        for id_ in series:
            rows = demo.execute(SCHEDULE, (id_,)).fetchall()
            assert {row[4:] for row in rows} == {("free", "Embargoed clinic")}
            assert rows[0][2] in ROLES_ALLOWED
    rules = demo.execute(
        "select distinct window_days, embargo_minutes, organisation_types, ods_codes, limit_per_organisation"
        " from access_profiles where name = 'Embargoed clinic'"
    ).fetchall()
    assert rules == [(7, 2_880, "", "", None)]


def test_a_clinician_is_booked_out_in_the_first_whole_week_and_every_fourth_from_there(
    demo: sqlite3.Connection,
) -> None:
    for series in noted(demo, "fully_booked_week"):
        who = {
            demo.execute("select practitioner_id from schedules where id = ?", (id_,)).fetchone()
            for id_ in series
        }
        ((practitioner_id,),) = who
        weeks = {TODAY + timedelta(days=7), TODAY + timedelta(days=35)}
        seen = set()
        for monday in weeks:
            begin = start_of_day(monday)
            rows = demo.execute(
                "select slots.status, slots.schedule_id from slots join schedules s on s.id = schedule_id"
                " where practitioner_id = ? and s.start between ? and ? and access_profile_id is not null",
                (practitioner_id, begin, begin + 7 * DAY - 1),
            ).fetchall()
            assert rows
            assert {status for status, _ in rows} == {"busy"}
            seen |= {schedule_id for _, schedule_id in rows}
        assert seen == set(series)


def test_weeks_are_counted_from_the_first_monday_that_is_still_to_come() -> None:
    def full(first: date) -> list[date]:
        return [day.day for day in diary_days(first, 50) if is_full_week(day) and day.weekday == 0]

    assert full(date(2026, 3, 23)) == [date(2026, 3, 30), date(2026, 4, 27)]
    assert full(date(2026, 3, 22)) == [date(2026, 3, 23), date(2026, 4, 20)]
    assert full(date(2026, 3, 24)) == [date(2026, 3, 30), date(2026, 4, 27)]


def test_named_clinics_are_held_when_the_lead_gp_is_free(demo: sqlite3.Connection) -> None:
    for case in ("role_not_allowed", "embargoed_clinic"):
        for series in noted(demo, case):
            organization_id, practitioner_id, _, start, *_ = demo.execute(SCHEDULE, (series[0],)).fetchone()
            assert demo.execute(
                "select min(id) from practitioners where organization_id = ?", (organization_id,)
            ).fetchone() == (practitioner_id,)
            begin = start_of_day(uk_date(start))
            assert demo.execute(
                "select count(*) from schedules where practitioner_id = ? and start between ? and ?",
                (practitioner_id, begin, begin + DAY),
            ).fetchone() == (2,)


@pytest.mark.parametrize("day", diary_days(date(2026, 4, 2), 6))
def test_closed_days_are_days_of_the_diary_too(day: Day) -> None:
    closed = {date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 5), date(2026, 4, 6)}
    assert day.is_working == (day.day not in closed)
    assert day.number == (0 if day.day <= date(2026, 4, 2) else 1 if day.day <= date(2026, 4, 7) else 2)

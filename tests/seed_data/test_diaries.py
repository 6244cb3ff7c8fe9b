import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from seed_data.diaries import booked_ahead
from seed_data.profile import read_profile
from seed_data.reference import LeadTime
from seed_data.seeding import SeedOptions, seed
from simulator.domain.availability import ROLES_ALLOWED
from simulator.domain.clock import LONDON, end_of_day, start_of_day

TODAY = date(2026, 3, 23)
BANK_HOLIDAYS = {date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4)}
WORKING_DAYS = [
    day
    for day in (TODAY + timedelta(days=n) for n in range(56))
    if day.weekday() < 5 and day not in BANK_HOLIDAYS
]
FREE_AND_OPEN = (
    "select schedules.organization_id, slots.start, slots.minutes, slots.schedule_id, slots.slot_type_id,"
    " slots.delivery_channel from slots join schedules on schedules.id = slots.schedule_id"
    " join access_profiles on access_profiles.id = slots.access_profile_id"
    " where slots.status = 'free' and organisation_types = '' and ods_codes = '' and window_days is null"
    " and embargo_minutes = 0 and limit_per_organisation is null order by slots.schedule_id, slots.start"
)


def test_practices_are_open_every_working_day_and_on_no_other(demo: sqlite3.Connection) -> None:
    open_on = defaultdict(set)
    for practice, start in demo.execute(
        "select organization_id, slots.start from slots join schedules on schedules.id = schedule_id"
    ):
        open_on[practice].add(datetime.fromtimestamp(start, LONDON).date())
    assert len(open_on) == 6
    for days in open_on.values():
        assert sorted(days) == WORKING_DAYS


def test_surgeries_keep_core_hours_and_lunch_on_both_sides_of_the_clock_change(
    demo: sqlite3.Connection,
) -> None:
    for start, minutes in demo.execute("select distinct start, minutes from slots"):
        begins = datetime.fromtimestamp(start, LONDON).time()
        ends = datetime.fromtimestamp(start + minutes * 60, LONDON).time()
        assert time(8) <= begins < ends <= time(18, 30)
        assert ends <= time(12, 30) or begins >= time(13, 30)


def test_morning_and_afternoon_surgeries_and_half_days_are_there(demo: sqlite3.Connection) -> None:
    parts = defaultdict(set)
    for who, start in demo.execute("select practitioner_id, start from schedules"):
        moment = datetime.fromtimestamp(start, LONDON)
        parts[who, moment.date()].add(moment.hour < 13)
    kinds = {frozenset(seen) for seen in parts.values()}
    assert kinds == {frozenset({True}), frozenset({False}), frozenset({True, False})}


def test_slots_of_10_15_and_20_minutes_by_every_channel_are_there(demo: sqlite3.Connection) -> None:
    lengths = {minutes for (minutes,) in demo.execute("select distinct minutes from slots")}
    assert {10, 15, 20} <= lengths
    channels = {channel for (channel,) in demo.execute("select distinct delivery_channel from slots")}
    assert channels == {"In-person", "Telephone", "Video"}


def days_with_adjacent_pairs(connection: sqlite3.Connection) -> dict[int, list[date]]:
    """Return the days on which two adjacent, alike, free slots are open to all, by practice."""
    days = defaultdict(set)
    for before, after in pairwise(connection.execute(FREE_AND_OPEN).fetchall()):
        if before[1] + before[2] * 60 == after[1] and before[2:] == after[2:]:
            days[before[0]].add(datetime.fromtimestamp(before[1], LONDON).date())
    return {practice: sorted(found) for practice, found in days.items()}


def test_adjacent_alike_free_slots_open_to_all_exist_every_working_day(demo: sqlite3.Connection) -> None:
    assert days_with_adjacent_pairs(demo) == dict.fromkeys(range(1, 7), WORKING_DAYS)


def test_adjacent_slots_stay_free_however_much_is_booked(tmp_path: Path) -> None:
    profile = tmp_path / "busy.toml"
    profile.write_text(
        read_profile("demo").declaration.replace("filled_of_bookable = 0.15", "filled_of_bookable = 1")
    )
    seed(tmp_path / "practices.db", SeedOptions(date(2026, 6, 1), str(profile), days=5))
    with closing(sqlite3.connect(tmp_path / "practices.db")) as connection:
        week = [date(2026, 6, day) for day in range(1, 6)]
        assert days_with_adjacent_pairs(connection) == dict.fromkeys(range(1, 7), week)


def test_two_weeks_hold_about_a_hundred_free_slots_open_to_all(demo: sqlite3.Connection) -> None:
    starts = defaultdict(list)
    for practice, start, *_ in demo.execute(FREE_AND_OPEN):
        starts[practice].append(start)
    for first in range(0, 42, 7):
        begin = start_of_day(TODAY + timedelta(days=first))
        end = end_of_day(TODAY + timedelta(days=first + 13))
        for of_practice in starts.values():
            assert 50 <= sum(begin <= start < end for start in of_practice) <= 150


def test_most_slots_are_not_gp_connect_bookable_and_every_kind_of_access_is_there(
    demo: sqlite3.Connection,
) -> None:
    (bookable,) = demo.execute("select avg(access_profile_id is not null) from slots").fetchone()
    assert 0.05 < bookable < 0.3
    for condition in (
        "organisation_types = 'urgent-care'",
        "ods_codes in (select ods_code from consumers)",
        "embargo_minutes > 0 and window_days > 0",
        "limit_per_organisation = 1",
    ):
        practices = demo.execute(
            "select count(distinct organization_id) from access_profiles join slots"
            f" on access_profile_id = access_profiles.id where status = 'free' and {condition}"
        ).fetchone()
        assert practices == (6,), condition


def test_only_allowed_roles_hold_bookable_slots_and_other_roles_have_diaries_too(
    demo: sqlite3.Connection,
) -> None:
    roles = dict(
        demo.execute(
            "select practitioner_role, max(access_profile_id is not null) from slots"
            " join schedules on schedules.id = schedule_id where service_category <> 'Minor illness clinic'"
            " group by 1"
        ).fetchall()
    )
    assert {role for role, bookable in roles.items() if bookable} <= ROLES_ALLOWED
    assert {"R1070", "R1110"} & roles.keys()


def test_nobody_is_in_two_places_at_once(demo: sqlite3.Connection) -> None:
    rows = demo.execute(
        "select practitioner_id, slots.start, slots.minutes from slots"
        " join schedules on schedules.id = schedule_id order by 1, 2"
    ).fetchall()
    for before, after in pairwise(rows):
        assert before[0] != after[0] or before[1] + before[2] * 60 <= after[1]


def test_schedule_spans_its_slots_and_is_held_at_its_practice(demo: sqlite3.Connection) -> None:
    assert demo.execute(
        "select count(*) from schedules join (select schedule_id, min(start) as first,"
        " max(start + minutes * 60) as last from slots group by 1) on schedule_id = schedules.id"
        ' where start <> first or "end" <> last'
    ).fetchone() == (0,)
    assert demo.execute(
        "select count(*) from schedules s join locations l on l.id = s.location_id"
        " join practitioners p on p.id = s.practitioner_id"
        " where l.organization_id <> s.organization_id or p.organization_id <> s.organization_id"
        " or (p.job_role <> s.practitioner_role and service_category <> 'Minor illness clinic')"
    ).fetchone() == (0,)


def test_a_slot_is_busy_exactly_when_one_live_appointment_holds_it(demo: sqlite3.Connection) -> None:
    held = demo.execute(
        "select slot_id, count(*) from appointment_slots where live = 1 group by 1"
    ).fetchall()
    assert held
    assert all(number == 1 for _, number in held)
    busy = demo.execute("select id from slots where status = 'busy'").fetchall()
    assert sorted(slot for slot, _ in held) == sorted(slot for (slot,) in busy)


def test_appointment_lasts_as_long_as_its_adjacent_slots(demo: sqlite3.Connection) -> None:
    slots = defaultdict(list)
    for appointment, start, minutes, schedule in demo.execute(
        "select appointment_id, start, minutes, schedule_id from appointment_slots"
        " join slots on slots.id = slot_id order by start"
    ):
        slots[appointment].append((start, start + minutes * 60, schedule))
    appointments = demo.execute('select id, start, "end", schedule_id from appointments').fetchall()
    assert {len(held) for held in slots.values()} == {1, 2}
    for id_, start, end, schedule in appointments:
        held = slots[id_]
        assert (held[0][0], held[-1][1]) == (start, end)
        assert {of_schedule for _, _, of_schedule in held} == {schedule}
        assert all(before[1] == after[0] for before, after in pairwise(held))


def test_no_patient_is_booked_twice_at_one_time(crowd: sqlite3.Connection) -> None:
    rows = crowd.execute(
        "select patient_id, start, \"end\" from appointments where status = 'booked' order by 1, 2"
    ).fetchall()
    assert len(rows) > 1000
    for before, after in pairwise(rows):
        assert before[0] != after[0] or before[2] <= after[1]


def test_bookings_are_the_practices_own_and_were_made_before_the_first_day(demo: sqlite3.Connection) -> None:
    now = datetime.combine(TODAY, time(), LONDON).timestamp()
    assert demo.execute(
        "select count(*) from appointments a join patients p on p.id = a.patient_id"
        " where p.organization_id <> a.organization_id or booking_ods_code is not null or a.start < ?"
        " or created >= ? or last_updated >= ? or length(description) not between 3 and 100",
        (now, now, now),
    ).fetchone() == (0,)


def test_near_days_are_fuller_than_far_ones(demo: sqlite3.Connection) -> None:
    begin = start_of_day(TODAY)
    shares = dict(
        demo.execute(
            "select (start - ?) / 604800, avg(status = 'busy') from slots"
            " where access_profile_id is null group by 1",
            (begin,),
        ).fetchall()
    )
    assert shares[0] > shares[1] > shares[2] > shares[4] > 0


def test_share_booked_ahead_is_what_the_lead_times_leave() -> None:
    leads = (LeadTime(0, 0, 0.4), LeadTime(1, 2, 0.6))
    assert booked_ahead(leads, 3) == pytest.approx([0.6, 0.3, 0.0, 0.0])

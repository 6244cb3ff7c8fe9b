"""Time: one clock, UK local time with its offset, and days of 23, 24 and 25 hours."""

from datetime import UTC, date, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.domain.clock import (
    DAY,
    Clock,
    end_of_day,
    http_date,
    start_of_day,
    uk_date,
    uk_local,
)


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        ("2026-01-15T09:00:00+00:00", "2026-01-15T09:00:00+00:00"),
        ("2026-07-15T09:00:00+00:00", "2026-07-15T10:00:00+01:00"),
        ("2026-03-29T00:59:59+00:00", "2026-03-29T00:59:59+00:00"),
        ("2026-03-29T01:00:00+00:00", "2026-03-29T02:00:00+01:00"),
        ("2026-10-25T00:59:59+00:00", "2026-10-25T01:59:59+01:00"),
        ("2026-10-25T01:00:00+00:00", "2026-10-25T01:00:00+00:00"),
        ("1969-12-31T23:00:00+00:00", "1970-01-01T00:00:00+01:00"),
    ],
)
def test_an_instant_is_rendered_with_its_own_offset(moment: str, local: str) -> None:
    assert uk_local(instant(moment)) == local


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)],
)
def test_a_day_has_as_many_hours_as_the_clocks_give_it(day: date, hours: int) -> None:
    assert end_of_day(day) - start_of_day(day) == hours * 3600


def test_a_day_begins_at_uk_midnight() -> None:
    assert start_of_day(date(2026, 7, 1)) == instant("2026-06-30T23:00:00+00:00")
    assert uk_date(instant("2026-06-30T23:00:00+00:00")) == date(2026, 7, 1)
    assert uk_date(instant("2026-06-30T22:59:59+00:00")) == date(2026, 6, 30)


@pytest.mark.parametrize("day", [date.min, date(1969, 12, 31), date(9998, 12, 31), date.max])
def test_days_out_of_reach_saturate(day: date) -> None:
    near = min(max(day, date(1970, 1, 2)), date(9998, 12, 30))
    assert start_of_day(day) == start_of_day(near) <= end_of_day(day)


def test_an_http_date_is_in_gmt() -> None:
    assert http_date(instant("2026-07-15T10:00:00+01:00")) == "Wed, 15 Jul 2026 09:00:00 GMT"


@given(st.integers(0, int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())))
@example(0)
@example(DAY - 1)
@example(951_782_400)
def test_an_http_date_is_what_the_standard_library_makes_of_the_instant(moment: int) -> None:
    assert http_date(moment) == format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


def test_without_a_day_the_clock_is_the_real_one() -> None:
    clock = Clock.on(None, wall=lambda: 1_000_000.9)
    assert (clock.now(), clock.real()) == (1_000_000, 1_000_000)


@pytest.mark.parametrize(
    "real",
    ["2026-01-15T08:15:30+00:00", "2026-07-15T08:15:30+01:00", "2026-07-15T00:00:00+01:00"],
)
@pytest.mark.parametrize("today", [date(2026, 3, 16), date(2026, 6, 1), date(2026, 3, 29)])
def test_a_simulated_day_keeps_the_real_time_of_day(real: str, today: date) -> None:
    moment = datetime.fromisoformat(real)
    clock = Clock.on(today, wall=moment.timestamp)
    assert clock.today() == today
    assert uk_local(clock.now())[11:19] == uk_local(int(moment.timestamp()))[11:19]
    assert clock.real() == int(moment.timestamp())


def test_a_simulated_clock_runs_as_fast_as_the_real_one() -> None:
    times = iter([0.0, 10.0, 10.0 + DAY])
    clock = Clock(offset=5, wall=lambda: next(times))
    assert [clock.now() for _ in range(3)] == [5, 15, 15 + DAY]


def test_today_is_the_uk_date_not_that_of_utc() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert Clock(wall=late.timestamp).today() == date(2026, 7, 1)

from itertools import pairwise

import pytest

from loadtest.arrivals import RateCurve
from loadtest.plans.curves import CURVES, published_curve

HOUR = 3600.0
DAY = 24 * HOUR


def share(curve: RateCurve, start: float, end: float) -> float:
    """The share of all arrivals between two seconds where no step is cut, in per cent."""
    area = sum(
        (low + high) / 2 * (until - since)
        for (since, low), (until, high) in pairwise(curve.points)
        if start <= since and until <= end
    )
    return 100 * area / curve.total


@pytest.mark.parametrize(("hour", "published"), [(8, 8.12), (9, 10.61), (13, 7.99), (18, 2.59)])
def test_a_day_has_the_published_share_of_calls_in_each_hour(hour: int, published: float) -> None:
    day = published_curve("day", DAY, 19.70)
    assert share(day, hour * HOUR, (hour + 1) * HOUR) == pytest.approx(published, abs=0.005)


def test_the_hours_of_the_night_have_what_the_published_ones_leave() -> None:
    day = published_curve("day", 24, 1)
    assert share(day, 0, 7) + share(day, 19, 24) == pytest.approx(19.15, abs=0.005)


@pytest.mark.parametrize(("weekday", "published"), [(0, 19.19), (1, 19.96), (5, 3.16), (6, 3.03)])
def test_a_week_has_the_published_share_of_calls_on_each_weekday(weekday: int, published: float) -> None:
    week = published_curve("week", 7 * DAY, 19.70)
    assert share(week, weekday * DAY, (weekday + 1) * DAY) == pytest.approx(published, abs=0.005)


def test_a_week_is_busiest_on_tuesday_from_nine_to_ten() -> None:
    week = published_curve("week", 168, 19.70)
    assert [hour for hour in range(168) if week.at(hour + 0.5) == week.peak] == [24 + 9]


def test_the_factor_from_mean_to_peak_of_a_day_is_the_published_one() -> None:
    day = published_curve("day", DAY, 19.70)
    assert day.peak / (day.total / day.seconds) == pytest.approx(2.545, abs=0.005)


def test_the_rush_begins_all_at_once_at_eight_and_ebbs_by_a_quarter_past() -> None:
    rush = published_curve("morning_rush", 35 * 60, 100)
    assert rush.at(5 * 60 - 1) < 10
    assert rush.at(5 * 60) == 100
    assert rush.at(20 * 60) == 30
    assert rush.at(35 * 60) == 15


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_lasts_and_peaks_as_asked_to_the_last_digit(name: str) -> None:
    curve = published_curve(name, 61.7, 19.7)
    assert (curve.seconds, curve.peak) == (61.7, 19.7)

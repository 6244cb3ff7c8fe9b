from collections.abc import Callable
from dataclasses import replace

import pytest

from loadtest.arrivals import RateCurve
from loadtest.figures.over_time import OverTime, Span
from loadtest.figures.timings import NO_ANSWER
from loadtest.ledger import Operation
from loadtest.plans.plan import Phase
from loadtest.report.breaking_point import BreakingPoint, breaking_points, climbs
from loadtest.report.sentences import breaking_said
from loadtest.service_level import Threshold
from tests.loadtest.timed import MS, took

SEARCH = "search_for_free_slots"
SECONDS = 60
CLIMB = RateCurve.ramp(0, 120, SECONDS)
BEGAN = 5000
LIMIT = Threshold("command", "SHALL", 95, 250)


def ramp(took_at: Callable[[int], float], per_second: Callable[[int], int] = lambda s: 2 * s + 1) -> OverTime:
    """Bookings at a climbing rate, and a search for each; `took_at` gives their milliseconds by second."""
    over_time = OverTime({"ramp": Span(BEGAN * MS, SECONDS)})
    for second in range(SECONDS):
        count = per_second(second)
        for n in range(count):
            at = BEGAN + 1000 * second + 1000 * n // count
            over_time.record(due(took(took_at(second), start=at, phase="ramp", size=1000)))
            over_time.record(due(took(5, SEARCH, start=at, phase="ramp", size=50_000)))
    return over_time


def due(operation: Operation) -> Operation:
    return replace(operation, intended=operation.start)


def found(over_time: OverTime, *own: Threshold, phase: str = "ramp") -> dict[str, BreakingPoint]:
    phases = [Phase(phase, {"national": 1.0}, SECONDS, rate=CLIMB)]
    points = breaking_points(over_time, phases, own or [LIMIT])
    return {f"{point.interaction} {point.threshold.level}": point for point in points}


def booking(over_time: OverTime, *own: Threshold) -> BreakingPoint:
    return found(over_time, *own)["book_appointment SHALL"]


def test_a_limit_broke_at_the_throughput_and_message_sizes_of_the_first_stretch_over_it() -> None:
    point = booking(ramp(lambda second: 20 if second < 40 else 400))
    assert point.outcome == "broke"
    assert point.second == 40
    assert point.asked_per_second == pytest.approx(81)
    assert point.observed_ms == pytest.approx(400, rel=0.002)
    # 81 bookings and 81 searches are due in that second; some are answered in the next.
    assert 110 < (point.per_second or 0) <= 162
    assert {part.interaction: part.mean_bytes for part in point.profile} == {
        "book_appointment": 1000,
        SEARCH: 50_000,
    }
    assert point.mean_bytes == 25_500
    assert not point.recovered
    assert point.own == point.profile[0]
    assert point.highest_asked == 120


def test_one_stretch_over_the_limit_is_not_yet_broken() -> None:
    point = booking(ramp(lambda second: 400 if second in (30, 45, 46) else 20))
    assert (point.outcome, point.second) == ("broke", 44), "the stretch that holds second 45 began then"
    assert point.recovered, "and it was under the limit again later"


def test_a_limit_that_held_throughout_never_broke_and_the_highest_throughput_is_told() -> None:
    point = booking(ramp(lambda second: 20))
    assert point.outcome == "never"
    assert point.second == 57, "the last 200 are its last 2 seconds, and the rest of the one before"
    assert point.per_second == pytest.approx(238, abs=5)
    assert point.observed_ms == pytest.approx(20, rel=0.002)


def test_over_the_limit_in_the_last_stretch_alone_does_not_show_that_it_stayed_so() -> None:
    assert booking(ramp(lambda second: 400 if second == 59 else 20)).outcome == "at the end"


def test_windows_are_joined_until_they_hold_what_the_percentile_needs() -> None:
    evenly = ramp(lambda second: 20 if second < 40 else 400, per_second=lambda second: 50)
    p95, p99 = (booking(evenly, Threshold("command", "SHALL", each, 250)) for each in (95, 99))
    assert (p95.outcome, p95.second) == ("broke", 40), (
        "200 requests are 4 windows: ten stretches were under it"
    )
    assert (p99.outcome, p99.second) == ("broke", 40), "1,000 requests are 20 windows: two were"


def test_what_is_left_over_at_the_end_belongs_to_the_last_stretch() -> None:
    at_last = ramp(lambda second: 400 if second in (57, 59) else 20, per_second=lambda second: 7)
    point = booking(at_last)
    assert (point.outcome, point.second) == ("at the end", 29), "two stretches of 29 s, 2 s left over"


def test_a_provider_that_refuses_every_connection_from_some_rate_on_has_broken_there() -> None:
    over_time = OverTime({"ramp": Span(BEGAN * MS, SECONDS)})
    for second in range(SECONDS):
        for n in range(30):
            at = BEGAN + 1000 * second + 30 * n
            alive = took(20, start=at, phase="ramp", size=1000)
            dead = took(0.2, start=at, phase="ramp", outcome="unknown")
            over_time.record(due(alive if second < 40 else dead))
    point = booking(over_time)
    assert (point.outcome, point.second, point.observed_ms) == ("broke", 35, NO_ANSWER)
    (said,) = breaking_said([point])
    assert "BROKE: no answer between 35 s and 41 s" in said


def test_too_few_requests_say_nothing() -> None:
    few = ramp(lambda second: 20, per_second=lambda second: 6)
    assert booking(few).outcome == "too few", "360 are one stretch"
    assert booking(few).per_second is None
    enough = ramp(lambda second: 20, per_second=lambda second: 7)
    assert booking(enough).outcome == "never", "420 are two"


def test_a_stretch_ends_where_so_many_are_over_the_limit_that_no_more_could_make_it_good() -> None:
    few = ramp(lambda second: 400, per_second=lambda second: int(second < 21))
    assert booking(few).outcome == "too few", "eleven, and ten"
    enough = ramp(lambda second: 400, per_second=lambda second: int(second < 22))
    assert booking(enough).outcome == "broke"


def test_every_interaction_is_held_against_every_limit_of_its_own() -> None:
    assert set(found(ramp(lambda second: 20))) == {
        "book_appointment SHALL",
        "book_appointment SHOULD",
        f"{SEARCH} SHALL",
        f"{SEARCH} SHOULD",
    }


def test_only_phases_that_climb_and_were_begun_have_a_breaking_point() -> None:
    over_time = ramp(lambda second: 20)
    assert found(over_time, phase="never begun") == {}
    level = Phase("ramp", {"national": 1.0}, SECONDS, rate=RateCurve.constant(5, SECONDS))
    closed = Phase("ramp", {"national": 1.0}, SECONDS, users=5)
    assert breaking_points(over_time, [level, closed]) == ()


@pytest.mark.parametrize(
    ("curve", "climbing"),
    [
        (RateCurve.ramp(5, 50, 60), True),
        (RateCurve.steps((5, 10, 20), 60), True),
        (RateCurve.ramp(50, 5, 60), False),
        (RateCurve.constant(5, 60), False),
        (RateCurve(((0, 5), (30, 50), (60, 20))), False),
        (None, False),
    ],
)
def test_a_rate_climbs_that_never_falls_and_ends_higher(curve: RateCurve | None, climbing: bool) -> None:
    assert climbs(curve) is climbing


def test_what_was_given_back_after_the_phase_breaks_no_limit() -> None:
    over_time = ramp(lambda second: 20)
    for n in range(200):
        at = BEGAN + 1000 * SECONDS + 100 + 10 * n
        over_time.record(took(900, start=at, phase="ramp"))
    assert booking(over_time).outcome == "never"

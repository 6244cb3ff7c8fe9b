import pytest

from loadtest.figures.over_time import OverTime
from loadtest.ledger import Operation
from loadtest.report.page.figures import POINTS_DRAWN
from loadtest.report.page.stretches import Stretches

SECOND = 1_000_000_000


def over_time(*phases: tuple[str, int, int]) -> OverTime:
    """Phases by name, first second and last; a request each second, the n-th of which takes n ms."""
    found = OverTime()
    for name, first, last in phases:
        for second in range(first, last):
            start = second * SECOND
            end = start + (second + 1) * 1_000_000
            found.record(Operation("find_patient", "1", "t", "A", name, start, end, "ok", status=200))
    return found


def test_a_short_run_is_drawn_second_by_second_and_broken_between_phases() -> None:
    stretches = Stretches(over_time(("one", 10, 13), ("two", 20, 22)))
    points = stretches.points(lambda window: float(window.counts.sent))

    assert [x for x, y in points if y is not None] == [0.5, 1.5, 2.5, 10.5, 11.5]
    assert [y for _, y in points].count(None) == 2
    assert [(phase.name, phase.begin, phase.end) for phase in stretches.phases] == [
        ("one", 0, 3),
        ("two", 10, 12),
    ]
    assert stretches.seconds == 12


def test_a_long_run_has_no_more_points_than_are_drawn_and_loses_no_request() -> None:
    stretches = Stretches(over_time(("soak", 0, 3000)))
    buckets = stretches.buckets()

    assert len(buckets) <= POINTS_DRAWN
    assert sum(bucket.window.counts.sent for bucket in buckets) == 3000


def test_percentiles_of_joined_windows_are_those_of_their_requests() -> None:
    stretches = Stretches(over_time(("soak", 0, 380)))
    (first, *_) = stretches.buckets("find_patient")
    requests = first.window.counts.sent

    assert requests > 1
    assert first.window.percentile_ms(100) == pytest.approx(requests, rel=0.01), "the slowest of them all"


def test_a_run_without_load_has_nothing_to_draw() -> None:
    stretches = Stretches(OverTime())

    assert (stretches.phases, stretches.buckets(), stretches.seconds) == ((), [], 1.0)

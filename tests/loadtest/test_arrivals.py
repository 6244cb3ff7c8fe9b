import math
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import islice, pairwise
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loadtest.arrivals import PATIENCE_NS, Arrivals, RateCurve, arrival_times

RATES = st.one_of(st.just(0.0), st.floats(0.01, 60.0))
LENGTHS = st.one_of(st.just(0.0), st.floats(0.05, 8.0))
SECOND = 1_000_000_000


@st.composite
def curves(draw: st.DrawFn) -> RateCurve:
    """Curves of up to six lines, which climb, fall, rest at 0 and jump."""
    second, points = 0.0, [(0.0, draw(RATES))]
    for length, rate in draw(st.lists(st.tuples(LENGTHS, RATES), min_size=1, max_size=6)):
        second += length
        if len(points) < 2 or not points[-2][0] == points[-1][0] == second:
            points.append((second, rate))
    try:
        return RateCurve(tuple(points))
    except ValueError:
        assume(False)
        raise


def expected_by(curve: RateCurve, second: float) -> float:
    """The area under the curve up to a second."""
    area = 0.0
    for (start, low), (end, high) in pairwise(curve.points):
        until = min(second, end)
        if until > start:
            area += (low + low + (high - low) * (until - start) / (end - start)) / 2 * (until - start)
    return area


class Clock:
    def __init__(self, instant: int = 0) -> None:
        self.instant = instant

    def __call__(self) -> int:
        return self.instant


def arrivals(*seconds: float, clock: Clock | None = None, patience: int = PATIENCE_NS) -> Arrivals:
    return Arrivals(seconds, 0, 0, 1, clock or Clock(), patience)


def claimed(share: Arrivals) -> list[int]:
    return list(iter(share.next, None))


@given(curves())
def test_evenly_spaced_arrivals_are_as_many_as_the_area_under_the_curve(curve: RateCurve) -> None:
    assert abs(len(list(arrival_times(curve))) - curve.total) <= 1


@given(curves(), st.one_of(st.none(), st.integers(0, 2**32).map(Random)))
def test_arrivals_come_in_order_and_within_the_time_of_the_curve(
    curve: RateCurve, random: Random | None
) -> None:
    times = list(arrival_times(curve, random))
    assert times == sorted(times)
    assert all(0 <= second <= curve.seconds for second in times)


@given(curves())
def test_each_evenly_spaced_arrival_comes_when_half_of_it_is_to_be_expected(curve: RateCurve) -> None:
    for number, second in enumerate(arrival_times(curve)):
        assert math.isclose(expected_by(curve, second), number + 0.5, rel_tol=1e-9, abs_tol=1e-6)


@given(curves(), st.integers(0, 2**32))
def test_arrivals_by_chance_are_a_steady_chance_seen_through_the_curve(curve: RateCurve, seed: int) -> None:
    random, target = Random(seed), 0.0
    for second in arrival_times(curve, Random(seed)):
        target += random.expovariate(1.0)
        assert math.isclose(expected_by(curve, second), target, rel_tol=1e-9, abs_tol=1e-6)
    assert target + random.expovariate(1.0) >= curve.total, "none is left out at the end"


def test_arrivals_by_chance_are_as_many_as_expected_give_or_take_their_chance() -> None:
    curve = RateCurve.ramp(10, 90, 200)
    counts = [len(list(arrival_times(curve, Random(seed)))) for seed in range(20)]
    assert curve.total == 10_000
    assert len(set(counts)) > 1
    assert abs(sum(counts) / len(counts) - 10_000) < 4 * math.sqrt(10_000 / len(counts))


def test_the_same_seed_makes_the_same_arrivals() -> None:
    curve = RateCurve.constant(20, 5)
    assert list(arrival_times(curve, Random(7))) == list(arrival_times(curve, Random(7)))
    assert list(arrival_times(curve, Random(7))) != list(arrival_times(curve, Random(8)))


def test_a_constant_rate_is_evenly_spaced() -> None:
    assert list(arrival_times(RateCurve.constant(2, 3))) == [0.25, 0.75, 1.25, 1.75, 2.25, 2.75]


def test_nobody_arrives_while_the_rate_is_0() -> None:
    curve = RateCurve(((0, 4), (1, 4), (1, 0), (9, 0), (9, 4), (10, 4)))
    assert list(arrival_times(curve)) == [0.125, 0.375, 0.625, 0.875, 9.125, 9.375, 9.625, 9.875]


def test_a_rate_that_falls_to_0_sends_its_last_arrival_before_the_end() -> None:
    times = list(arrival_times(RateCurve.ramp(10, 0, 10)))
    assert len(times) == 50
    assert times[-1] == pytest.approx(10 - 1)


def test_a_very_long_curve_costs_no_memory() -> None:
    times = arrival_times(RateCurve.constant(1000, 1e9))
    assert isinstance(times, Iterator)
    assert list(islice(times, 2)) == [0.0005, 0.0015]


def test_the_rate_lies_on_the_lines_between_the_points() -> None:
    curve = RateCurve(((0, 2), (10, 4), (10, 8), (20, 0)))
    assert [curve.at(second) for second in (-1, 0, 5, 10, 15, 20, 21)] == [0, 2, 3, 8, 4, 0, 0]
    assert (curve.seconds, curve.peak, curve.total) == (20, 8, 70)


def test_steps_hold_their_rates_for_equal_shares_of_the_time() -> None:
    curve = RateCurve.steps([1, 3, 2], 6)
    assert curve.points == ((0, 1), (2, 1), (2, 3), (4, 3), (4, 2), (6, 2))


@given(curves(), st.floats(0.1, 50))
def test_a_scaled_curve_has_as_many_more_arrivals_in_the_same_time(curve: RateCurve, factor: float) -> None:
    scaled = curve.scaled(factor)
    assert scaled.total == pytest.approx(curve.total * factor)
    assert (scaled.seconds, scaled.peak) == (curve.seconds, curve.peak * factor)


@given(curves(), st.floats(0.1, 1000))
def test_a_stretched_curve_keeps_its_rates_and_ends_at_the_second_asked_for(
    curve: RateCurve, seconds: float
) -> None:
    stretched = curve.stretched(seconds)
    assert stretched.seconds == seconds
    assert [rate for _, rate in stretched.points] == [rate for _, rate in curve.points]
    assert stretched.total == pytest.approx(curve.total * seconds / curve.seconds)


@pytest.mark.parametrize(
    ("points", "complaint"),
    [
        (((0, 1),), "two points or more, the first at 0 seconds"),
        (((1, 1), (2, 1)), "two points or more, the first at 0 seconds"),
        (((0, 1), (3, 1), (2, 1)), "in the order of time, found 2 s after 3 s"),
        (((0, 1), (math.inf, 1)), "in the order of time, found inf s after 0 s"),
        (((0, 1), (1, 1), (1, 2), (1, 3), (2, 1)), "at most at one second, found three at 1 s"),
        (((0, 1), (1, -1)), "rates from 0, found -1"),
        (((0, 1), (1, math.nan)), "rates from 0, found nan"),
        (((0, 0), (1, 0)), "a rate above 0 somewhere, found none"),
        (((0, 5), (0, 5)), "a rate above 0 somewhere, found none"),
    ],
)
def test_a_curve_that_cannot_be_says_why(points: tuple[tuple[float, float], ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        RateCurve(points)


@given(curves(), st.integers(1, 7), st.integers(0, 2**32))
def test_every_arrival_belongs_to_one_worker(curve: RateCurve, workers: int, seed: int) -> None:
    shares = [
        claimed(Arrivals(arrival_times(curve, Random(seed)), 5 * SECOND, worker, workers, Clock()))
        for worker in range(workers)
    ]
    whole = [5 * SECOND + round(second * 1e9) for second in arrival_times(curve, Random(seed))]
    assert sorted(instant for share in shares for instant in share) == whole
    assert shares == [whole[worker::workers] for worker in range(workers)]


@pytest.mark.parametrize(("worker", "workers"), [(2, 2), (-1, 2), (0, 0)])
def test_there_is_no_share_for_a_worker_that_is_not_among_the_workers(worker: int, workers: int) -> None:
    with pytest.raises(ValueError, match=f"no worker {worker} of {workers}"):
        Arrivals([], 0, worker, workers, Clock())


def test_free_clients_claim_arrivals_ahead_of_time() -> None:
    share = arrivals(1, 2, 3)
    assert claimed(share) == [1 * SECOND, 2 * SECOND, 3 * SECOND]
    assert (share.due, share.made, share.missed) == (3, 3, 0)


def test_an_arrival_may_begin_as_late_as_the_patience_and_no_later() -> None:
    clock = Clock(1 * SECOND + PATIENCE_NS)
    share = arrivals(0.999, 1, 2, clock=clock)
    assert claimed(share) == [1 * SECOND, 2 * SECOND]
    assert (share.due, share.made, share.missed) == (3, 2, 1)


def test_what_was_due_while_all_clients_were_busy_is_missed_though_nobody_asks_again() -> None:
    clock = Clock()
    share = arrivals(1, 2, 3, 9, 10, clock=clock)
    assert share.next() == 1 * SECOND
    clock.instant = 4 * SECOND
    share.stop()
    share.stop()
    assert (share.due, share.made, share.missed) == (3, 1, 2)
    assert share.next() is None


def test_what_was_claimed_and_not_begun_when_the_load_was_ended_is_neither_made_nor_missed() -> None:
    clock = Clock()
    share = arrivals(1, 2, 3, clock=clock)
    share.next()
    share.next()
    clock.instant = 1_500_000_000
    share.stop()
    share.given_back()
    assert (share.due, share.made, share.missed) == (1, 1, 0)


@given(
    st.lists(st.floats(0, 20), max_size=60).map(sorted),
    st.integers(1, 5),
    st.integers(0, SECOND),
    st.data(),
)
def test_an_arrival_is_missed_only_while_every_client_is_busy(
    times: list[float], clients: int, patience: int, data: st.DataObject
) -> None:
    clock = Clock()
    share = arrivals(*times, clock=clock, patience=patience)
    free_at = [(0, client) for client in range(clients)]
    begun: set[int] = set()
    busy: list[tuple[int, int]] = []
    while free_at:
        clock.instant, client = heappop(free_at)
        instant = share.next()
        if instant is None:
            continue
        begins = max(clock.instant, instant)
        assert begins - instant <= patience
        begun.add(instant)
        ends = begins + data.draw(st.integers(1, 5 * SECOND))
        busy.append((begins, ends))
        heappush(free_at, (ends, client))
    instants = [round(second * 1e9) for second in times]
    assert (share.due, share.made + share.missed) == (len(times), len(times))
    assert share.made == len(busy)
    for instant in set(instants) - begun:
        at_work = sum(begins <= instant + patience < ends for begins, ends in busy)
        assert at_work == clients, "somebody was free for it"


def test_what_nobody_claimed_in_time_is_missed_before_anybody_asks_for_the_next() -> None:
    clock = Clock()
    share = arrivals(1, 2, 3, clock=clock)
    clock.instant = round(2.5 * SECOND)
    share.pass_over()
    share.pass_over()
    assert (share.missed, share.made) == (2, 0)
    assert claimed(share) == [3 * SECOND], "what is still to come is left for whoever is free"
    share.stop()
    assert (share.missed, share.made) == (2, 1)


def test_after_the_end_nothing_more_is_missed() -> None:
    clock = Clock()
    share = arrivals(1, 2, clock=clock)
    share.stop()
    clock.instant = 9 * SECOND
    share.pass_over()
    assert share.missed == 0

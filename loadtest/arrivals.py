"""Open arrivals: when work begins, whatever the provider does.

A closed user who waits for a slow answer asks for less, and so hides how slow it was (coordinated omission).
Arrivals are laid down before the load begins; what could not be begun in time is counted, not forgotten.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from random import Random

PATIENCE_NS = 50_000_000
"""How late work may still begin: what a busy machine takes to wake a client, and no more."""


@dataclass(frozen=True, slots=True)
class RateCurve:
    """Arrivals a second over time: straight lines between `points` of (seconds from the start, rate).

    Two points at the same second are a jump. Raises ValueError, which says what was expected and found, for
    points that begin elsewhere than at 0, go back in time or have nobody arrive.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.points) < 2 or self.points[0][0] != 0:
            raise ValueError("expected two points or more, the first at 0 seconds")
        for (before, _), (after, _) in pairwise(self.points):
            if not before <= after < math.inf:
                raise ValueError(
                    f"expected points in the order of time, found {after:g} s after {before:g} s"
                )
        for (first, _), _, (third, _) in zip(self.points, self.points[1:], self.points[2:], strict=False):
            if first == third:
                raise ValueError(f"expected two points at most at one second, found three at {first:g} s")
        for _, rate in self.points:
            if not 0 <= rate < math.inf:
                raise ValueError(f"expected rates from 0, found {rate:g}")
        if not self.total > 0:
            raise ValueError("expected a rate above 0 somewhere, found none")

    @classmethod
    def constant(cls, rate: float, seconds: float) -> RateCurve:
        """The same rate all the time."""
        return cls(((0.0, rate), (seconds, rate)))

    @classmethod
    def ramp(cls, first: float, last: float, seconds: float) -> RateCurve:
        """A rate that climbs or falls evenly from `first` to `last`."""
        return cls(((0.0, first), (seconds, last)))

    @classmethod
    def steps(cls, rates: Sequence[float], seconds: float) -> RateCurve:
        """Rates that hold for equal shares of `seconds`, one after the other."""
        ends = [seconds * number / len(rates) for number in range(len(rates) + 1)]
        flats = zip(pairwise(ends), rates, strict=True)
        return cls(tuple(point for (start, end), rate in flats for point in ((start, rate), (end, rate))))

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.points[-1][0]

    @property
    def peak(self) -> float:
        """The highest rate."""
        return max(rate for _, rate in self.points)

    @property
    def total(self) -> float:
        """How many arrivals are to be expected: the area under the curve."""
        return sum(_area(one, other) for one, other in pairwise(self.points))

    def at(self, second: float) -> float:
        """The rate at a second; what follows a jump at the jump; 0 before the start and after the end."""
        if not 0 <= second <= self.seconds:
            return 0.0
        after = bisect_right(self.points, second, key=lambda point: point[0])
        if after == len(self.points):
            return self.points[-1][1]
        (start, low), (end, high) = self.points[after - 1], self.points[after]
        return low + (high - low) * (second - start) / (end - start)

    def scaled(self, factor: float) -> RateCurve:
        """The same shape with every rate times `factor`."""
        return RateCurve(tuple((second, rate * factor) for second, rate in self.points))

    def stretched(self, seconds: float) -> RateCurve:
        """The same rates over another length of time."""
        whole = self.seconds
        return RateCurve(
            tuple(
                (seconds if second == whole else seconds * (second / whole), rate)
                for second, rate in self.points
            )
        )


def arrival_times(curve: RateCurve, random: Random | None = None) -> Iterator[float]:
    """Seconds from the start at which work begins, in order.

    Without `random` they are evenly spaced under the curve: the n-th comes when n - 1/2 are to be expected.
    With it they come by chance (a Poisson process). The area under the curve is inverted exactly.
    """
    reached = 0.0
    targets = _even_targets() if random is None else _chance_targets(random)
    target = next(targets)
    for (start, low), (end, high) in pairwise(curve.points):
        until = reached + _area((start, low), (end, high))
        while target < until:
            slope = (high - low) / (end - start)
            yield min(end, start + _seconds_to(target - reached, low, slope))
            target = next(targets)
        reached = until


def _area(one: tuple[float, float], other: tuple[float, float]) -> float:
    return (one[1] + other[1]) / 2 * (other[0] - one[0])


def _even_targets() -> Iterator[float]:
    target = 0.5
    while True:
        yield target
        target += 1.0


def _chance_targets(random: Random) -> Iterator[float]:
    target = 0.0
    while True:
        target += random.expovariate(1.0)
        yield target


def _seconds_to(area: float, rate: float, slope: float) -> float:
    # The root of `slope / 2 * s**2 + rate * s = area`, in the form that loses nothing where the slope is
    # slight and stays in order where the rate falls to 0.
    divisor = rate + math.sqrt(max(0.0, rate * rate + 2 * slope * area))
    return 2 * area / divisor if divisor > 0 else 0.0


class Arrivals:
    """One process's share of the arrivals, handed to its clients one by one.

    A free client claims the next arrival ahead of time and sleeps until then. So whatever is still unclaimed
    when it is due had no client free for it; it may begin `patience` late, and is missed after that. Every
    process is given the same `times` (seconds from `begins`) and has each `workers`-th, from `worker` on.
    `begins`, `patience` and what `now` returns are ns, on one clock. For clients that take turns, as those of
    one process do; not for threads.
    """

    def __init__(
        self,
        times: Iterable[float],
        begins: int,
        worker: int,
        workers: int,
        now: Callable[[], int],
        patience: int = PATIENCE_NS,
    ) -> None:
        if not 0 <= worker < workers:
            raise ValueError(f"there is no worker {worker} of {workers}")
        share = islice(times, worker, None, workers)
        self._instants = (begins + round(seconds * 1e9) for seconds in share)
        self._upcoming = next(self._instants, None)
        self._now = now
        self._patience = patience
        self._stopped = False
        self.made = 0
        self.begun = 0
        self.missed = 0

    @property
    def due(self) -> int:
        """How many were claimed or missed so far; in the end, all that were to be made."""
        return self.made + self.missed

    def next(self) -> int | None:
        """Claim the next arrival that can still be made: its instant, or None when there are no more.

        It counts as made from now on, unless it is given back.
        """
        if self._stopped:
            return None
        self.pass_over()
        instant = self._upcoming
        if instant is not None:
            self.made += 1
            self._upcoming = next(self._instants, None)
        return instant

    def pass_over(self) -> None:
        """Count as missed what nobody claimed in time, as the next claim would."""
        latest = self._now() - self._patience
        while not self._stopped and self._upcoming is not None and self._upcoming < latest:
            self.missed += 1
            self._upcoming = next(self._instants, None)

    def begin(self) -> None:
        """A client begins what it had claimed: it was due."""
        self.begun += 1

    def given_back(self) -> None:
        """A client did not begin what it had claimed, because the load was ended: neither made nor missed."""
        self.made -= 1

    def stop(self) -> None:
        """The load is over: nothing more can be claimed, and what nobody claimed in time is missed.

        Arrivals that were still to come do not count. Harmless the second time.
        """
        self.pass_over()
        self._stopped = True

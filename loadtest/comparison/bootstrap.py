"""How far two runs differ, and how far chance alone would have them differ: a paired block bootstrap.

Requests of one second are alike: a pause of the collector or a checkpoint slows all of them. So whole blocks
of neighbouring windows are drawn again, never single requests, and blocks are the longer, the more one window
is like the next. Both runs followed one plan: the same windows are drawn of both, so that a rate which climbs
is no noise. Their spread gives a standard error of the logarithm of the ratio, and Student's t an interval,
its degrees of freedom the number of blocks less one: few blocks know little of the spread, and the interval
owns up to it.

Source of the block length, and of how far a block bootstrap understates the variance (both for a process in
which each window remembers a share of the one before): Politis and White, Automatic block-length selection
for the dependent bootstrap, Econometric Reviews 23 (2004).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import add, mul
from random import Random
from statistics import NormalDist, quantiles, stdev
from typing import Literal

from loadtest.figures.sparse_histogram import SparseHistogram, middle_ms
from loadtest.figures.timings import NO_ANSWER, rank

RESAMPLES = 300
FEWEST_BLOCKS = 8
_LEAST_ERROR = 0.002

Weights = Sequence[int]
Estimate = Callable[[Weights], float | None]
NoRatio = Literal["no answer", "too few", "too unsteady"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """New over base: the natural logarithm of the ratio, its standard error, its degrees of freedom.

    The logarithm is infinite where new alone is infinite (`NO_ANSWER`) or base alone is zero, and minus
    infinite the other way.
    """

    logarithm: float
    error: float
    freedom: int

    @property
    def change(self) -> float:
        """The change as a share of base: 0.2 for a fifth more."""
        return math.expm1(self.logarithm)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Between which changes it lies at this confidence (0 to 1)."""
        reach = student_t(1 - (1 - confidence) / 2, self.freedom) * self.error
        return math.expm1(self.logarithm - reach), math.expm1(self.logarithm + reach)


class WeightedPercentiles:
    """Percentiles of windows' durations, each window taken as often as its weight says.

    `unanswered` requests of each window, none without it, rank above all durations.
    """

    def __init__(self, windows: Sequence[SparseHistogram], unanswered: Sequence[int] = ()) -> None:
        self._answered = [window.total for window in windows]
        self._totals = list(map(add, self._answered, unanswered)) if unanswered else self._answered
        self._buckets = sorted({bucket for window in windows for bucket in window.counts})
        rows = [
            list(accumulate(window.counts.get(bucket, 0) for bucket in self._buckets)) for window in windows
        ]
        self._reached = list(zip(*rows, strict=True))

    def total(self, weights: Weights) -> int:
        """How many requests there are."""
        return _weighted(weights, self._totals)

    def percentile_ms(self, weights: Weights, percentile: float) -> float | None:
        """The percentile in milliseconds, or `NO_ANSWER`; None where there is no request."""
        count = self.total(weights)
        if not count:
            return None
        wanted = rank(count, percentile)
        if wanted > _weighted(weights, self._answered):
            return NO_ANSWER
        return middle_ms(self._buckets[self._bucket_at(weights, wanted)])

    def pull(self, percentile: float) -> list[float]:
        """How far each window pulls the percentile up: its share of all requests above, less its due."""
        every = [1] * len(self._totals)
        count = self.total(every)
        if not count:
            return [0.0] * len(every)
        wanted = rank(count, percentile)
        among_answered = wanted <= _weighted(every, self._answered)
        reached = self._reached[self._bucket_at(every, wanted)] if among_answered else self._answered
        return [
            (total * percentile / 100 - below) / count
            for total, below in zip(self._totals, reached, strict=True)
        ]

    def _bucket_at(self, weights: Weights, wanted: int) -> int:
        low, high = 0, len(self._buckets) - 1
        while low < high:
            middle = (low + high) // 2
            if _weighted(weights, self._reached[middle]) >= wanted:
                high = middle
            else:
                low = middle + 1
        return low


def likeness(series: Sequence[float], lengths: Sequence[int]) -> float:
    """How alike neighbours are, from 0 to 0.95: the share of the window before that each remembers.

    `series` holds stretches of `lengths` windows, one after the other. Where few requests fall into a window
    their own chance hides how slowly the figure wanders: how fast likeness dies away from one lag to the next
    tells it nevertheless. It is then the share at which a series without such chance would wander as far.
    """
    mean = sum(series) / len(series)
    around = [each - mean for each in series]
    single = sum(each * each for each in around)
    if single == 0:
        return 0.0
    ends = accumulate(lengths, initial=0)
    stretches = [around[begin:end] for begin, end in pairwise(ends)]

    def lag(step: int) -> float:
        found: float = sum(sum(map(mul, each, each[step:])) for each in stretches) / single
        # What taking the mean from the series itself takes away.
        return found + (1 + 4 * max(found, 0.0)) / len(series)

    one, two, three = lag(1), lag(2), lag(3)
    if one <= 0:
        return 0.0
    stands_out = one > 2 / math.sqrt(len(series))
    decay = max(one, (two + three) / (one + two)) if stands_out and one + two > 0 else one
    return min(one / (one + 1 - min(decay, 0.95)), 0.95)


@dataclass(frozen=True, slots=True)
class Blocks:
    """How so many windows are cut into blocks, neighbours being `alike` (0 to below 1)."""

    windows: int
    alike: float

    @property
    def independent(self) -> float:
        """How many windows that had nothing to do with each other would tell as much."""
        return self.windows * (1 - self.alike) / (1 + self.alike)

    @property
    def length(self) -> int:
        """How many neighbouring windows make a block: three at least, and an eighth of all at most."""
        memory = self.alike / (1 - self.alike * self.alike)
        best = max(round(math.cbrt(self.windows)), round(math.cbrt(6 * memory * memory * self.windows)))
        return max(3, min(best, self.windows // FEWEST_BLOCKS))

    @property
    def count(self) -> float:
        """How many blocks there are."""
        return self.windows / self.length

    @property
    def enough(self) -> bool:
        """Whether the windows tell enough of how the figure wanders for an error to be made of it."""
        return min(self.count, self.independent) >= FEWEST_BLOCKS

    @property
    def understated(self) -> float:
        """The share of the variance that drawing blocks misses: likeness across their seams, and the mean."""
        seams = 2 * self.alike / (1 - self.alike * self.alike) / self.length
        return min(seams + 1 / self.count, 0.9)

    def draws(self, random: Random, count: int = RESAMPLES) -> Iterator[list[int]]:
        """How often each window is drawn, `count` times over: blocks from anywhere in the circle of all."""
        for _ in range(count):
            drawn, left = [0] * self.windows, self.windows
            while left > 0:
                first = random.randrange(self.windows)
                for step in range(min(self.length, left)):
                    drawn[(first + step) % self.windows] += 1
                left -= self.length
            yield drawn


def ratio(base: Estimate, new: Estimate, blocks: Blocks, random: Random) -> Ratio | NoRatio:
    """The ratio of two estimates over all windows, and its error over the draws; or why there is none.

    "too few" where an estimate is lacking over all windows or in more than one draw of ten, and else "too
    unsteady" where there are not blocks `enough`. Where an estimate is `NO_ANSWER` or zero there is a ratio
    only if that is so of the same run in every draw that has both, and of that run alone; else it is "no
    answer", for chance may have decided it.
    """
    whole = _logarithm(base, new, [1] * blocks.windows)
    if whole is None:
        return "too few"
    if not blocks.enough:
        return "too unsteady" if math.isfinite(whole) else "no answer"
    drawn = [each for draw in blocks.draws(random) if (each := _logarithm(base, new, draw)) is not None]
    if len(drawn) < 0.9 * RESAMPLES:
        return "too few"
    if not all(map(math.isfinite, (whole, *drawn))):
        # What is no number equals nothing: a draw without an answer in both speaks against one in either.
        return Ratio(whole, 0.0, 1) if all(each == whole for each in drawn) else "no answer"
    # Where a percentile stands at a cliff the draws lie on both sides of it: the wider measure holds.
    fortieths = quantiles(drawn, n=40)
    spread = (fortieths[-1] - fortieths[0]) / (2 * NormalDist().inv_cdf(0.975))
    error = max(stdev(drawn), spread, _LEAST_ERROR) / math.sqrt(1 - blocks.understated)
    return Ratio(whole, error, math.floor(min(blocks.count, blocks.independent)) - 1)


def student_t(probability: float, freedom: int) -> float:
    """The quantile of Student's t, by Cornish and Fisher's expansion: within 1 % from 7 degrees on.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / freedom**power for power, term in enumerate(terms, 1)))


def _weighted(weights: Weights, counts: Sequence[int]) -> int:
    whole: int = sum(map(mul, weights, counts))
    return whole


def _logarithm(base: Estimate, new: Estimate, weights: Weights) -> float | None:
    """Infinite where one run alone has no answer or none a second, not a number where both have; may lack."""
    one, other = base(weights), new(weights)
    if one is None or other is None:
        return None
    return _log(other) - _log(one)


def _log(figure: float) -> float:
    return math.log(figure) if figure else -math.inf

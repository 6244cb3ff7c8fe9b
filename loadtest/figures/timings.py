"""How long requests took, as HdrHistograms, and how a request counts that never got a definite answer.

The rule, the same wherever `gpload` gives a percentile: a request without a definite answer (a refused or
broken connection, a timeout, a 5xx) is never faster than one with an answer, however soon it ended. It ranks
above all of them, as if its answer took for ever (`NO_ANSWER`). So where the rank of a percentile falls among
the unanswered there is no figure, and every limit on it is missed; below that, it is the figure of that rank
among the answered.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # the package ships no types

NO_ANSWER = math.inf
"""The milliseconds of a percentile that falls among requests without a definite answer; JSON has null."""

LOWEST_US = 1
HIGHEST_US = 120_000_000
SIGNIFICANT_FIGURES = 3


def _histogram() -> Any:
    return HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_FIGURES)


@dataclass(slots=True)
class Timings:
    """The times of those answered, in an HdrHistogram of microseconds, and how many were not answered."""

    answered: Any = field(default_factory=_histogram)
    unanswered: int = 0

    @property
    def count(self) -> int:
        """How many requests there were, answered or not."""
        return int(self.answered.get_total_count()) + self.unanswered

    def add(self, nanoseconds: int, answered: bool) -> None:
        """Count one request; what lies outside the histogram counts at its bounds."""
        if answered:
            self.answered.record_value(min(max(nanoseconds // 1000, LOWEST_US), HIGHEST_US))
        else:
            self.unanswered += 1

    @classmethod
    def of(cls, parts: Iterable[Timings]) -> Timings:
        """All of several together."""
        whole = cls()
        for part in parts:
            whole.answered.add(part.answered)
            whole.unanswered += part.unanswered
        return whole

    def percentile_ms(self, percentile: float) -> float:
        """The milliseconds that `percentile` per cent of all requests did not exceed, to three figures.

        `NO_ANSWER` where too few were answered. 100 is the slowest. ValueError where there was no request.
        """
        answered, count = int(self.answered.get_total_count()), self.count
        if not count:
            raise ValueError("no request was timed")
        wanted = rank(count, percentile)
        if wanted > answered:
            return NO_ANSWER
        # The histogram rounds the rank to the nearest: of 160 requests it would let two be slow at p99.
        microseconds = self.answered.get_value_at_percentile(100.0 * wanted / answered)
        # It answers with the top of the value's bucket, which may lie above the greatest recorded.
        return float(min(microseconds, self.answered.get_max_value())) / 1000


def rank(count: int, percentile: float) -> int:
    """Which of `count` values in ascending order, from 1, is the percentile (nearest rank)."""
    # 4.4 % of 750 is 33.00000000000001 in floating point.
    return max(1, math.ceil(round(percentile * count / 100, 6)))

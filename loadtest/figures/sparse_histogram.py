"""A small histogram of durations: for the thousands of windows that a run is cut into.

Sparse and mergeable without loss. A duration is kept to 1 part in 256 of microseconds, so what is read back
is true to 0.2 per cent, and no spread of durations needs more than some thousand counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Self

from loadtest.figures.timings import NO_ANSWER, rank

_BITS = 8


@dataclass(slots=True)
class SparseHistogram:
    """How often which duration occurred: `counts` by `bucket_of` the duration. `slowest_ns` is exact."""

    counts: dict[int, int] = field(default_factory=dict)
    total: int = 0
    slowest_ns: int = 0

    def add(self, nanoseconds: int) -> None:
        """Count one duration."""
        bucket = bucket_of(nanoseconds)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.total += 1
        if nanoseconds > self.slowest_ns:
            self.slowest_ns = nanoseconds

    def merge(self, other: SparseHistogram) -> None:
        """Count all that another counted."""
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count
        self.total += other.total
        self.slowest_ns = max(self.slowest_ns, other.slowest_ns)

    @classmethod
    def of(cls, parts: Iterable[SparseHistogram]) -> Self:
        """All of several together."""
        whole = cls()
        for part in parts:
            whole.merge(part)
        return whole

    def percentile_ms(self, percentile: float, unanswered: int = 0) -> float | None:
        """The duration in milliseconds that `percentile` per cent do not exceed; None when there is none.

        `unanswered` requests rank above all durations: `NO_ANSWER` where the percentile falls among them.
        """
        count = self.total + unanswered
        if not count:
            return None
        wanted = rank(count, percentile)
        if wanted > self.total:
            return NO_ANSWER
        if wanted == self.total:
            return self.max_ms
        buckets = sorted(self.counts)
        reached = accumulate(self.counts[bucket] for bucket in buckets)
        bucket = next(bucket for bucket, count in zip(buckets, reached, strict=True) if count >= wanted)
        return min(middle_ms(bucket), self.slowest_ns / 1e6)

    @property
    def max_ms(self) -> float | None:
        """The longest, in milliseconds; None when there is none."""
        return self.slowest_ns / 1e6 if self.total else None


def bucket_of(nanoseconds: int) -> int:
    """The bucket that a duration falls into: the longer, the higher."""
    microseconds = max(nanoseconds // 1000, 0)
    shift = microseconds.bit_length() - _BITS - 1
    return microseconds if shift <= 0 else (shift << _BITS) + (microseconds >> shift)


def middle_ms(bucket: int) -> float:
    """The middle of a bucket, in milliseconds."""
    if bucket < 2 << _BITS:
        return (bucket + 0.5) / 1000
    shift = (bucket >> _BITS) - 1
    return ((bucket - (shift << _BITS)) + 0.5) * (1 << shift) / 1000

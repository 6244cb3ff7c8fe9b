"""Round-trip time of each call against message size and the throughput at that moment.

Source: GP Connect 1.2.7, page Volumetric and performance, which has results SHALL show exactly that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadtest.figures.over_time import OverTime, Window
from loadtest.figures.sparse_histogram import SparseHistogram
from loadtest.interactions import INTERACTIONS


@dataclass(frozen=True, slots=True)
class SizeRow:
    """Answers of one interaction whose size and moment fall into one band each.

    Sizes are response bodies of `from_bytes` to below `below_bytes`; the throughput of all interactions
    together, in the window in which the request was due, lay from `from_rate` to below `below_rate` answers a
    second. Times are milliseconds from the actual send. Refusals and requests without a definite answer are
    left out: the latter have no size to stand under, and `Latency` counts them.
    """

    interaction: str
    from_bytes: int
    below_bytes: int
    from_rate: float
    below_rate: float
    count: int
    p50: float
    p95: float
    p99: float
    max: float


def by_message_size(over_time: OverTime) -> tuple[SizeRow, ...]:
    """One row per interaction, size band and throughput band (powers of two) that occurred, in order."""
    together: dict[tuple[str, int, int], SparseHistogram] = {}
    for phase in over_time.phases:
        rates = [rate_band(window.answered_per_second) for window in over_time.windows(phase)]
        for interaction in over_time.interactions:
            windows = over_time.windows(phase, interaction)
            for size, rate, durations in _sizes(windows, rates):
                together.setdefault((interaction, size, rate), SparseHistogram()).merge(durations)
    order = list(INTERACTIONS)
    return tuple(
        _row(*key, together[key]) for key in sorted(together, key=lambda key: (order.index(key[0]), key[1:]))
    )


def rate_band(per_second: float) -> int:
    """The band of a throughput: 0 below 1 a second, n from 2**(n-1) to below 2**n."""
    return int(per_second).bit_length()


def _sizes(windows: tuple[Window, ...], rates: list[int]) -> Iterator[tuple[int, int, SparseHistogram]]:
    for window, rate in zip(windows, rates, strict=True):
        for size, durations in window.counts.sizes.items():
            yield size, rate, durations


def _row(interaction: str, size: int, rate: int, durations: SparseHistogram) -> SizeRow:
    p50, p95, p99 = (durations.percentile_ms(each) or 0.0 for each in (50.0, 95.0, 99.0))
    from_kb, below_kb = _band(size)
    from_rate, below_rate = _band(rate)
    return SizeRow(
        interaction=interaction,
        from_bytes=from_kb * 1024,
        below_bytes=below_kb * 1024,
        from_rate=float(from_rate),
        below_rate=float(below_rate),
        count=durations.total,
        p50=p50,
        p95=p95,
        p99=p99,
        max=durations.max_ms or 0.0,
    )


def _band(number: int) -> tuple[int, int]:
    return (1 << number) >> 1, 1 << number

"""Round-trip time against message size and throughput, as GP Connect asks of a load test's results.

Source: GP Connect 1.2.7, page Volumetric and performance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from loadtest.figures.message_sizes import by_message_size, rate_band
from loadtest.figures.over_time import OverTime
from loadtest.figures.sparse_histogram import SparseHistogram
from loadtest.report.charts.line_chart import LineChart, Series
from loadtest.report.charts.scales import Scale, linear, logarithmic, size_text
from loadtest.report.page.figures import Figure, Table, figure, ms, style_of, table, values

Bands = dict[int, SparseHistogram]

_ROWS_SHOWN = 80
_NOTE = (
    "p95 of the round-trip time from the actual send, of what was granted, in bands of powers of two. What"
    " had no definite answer has no size and is left out."
)


def against_size_and_rate(over_time: OverTime) -> Iterator[Figure]:
    """p95 of each interaction by the size of its answers, and by the throughput at that moment."""
    by_size, by_rate = _collected(over_time)
    if not by_size:
        return
    sizes = _series(by_size, lambda band: 1024.0 * _middle(band))
    yield figure(
        LineChart(
            key="by-size",
            title="Round-trip time against message size",
            description="p95 of the round-trip time of each interaction by the size of its answers.",
            x=logarithmic("message size", _xs(sizes), size_text),
            y=_milliseconds(sizes),
            series=sizes,
        ),
        _NOTE,
        _listed("Round-trip time by message size", "message size", by_size, _size_said),
    )
    rates = _series(by_rate, _middle)
    yield figure(
        LineChart(
            key="by-rate",
            title="Round-trip time against throughput",
            description="p95 of the round-trip time of each interaction by all answers a second just then.",
            x=logarithmic("answers a second, all interactions together", _xs(rates)),
            y=_milliseconds(rates),
            series=rates,
        ),
        _NOTE,
        _listed("Round-trip time by throughput", "answers a second", by_rate, _rate_said),
    )


def sizes_and_rates(over_time: OverTime) -> Table:
    """Both together: one row per interaction, size band and throughput band."""
    rows = [
        (
            row.interaction,
            f"{size_text(row.from_bytes)} to {size_text(row.below_bytes)}",
            f"{row.from_rate:,g} to {row.below_rate:,g}",
            f"{row.count:,}",
            *(ms(each) for each in (row.p50, row.p95, row.p99, row.max)),
        )
        for row in by_message_size(over_time)
    ]
    heads = (
        "interaction",
        "message size",
        "answers a second",
        "requests",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
    )
    return table("Round-trip time by message size and throughput", heads, rows, _ROWS_SHOWN)


def _collected(over_time: OverTime) -> tuple[dict[str, Bands], dict[str, Bands]]:
    by_size: dict[str, Bands] = {}
    by_rate: dict[str, Bands] = {}
    for phase in over_time.phases:
        rates = [rate_band(window.answered_per_second) for window in over_time.windows(phase)]
        for name in over_time.interactions:
            for window, rate in zip(over_time.windows(phase, name), rates, strict=True):
                for size, durations in window.counts.sizes.items():
                    for bands, band in ((by_size, size), (by_rate, rate)):
                        bands.setdefault(name, {}).setdefault(band, SparseHistogram()).merge(durations)
    return by_size, by_rate


def _series(collected: dict[str, Bands], x_of: Callable[[int], float]) -> tuple[Series, ...]:
    return tuple(
        Series(
            name,
            style_of(number),
            tuple((x_of(band), bands[band].percentile_ms(95.0)) for band in sorted(bands)),
            "both",
        )
        for number, (name, bands) in enumerate(sorted(collected.items()))
    )


def _middle(band: int) -> float:
    """The middle of a band on a logarithmic scale; half of its upper end for the lowest."""
    return 0.5 if band == 0 else 2.0 ** (band - 0.5)


def _xs(series: Iterable[Series]) -> list[float]:
    return [x for each in series for x, _ in each.points]


def _milliseconds(series: Iterable[Series]) -> Scale:
    return linear("milliseconds", values(series))


def _listed(caption: str, head: str, collected: dict[str, Bands], said: Callable[[int], str]) -> Table:
    rows = [
        (
            name,
            said(band),
            f"{bands[band].total:,}",
            *(ms(bands[band].percentile_ms(at)) for at in (50, 95, 99)),
        )
        for name, bands in sorted(collected.items())
        for band in sorted(bands)
    ]
    return table(caption, ("interaction", head, "requests", "p50 ms", "p95 ms", "p99 ms"), rows)


def _size_said(band: int) -> str:
    return f"{size_text(1024 * ((1 << band) >> 1))} to {size_text(1024 * (1 << band))}"


def _rate_said(band: int) -> str:
    return f"{(1 << band) >> 1:,} to {1 << band:,}"

"""Latency over time by interaction, and by percentile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loadtest.counting import count_of
from loadtest.figures.measurements import Basis, InteractionSummary
from loadtest.figures.over_time import Window
from loadtest.figures.percentile_curve import percentile_curve
from loadtest.figures.timings import NO_ANSWER
from loadtest.report.charts.line_chart import Limit, LineChart, Series
from loadtest.report.charts.scales import linear, percent_text, tail
from loadtest.report.page.figures import Figure, figure, ms, ms_with_unit, table, values
from loadtest.report.page.stretches import Stretches
from loadtest.report.verdict import Verdict

_PERCENTILES = (("p50", 50.0), ("p95", 95.0), ("p99", 99.0))
_BASES: tuple[tuple[Basis, str, str], ...] = (
    ("response time", "from the intended start", "s2"),
    ("service time", "from the actual send", "s1"),
)


def latencies(verdict: Verdict, stretches: Stretches) -> Iterator[Figure]:
    """One figure per interaction: p50, p95 and p99 over time, as they are judged."""
    for summary in verdict.summaries:
        name = summary.interaction
        series = tuple(
            Series(label, label, stretches.points(_percentile(at), name)) for label, at in _PERCENTILES
        )
        buckets = [each for each in stretches.buckets(name) if each.window.percentile_ms(50) is not None]
        if not buckets:
            continue
        chart = LineChart(
            key=f"latency-{name}",
            title=f"Latency of {name} over time",
            description=f"p50, p95 and p99 in milliseconds; {_summed_up(summary)}.",
            x=stretches.scale(5),
            y=linear("milliseconds", values(series)),
            series=series,
            limits=_limits(verdict, name),
            phases=stretches.phases,
            marks=stretches.marks,
            tips=tuple(bucket.tip(", ".join(_percentiles(bucket.window))) for bucket in buckets),
        )
        rows = [
            (each.when, each.window.phase, f"{each.window.counts.due:,}",
             *(ms(each.window.percentile_ms(at)) for _, at in _PERCENTILES))
            for each in buckets
        ]  # fmt: skip
        heads = ("seconds", "phase", "requests", *(f"{label} ms" for label, _ in _PERCENTILES))
        yield figure(chart, "", table(chart.title, heads, rows), shown=name)


def curves(verdict: Verdict) -> Iterator[Figure]:
    """One figure per interaction: latency by percentile, with as much room for each nine as for the last."""
    for summary in verdict.summaries:
        name = summary.interaction
        curves = [
            (label, style, percentile_curve(verdict.measurements.timings(name, basis), points_per_half=2))
            for basis, label, style in _BASES
        ]
        curves = [each for each in curves if each[2]]
        if not curves:
            continue
        below = [point.percentile for _, _, curve in curves for point in curve if point.percentile < 100]
        scale = tail("percentile", max([99.0, *below]))
        series = tuple(
            Series(label, style, tuple((point.percentile, point.milliseconds) for point in curve))
            for label, style, curve in curves
        )
        chart = LineChart(
            key=f"curve-{name}",
            title=f"Latency of {name} by percentile",
            description=f"In milliseconds, of {_counted(summary)}.",
            x=scale,
            y=linear("milliseconds", values(series)),
            series=series,
            limits=_limits(verdict, name),
        )
        rows = [
            (percent_text(round(point.percentile, 4)), label, ms(point.milliseconds), f"{point.count:,}")
            for label, _, curve in curves
            for point in curve
        ]
        heads = ("percentile", "timed", "ms", "requests")
        yield figure(chart, "", table(chart.title, heads, rows), shown=name)


def _percentile(at: float) -> Callable[[Window], float | None]:
    return lambda window: _drawn(window.percentile_ms(at))


def _drawn(milliseconds: float | None) -> float | None:
    """What has no answer has no place on a scale: the line is broken there."""
    return None if milliseconds == NO_ANSWER else milliseconds


def _limits(verdict: Verdict, interaction: str) -> tuple[Limit, ...]:
    thresholds = {each.threshold for each in verdict.latency.results if each.interaction == interaction}
    ordered = sorted(thresholds, key=lambda each: (each.level, each.percentile, each.limit_ms))
    return tuple(Limit(f"{each.level} p{each.percentile:g}", each.limit_ms) for each in ordered)


def _percentiles(window: Window) -> Iterator[str]:
    for label, at in _PERCENTILES:
        yield f"{label} {ms_with_unit(window.percentile_ms(at))}"


def _counted(summary: InteractionSummary) -> str:
    said = count_of(summary.count, "request")
    if summary.unknown:
        said += f", {summary.unknown:,} of them without a definite answer, above the end of the curve"
    return said


def _summed_up(summary: InteractionSummary) -> str:
    latency = summary.response or summary.service
    if latency is None:
        return "nothing was timed"
    return f"over the whole run p50 {ms(latency.p50)}, p95 {ms(latency.p95)}, p99 {ms(latency.p99)}"

"""Throughput over time: what was asked for, what was answered, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from loadtest.arrivals import RateCurve
from loadtest.figures.over_time import Window
from loadtest.report.charts.line_chart import LineChart, Series
from loadtest.report.charts.scales import duration_text, linear
from loadtest.report.page.figures import Figure, figure, rate, table, values
from loadtest.report.page.stretches import Stretches
from loadtest.report.verdict import Verdict

_MISHAPS = (
    ("lost races (409, correct)", "lost", "lost_races"),
    ("refused", "refused", "refused"),
    ("no definite answer", "unknown", "unknown"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a phase of open arrivals asked for: its curve from `began_ns`, and the requests of one arrival."""

    curve: RateCurve
    began_ns: int
    requests_each: float

    def at(self, window: Window) -> float | None:
        """Requests a second in the middle of a window; None before and after, when no work was to begin."""
        middle = (window.began_ns - self.began_ns) / 1e9 + window.seconds / 2
        return self.curve.at(middle) * self.requests_each if 0 <= middle <= self.curve.seconds else None


def over_time(verdict: Verdict, stretches: Stretches) -> Iterator[Figure]:
    """Throughput, and what went wrong if anything did; nothing where nothing was asked."""
    if verdict.summaries:
        yield _throughput(verdict, stretches)
        yield from _mishaps(stretches)


def _throughput(verdict: Verdict, stretches: Stretches) -> Figure:
    asked = _asked(verdict)

    def wanted(window: Window) -> float | None:
        open_phase = asked.get(window.phase)
        return window.due_per_second if open_phase is None else open_phase.at(window)

    series = (
        Series("asked for", "asked", stretches.points(wanted)),
        Series(
            "achieved (definite answers)", "s1", stretches.points(lambda window: window.answered_per_second)
        ),
    )
    buckets = stretches.buckets()
    said = [(_rate(wanted(each.window)), rate(each.window.answered_per_second)) for each in buckets]
    chart = LineChart(
        key="throughput",
        title="Throughput asked and achieved",
        description=f"Requests asked for and answered a second over {duration_text(stretches.seconds)}.",
        x=stretches.scale(),
        y=linear("requests a second", values(series)),
        series=series,
        phases=stretches.phases,
        marks=stretches.marks,
        tips=tuple(
            each.tip(f"{one} asked for, {other} answered a second")
            for each, (one, other) in zip(buckets, said, strict=True)
        ),
    )
    rows = [(each.when, each.window.phase, *pair) for each, pair in zip(buckets, said, strict=True)]
    heads = ("seconds", "phase", "asked a second", "answered a second")
    return figure(chart, _note(asked), table("Throughput over time", heads, rows), wide=True)


def _asked(verdict: Verdict) -> dict[str, Asked]:
    """The phases of open arrivals, by name, as far as their beginning is on record."""
    found: dict[str, Asked] = {}
    for phase in verdict.plan.phases if verdict.plan else ():
        span = verdict.over_time.spans.get(phase.name)
        marks = [mark for mark in verdict.evidence.marks.values() if mark.get("phase") == phase.name]
        made = sum(int(mark.get("arrivals_made") or 0) for mark in marks)
        if phase.rate is not None and span is not None and made:
            each = verdict.tally.operations[phase.name] / made
            found[phase.name] = Asked(phase.rate, span.began_ns, each)
    return found


def _note(asked: Mapping[str, Asked]) -> str:
    open_phases = ", ".join(f"{name}: {each.requests_each:.3g}" for name, each in asked.items())
    said = "Closed users ask no faster than they are answered."
    if open_phases:
        said += f" Open phases ask for the plan's arrivals times the requests that each took ({open_phases})."
    return said


def _mishaps(stretches: Stretches) -> Iterator[Figure]:
    buckets = stretches.buckets()
    kinds = [kind for kind in _MISHAPS if any(getattr(each.window.counts, kind[2]) for each in buckets)]
    if not kinds:
        return
    series = tuple(Series(name, style, stretches.points(_per_second(key))) for name, style, key in kinds)
    rows = [
        (each.when, each.window.phase, *(f"{getattr(each.window.counts, key):,}" for _, _, key in kinds))
        for each in buckets
        if each.window.counts.lost_races or each.window.errors
    ]
    chart = LineChart(
        key="mishaps",
        title="Lost races, refusals and requests without an answer",
        description="How many a second, over the run. Lost races are correct behaviour.",
        x=stretches.scale(),
        y=linear("requests a second", values(series)),
        series=series,
        phases=stretches.phases,
        marks=stretches.marks,
    )
    heads = ("seconds", "phase", *(name for name, _, _ in kinds))
    yield figure(chart, "", table("Counts where there were any", heads, rows), wide=True)


def _rate(per_second: float | None) -> str:
    return "nothing" if per_second is None else rate(per_second)


def _per_second(outcome: str) -> Callable[[Window], float]:
    return lambda window: getattr(window.counts, outcome) / window.seconds

"""The generator's own health: one that was short of time measured itself, not the provider."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from loadtest.report.charts.line_chart import Limit, LineChart, Point, Series, Stretch
from loadtest.report.charts.scales import linear, seconds
from loadtest.report.page.figures import POINTS_DRAWN, Figure, Table, figure, table, values
from loadtest.report.page.stretches import Stretches
from loadtest.report.validity import MOST_CPU, MOST_LATENESS_MS
from loadtest.report.verdict import Verdict

_PROCESSES_SHOWN = 64
_SATURATED = "generator saturated"


def saturation(verdict: Verdict) -> tuple[str, ...]:
    """What the run's objections say of a generator that was short of time."""
    return tuple(each for each in verdict.objections if each.startswith(_SATURATED))


def processes(verdict: Verdict) -> Table:
    """One row per generator process."""
    rows = [
        (
            name.removeprefix("ledger-").removesuffix(".jsonl"),
            str(mark.get("phase") or "-"),
            f"{mark.get('operations', 0):,}",
            f"{mark.get('cpu_share', 0.0):.0%}",
            f"{mark.get('worst_lateness_ms', 0.0):,.0f} ms",
            *(f"{mark.get(key) or 0:,}" for key in ("arrivals_due", "arrivals_made", "arrivals_missed")),
        )
        for name, mark in sorted(verdict.evidence.marks.items())
    ]
    heads = (
        "process",
        "phase",
        "requests",
        "CPU of a core",
        "latest wake-up",
        "arrivals due",
        "made",
        "missed",
    )
    accepted = f"at most {MOST_CPU:.0%} of a core and {MOST_LATENESS_MS:.0f} ms late are accepted"
    return table(f"Generator processes; {accepted}", heads, rows, _PROCESSES_SHOWN)


def health(verdict: Verdict, stretches: Stretches) -> Iterator[Figure]:
    """The busiest process and the latest wake-up over time, where the processes took samples."""
    samples = _collected(verdict, stretches)
    if not samples:
        return
    kinds = (
        ("cpu", "CPU of the busiest process", "% of a core", "cpu_share", 100.0, MOST_CPU * 100),
        ("lag", "Latest wake-up of a client", "milliseconds", "lateness_ms", 1.0, MOST_LATENESS_MS),
    )
    for key, title, unit, field, factor, most in kinds:
        points = tuple((at, max(each[field] for each in found) * factor) for at, found in samples)
        series = (Series("worst of all processes", "s1", _broken(points)),)
        chart = LineChart(
            key=f"generator-{key}",
            title=title,
            description=f"{title} in {unit} over time; at most {most:g} is accepted.",
            x=seconds("time since the load began", stretches.seconds, 4),
            y=linear(unit, values(series)),
            series=series,
            limits=(Limit("most accepted", most),),
            phases=stretches.phases,
            marks=stretches.marks,
            tips=tuple(Stretch(f"{at:.0f} s: {y:.3g} {unit}", at - 0.5, at + 0.5) for at, y in points),
        )
        rows = [(f"{at:.0f}", f"{y:,.1f}") for at, y in points]
        note = f"Up to {most:g} {unit} are accepted."
        yield figure(chart, note, table(title, ("second", unit), rows))


def _broken(points: tuple[tuple[float, float], ...]) -> tuple[Point, ...]:
    """The points with the line broken where nobody took a sample for a while, as between phases."""
    if not points:
        return ()
    usual = min((later - earlier for (earlier, _), (later, _) in pairwise(points)), default=0.0)
    broken: list[Point] = [points[0]]
    for (earlier, _), (later, y) in pairwise(points):
        if later - earlier > 2.5 * usual:
            broken.append((earlier, None))
        broken.append((later, y))
    return tuple(broken)


def _collected(verdict: Verdict, stretches: Stretches) -> list[tuple[float, list[dict[str, Any]]]]:
    """The samples of all processes by time, those close together in one place."""
    width = max(1.0, stretches.seconds / POINTS_DRAWN)
    found: dict[int, list[dict[str, Any]]] = {}
    for mark in verdict.evidence.marks.values():
        began = int(mark.get("begins_ns") or 0)
        for sample in mark.get("samples", ()) if began else ():
            place = int((stretches.second(began) + sample["at"]) / width)
            found.setdefault(place, []).append(sample)
    return [((place + 0.5) * width, found[place]) for place in sorted(found)]

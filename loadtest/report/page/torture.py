"""What `gpload torture` did to the provider: its kills and stops, and the blows of its relay."""

from __future__ import annotations

from collections.abc import Iterator

from loadtest.report.charts.line_chart import Mark
from loadtest.report.page.figures import Table, table
from loadtest.report.verdict import Verdict
from loadtest.torture.outage import Outage
from loadtest.torture.summary import Summary


def marks(verdict: Verdict) -> tuple[Mark, ...]:
    """Each kill and stop as charts over time mark it, at its instant (monotonic ns); none in other runs."""
    summary = verdict.torture
    return tuple(
        Mark(f"{each.sort} {each.number}", each.sort, each.struck_at)
        for each in (summary.outages if summary else ())
    )


def lines(verdict: Verdict) -> list[tuple[str, str]]:
    """What was done and how it was borne, label and text; nothing in other runs."""
    return [] if verdict.torture is None else list(verdict.torture.lines())


def outages(verdict: Verdict) -> Table:
    """One row per kill or stop: when, what it met, and how long until the provider answered again."""
    heads = (
        "blow",
        "second of load, phases alone",
        "in flight",
        "commands of them",
        "gone after, s",
        "start took, s",
        "answered again after, s",
    )
    rows = (_row(each) for each in (verdict.torture.outages if verdict.torture else ()))
    return table("Kills and stops, and how long until it answered again", heads, rows)


def relay(verdict: Verdict) -> Table:
    """How many blows of each kind connections had."""
    kinds = () if verdict.torture is None else _kinds(verdict.torture)
    rows = ((kind, where, f"{count:,}") for kind, where, count in kinds)
    return table("What befell connections", ("blow", "where", "count"), rows)


def _row(outage: Outage) -> tuple[str, ...]:
    return (
        f"{outage.sort} {outage.number}{', late' if outage.late else ''}",
        "-" if outage.second is None else f"{outage.second:.1f}",
        f"{outage.in_flight:,}",
        f"{outage.commands:,}",
        *(_seconds(each) for each in (outage.gone_ms, outage.start_ms, outage.away_ms)),
    )


def _kinds(summary: Summary) -> Iterator[tuple[str, str, int]]:
    for point, count in sorted(summary.dropped.items()):
        yield "dropped by the relay", point, count
    for point, count in sorted(summary.delayed.items()):
        yield "delayed by the relay", point, count
    yield "cut by the server's end", "an exchange was in flight", summary.cut
    yield "refused", "the server was down", summary.refused


def _seconds(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds / 1000:.2f}"

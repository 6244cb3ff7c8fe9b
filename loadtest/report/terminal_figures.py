"""The figures that a verdict rests on, as a table of latencies and as lines with a label each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.table import Table

from loadtest.counting import count_of
from loadtest.figures.measurements import InteractionSummary, Latency
from loadtest.figures.outages import DEFINITION
from loadtest.figures.timings import NO_ANSWER
from loadtest.report.page import PAGE
from loadtest.report.sentences import answer_said, contests_said, counted, short, timed_said
from loadtest.report.validity import MOST_CPU, MOST_LATENESS_MS
from loadtest.report.verdict import Verdict

_RATES = "Per s: over the seconds of the phases that used the interaction, without the gaps between them."
_WIDE, _NARROW = 100, 70
_ROOM_FOR_NO_ANSWER = 20
_NOTES_SHOWN = 5
_SLOTS_SHOWN = 3
_REASONS_SHOWN = 3
_ERRORS_SHOWN = 6
_UNANSWERED = (
    "No answer: the percentile falls among requests without a definite answer, which rank above all others."
)
_PARTIES = (("service", ""), ("response", "  from the intended start"), ("turned_down", "  turned down"))


def latency_table(verdict: Verdict, width: int) -> Table:
    """Percentiles by interaction, in milliseconds: fewer of them where the terminal is narrow."""
    listed = (getattr(summary, party) for summary in verdict.summaries for party, _ in _PARTIES)
    unanswered = any(each is not None and each.max == NO_ANSWER for each in listed)
    percentiles = _with_room(width - _ROOM_FOR_NO_ANSWER if unanswered else width)
    heads = ["p99.9" if each == "p999" else each for each in percentiles]
    table = Table(
        "latency from the send, ms",
        "count",
        "per s",
        *heads,
        box=box.SIMPLE,
        pad_edge=False,
        header_style="bold",
    )
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for summary in verdict.summaries:
        for party, label in _PARTIES:
            latency: Latency | None = getattr(summary, party)
            if latency is None and party != "service":
                continue
            values = ["-" if latency is None else short(getattr(latency, each)) for each in percentiles]
            first = _first(verdict, summary, party, label)
            table.add_row(*first, *values, style="dim" if label else None)
    said = [_RATES, timed_said(verdict), _UNANSWERED if unanswered else ""]
    table.caption, table.caption_justify = " ".join(filter(None, said)), "left"
    return table


def _with_room(width: int) -> tuple[str, ...]:
    """The percentiles for which a terminal has room, where figures are all they have to show."""
    if width >= _WIDE:
        return "p50", "p90", "p95", "p99", "p999", "max"
    return ("p50", "p95", "p99", "max") if width >= _NARROW else ("p50", "p95", "p99")


def _first(verdict: Verdict, summary: InteractionSummary, party: str, label: str) -> tuple[str, str, str]:
    if party == "service":
        return summary.interaction, f"{summary.count:,}", f"{summary.per_second:,.1f}"
    if party == "turned_down":
        return label, f"{summary.lost_races + summary.refused:,}", ""
    due = verdict.measurements.timings(summary.interaction, "response time").count
    return label, f"{due:,}", ""


def figure_lines(verdict: Verdict, place: Path | None = None) -> Iterator[tuple[str, str]]:
    """What was done, by label: load, bookings, contention, errors, generator, availability, evidence.

    `place` is the directory of the report, where that is not with the evidence.
    """
    tally, measured = verdict.tally, verdict.measurements
    operations = measured.total()
    rate = measured.per_second(operations)
    yield "Load", f"{count_of(operations, 'request')} in {measured.seconds():.1f} s, {rate:,.1f} a second"
    yield (
        "Bookings",
        f"{tally.booked.total():,} booked, {tally.cancelled:,} cancelled,"
        f" {count_of(measured.total('lost race'), 'lost race')}"
        " (409 DUPLICATE_REJECTED: correct, not errors)",
    )
    yield from _contention(verdict)
    if tally.refusals:
        yield "Refusals", f"{counted(tally.refusals)} (by a practice's rules, lost races aside)"
        yield from _reasons(verdict)
    yield "Errors", _errors(verdict)
    if tally.searches:
        yield "Searches", f"{tally.searches:,}, of which {tally.empty_searches:,} found no free slot"
    if tally.free_slots_left:
        left = sum(map(len, tally.free_slots_left.values()))
        yield "Free slots", f"{left:,} left at {count_of(len(tally.free_slots_left), 'practice')}"
    yield from _generator(verdict)
    for check in verdict.findings.checks:
        for note in check.notes[:_NOTES_SHOWN]:
            yield f"Check {check.number}", note
    for said in verdict.availability.sentences:
        yield "Availability", said
    if verdict.availability.whole.seconds_down:
        yield "", DEFINITION
    yield "Evidence", ", ".join(map(str, verdict.evidence.directories))
    for directory in verdict.evidence.directories if place is None else (place,):
        if (directory / PAGE).exists():
            yield "Report", str(directory / PAGE)


def _reasons(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """The commonest reasons of refusals, as the provider gave them."""
    kinds = Counter[tuple[str, str]]()
    for (name, answer), reasons in verdict.tally.reasons.items():
        if verdict.tally.endings[name, answer] == "refused":
            for reason, count in reasons.items():
                kinds[answer, reason] += count
    for (answer, reason), count in kinds.most_common(_REASONS_SHOWN):
        yield "", f"{count:,} x {answer}: {reason}"
    if len(kinds) > _REASONS_SHOWN:
        yield "", f"and {count_of(len(kinds) - _REASONS_SHOWN, 'reason')} more: see the report"


def _errors(verdict: Verdict) -> str:
    """What was met in place of a definite answer, and by which interaction."""
    tally, kinds = verdict.tally, Counter[str]()
    for name, answers in tally.answers.items():
        for answer, count in answers.items():
            if tally.endings[name, answer] == "unknown":
                kinds[f"{answer_said(answer)} ({name})"] += count
    shown = Counter(dict(kinds.most_common(_ERRORS_SHOWN)))
    more = len(kinds) - len(shown)
    if not more:
        return counted(shown)
    listed = counted(shown).partition(": ")[2]
    return f"{kinds.total():,}: {listed}, and {count_of(more, 'kind')} more: see the report"


def _contention(verdict: Verdict) -> Iterator[tuple[str, str]]:
    if verdict.contests is not None:
        yield "Hot slots", contests_said(verdict.contests)
    for slot in verdict.contested_slots[:_SLOTS_SHOWN]:
        yield (
            "Contended",
            f"slot {slot.slot} of {slot.practice}: {count_of(slot.attempts, 'attempt')},"
            f" {slot.most_at_once:,} at once; {slot.won:,} won, {slot.lost:,} lost",
        )


def _generator(verdict: Verdict) -> Iterator[tuple[str, str]]:
    marks = verdict.evidence.marks.values()
    if not marks:
        return
    cpu = max(mark.get("cpu_share", 0.0) for mark in marks)
    late = max(mark.get("worst_lateness_ms", 0.0) for mark in marks)
    yield (
        "Generator",
        f"{count_of(len(marks), 'process', 'processes')}, the busiest at {cpu:.0%} of a core"
        f" (at most {MOST_CPU:.0%}),"
        f" the latest sleep {late:,.0f} ms late (at most {MOST_LATENESS_MS:.0f} ms)",
    )
    due, missed = verdict.evidence.arrivals
    if due:
        yield "Arrivals", f"{due:,} due, {missed:,} missed for want of a free client"

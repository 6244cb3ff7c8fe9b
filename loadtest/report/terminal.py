"""The verdict on a terminal: what was decided first, then the figures it rests on."""

from collections import Counter
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from loadtest.measurements import Latency
from loadtest.report.validity import MOST_CPU, MOST_LATENESS_MS
from loadtest.report.verdict import Verdict, Word
from loadtest.service_level import ThresholdResult

_HEADLINES: dict[Word, tuple[str, str]] = {
    "passed": ("PASSED", "bold green"),
    "violated": ("VIOLATED", "bold white on red"),
    "no evidence": ("NO VALID EVIDENCE", "bold yellow"),
    "too slow": ("TOO SLOW", "bold red"),
}
_RESULT_STYLES = {"passed": "green", "violated": "bold red", "unproven": "yellow"}
WITNESSES_SHOWN = 3
_REASONS_SHOWN = 12
_NOTES_SHOWN = 5


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print the verdict: headline and reasons, witnesses, checks, latency, load, service level."""
    console.print(Panel(_headline(verdict), box=box.HEAVY, expand=False))
    for witness in _witnesses(verdict):
        console.print(witness)
    console.print(_checks(verdict))
    if verdict.summaries:
        console.print(_latency(verdict))
        console.print(_limits(verdict))
    console.print(_figures(verdict))


def _headline(verdict: Verdict) -> Text:
    word, style = _HEADLINES[verdict.word]
    record = verdict.evidence.record
    text = Text()
    text.append(word, style=style)
    text.append(f"   {record.get('scenario', 'run')} · exit code {verdict.exit_code}")
    if record.get("interrupted"):
        text.append(" · ended early")
    text.append("\n" + _double_booking(verdict))
    if not verdict.evidence.shared:
        text.append("\nAssuming no writers outside the run (--shared where there are some).", style="dim")
    for reason in verdict.reasons[:_REASONS_SHOWN]:
        text.append(f"\n- {reason}")
    if len(verdict.reasons) > _REASONS_SHOWN:
        text.append(f"\n- and {len(verdict.reasons) - _REASONS_SHOWN} more")
    for warning in verdict.warnings:
        text.append(f"\n~ {warning}", style="yellow")
    return text


def _double_booking(verdict: Verdict) -> str:
    check = next(check for check in verdict.findings.checks if check.number == 1)
    limits = _limits_said(verdict)
    if check.result == "violated":
        return f"Slots were double-booked ({check.violation_count} proofs); {limits}."
    if check.result == "unproven":
        return f"Whether a slot was double-booked is not proven; {limits}."
    if verdict.word == "no evidence":
        return f"No double booking was seen, but this run proves nothing; {limits}."
    return f"No slot was double-booked; {limits}."


def _limits_said(verdict: Verdict) -> str:
    if verdict.evidence.outage_expected:
        limits = "speed was not judged, an outage being expected"
    elif verdict.latency.broken:
        limits = "SHALL limits were broken"
    else:
        limits = "all SHALL limits held"
    measured = verdict.measurements
    requests, refused, unknown = measured.total(), measured.total("refused"), measured.total("unknown")
    if refused or unknown:
        share = (refused + unknown) / requests
        limits += (
            f" by what was granted; of {requests:,} requests {refused:,} were refused (lost races apart)"
        )
        limits += f" and {unknown:,} had no definite answer: {share:.2%}"
    return limits


def _witnesses(verdict: Verdict) -> Iterator[Text]:
    for check in verdict.findings.checks:
        for number, witness in enumerate(check.violations[:WITNESSES_SHOWN], 1):
            text = Text(f"Witness {number} to check {check.number}, {check.name}\n", style="bold")
            text.append(f"{witness.summary}\n{witness.timeline.rstrip()}\n", style="not bold")
            yield text


def _checks(verdict: Verdict) -> Table:
    table = _figures_table("Integrity", "check", "result", "examined", "violations", "doubts")
    for check in verdict.findings.checks:
        table.add_row(
            f"{check.number} {check.name}",
            Text(check.result, style=_RESULT_STYLES[check.result]),
            f"{check.examined:,}",
            str(check.violation_count),
            str(check.doubt_count),
        )
    return table


def _latency(verdict: Verdict) -> Table:
    heads = ("interaction", "count", "per s", "p50", "p90", "p95", "p99", "max")
    table = _figures_table("Latency from the actual send, milliseconds", *heads)
    for summary in verdict.summaries:
        table.add_row(
            summary.interaction,
            f"{summary.count:,}",
            f"{summary.per_second:,.1f}",
            *_values(summary.service),
        )
        if summary.turned_down is not None:
            count = summary.lost_races + summary.refused
            table.add_row(
                "  of these turned down", f"{count:,}", "", *_values(summary.turned_down), style="dim"
            )
    return table


def _limits(verdict: Verdict) -> Table:
    table = _figures_table("Limits of the specification", "interaction", "SHALL at p99", "SHOULD at p95")
    for summary in verdict.summaries:
        results = [r for r in verdict.latency.results if r.interaction == summary.interaction]
        table.add_row(summary.interaction, *(_limit(results, level) for level in ("SHALL", "SHOULD")))
    return table


def _figures_table(title: str, *heads: str) -> Table:
    table = Table(*heads, title=title, box=box.SIMPLE, title_justify="left")
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _values(latency: Latency | None) -> tuple[str, ...]:
    if latency is None:
        return ("-",) * 5
    return tuple(f"{each:,.1f}" for each in (latency.p50, latency.p90, latency.p95, latency.p99, latency.max))


def _limit(results: list[ThresholdResult], level: str) -> Text:
    for result in results:
        if result.threshold.level == level:
            style = "green" if result.met else "bold red" if level == "SHALL" else "yellow"
            word = "met" if result.met else "BROKEN"
            return Text(f"{result.observed_ms:,.1f} < {result.threshold.limit_ms:g}: {word}", style=style)
    return Text("-")


def _figures(verdict: Verdict) -> Table:
    table = Table.grid(padding=(0, 2))
    for label, text in _lines(verdict):
        table.add_row(Text(label, style="bold"), text)
    return table


def _lines(verdict: Verdict) -> Iterator[tuple[str, str]]:
    tally, measured = verdict.tally, verdict.measurements
    operations = measured.total()
    rate = measured.per_second(operations)
    yield "Load", f"{operations:,} requests in {measured.seconds():.1f} s, {rate:,.1f} a second"
    yield (
        "Bookings",
        f"{tally.booked.total():,} booked, {tally.cancelled:,} cancelled,"
        f" {measured.total('lost race'):,} lost races (409 DUPLICATE_REJECTED: correct, not errors)",
    )
    if verdict.contests is not None:
        yield "Hot slots", _contests(verdict.contests)
    if tally.refusals:
        yield "Refusals", f"{_counted(tally.refusals)} (by a practice's rules, lost races aside)"
    yield "Errors", _counted(tally.errors)
    if tally.searches:
        yield "Searches", f"{tally.searches:,}, of which {tally.empty_searches:,} found no free slot"
    if tally.free_slots_left:
        left = sum(map(len, tally.free_slots_left.values()))
        yield "Free slots", f"{left:,} left at {len(tally.free_slots_left):,} practices"
    yield from _generator(verdict)
    for check in verdict.findings.checks:
        for note in check.notes[:_NOTES_SHOWN]:
            yield f"Check {check.number}", note
    level = verdict.availability.level
    yield (
        "Availability",
        f"{verdict.availability.percent:.2f} % answered; service level {level.name}:"
        f" {level.availability_percent:.2f} % in supported hours ({level.supported_hours});"
        " it says nothing of response times",
    )
    yield "Evidence", ", ".join(map(str, verdict.evidence.directories))


def _contests(contests: dict[str, float]) -> str:
    rest = {
        "several_winners": "several at once in",
        "won_again": "won again after a cancel in",
        "refused": "refused to all by a practice's rule in",
        "unanswered": "no definite answer in",
        "no_winner": "none in",
    }
    others = [f"{words} {contests[key]:,}" for key, words in rest.items() if contests[key]]
    said = f"{contests['rounds']:,} rounds of {contests['clients_per_round']:g} clients: "
    if not others:
        return said + "exactly one winner each time"
    return said + ", ".join([f"one winner in {contests['one_winner']:,}", *others])


def _generator(verdict: Verdict) -> Iterator[tuple[str, str]]:
    marks = verdict.evidence.marks.values()
    if marks:
        cpu = max(mark.get("cpu_share", 0.0) for mark in marks)
        late = max(mark.get("worst_lateness_ms", 0.0) for mark in marks)
        yield (
            "Generator",
            (
                f"{len(marks)} processes, the busiest at {cpu:.0%} of a core (at most {MOST_CPU:.0%}), the"
                f" latest sleep {late:,.0f} ms late (at most {MOST_LATENESS_MS:.0f} ms)"
            ),
        )


def _counted(answers: Counter[str]) -> str:
    if not answers:
        return "none"
    listed = ", ".join(f"{count:,} x {answer}" for answer, count in answers.most_common())
    return f"{answers.total():,}: {listed}"

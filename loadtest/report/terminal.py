"""The verdict on a terminal: the word, the table of what was asked and observed, then what it rests on.

Everything fits 80 columns; more room is used where there is some.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from loadtest.counting import count_of
from loadtest.integrity import Witness
from loadtest.report.sentences import ENOUGH_REQUESTS, HEADLINES, ONLY_WRITER, breaking_said, sentence
from loadtest.report.terminal_figures import figure_lines, latency_table
from loadtest.report.verdict import Verdict, Word
from loadtest.report.verdict_rows import integrity_rows, threshold_rows
from loadtest.running.run_record import addressed

_STYLES: dict[Word, str] = {
    "passed": "bold green",
    "violated": "bold white on red",
    "no evidence": "bold yellow",
    "too slow": "bold red",
}
_TONES = {"good": "green", "bad": "bold red", "fair": "yellow", "none": "dim"}
WITNESSES_SHOWN = 3
DOUBTS_SHOWN = 3
_REASONS_SHOWN = 12
_WIDEST_PANEL = 100
_WIDEST_ROW = 200


def print_verdict(verdict: Verdict, console: Console, place: Path | None = None) -> None:
    """Print the verdict: headline, table, reasons, doubts, witnesses, latency, load, service level.

    `place` is the directory of its reports, where those are not with the evidence.
    """
    width = min(console.width, _WIDEST_PANEL)
    console.print(Panel(_headline(verdict), box=box.HEAVY, expand=False), width=width)
    for table in _tables(verdict, console):
        console.print(table)
    for line in (*_reasons(verdict), *_doubts(verdict)):
        console.print(line)
    for title, witness in _witnesses(verdict):
        console.print()
        console.print(_witness(title, witness, console.width))
    console.print()
    if verdict.summaries:
        console.print(latency_table(verdict, console.width))
    for said in breaking_said(verdict.breaking_points):
        console.print(_item(said))
    figures = _grid(2)
    for label, text in figure_lines(verdict, place):
        figures.add_row(Text(label, style="bold"), Text(text))
    console.print(figures)


def _headline(verdict: Verdict) -> Text:
    record = verdict.evidence.record
    text = Text()
    text.append(HEADLINES[verdict.word], style=_STYLES[verdict.word])
    text.append(f"   {record.get('scenario', 'run')} · exit code {verdict.exit_code}")
    if record.get("interrupted"):
        text.append(" · ended early")
    text.append(f"\nagainst {addressed(record)}")
    text.append(f"\n{sentence(verdict)}")
    if not verdict.evidence.shared:
        text.append(f"\n{ONLY_WRITER}", style="dim")
    return text


def _tables(verdict: Verdict, console: Console) -> Iterator[Table]:
    integrity = _ruled("integrity", "observed", "result")
    for row in integrity_rows(verdict):
        integrity.add_row(row.what, row.observed, Text(row.result, style=_TONES[row.tone]))
    yield integrity
    limits = _ruled("limits on speed", "limit", "count", "observed", "result")
    limits.columns[2].justify = "right"
    for row in threshold_rows(verdict):
        limits.add_row(
            row.what, row.asked, f"{row.requests:,}", row.observed, Text(row.result, style=_TONES[row.tone])
        )
    if verdict.latency.undecided:
        limits.caption, limits.caption_justify = ENOUGH_REQUESTS, "left"
    if console.measure(limits, options=console.options.update(max_width=_WIDEST_ROW)).maximum > console.width:
        # Columns closer together, so that names stay whole on a narrow terminal.
        limits.padding, limits.show_edge = 0, False
    if limits.row_count and verdict.limits_judged:
        yield limits


def _ruled(*heads: str) -> Table:
    table = Table(*heads, box=box.SIMPLE, pad_edge=False, header_style="bold")
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.no_wrap = True
    table.columns[-2].justify = "right"
    return table


def _reasons(verdict: Verdict) -> Iterator[Table]:
    for reason in verdict.reasons[:_REASONS_SHOWN]:
        yield _item(reason)
    if len(verdict.reasons) > _REASONS_SHOWN:
        yield _item(f"and {len(verdict.reasons) - _REASONS_SHOWN} more")
    for warning in verdict.warnings:
        yield _item(warning, "~", "yellow")


def _doubts(verdict: Verdict) -> Iterator[Table]:
    for check in verdict.findings.checks:
        for doubt in check.doubts[:DOUBTS_SHOWN]:
            yield _item(f"check {check.number} doubts: {doubt}", "?", "yellow")
        if check.doubt_count > DOUBTS_SHOWN:
            yield _item(
                f"check {check.number}: {count_of(check.doubt_count - DOUBTS_SHOWN, 'doubt')} more",
                "?",
                "yellow",
            )


def _item(said: str, mark: str = "-", style: str = "") -> Table:
    """A line that begins with a mark and goes on below its own beginning."""
    grid = _grid(1)
    grid.add_row(Text(mark, style=style), Text(said, style=style))
    return grid


def _grid(space: int) -> Table:
    """Two columns without rules; a word too long for its line, such as a path, goes on in the next."""
    grid = Table.grid(padding=(0, space))
    grid.add_column()
    grid.add_column(overflow="fold")
    return grid


def _witnesses(verdict: Verdict) -> Iterator[tuple[str, Witness]]:
    for check in verdict.findings.checks:
        for number, witness in enumerate(check.violations[:WITNESSES_SHOWN], 1):
            yield f"Witness {number} to check {check.number}, {check.name}", witness


def _witness(title: str, witness: Witness, width: int) -> Text:
    text = Text(f"{title}\n", style="bold")
    lines = wrap(witness.summary, width)
    for line in witness.timeline.rstrip().splitlines():
        # What goes on does so further in, so that it is not taken for a line of its own.
        lines += [line] if len(line) <= width else wrap(line, width, subsequent_indent=" " * 8)
    text.append("\n".join(lines), style="not bold")
    return text

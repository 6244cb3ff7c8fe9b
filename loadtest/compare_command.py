"""gpload compare: what became slower or faster between two recorded runs."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from loadtest.comparison.comparable import obstacles, remarks, traffic_remarks
from loadtest.comparison.compare import LEAST, compare
from loadtest.comparison.table import Comparison, Row, to_json
from loadtest.comparison.words import Word
from loadtest.figures.measurements import Measurements
from loadtest.figures.over_time import OverTime, spans_of
from loadtest.figures.timings import NO_ANSWER
from loadtest.ledger import LedgerError
from loadtest.options import CANNOT_RUN, fail
from loadtest.plans.plan import PlanError
from loadtest.report.evidence import Evidence, read_evidence
from loadtest.report.tally import Tally
from loadtest.report.validity import objections

SLOWER = 99
_NARROWEST = 120
_STYLES: dict[Word, str] = {
    "slower": "bold red",
    "faster": "green",
    "no difference shown": "",
    "no answer": "yellow",
    "too few": "dim",
    "too unsteady": "yellow",
}
_directory = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Recorded:
    evidence: Evidence
    over_time: OverTime
    objections: tuple[str, ...]


@click.command(
    "compare",
    short_help="Say what became slower or faster between two runs.",
    epilog="\b\nExit codes: 0 nothing became slower; 99 something did; 2 the runs cannot be compared,\n"
    "or nothing became slower but no latency was compared.",
)
@click.argument("base", type=_directory)
@click.argument("new", type=_directory)
@click.option(
    "--least",
    type=click.FloatRange(0, 100),
    default=LEAST * 100,
    show_default=True,
    help="Per cent by which a figure must change at least to be called slower or faster.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the redraws.")
@click.option("--anyway", is_flag=True, help="Compare runs that differ in what was asked of the provider.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def compare_runs(base: Path, new: Path, least: float, seed: int, anyway: bool, as_json: bool) -> None:
    """Say what became slower or faster from the run in BASE to the run in NEW, beyond noise.

    Both are report directories. Of a run on several machines, put the files of all into one.
    """
    try:
        runs = _read(base), _read(new)
    except (LedgerError, PlanError, OSError, orjson.JSONDecodeError) as error:
        fail(str(error))
    one, other = runs
    in_the_way = [
        *obstacles(one.evidence.record, other.evidence.record),
        *(f"base is no valid evidence: {each}" for each in one.objections),
        *(f"new is no valid evidence: {each}" for each in other.objections),
    ]
    if not set(one.over_time.phases) & set(other.over_time.phases):
        fail("; ".join([*in_the_way, "the runs have no phase in common"]))
    if in_the_way and not anyway:
        _refuse(in_the_way, as_json)
    comparison = compare(one.over_time, other.over_time, seed, least / 100)
    known = [
        *in_the_way,
        *remarks(one.evidence.record, other.evidence.record),
        *traffic_remarks(one.over_time, other.over_time),
    ]
    if as_json:
        _print_json(to_json(comparison) | {"obstacles": in_the_way, "remarks": known[len(in_the_way) :]})
    else:
        _print(comparison, runs, known)
    if comparison.slower:
        sys.exit(SLOWER)
    sys.exit(0 if comparison.latencies else CANNOT_RUN)


def _read(directory: Path) -> _Recorded:
    (evidence,) = read_evidence([directory])
    over_time, tally, measurements = OverTime(spans_of(evidence.record)), Tally(), Measurements()
    for operation in evidence.ledger:
        over_time.record(operation)
        tally.record(operation)
        measurements.record(operation)
    return _Recorded(evidence, over_time, objections(evidence, tally, measurements.summaries()))


def _refuse(in_the_way: Iterable[str], as_json: bool) -> None:
    if as_json:
        _print_json({"format": 1, "obstacles": list(in_the_way)})
    else:
        lines = "\n- ".join(in_the_way)
        click.echo(f"gpload: these runs cannot be compared (--anyway does):\n- {lines}", err=True)
    sys.exit(CANNOT_RUN)


def _print_json(content: dict[str, Any]) -> None:
    click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())


def _print(comparison: Comparison, runs: tuple[_Recorded, _Recorded], known: Iterable[str]) -> None:
    console = Console()
    if not console.is_terminal:
        # A pipe has no width of its own; the table needs this much to stay whole.
        console = Console(width=_NARROWEST)
    for name, run in zip(("base", "new"), runs, strict=True):
        console.print(Text(f"{name:5}", style="bold"), _described(run.evidence), highlight=False)
    console.print(_table(comparison.rows))
    console.print(_headline(comparison), highlight=False)
    console.print(comparison.decided, highlight=False)
    for line in known:
        console.print(Text(f"~ {line}", style="yellow"))


def _described(evidence: Evidence) -> str:
    provider = evidence.record.get("provider") or {}
    said = [evidence.run, evidence.record.get("started"), provider.get("name"), provider.get("version")]
    return " ".join([*(str(each) for each in said if each), f"({evidence.directories[0]})"])


def _headline(comparison: Comparison) -> Text:
    faster = sum(row.word == "faster" for row in comparison.rows)
    if not comparison.comparisons:
        return Text("Nothing was compared", style="bold yellow")
    words = f"{len(comparison.slower)} slower, {faster} faster, of {comparison.comparisons} compared"
    if left := len(comparison.rows) - comparison.comparisons:
        words += f"; {left} could not be"
    if not comparison.latencies:
        words = f"No latency was compared, only throughput: {words}"
    style = "bold red" if comparison.slower else "bold green" if comparison.latencies else "bold yellow"
    return Text(words, style=style)


def _table(rows: Iterable[Row]) -> Table:
    heads = ("interaction", "timed from", "figure", "base", "new", "change", "interval", "")
    table = Table(*heads, box=box.SIMPLE)
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[3:7]:
        column.justify = "right"
    shown: tuple[str, str] | None = None
    for row in rows:
        subject = row.interaction, "intended start" if row.basis == "response time" else "send"
        names = ("", "") if subject == shown else subject
        shown = subject
        table.add_row(
            *names,
            "per second" if row.metric == "throughput" else f"{row.metric} ms",
            *(_figure(value) for value in (row.base, row.new)),
            _change(row.change),
            "-" if row.low is None else f"{_change(row.low)} to {_change(row.high)}",
            Text(row.word, style=_STYLES[row.word]),
        )
    return table


def _figure(value: float | None) -> str:
    if value == NO_ANSWER:
        return "no answer"
    return "-" if value is None else f"{value:,.1f}"


def _change(share: float | None) -> str:
    return "-" if share is None else f"{share:+.1%}"

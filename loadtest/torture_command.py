"""gpload torture: kill and restart a provider under load, behind a bad network, and judge what held."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from loadtest.counting import count_of
from loadtest.ledger import LedgerError
from loadtest.options import Duration, Url, fail, practices_option
from loadtest.plans.changes import with_users
from loadtest.plans.plan import Plan, PlanError
from loadtest.plans.reading import read_plan, shipped_plan
from loadtest.report.live import LedgerTail
from loadtest.report.output import PIPE_WIDTH, SteadyConsole, print_verdicts
from loadtest.report.progress import progress_on
from loadtest.report.verdict import reach_verdicts, worst_exit_code
from loadtest.report.writing import write_all_reports
from loadtest.torture.blows import CALM_SECONDS
from loadtest.torture.ordeal import OWN_PLAN, Ordeal, TortureOptions
from loadtest.torture.summary import FILE, Summary
from loadtest.torture.tormentor import Struck
from loadtest.wire.provider import CannotRun

_EXIT_CODES = """\b
Exit codes: 0 what was acknowledged held; 100 a violation of integrity was
proved; 2 it could not run, the server did not come back, or the run is no
valid evidence: every kill and stop found the server idle, say. Speed is not
judged."""


class Share(click.ParamType[float]):
    """A share of all exchanges: `0.02` or `2%`. Its value is from 0 to 1."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share."""
        text = str(value).strip()
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(f"{value!r} is not a share such as 0.02 or 2%", param, ctx)
        return share


@click.command(short_help="Kill a provider under load, restart it, judge what held.", epilog=_EXIT_CODES)
@click.option(
    "--serve",
    required=True,
    metavar="COMMAND",
    help="Starts the provider in the foreground; {port} becomes a free port. No shell reads it: for"
    " one: --serve \"sh -c 'exec gpsim serve --port {port} > server.log'\".",
)
@click.option("--target", type=Url(), help="Where the provider listens, if COMMAND has no {port}.")
@practices_option
@click.option(
    "--kills",
    type=click.IntRange(1, 10_000),
    default=5,
    show_default=True,
    help="How often it is struck: half by SIGKILL, half by SIGTERM, in an order by the seed.",
)
@click.option("--duration", "seconds", type=Duration(), help="Of the load. Default: enough for the kills.")
@click.option("--users", type=int, help="Clients at a time. Default: the plan's own.")
@click.option(
    "--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Of the generator."
)
@click.option("--scenario", help="A shipped plan of gpload run. Default: book, amend, cancel and contend.")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="A plan of your own, in TOML.")
@click.option(
    "--drop",
    type=Share(),
    default="2%",
    show_default=True,
    help="Share of exchanges whose connection is cut: before or after the request, before or in the answer.",
)
@click.option(
    "--delay",
    type=Share(),
    default="5%",
    show_default=True,
    help="Share of exchanges held up, a few of them for longer than a client waits.",
)
@click.option("--ready-within", type=Duration(), default="60s", show_default=True, help="After each start.")
@click.option(
    "--stop-within",
    type=Duration(),
    default="10s",
    show_default=True,
    help="After SIGTERM; a stop that takes longer is noted and becomes a kill.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same choices.")
@click.option(
    "--report",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where evidence and verdict go. Default: reports/<time>-torture.",
)
def torture(
    scenario: str | None, plan_file: Path | None, users: int | None, directory: Path | None, **options: Any
) -> None:
    """Own a provider, load it through a bad network, and kill and restart it in the middle.

    gpload starts COMMAND and puts a relay between it and the clients, which drops and delays connections by
    chance. While the clients book, amend and cancel, the provider is killed or told to stop, and started
    again, time after time, over all the load but its last 3 s. In these nothing is harmed any more; then the
    state is read back, and the judge says whether everything that was acknowledged held. report.html marks
    each kill and stop in its charts. The report directory also has torture.jsonl (every event),
    torture.json (the figures) and server.log (what the provider wrote).

    \b
    gpload torture --serve "gpsim serve --database demo.db --port {port}"
    """
    place = directory or Path("reports") / f"{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}-torture"
    console = Console(stderr=True)
    try:
        plan = _plan(scenario, plan_file, users)
        asked = TortureOptions(directory=place, plan=plan, **options)
        if asked.drop + asked.delay > 1:
            fail("--drop and --delay are shares of the same exchanges: together at most 100%")
        with progress_on(console, LedgerTail(place)) as progress:
            ordeal = Ordeal(
                asked,
                progress,
                told=lambda struck: _say(said_of(struck, asked.kills), console),
                planned=lambda seconds: _say(said_before(asked.kills, seconds), console),
            )
            with _ended_by_signals(ordeal):
                ordeal.execute()
            progress.stage("judging")
            verdicts = reach_verdicts([place])
    except (CannotRun, LedgerError, PlanError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped before there was anything to judge")
    write_all_reports(verdicts, place)
    print_verdicts(verdicts)
    for summary in (verdict.torture for verdict in verdicts if verdict.torture is not None):
        (place / FILE).write_bytes(orjson.dumps(summary.to_json(), option=orjson.OPT_INDENT_2))
        _print_summary(summary)
    sys.exit(worst_exit_code(verdicts))


def _plan(scenario: str | None, file: Path | None, users: int | None) -> Plan:
    if scenario is not None and file is not None:
        raise PlanError("give --scenario or --plan, not both")
    plan = OWN_PLAN
    if file is not None:
        plan = read_plan(file)
    elif scenario is not None:
        plan = shipped_plan(scenario)
    return plan if users is None else with_users(plan, users)


def said_of(struck: Struck, kills: int) -> str:
    """One blow on one line."""
    blow, ending = struck.blow, struck.ending
    commands = count_of(struck.commands_in_flight, "of them a command", "of them commands")
    work = f"{struck.in_flight} in flight, {commands}"
    parts = [
        f"{blow.sort} {blow.number} of {kills}: "
        + (work if struck.in_flight else "nothing in flight (it proves less)"),
        f"gone after {ending.seconds:.2f} s",
        "did not come back" if struck.back_after is None else f"back after {struck.back_after:.2f} s",
    ]
    if ending.late:
        parts.insert(1, "did not stop in time and was killed")
    if ending.left_behind:
        parts.insert(1, "left processes behind, which were killed")
    return ", ".join(parts)


def said_before(kills: int, seconds: float) -> str:
    """What is to be done to the provider in a load of so many seconds, on one line."""
    blows = count_of(kills, "kill or stop", "kills and stops")
    return (
        f"{seconds:.0f} s of load: {blows}, and the relay drops and delays, through all of it but the last"
        f" {CALM_SECONDS:g} s, which are quiet for clients to finish before the read back"
    )


def _say(text: str, console: Console) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _print_summary(summary: Summary) -> None:
    console = SteadyConsole()
    if not console.is_terminal:
        console = SteadyConsole(width=PIPE_WIDTH)
    table = Table.grid(padding=(0, 2))
    for label, text in summary.lines():
        table.add_row(Text(label, style="bold"), text)
    console.print(table)


@contextmanager
def _ended_by_signals(ordeal: Ordeal) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal end the load, in peace: no server must be left behind."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        ordeal.make_peace()
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)

"""gpload run: drive a provider with load, then judge what was seen."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
import orjson
from rich.console import Console

from loadtest.audit_command import print_verdicts
from loadtest.ledger import LedgerError
from loadtest.options import EXIT_CODES, Duration, Url, fail, practices_option, target_option
from loadtest.provider import CannotRun
from loadtest.report.progress import SilentProgress, TerminalProgress
from loadtest.report.verdict import reach_verdicts, to_json, worst_exit_code
from loadtest.run import Run, RunOptions
from loadtest.scenarios.catalogue import describe, scenario_names


@click.command(
    help=f"Run SCENARIO against a provider and judge it.\n\n\b\n{describe()}\n\n{EXIT_CODES}",
    short_help="Run a scenario against a provider and judge it.",
)
@click.argument("scenario", type=click.Choice(scenario_names()), metavar="SCENARIO")
@target_option
@click.option("--proxy", type=Url(), help="Spine Secure Proxy: its URL goes before each service root.")
@practices_option
@click.option("--users", type=click.IntRange(1, 5000), help="Clients at a time. Default: the scenario's own.")
@click.option("--duration", "seconds", type=Duration(), help="Of the load, such as 45s or 10m.")
@click.option(
    "--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Of the generator."
)
@click.option(
    "--think",
    type=click.FloatRange(0),
    help="Mean seconds a client rests after each piece of work. Default: the scenario's own.",
)
@click.option("--rounds", type=click.IntRange(1), help="Rounds of hot_slot, whatever the duration.")
@click.option(
    "--most-practices",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="Of more, so many are chosen by the seed.",
)
@click.option(
    "--shared",
    is_flag=True,
    help="Others may book and cancel at the provider too. Without it the run is taken to be its only writer:"
    " a slot refused as taken (409), which the run saw free before and after, is then a violation; with it,"
    " unproven.",
)
@click.option(
    "--expect-outage",
    is_flag=True,
    help="The provider is stopped or killed during the run: requests without an answer do not make it void,"
    " and integrity alone is judged, not speed.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same choices.")
@click.option(
    "--report",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where evidence and verdict go. Default: reports/<time>-<scenario>.",
)
def run(scenario: str, directory: Path | None, **options: Any) -> None:
    """Run a scenario and judge it."""
    place = directory or Path("reports") / f"{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}-{scenario}"
    console = Console()
    progress = TerminalProgress(console) if console.is_terminal else SilentProgress()
    try:
        with _terminable(), progress if isinstance(progress, TerminalProgress) else nullcontext():
            Run(RunOptions(scenario=scenario, directory=place, **options), progress).execute()
            progress.stage("judging")
            verdicts = reach_verdicts([place])
    except (CannotRun, LedgerError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped before there was anything to judge")
    for verdict in verdicts:
        (place / "verdict.json").write_bytes(orjson.dumps(to_json(verdict), option=orjson.OPT_INDENT_2))
    print_verdicts(verdicts)
    sys.exit(worst_exit_code(verdicts))


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the load as Ctrl-C does: what there is is still read back and judged."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

"""gpload: drive a GP Connect provider, judge what was seen, print headers for a call by hand."""

import re
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import orjson
from rich.console import Console

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer
from loadtest.interactions import INTERACTIONS
from loadtest.ledger import LedgerError
from loadtest.provider import CannotRun, find_practice, find_practices
from loadtest.report.progress import SilentProgress, TerminalProgress
from loadtest.report.terminal import print_verdict
from loadtest.report.verdict import Verdict, reach_verdicts, to_json, worst_exit_code
from loadtest.run import DISTRIBUTION, Run, RunOptions
from loadtest.scenarios.catalogue import describe, scenario_names

DEFAULT_TARGET = "http://127.0.0.1:8000"
CANNOT_RUN = 2
_NARROWEST = 110
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_EXIT_CODES = """\b
Exit codes: 0 passed; 99 a SHALL limit was broken; 2 it could not run, or is
no valid evidence; 100 a violation of integrity was proved (wins over all)."""


class Duration(click.ParamType[float]):
    """A length of time as people write it: `45`, `45s`, `2m`, `1.5h`. Its value is seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        if isinstance(value, (int, float)):
            return float(value)
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(value).strip())
        if found is None or float(found[1]) == 0:
            self.fail(f"{value!r} is not a duration such as 45s, 2m or 1h", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


class Url(click.ParamType[str]):
    """An http or https URL."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URL, without a trailing slash."""
        if not re.match(r"https?://[^/]", str(value)):
            self.fail(f"{value!r} is not an http or https URL", param, ctx)
        return str(value).rstrip("/")


_target = click.option(
    "--target",
    type=Url(),
    default=DEFAULT_TARGET,
    show_default=True,
    help="Replaces scheme and host of every service root.",
)
_practices = click.option(
    "--practices",
    "practices_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="JSON as `gpsim practices --json` prints it; default: ask the target's /control/practices.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=DISTRIBUTION, prog_name="gpload")
def main() -> None:
    """Drive a GP Connect 1.2.7 provider with load and judge whether it kept its promises."""


@main.command(
    help=f"Run SCENARIO against a provider and judge it.\n\n\b\n{describe()}\n\n{_EXIT_CODES}",
    short_help="Run a scenario against a provider and judge it.",
)
@click.argument("scenario", type=click.Choice(scenario_names()), metavar="SCENARIO")
@_target
@click.option("--proxy", type=Url(), help="Spine Secure Proxy: its URL goes before each service root.")
@_practices
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
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("stopped before there was anything to judge")
    for verdict in verdicts:
        (place / "verdict.json").write_bytes(orjson.dumps(to_json(verdict), option=orjson.OPT_INDENT_2))
    _print(verdicts)
    sys.exit(worst_exit_code(verdicts))


@main.command(short_help="Judge recorded runs again.", epilog=_EXIT_CODES)
@click.argument(
    "directories", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of verdicts as JSON.")
def audit(directories: tuple[Path, ...], as_json: bool) -> None:
    """Judge recorded runs again from the evidence in DIRECTORIES alone.

    Directories of one run are judged together, if one machine recorded them: the clocks of two cannot be
    compared, and such a run is refused.
    """
    try:
        verdicts = reach_verdicts(directories)
    except (LedgerError, OSError, orjson.JSONDecodeError) as error:
        _fail(str(error))
    if as_json:
        listed = orjson.dumps([to_json(verdict) for verdict in verdicts], option=orjson.OPT_INDENT_2)
        click.echo(listed.decode())
    else:
        _print(verdicts)
    sys.exit(worst_exit_code(verdicts))


@main.command(short_help="Print curl options for one call by hand.")
@click.argument("interaction", type=click.Choice(tuple(INTERACTIONS)), metavar="INTERACTION")
@click.option("--practice", "ods_code", required=True, metavar="ODS", help="The practice to call.")
@click.option("--if-match", metavar="VERSION", help="The version last read, for an amend or a cancel.")
@click.option("--lines", is_flag=True, help="One `Name: value` a line, for `curl -H @FILE`.")
@_target
@_practices
def headers(
    interaction: str,
    ods_code: str,
    if_match: str | None,
    lines: bool,
    target: str,
    practices_file: Path | None,
) -> None:
    """Print the curl options of one INTERACTION, with a fresh token and trace id.

    \b
    gpload headers find_patient --practice A20047 | xargs curl -s "$URL"

    The token is good for five minutes.
    """
    try:
        practice = find_practice(find_practices(target, practices_file), ods_code)
    except CannotRun as error:
        _fail(str(error))
    consumer = Consumer(practice, Address(target), EndUser("gpload-by-hand"))
    made = consumer.headers(INTERACTIONS[interaction], if_match)
    pairs = [f"{name}: {value}" for name, value in made.items()]
    click.echo("\n".join(pairs) if lines else " ".join(f"-H {shlex.quote(pair)}" for pair in pairs))


def _print(verdicts: list[Verdict]) -> None:
    console = Console()
    if not console.is_terminal:
        # A pipe has no width of its own; the tables need this much to stay whole.
        console = Console(width=_NARROWEST)
    for verdict in verdicts:
        print_verdict(verdict, console)


def _fail(message: str) -> NoReturn:
    click.echo(f"gpload: {message}", err=True)
    sys.exit(CANNOT_RUN)


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

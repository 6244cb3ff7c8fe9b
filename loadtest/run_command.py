"""gpload run: drive a provider with load, then judge what was seen."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.console import Console

from loadtest.ledger import LedgerError
from loadtest.options import (
    DEFAULT_TARGET,
    EXIT_CODES,
    Duration,
    MeetingPlace,
    Url,
    fail,
    practices_option,
    take_tls,
    target_option,
    tls_options,
)
from loadtest.plans.changes import scaled, with_duration, with_rate, with_rounds, with_think, with_users
from loadtest.plans.plan import Plan, PlanError
from loadtest.plans.reading import read_plan, shipped_names, shipped_plan
from loadtest.report.live import LedgerTail
from loadtest.report.output import print_verdicts
from loadtest.report.progress import PlainProgress, TerminalProgress, progress_on
from loadtest.report.verdict import reach_verdicts, worst_exit_code
from loadtest.report.writing import write_all_reports
from loadtest.running.generator import Meeting
from loadtest.running.run import Run
from loadtest.running.run_options import RunOptions
from loadtest.running.worker import help_master
from loadtest.wire.provider import CannotRun
from loadtest.wire.tls import TlsFiles, TlsFilesError

NATION = "nation"
_CHANGES = {
    "users": with_users,
    "rate": with_rate,
    "seconds": with_duration,
    "think": with_think,
    "rounds": with_rounds,
    "nation": scaled,
}


class PlansHelp(click.Command):
    """The help of `gpload run`: the shipped plans are listed as they are declared."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own text, then one line for each plan, then the exit codes."""
        super().format_help_text(ctx, formatter)
        with formatter.section("Scenarios"):
            formatter.write_dl([(name, shipped_plan(name).about) for name in shipped_names()])


@click.command(cls=PlansHelp, short_help="Run a scenario against a provider and judge it.", epilog=EXIT_CODES)
@click.argument("scenario", required=False, metavar="[SCENARIO]")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="A plan of your own, in TOML.")
@target_option
@click.option("--proxy", type=Url(), help="Spine Secure Proxy: its URL goes before each service root.")
@practices_option
@tls_options
@click.option("--users", type=int, help="Clients at a time, in every phase that has users.")
@click.option("--rate", type=float, help="Open arrivals: pieces of work begun a second, come what may.")
@click.option("--duration", "seconds", type=Duration(), help="Of the whole load, such as 45s or 10m.")
@click.option(
    "--nation", type=float, help="Scale the plan's rates; alone, it runs this share of the nation's load."
)
@click.option(
    "--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Of the generator."
)
@click.option("--think", type=float, help="Mean seconds a client rests after each piece of work.")
@click.option("--rounds", type=int, help="Rounds of hot_slot, whatever the duration.")
@click.option("--most-practices", type=click.IntRange(1), help="Of more, so many are chosen by the seed.")
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
    " and integrity alone is judged, not speed; availability is shown and held against no promise.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same choices.")
@click.option(
    "--master",
    type=MeetingPlace(),
    metavar="HOST:PORT",
    help="Meet workers of other machines here; all load comes from them.",
)
@click.option("--workers", type=click.IntRange(1, 500), help="With --master: worker processes to wait for.")
@click.option(
    "--worker",
    type=MeetingPlace(),
    metavar="HOST:PORT",
    help="Be a worker of the master at that place; it says what to do.",
)
@click.option(
    "--report",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where evidence and verdict go. Default: reports/<time>-<scenario>.",
)
def run(
    scenario: str | None,
    plan_file: Path | None,
    directory: Path | None,
    master: tuple[str, int] | None,
    workers: int | None,
    worker: tuple[str, int] | None,
    **options: Any,
) -> None:
    """Run a shipped SCENARIO, or a plan of your own, against a provider and judge it."""
    options["tls"] = take_tls(options)
    try:
        if worker is not None:
            meeting = Meeting(*worker, options["processes"])
            _help(meeting, directory or _default_place("worker"), options["tls"])
            return
        asked = _options(_plan(scenario, plan_file, options), directory, master, workers, options)
        with _terminable(), _progress(asked.directory) as progress:
            Run(asked, progress).execute()
            if asked.meeting is not None:
                fail(
                    f"no verdict yet: it comes from this directory and those of all workers together, such as"
                    f" `gpload audit {asked.directory} reports/worker-1 reports/worker-2`"
                )
            progress.stage("judging")
            verdicts = reach_verdicts([asked.directory])
            progress.stage("writing the reports")
            write_all_reports(verdicts, asked.directory)
    except (CannotRun, LedgerError, PlanError, TlsFilesError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped before there was anything to judge")
    print_verdicts(verdicts)
    sys.exit(worst_exit_code(verdicts))


def _plan(scenario: str | None, file: Path | None, options: dict[str, Any]) -> Plan:
    """The plan asked for, changed as the options say, which are taken out of `options`."""
    if scenario is not None and file is not None:
        raise PlanError("give a SCENARIO or --plan, not both")
    if file is not None:
        plan = read_plan(file)
    elif scenario is not None or options["nation"] is not None:
        plan = shipped_plan(scenario or NATION)
    else:
        raise PlanError(f"name a SCENARIO ({', '.join(shipped_names())}) or a --plan FILE")
    if options["users"] is not None and options["rate"] is not None:
        raise PlanError("give --users (closed) or --rate (open arrivals), not both")
    for name, change in _CHANGES.items():
        value = options.pop(name)
        if value is not None:
            plan = change(plan, value)
    most = options.pop("most_practices")
    return plan if most is None else replace(plan, most_practices=most)


def _options(
    plan: Plan,
    directory: Path | None,
    master: tuple[str, int] | None,
    workers: int | None,
    options: dict[str, Any],
) -> RunOptions:
    if (master is None) != (workers is None):
        raise PlanError("--master HOST:PORT and --workers NUMBER go together")
    if options["target"] is None and options["practices_file"] is None:
        # Who stands in for the Spine may list practices too; they are then called through it.
        options["target"] = options["proxy"] or DEFAULT_TARGET
    meeting = None if master is None or workers is None else Meeting(*master, workers)
    return RunOptions(plan, directory or _default_place(plan.name), meeting=meeting, **options)


def _progress(directory: Path) -> PlainProgress | TerminalProgress:
    return progress_on(Console(stderr=True), LedgerTail(directory))


def _help(meeting: Meeting, directory: Path, tls: TlsFiles) -> None:
    with _terminable(), _progress(directory) as progress:
        help_master(meeting, directory, progress, tls)
    click.echo(
        f"The evidence of this machine is in {directory}; its verdict comes from the directories of all, such"
        " as"
    )
    click.echo(f"gpload audit reports/master {directory}")


def _default_place(name: str) -> Path:
    return Path("reports") / f"{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}-{name}"


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM, or a closed terminal, end the load as Ctrl-C does: what there is is still judged."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, _interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

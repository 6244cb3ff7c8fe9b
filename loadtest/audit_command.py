"""gpload audit: judge recorded runs again from their evidence alone."""

import sys
from pathlib import Path

import click
import orjson
from rich.console import Console

from loadtest.ledger import LedgerError
from loadtest.options import EXIT_CODES, fail
from loadtest.report.terminal import print_verdict
from loadtest.report.verdict import Verdict, reach_verdicts, to_json, worst_exit_code

_NARROWEST = 110


@click.command(short_help="Judge recorded runs again.", epilog=EXIT_CODES)
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
        fail(str(error))
    if as_json:
        listed = orjson.dumps([to_json(verdict) for verdict in verdicts], option=orjson.OPT_INDENT_2)
        click.echo(listed.decode())
    else:
        print_verdicts(verdicts)
    sys.exit(worst_exit_code(verdicts))


def print_verdicts(verdicts: list[Verdict]) -> None:
    """Print them to standard output, wide enough for their tables where that is no terminal."""
    console = Console()
    if not console.is_terminal:
        # A pipe has no width of its own; the tables need this much to stay whole.
        console = Console(width=_NARROWEST)
    for verdict in verdicts:
        print_verdict(verdict, console)

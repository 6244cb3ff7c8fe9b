"""gpload audit: judge recorded runs again from their evidence alone."""

import sys
from pathlib import Path

import click
import orjson

from loadtest.integrity import ProviderStateError, read_provider_state
from loadtest.ledger import LedgerError
from loadtest.options import EXIT_CODES, fail
from loadtest.plans.plan import PlanError
from loadtest.report.output import print_text, print_verdicts
from loadtest.report.verdict import reach_verdicts, worst_exit_code
from loadtest.report.verdict_json import to_json
from loadtest.report.writing import places_of, write_all_reports


@click.command(short_help="Judge recorded runs again.", epilog=EXIT_CODES)
@click.argument(
    "directories", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--appointments",
    "appointments_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The provider's own appointments after the run, as `gpsim appointments --json` prints them: compared"
    " with what the clients saw.",
)
@click.option(
    "--report",
    "report_directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write report.html and the other reports there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of verdicts as JSON.")
def audit(
    directories: tuple[Path, ...],
    appointments_file: Path | None,
    report_directory: Path | None,
    as_json: bool,
) -> None:
    """Judge recorded runs again from the evidence in DIRECTORIES alone.

    Directories of one run are judged together: those of a master and of its workers on other machines.
    """
    try:
        state = None if appointments_file is None else read_provider_state(appointments_file)
        verdicts = reach_verdicts(directories, state)
        if report_directory is not None:
            write_all_reports(verdicts, report_directory)
    except (LedgerError, PlanError, ProviderStateError, OSError, orjson.JSONDecodeError) as error:
        fail(str(error))
    if as_json:
        listed = orjson.dumps([to_json(verdict) for verdict in verdicts], option=orjson.OPT_INDENT_2)
        print_text(listed.decode())
    else:
        places = None if report_directory is None else places_of(verdicts, report_directory)
        print_verdicts(verdicts, places)
    sys.exit(worst_exit_code(verdicts))

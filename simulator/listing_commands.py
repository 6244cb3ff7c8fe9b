"""`gpsim practices` and `gpsim appointments`: what is in a database, for people and for programs."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from textwrap import indent
from typing import Any

import click
from click.core import ParameterSource

from simulator.base_url import BaseUrlType
from simulator.database_option import database_option
from simulator.fhir.resource import Json
from simulator.fhir.urls import service_root
from simulator.settings import Settings
from simulator.store.database import Store
from simulator.store.database_file import DatabaseUnusable
from simulator.text_table import print_table

_database = database_option("The database file.")
MOST_LISTED = 50
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.command()
@_database
@click.option(
    "--base-url",
    type=BaseUrlType(),
    default=Settings().base_url,
    show_default=True,
    help="Where they are served: scheme, host and port of the service roots.",
)
@click.option("--matching", metavar="TEXT", default="", help="Only those with a text in ODS code or name.")
@click.option(
    "--limit", type=click.IntRange(min=1), help=f"How many at most; {MOST_LISTED} where a person reads them."
)
@_as_json
def practices(database: Path, base_url: str, matching: str, limit: int | None, as_json: bool) -> None:
    """List practices: ODS codes, service roots, ASIDs and, as JSON, patients to try."""
    from simulator.control.practices import list_practices, open_practices

    with closing(_opened(database)) as store, store.reading() as transaction:
        if as_json:
            listed = list_practices(transaction, base_url, matching, limit)
            click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        found = open_practices(transaction.practices.all(), matching)
    if not found:
        like_that = f" has {matching!r} in its ODS code or name" if matching else " can be called"
        click.echo(f"No practice of {database}{like_that}.", err=True)
    if as_json or not found:
        return
    shown = found[: limit or _most_listed()]
    print_table(
        ("ODS code", "Name", "ASID", "Service root"),
        [(each.ods_code, each.name, each.asid, service_root(base_url, each.ods_code)) for each in shown],
    )
    if len(shown) < len(found):
        more = f"{len(found) - len(shown):,} more: --matching TEXT finds some of them, --limit shows more."
        click.echo(f"... and {more}", err=True)
    if sys.stdout.isatty() and _is_unsaid("base_url"):
        told = f"{base_url}; --base-url names another, with https:// while it serves over TLS"
        click.echo(f"Service roots are those of a server on {told}.", err=True)


def _is_unsaid(parameter: str) -> bool:
    source = click.get_current_context().get_parameter_source(parameter)
    return source is ParameterSource.DEFAULT


def _most_listed() -> int | None:
    """Return how many rows are listed unasked: what is cut or grepped is to be whole."""
    return MOST_LISTED if sys.stdout.isatty() else None


@click.command()
@_database
@click.option("--practice", metavar="ODS", help="Only those of one practice.")
@_as_json
def appointments(database: Path, practice: str | None, as_json: bool) -> None:
    """List appointments, the practices' own ones and cancelled ones included."""
    from simulator.control.appointments import list_appointments

    with closing(_opened(database)) as store, store.reading() as transaction:
        if practice is not None and transaction.practices.with_ods_code(practice) is None:
            raise click.ClickException(f"no practice in {database} has ODS code {practice!r}")
        listed = list_appointments(transaction, practice)
        if as_json:
            _print_json(listed)
            return
        rows = [_row(each) for each in islice(listed, _most_listed())]
        more = next(listed, None) is not None
    if not rows:
        click.echo(
            f"There are no appointments in {database}{f' at {practice}' if practice else ''}.", err=True
        )
        return
    print_table(("Id", "Practice", "Status", "Start", "Slots", "Patient", "Booked by", "Description"), rows)
    if more:
        click.echo("... and more: --practice ODS lists those of one practice, --json all.", err=True)


def _print_json(entries: Iterator[Json]) -> None:
    """Print a list as `json.dumps` with an indent of 2 would, entry by entry: a country's has a million."""
    before = "["
    for each in entries:
        click.echo(f"{before}\n{indent(json.dumps(each, indent=2, ensure_ascii=False), '  ')}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def _row(appointment: dict[str, Any]) -> tuple[str, ...]:
    return (
        appointment["id"], appointment["practice"], appointment["status"], appointment["start"],
        " ".join(appointment["slots"]), appointment["patient"],
        appointment["booked_by"] or "the practice", appointment["description"],
    )  # fmt: skip


def _opened(database: Path) -> Store:
    try:
        return Store(database)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error

"""`gpsim practices` and `gpsim appointments`: what is in a database, for people and for programs."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from simulator.settings import Settings
from simulator.store.database import DatabaseUnusable, Store
from simulator.text_table import print_table

_database = click.option(
    "--database",
    type=click.Path(path_type=Path),
    default=Settings().database,
    show_default=True,
    envvar="GPSIM_DATABASE",
    show_envvar=True,
    help="The database file.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.command()
@_database
@click.option(
    "--base-url",
    default=Settings().base_url,
    show_default=True,
    help="Where they are served: scheme, host and port of the service roots.",
)
@_as_json
def practices(database: Path, base_url: str, as_json: bool) -> None:
    """List practices: ODS codes, service roots, ASIDs and, as JSON, patients to try."""
    from simulator.control.practices import list_practices

    with closing(_opened(database)) as store, store.reading() as transaction:
        listed = list_practices(transaction, base_url.rstrip("/"))
    if as_json:
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    print_table(
        ("ODS code", "Name", "ASID", "Service root"),
        [(each["ods_code"], each["name"], each["asid"], each["service_root"]) for each in listed],
    )


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
        listed = list(list_appointments(transaction, practice))
    if as_json:
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    print_table(
        ("Id", "Practice", "Status", "Start", "Slots", "Patient", "Booked by", "Description"),
        [_row(each) for each in listed],
    )


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

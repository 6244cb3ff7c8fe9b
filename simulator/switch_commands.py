"""`gpsim enable` and `gpsim disable`: GP Connect, or one capability of it, on or off at a practice.

Every change is recorded in the audit trail, in the transaction that makes it; so is one that is
refused. Source: specification, page "Non-functional requirements", enablement.
"""

import getpass
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click

from simulator.database_option import database_option
from simulator.domain.audit import AuditEvent, Surface
from simulator.domain.clock import Clock
from simulator.domain.organization import Organization
from simulator.store.database import Store
from simulator.store.database_file import DatabaseUnusable

EVERYTHING = "GP Connect"
CAPABILITIES = {"appointments": "Appointment Management"}


def _switch_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        database_option("The database file; it may be served meanwhile."),
        click.option(
            "--capability", type=click.Choice(list(CAPABILITIES)), help="Only this; without it, GP Connect."
        ),
        click.option("--practice", metavar="ODS", required=True, help="The practice's ODS code."),
    ):
        command = option(command)
    return command


@click.command()
@_switch_options
def enable(practice: str, capability: str | None, database: Path) -> None:
    """Switch GP Connect, or one capability, on at a practice."""
    _switch(database, practice, capability, on=True)


@click.command()
@_switch_options
def disable(practice: str, capability: str | None, database: Path) -> None:
    """Switch GP Connect, or one capability, off at a practice: its consumers are refused with 403."""
    _switch(database, practice, capability, on=False)


def _switch(database: Path, ods_code: str, capability: str | None, on: bool) -> None:
    try:
        with closing(Store(database)) as store, store.writing() as transaction:
            event = _event(ods_code, capability, on)
            organization = transaction.practices.with_ods_code(ods_code)
            if organization is not None:
                transaction.practices.switch(organization.id, capability, on)
            else:
                event = event._replace(status=404, code="NO_RECORD_FOUND")
            transaction.audit.record([event])
            now = transaction.practices.with_ods_code(ods_code)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"{database}: cannot be written: {error}") from error
    if now is None:
        raise click.ClickException(f"no practice in {database} has ODS code {ods_code!r}")
    click.echo(_told(now))


def _event(ods_code: str, capability: str | None, on: bool) -> AuditEvent:
    return AuditEvent(
        at=Clock().real(),
        surface=Surface.OPERATOR,
        interaction="enable" if on else "disable",
        ods_code=ods_code,
        user_name=operating_user(),
        record=capability or EVERYTHING,
        status=200,
    )


def operating_user() -> str:
    """Return who runs this, as the operating system knows them; a container may know only a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _told(organization: Organization) -> str:
    """Say what is on and what is off at a practice."""
    states = {
        EVERYTHING: organization.enabled,
        **dict.fromkeys(CAPABILITIES.values(), organization.appointments_enabled),
    }
    told = ", ".join(f"{name} is {'on' if on else 'off'}" for name, on in states.items())
    off = "; while GP Connect is off, so is all of it" if not organization.enabled else ""
    return f"{organization.ods_code} {organization.name}: {told}{off}"

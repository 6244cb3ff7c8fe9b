"""`gpsim directory`: who is registered on the simulated Spine, where, and who may call whom.

A server that serves the database meanwhile goes by every change from its next request on.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from simulator.base_url import BaseUrlType
from simulator.command_group import CommandGroup
from simulator.control.directory import (
    Operator,
    Registration,
    accredit,
    agreements_that_stay,
    list_directory,
    register,
    remove,
    share,
)
from simulator.control.own_practices import bring_back, practices_elsewhere
from simulator.database_option import database_option
from simulator.domain.clock import Clock
from simulator.domain.organization import Organization
from simulator.domain.refusals import InvalidParameter, Refusal
from simulator.interaction_names import interaction_id
from simulator.settings import Settings
from simulator.store.database import Store, Transaction
from simulator.store.database_file import DatabaseUnusable
from simulator.switch_commands import operating_user
from simulator.text_table import print_table

_database = database_option("The database file; it may be served meanwhile.")

OPTIONS = {
    "asid": "--asid",
    "ods_code": "--ods-code",
    "party_key": "--party-key",
    "address": "--url",
    "manufacturer_ods_code": "--manufacturer",
    "interactions": "--interaction",
}
"""What `register` calls the parts of a registration."""

MOST_NAMED = 10
"""How many practices a line names."""

THIS_SIMULATOR = "(this simulator)"
"""What stands for scheme, host and port of the practices where nobody said what they are."""


@click.group(cls=CommandGroup)
def directory() -> None:
    """List and change who is registered on the simulated Spine, where, and who may call whom."""


@contextmanager
def _changing(database: Path) -> Iterator[tuple[Transaction, Operator]]:
    """Open a transaction for a change; what is wrong with either is one line for a person."""
    try:
        with closing(Store(database)) as store, store.writing() as transaction:
            yield transaction, Operator(Clock().real(), operating_user())
    except (DatabaseUnusable, Refusal) as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"{database}: cannot be written: {error}") from error


@directory.command("list")
@_database
@click.option("--ods-code", metavar="ODS", help="Only what concerns one organisation.")
@click.option(
    "--base-url",
    type=BaseUrlType(),
    help="Where the practices of the database are served: scheme, host and port of their addresses.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, interactions and agreements included.")
def list_(database: Path, ods_code: str | None, base_url: str | None, as_json: bool) -> None:
    """List systems, with the address of each that can be called, and with whom they have agreements."""
    unsaid = Settings().base_url if as_json else THIS_SIMULATOR
    try:
        with closing(Store(database)) as store, store.reading() as transaction:
            listed = list_directory(transaction, base_url or unsaid, ods_code)
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    if not listed["systems"]:
        of_whom = f" of {ods_code}" if ods_code else ""
        click.echo(f"The directory has no system{of_whom}.", err=True)
        return
    agreements: dict[str, set[str]] = {}
    for each in listed["agreements"]:
        agreements.setdefault(each["consumer"], set()).add(each["provider"])
        agreements.setdefault(each["provider"], set()).add(each["consumer"])
    print_table(
        ("ASID", "ODS code", "Party key", "Product", "Interactions", "Agreements", "Address"),
        [_row(each, len(agreements.get(each["ods_code"], ()))) for each in listed["systems"]],
    )


def _row(system: dict[str, Any], agreements: int) -> tuple[str, ...]:
    endpoint = system["endpoint"]
    return (
        system["asid"], system["ods_code"], system["party_key"], system["product_name"],
        str(len(system["interactions"])), str(agreements), endpoint["address"] if endpoint else "",
    )  # fmt: skip


@directory.command("register")
@_database
@click.option("--asid", required=True, help="Its ASID, twelve digits; what is known of it already stays.")
@click.option("--ods-code", metavar="ODS", help="Its organisation; needed for a new one.")
@click.option("--party-key", help="Its party key; made of the ODS code if not given.")
@click.option("--url", help="Its service root, byte for byte: a provider outside, put behind the proxy.")
@click.option("--here", is_flag=True, help="It is a practice of this database, answered by the simulator.")
@click.option("--name", help="The name of its organisation, where that is not listed yet.")
@click.option("--manufacturer", metavar="ODS", help="Its supplier's ODS code.")
@click.option("--product", help="What its product is called.")
@click.option(
    "--interaction",
    "interactions",
    multiple=True,
    metavar="ID",
    help="All it may do, by id or name; repeatable.",
)
@click.option("--no-agreements", is_flag=True, help="Make none; else a new one gets them with everybody.")
def register_(
    database: Path, asid: str, ods_code: str | None, party_key: str | None, url: str | None, here: bool,
    name: str | None, manufacturer: str | None, product: str | None, interactions: tuple[str, ...],
    no_agreements: bool,
) -> None:  # fmt: skip
    """Register a system: a provider outside (--url), a practice of ours (--here), or a consumer."""
    wanted = Registration(
        asid, ods_code, party_key, url, here, name, manufacturer, product,
        tuple(map(interaction_id, interactions)) or None, share=not no_agreements,
    )  # fmt: skip
    with _changing(database) as (transaction, by):
        try:
            system = register(transaction, wanted, by)
        except InvalidParameter as error:
            name, _, what = error.diagnostics.partition(": ")
            what = what.replace("with here;", "with --here;")
            raise click.ClickException(f"{OPTIONS.get(name, name)}: {what}") from error
    click.echo(
        f"{system.asid} is registered: {system.ods_code}, {system.party_key}{f', {url}' if url else ''}"
    )


@directory.command("import")
@_database
@click.argument("practices", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_(database: Path, practices: Path) -> None:
    """Register every practice of a list, as `gpsim practices --json` prints it, where the list says it is.

    So all requests to a system under test come through the proxy.
    """
    try:
        wanted = _listed(json.loads(practices.read_text(encoding="utf-8")))
    except ValueError as error:
        raise click.ClickException(
            f"{practices}: is no list of practices, as `gpsim practices --json` prints it: {error}"
        ) from error
    with _changing(database) as (transaction, by):
        before = {each.id for each in practices_elsewhere(transaction)}
        for each in wanted:
            try:
                register(transaction, each, by)
            except InvalidParameter as error:
                what = error.diagnostics.replace("address:", "service_root:", 1)
                raise click.ClickException(f"{practices}: practice {each.ods_code}: {what}") from error
        moved = [each for each in practices_elsewhere(transaction) if each.id not in before]
    number = "1 practice is" if len(wanted) == 1 else f"{len(wanted):,} practices are"
    click.echo(f"{number} registered where {practices} says.")
    if moved:
        click.echo(
            f"That replaces {_named(moved)} of this database: `gpsim directory restore` brings back all,"
            f" `gpsim directory register --asid {moved[0].asid} --here` one of them."
        )


def _listed(practices: object) -> list[Registration]:
    """Return the practices of a list as they are to be registered. Raises ValueError, said in words."""
    if not isinstance(practices, list):
        raise ValueError("expected a list in square brackets")
    wanted = []
    for number, practice in enumerate(practices, 1):
        given = practice if isinstance(practice, dict) else {}
        texts = []
        for key in ("asid", "ods_code", "service_root", "name"):
            if not isinstance(given.get(key), str):
                raise ValueError(f"entry {number}: expected an object whose {key} is a text")
            texts.append(given[key])
        asid, ods_code, address, name = texts
        wanted.append(Registration(asid, ods_code, address=address, name=name))
    return wanted


def _named(practices: list[Organization]) -> str:
    """Return how many practices there are, and which, the first of them by name."""
    more = f" and {len(practices) - MOST_NAMED:,} more" if len(practices) > MOST_NAMED else ""
    codes = ", ".join(each.ods_code for each in practices[:MOST_NAMED]) + more
    return f"1 practice ({codes})" if len(practices) == 1 else f"{len(practices):,} practices ({codes})"


@directory.command()
@_database
def restore(database: Path) -> None:
    """Have this simulator answer for every practice of its database again, wherever they were put."""
    with _changing(database) as (transaction, by):
        back = bring_back(transaction, by)
    said = f"{_named(back)} of the database brought back" if back else "No practice was elsewhere"
    click.echo(f"{said}: this simulator answers for them all.")


@directory.command("remove")
@_database
@click.argument("asid")
def remove_(database: Path, asid: str) -> None:
    """Remove a system, and where it is."""
    with _changing(database) as (transaction, by):
        ods_code = remove(transaction, asid, by).ods_code
        stay = agreements_that_stay(transaction, ods_code)
    click.echo(f"{asid} is removed.")
    if stay:
        agreements = "1 agreement" if stay == 1 else f"{stay:,} agreements"
        click.echo(
            f"{ods_code} has no system any more; its {agreements} stay, for whoever is registered next."
        )


@directory.command()
@_database
@click.argument("asid")
@click.argument("interaction")
def allow(database: Path, asid: str, interaction: str) -> None:
    """Let a system send or be sent an interaction, by its id or its name, as search_for_free_slots."""
    with _changing(database) as (transaction, by):
        accredit(transaction, asid, interaction_id(interaction), True, by)
    click.echo(f"{asid} may do {interaction}.")


@directory.command()
@_database
@click.argument("asid")
@click.argument("interaction")
def forbid(database: Path, asid: str, interaction: str) -> None:
    """Let a system no longer send or be sent an interaction, by its id or its name."""
    with _changing(database) as (transaction, by):
        accredit(transaction, asid, interaction_id(interaction), False, by)
    click.echo(f"{asid} may no longer do {interaction}.")


@directory.command("share")
@_database
@click.argument("consumer")
@click.argument("provider")
def share_(database: Path, consumer: str, provider: str) -> None:
    """Make a data-sharing agreement between two organisations, by their ODS codes."""
    with _changing(database) as (transaction, by):
        share(transaction, consumer, provider, True, by)
    click.echo(f"{consumer} may ask {provider}.")


@directory.command()
@_database
@click.argument("consumer")
@click.argument("provider")
def unshare(database: Path, consumer: str, provider: str) -> None:
    """End a data-sharing agreement."""
    with _changing(database) as (transaction, by):
        share(transaction, consumer, provider, False, by)
    click.echo(f"{consumer} may no longer ask {provider}.")

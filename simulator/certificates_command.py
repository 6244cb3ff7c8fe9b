"""`gpsim certificates`: a development authority, its certificates, and bad ones to be refused."""

import ipaddress
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from simulator.domain.clock import Clock
from simulator.settings import Settings


def _asid(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch("[0-9]{12}", value):
            raise click.BadParameter(f"{value!r} is no ASID: expected twelve digits")
    return values


def _host(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", value):
            try:
                ipaddress.ip_address(value)
            except ValueError:
                raise click.BadParameter(f"{value!r} is no host name and no address") from None
    return values


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The directory to make."
)
@click.option(
    "--asid",
    "asids",
    multiple=True,
    callback=_asid,
    help="A consumer's ASID; may be given again. If not given, those of the database or the default profile.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    callback=_host,
    help="What else than localhost, 127.0.0.1 and ::1 the server is called by; may be given again.",
)
@click.option(
    "--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long they are valid."
)
@click.option(
    "--database",
    type=click.Path(path_type=Path),
    default=Settings().database,
    show_default=True,
    envvar="GPSIM_DATABASE",
    show_envvar=True,
    help="Where the consumers' ASIDs are looked up.",
)
@click.option("--force", is_flag=True, help="Replace the certificates that are there.")
def certificates(
    out: Path, asids: tuple[str, ...], hosts: tuple[str, ...], days: int, database: Path, force: bool
) -> None:
    """Make what `gpsim serve --tls` needs: an authority, certificates and keys, and bad ones to be refused.

    README.txt in the directory says what each is for.
    """
    from simulator.spine.certificate_guide import GUIDE, in_columns
    from simulator.spine.certificates import CertificatesExist, make_certificates

    now = datetime.fromtimestamp(Clock().real(), UTC)
    callers = tuple(dict.fromkeys(asids)) or _seeded_asids(database)
    try:
        made = make_certificates(out, callers, hosts, now, days, force=force)
    except CertificatesExist as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{out}: cannot be written: {error.strerror or error}") from error
    click.echo(in_columns([(str(out / f"{each.name}.pem"), each.purpose) for each in made]))
    click.echo(f"{out / GUIDE} says more. `gpsim serve --tls {out}` serves with them.")


def _seeded_asids(database: Path) -> tuple[str, ...]:
    """Return the ASIDs of a database's consumers, or of those that the default profile would give it."""
    from seed_data.profile import read_profile
    from simulator.store.database import DatabaseUnusable, Store

    if not database.exists():
        return tuple(each.asid for each in read_profile("demo").consumers)
    try:
        with closing(Store(database)) as store, store.reading() as transaction:
            return tuple(each.asid for each in transaction.practices.consumers())
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error

"""`gpsim certificates`: a development authority, its certificates, and bad ones to be refused."""

import ipaddress
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from simulator.database_option import database_option
from simulator.domain.clock import Clock


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
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The directory to make, or to add to.",
)
@click.option(
    "--asid",
    "asids",
    multiple=True,
    callback=_asid,
    help="A consumer's ASID; may be given again. If not given, those of the database or the default profile,"
    " the two consumers among them that the proxy refuses. Where --out has an authority, it issues to this"
    " ASID, and the rest stays as it is.",
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
@database_option("Where the consumers' ASIDs are looked up.")
@click.option("--force", is_flag=True, help="Replace all certificates that are there, and their authority.")
def certificates(
    out: Path, asids: tuple[str, ...], hosts: tuple[str, ...], days: int, database: Path, force: bool
) -> None:
    """Make what `gpsim serve --tls` needs: an authority, certificates and keys, and bad ones to be refused.

    README.txt in the directory says what each is for.
    """
    from simulator.spine.certificate_additions import AuthorityUnusable, add_consumers, has_authority
    from simulator.spine.certificate_guide import GUIDE, in_columns
    from simulator.spine.certificates import CertificatesExist, make_certificates

    now = datetime.fromtimestamp(Clock().real(), UTC)
    callers = tuple(dict.fromkeys(asids))
    adding = bool(callers) and not force and has_authority(out)
    if adding and hosts:
        raise click.ClickException(
            f"--host: {out} has a server's certificate already; --force replaces all certificates in it"
        )
    try:
        if adding:
            made = add_consumers(out, callers, now, days)
        else:
            made = make_certificates(out, callers or _known_asids(database), hosts, now, days, force=force)
    except (AuthorityUnusable, CertificatesExist) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{out}: cannot be written: {error.strerror or error}") from error
    click.echo(in_columns([(str(out / f"{each.name}.pem"), each.purpose) for each in made]))
    if adding:
        click.echo(
            f"Issued by the authority in {out}: a server that uses it lets them in as it is. For the proxy to"
            " let them through, `gpsim directory register` says who they are."
        )
    else:
        click.echo(f"{out / GUIDE} says more. `gpsim serve --tls {out}` serves with them.")


def _known_asids(database: Path) -> tuple[str, ...]:
    """Return the ASIDs of the consumers of a database, or of those that seeding would give it.

    A consumer is whoever may call and cannot be called, also one that was registered later.
    """
    from seed_data.directory import TO_BE_REFUSED
    from seed_data.profile import read_profile
    from simulator.store.database import Store
    from simulator.store.database_file import DatabaseUnusable

    if not database.exists():
        seeded = (*read_profile("demo").consumers, *TO_BE_REFUSED)
        return tuple(each.asid for each in seeded)
    try:
        with closing(Store(database)) as store, store.reading() as transaction:
            named = [each.asid for each in transaction.practices.consumers()]
            called = {each.party_key for each in transaction.directory.endpoints()}
            others = [each.asid for each in transaction.directory.systems() if each.party_key not in called]
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    return tuple(dict.fromkeys((*named, *others)))

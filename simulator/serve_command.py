"""`gpsim serve`: seeds if there is nothing to serve, says what is served, and serves."""

import dataclasses
import shlex
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from simulator.base_url import BaseUrlType, OriginsType
from simulator.settings import Settings


def _kind_of(each: "dataclasses.Field[Any]") -> click.ParamType[Any]:
    """Return how the text of a setting becomes its value."""
    if each.metadata["choices"]:
        return click.Choice(each.metadata["choices"])
    if each.name.endswith("port"):
        return click.IntRange(1, 65_535)
    if each.name.endswith("url"):
        return BaseUrlType()
    if each.name == "cors_origin":
        return OriginsType()
    if each.type is int:
        return click.IntRange(1, 64)
    if each.type is bool:
        return click.BOOL
    if each.type is Path:
        return click.Path(path_type=Path, dir_okay=False)
    if each.type == Path | None:
        return click.Path(path_type=Path, file_okay=False)
    return click.DateTime(["%Y-%m-%d"]) if each.type == date | None else click.STRING


def setting_options(names: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option, and an environment variable, for each setting, or for those named."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for each in reversed(dataclasses.fields(Settings)):
            if not names or each.name in names:
                command = click.option(
                    f"--{each.name.replace('_', '-')}",
                    type=_kind_of(each),
                    is_flag=each.type is bool,
                    default=each.default,
                    show_default=each.default is not None,
                    envvar=f"GPSIM_{each.name.upper()}",
                    show_envvar=True,
                    metavar="YYYY-MM-DD" if each.name == "today" else None,
                    help=each.metadata["help"],
                )(command)
        return command

    return decorate


@click.command()
@setting_options()
def serve(today: datetime | None, **given: Any) -> None:
    """Serve the practices of a database as GP Connect 1.2.7 providers.

    Where the database does not exist it is seeded first, with the default profile. SIGTERM or Ctrl-C
    finishes what is in flight and stops.
    """
    from simulator.serving import CannotServe, check_tls, ldap_listening, listening, serve_on
    from simulator.store.database_file import DatabaseUnusable

    settings = Settings(today=today.date() if today else None, **given)
    try:
        check_tls(settings)
        with listening(settings) as listener, ldap_listening(settings) as ldap:
            if not settings.database.exists():
                _seed(settings)
            _say_what_is_served(settings)
            serve_on(listener, settings, ldap)
    except (CannotServe, DatabaseUnusable) as error:
        raise click.ClickException(str(error)) from error


def _seed(settings: Settings) -> None:
    from seed_data.seeding import SeedOptions
    from simulator.domain.clock import Clock
    from simulator.seed_command import make_database

    click.echo(f"{settings.database} does not exist: seeding it with the default profile first.")
    make_database(settings.database, SeedOptions(Clock.on(settings.today).today()))


def _say_what_is_served(settings: Settings) -> None:
    """Print practices, service roots and ASIDs, and where to look next."""
    from contextlib import closing

    from simulator.control.practices import open_practices
    from simulator.domain.clock import Clock
    from simulator.extend_command import diary_warning
    from simulator.fhir.urls import service_root
    from simulator.store.database import Store
    from simulator.store.database_file import read_about

    with closing(Store(settings.database)) as store, store.reading() as transaction:
        everybody = transaction.practices.all()
        practices = open_practices(everybody)
        notes = read_about(store.connection).notes
    for practice in practices[:MOST_SHOWN]:
        root = service_root(settings.base_url, practice.ods_code)
        click.echo(f"{root}  ASID {practice.asid}  {practice.name}")
    if len(practices) > MOST_SHOWN:
        command = f"gpsim practices --database {shlex.quote(str(settings.database))} --limit {len(practices)}"
        click.echo(f"... and {len(practices) - MOST_SHOWN:,} more: `{command}` lists them all.")
    warning = diary_warning(settings.database, notes, Clock.on(settings.today).today())
    if warning:
        click.echo(warning, err=True)
    if settings.tls:
        click.echo(f"Over TLS: every client needs a certificate of the authority in {settings.tls}.")
    for scheme, port in (("ldap", settings.ldap_port), ("ldaps", settings.ldaps_port)):
        if port is not None:
            click.echo(f"The directory is on {settings.url(scheme, port)}/ too.")
    if settings.pds_down:
        click.echo("THE PERSONAL DEMOGRAPHICS SERVICE IS DOWN, on purpose.", err=True)
    if settings.server_certificate != "good":
        click.echo(f"SHOWING A BAD CERTIFICATE ({settings.server_certificate}), to be refused.", err=True)
    served = "1 practice" if len(practices) == 1 else f"{len(practices):,} practices"
    off = len(everybody) - len(practices)
    told_apart = f", and {off:,} switched off," if off else ""
    click.echo(f"Serving {served}{told_apart} on {settings.base_url}/ (Ctrl-C stops).")


MOST_SHOWN = 20

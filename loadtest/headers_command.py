"""gpload headers: the headers of one call by hand."""

import re
import shlex
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer
from loadtest.interactions import INTERACTIONS
from loadtest.options import DEFAULT_TARGET, fail, practices_option, take_tls, target_option, tls_options
from loadtest.practices import ConsumerOrganisation, Practice
from loadtest.wire.directory import consumer_at, practice_at
from loadtest.wire.provider import CannotRun, find_practices
from loadtest.wire.tls import TlsFilesError


def _asid(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Take what may stand in a header, an ASID or not: a wrong one is there to be refused."""
    if value is not None and not re.fullmatch("[!-~]+", value):
        raise click.BadParameter(f"{value!r} is no ASID: expected digits, twelve of them for a right one")
    return value


@click.command(short_help="Print curl options for one call by hand.")
@click.argument("interaction", type=click.Choice(tuple(INTERACTIONS)), metavar="INTERACTION")
@click.option("--practice", "ods_code", required=True, metavar="ODS", help="The practice to call.")
@click.option(
    "--from",
    "sender",
    callback=_asid,
    metavar="ASID",
    help="Call as another consumer than the practice's list has; its ODS code is the one registered.",
)
@click.option("--if-match", metavar="VERSION", help="The version last read, for an amend or a cancel.")
@click.option("--lines", is_flag=True, help="One `Name: value` a line, for `curl -H @FILE`.")
@target_option
@practices_option
@tls_options
def headers(
    interaction: str,
    ods_code: str,
    sender: str | None,
    if_match: str | None,
    lines: bool,
    target: str | None,
    practices_file: Path | None,
    **options: Any,
) -> None:
    """Print the curl options of one INTERACTION, with a fresh token and trace id.

    \b
    gpload headers find_patient --practice A20047 | xargs curl -s "$URL"

    The token is good for five minutes. A practice that is switched off is found too, if it is registered at
    the target: its refusal can be tried. Files for TLS are passed on to curl, except with --lines.
    """
    if if_match is not None and INTERACTIONS[interaction].method != "PUT":
        raise click.BadOptionUsage(
            "--if-match", f"--if-match goes with amend_appointment and cancel_appointment, not {interaction}"
        )
    if target is None and practices_file is None:
        target = DEFAULT_TARGET
    try:
        tls = take_tls(options)
        context = tls.context()
        listed = find_practices(target, practices_file, context)
        practice = practice_at(target, ods_code, listed, context)
        if sender is not None:
            practice = replace(practice, consumer=_consumer(target, sender, listed, context))
    except (CannotRun, TlsFilesError) as error:
        fail(str(error))
    consumer = Consumer(practice, Address(target), EndUser("gpload-by-hand"))
    made = consumer.headers(INTERACTIONS[interaction], if_match)
    pairs = [f"{name}: {value}" for name, value in made.items()]
    if lines:
        click.echo("\n".join(pairs))
    else:
        given = [*tls.arguments(), *(part for pair in pairs for part in ("-H", pair))]
        click.echo(shlex.join(given))


def _consumer(
    target: str | None, asid: str, listed: tuple[Practice, ...], tls: ssl.SSLContext | None
) -> ConsumerOrganisation:
    """The consumer with this ASID; one that nobody has is said to be so, and calls as who is listed."""
    found = consumer_at(target, asid, listed, tls)
    if found is None:
        found = replace(listed[0].consumer, asid=asid)
        click.echo(
            f"gpload: no system that is listed or registered has ASID {asid}: the proxy refuses it;"
            f" the token is of {found.ods_code}",
            err=True,
        )
    return found

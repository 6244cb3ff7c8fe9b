"""gpload headers: the headers of one call by hand."""

import shlex
from pathlib import Path
from typing import Any

import click

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer
from loadtest.interactions import INTERACTIONS
from loadtest.options import DEFAULT_TARGET, fail, practices_option, take_tls, target_option, tls_options
from loadtest.provider import CannotRun, find_practice, find_practices
from loadtest.tls import TlsFilesError


@click.command(short_help="Print curl options for one call by hand.")
@click.argument("interaction", type=click.Choice(tuple(INTERACTIONS)), metavar="INTERACTION")
@click.option("--practice", "ods_code", required=True, metavar="ODS", help="The practice to call.")
@click.option("--if-match", metavar="VERSION", help="The version last read, for an amend or a cancel.")
@click.option("--lines", is_flag=True, help="One `Name: value` a line, for `curl -H @FILE`.")
@target_option
@practices_option
@tls_options
def headers(
    interaction: str,
    ods_code: str,
    if_match: str | None,
    lines: bool,
    target: str | None,
    practices_file: Path | None,
    **options: Any,
) -> None:
    """Print the curl options of one INTERACTION, with a fresh token and trace id.

    \b
    gpload headers find_patient --practice A20047 | xargs curl -s "$URL"

    The token is good for five minutes. Files for TLS are passed on to curl, except with --lines.
    """
    if target is None and practices_file is None:
        target = DEFAULT_TARGET
    try:
        tls = take_tls(options)
        practice = find_practice(find_practices(target, practices_file, tls.context()), ods_code)
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

"""What the commands of gpload share: kinds of option, exit codes as help has them, how a command gives up."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from loadtest.plans.duration import seconds_of
from loadtest.wire.tls import TlsFiles

_Command = TypeVar("_Command", bound=Callable[..., Any])

DEFAULT_TARGET = "http://127.0.0.1:8000"
CANNOT_RUN = 2
EXIT_CODES = """\b
Exit codes: 0 passed; 99 a SHALL limit was broken; 2 it could not run, or is
no valid evidence; 100 a violation of integrity was proved (wins over all)."""


class Duration(click.ParamType[float]):
    """A length of time as people write it: `45`, `45s`, `2m`, `1.5h`. Its value is seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        if isinstance(value, (int, float)):
            return float(value)
        seconds = seconds_of(str(value))
        if not seconds:
            self.fail(f"{value!r} is not a duration such as 45s, 2m or 1h", param, ctx)
        return seconds


class Url(click.ParamType[str]):
    """An http or https URL."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URL, without a trailing slash."""
        if not re.match(r"https?://[^/]", str(value)):
            self.fail(f"{value!r} is not an http or https URL", param, ctx)
        return str(value).rstrip("/")


class MeetingPlace(click.ParamType[tuple[str, int]]):
    """Where master and workers meet: `HOST:PORT`."""

    name = "meeting place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Host and port."""
        found = re.fullmatch(r"([^:\s]+):(\d{1,5})", str(value))
        if found is None or not 0 < int(found[2]) < 65_536:
            self.fail(f"{value!r} is not a place such as 10.0.0.5:5557", param, ctx)
        return found[1], int(found[2])


target_option = click.option(
    "--target",
    type=Url(),
    help="Replaces scheme and host of every service root. Default: "
    f"{DEFAULT_TARGET}; with --practices, none is replaced.",
)
practices_option = click.option(
    "--practices",
    "practices_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="JSON as `gpsim practices --json` prints it; default: ask the target's /control/practices.",
)

_TLS_OPTIONS = (
    click.option(
        "--cert", type=click.Path(path_type=Path), metavar="FILE", help="The client certificate, in PEM."
    ),
    click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="Its private key, in PEM."),
    click.option(
        "--cacert",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The authorities to trust, in PEM; default: those that the system trusts.",
    ),
)


def tls_options(command: _Command) -> _Command:
    """Give a command `--cert`, `--key` and `--cacert`, named as curl names them."""
    for option in reversed(_TLS_OPTIONS):
        command = option(command)
    return command


def take_tls(options: dict[str, Any]) -> TlsFiles:
    """The files for TLS that the options name, which are taken out of `options`."""
    return TlsFiles(options.pop("cert"), options.pop("key"), options.pop("cacert"))


def fail(message: str) -> NoReturn:
    """One line for the person at the terminal, and exit code 2."""
    click.echo(f"gpload: {message}", err=True)
    sys.exit(CANNOT_RUN)

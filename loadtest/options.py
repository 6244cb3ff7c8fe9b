"""What the commands of gpload share: kinds of option, exit codes as help has them, how a command gives up."""

import re
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

DEFAULT_TARGET = "http://127.0.0.1:8000"
CANNOT_RUN = 2
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
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
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", str(value).strip())
        if found is None or float(found[1]) == 0:
            self.fail(f"{value!r} is not a duration such as 45s, 2m or 1h", param, ctx)
        return float(found[1]) * _UNITS[found[2]]


class Url(click.ParamType[str]):
    """An http or https URL."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URL, without a trailing slash."""
        if not re.match(r"https?://[^/]", str(value)):
            self.fail(f"{value!r} is not an http or https URL", param, ctx)
        return str(value).rstrip("/")


target_option = click.option(
    "--target",
    type=Url(),
    default=DEFAULT_TARGET,
    show_default=True,
    help="Replaces scheme and host of every service root.",
)
practices_option = click.option(
    "--practices",
    "practices_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="JSON as `gpsim practices --json` prints it; default: ask the target's /control/practices.",
)


def fail(message: str) -> NoReturn:
    """One line for the person at the terminal, and exit code 2."""
    click.echo(f"gpload: {message}", err=True)
    sys.exit(CANNOT_RUN)

"""`--database FILE`, which every command of `gpsim` takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from simulator.settings import Settings


def database_option(about: str) -> Callable[[Any], Any]:
    """Return the option as a decorator of a command; `about` is its help text."""
    return click.option(
        "--database",
        type=click.Path(path_type=Path),
        default=Settings().database,
        show_default=True,
        envvar="GPSIM_DATABASE",
        show_envvar=True,
        help=about,
    )

"""`gpsim extend`: more weeks of diary, while the database may be served."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.database_option import database_option
from simulator.store.database_file import DatabaseUnusable

if TYPE_CHECKING:
    from seed_data.making import Progress

WARNING_DAYS = 14
SUGGESTED_WEEKS = 8


@click.command()
@click.option(
    "--weeks", type=click.IntRange(1, 520), required=True, help="How many weeks to add to every diary."
)
@database_option("The database file.")
def extend(weeks: int, database: Path) -> None:
    """Add weeks of diary after the last day, from the same templates.

    The database may be served meanwhile. Stopped half-way, the same command finishes what was begun.
    """
    from seed_data.extending import extend as extend_database
    from seed_data.refusals import SeedRefused

    try:
        with _progress() as progress:
            summary = extend_database(database, weeks, progress)
    except (SeedRefused, DatabaseUnusable) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{database}: {summary.practices:,} practices have diaries to {summary.last_day}:"
        f" {summary.schedules:,} schedules, {summary.slots:,} slots and {summary.appointments:,} appointments"
        f" more, in {summary.seconds:.1f} s"
    )


@contextmanager
def _progress() -> "Iterator[Progress]":
    """Show a bar while extending, if standard output is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("Extending diaries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(), transient=True, disable=not sys.stdout.isatty()) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def diary_warning(database: Path, notes: dict[str, str], today: date) -> str | None:
    """Return the line that warns of diaries which end within 14 days of a day, or None.

    `notes` are what the seeding noted of itself.
    """
    if "last_day" not in notes:
        return None
    left = (date.fromisoformat(notes["last_day"]) - today).days
    if left > WARNING_DAYS:
        return None
    days = f"{abs(left)} day" if abs(left) == 1 else f"{abs(left)} days"
    when = f"ended {days} ago" if left < 0 else f"ends in {days}" if left else "ends today"
    return (
        f"The diary {when}, on {notes['last_day']}:"
        f" `gpsim extend --weeks {SUGGESTED_WEEKS} --database {database}` adds to it."
    )

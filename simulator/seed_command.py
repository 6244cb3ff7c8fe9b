"""`gpsim seed`: makes a database, shows how far it is, and says what is in it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from simulator.database_option import database_option
from simulator.domain.clock import Clock

if TYPE_CHECKING:
    from rich.console import Console

    from seed_data.making import Progress
    from seed_data.seeding import SeedOptions
    from seed_data.summary import SeedSummary

# seed_data and rich are imported where they are used: Faker alone would double the start of every command.


class Terminated(BaseException):
    """SIGTERM came."""


@click.command()
@click.option(
    "--profile", default="demo", show_default=True, help="A profile's name, or a .toml file's path."
)
@click.option("--practices", type=int, help="How many practices.")
@click.option("--practitioners", type=int, help="How many practitioners each practice has.")
@click.option("--patients", type=int, help="How many patients each practice has.")
@click.option("--days", type=int, help="How many days of diary, the first day included.")
@click.option("--seed", "seed_number", type=int, help="The number that all chance comes from.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The first day; the real UK date if not given.",
)
@database_option("The file to make.")
@click.option("--force", is_flag=True, help="Replace the file if it exists, and is a simulator database.")
def seed(
    profile: str, practices: int | None, practitioners: int | None, patients: int | None, days: int | None,
    seed_number: int | None, today: datetime | None, database: Path, force: bool,
) -> None:  # fmt: skip
    """Make a database of practices, patients and diaries.

    What is not asked for is as the profile has it. The same profile, numbers, seed and day make the same
    content.
    """
    from seed_data.seeding import SeedOptions

    first_day = today.date() if today else Clock().today()
    make_database(
        database,
        SeedOptions(first_day, profile, practices, practitioners, patients, days, seed_number, force),
    )


def make_database(path: Path, options: "SeedOptions") -> "SeedSummary":
    """Seed a database, with a progress bar on a terminal, and print what is in it.

    Raises click.ClickException, its message one line, where it cannot be made: click.UsageError where an
    option is out of bounds. Stopped by Ctrl-C or SIGTERM
    it leaves nothing and exits with 130 or 143.
    """
    from rich.console import Console

    from seed_data.refusals import OptionRefused, SeedRefused
    from seed_data.seeding import seed as seed_database

    console = Console(highlight=False)
    try:
        with _terminable(), _bars_on(console) as bar_for:
            summary = seed_database(path, options, bar_for("Seeding practices"), bar_for("Making indexes"))
    except OptionRefused as refusal:
        raise click.UsageError(str(refusal)) from refusal
    except SeedRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except (KeyboardInterrupt, Terminated) as stop:
        click.echo(f"gpsim seed: stopped; {path} is as it was", err=True)
        sys.exit(143 if isinstance(stop, Terminated) else 130)
    _print_summary(console, summary)
    return summary


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that what was begun is cleared away as for Ctrl-C."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def _bars_on(console: "Console") -> "Iterator[Callable[[str], Progress]]":
    """Yield what gives a bar to a part of the work, with the time that is left of it.

    Bars are shown if standard output is a terminal, and go when the seeding is done.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Bars(*columns, console=console, transient=True, disable=not sys.stdout.isatty()) as bars:

        def bar_for(part: str) -> "Progress":
            task = bars.add_task(part, total=None, visible=False)
            return lambda done, total: bars.update(task, completed=done, total=total, visible=True)

        yield bar_for


def _print_summary(console: "Console", summary: "SeedSummary") -> None:
    from rich.table import Table

    days = f"{_words(summary.first_day)} to {_words(summary.last_day)}"
    table = Table(
        title=f"{summary.path}: {summary.profile}, seed {summary.seed}, {days}", title_justify="left"
    )
    table.add_column("Made")
    table.add_column("Number", justify="right")
    table.add_column("Free", justify="right")
    table.add_column("Booked", justify="right")
    for name, number in (
        ("Practices", summary.practices),
        ("Practices, GP Connect off", summary.switched_off),
        ("Surgeries", summary.surgeries),
        ("Practitioners", summary.practitioners),
        ("Patients", summary.patients),
        ("On the national record", summary.people),
        ("Schedules", summary.schedules),
        ("Appointments", summary.appointments),
    ):
        table.add_row(name, f"{number:,}")
    free = sum(kind.free for kind in summary.kinds)
    booked = sum(kind.booked for kind in summary.kinds)
    table.add_row("Slots", f"{summary.slots:,}", f"{free:,}", f"{booked:,}")
    for kind in summary.kinds:
        table.add_row(f"  {kind.kind}", f"{kind.free + kind.booked:,}", f"{kind.free:,}", f"{kind.booked:,}")
    console.print(table)
    console.print(
        f"{summary.size:,} bytes, {summary.bytes_per_slot:.0f} a slot; {summary.seconds:.1f} s,"
        f" {summary.slots_per_second:,.0f} slots a second"
    )


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

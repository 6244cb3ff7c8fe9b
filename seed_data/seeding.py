"""Making a database: practice by practice into a temporary file, which takes its name when it is finished."""

import gc
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from seed_data.headcount import refuse_beyond_range
from seed_data.making import LATEST, Making, Progress, last_day
from seed_data.profile import override, read_profile
from seed_data.reference import read_reference
from seed_data.refusals import OptionRefused, SeedRefused
from seed_data.summary import SeedSummary
from simulator.store.database_file import may_be_replaced
from simulator.store.loading import Finishing, Loading

COUNTED = ("locations", "practitioners", "patients", "national_record", "schedules", "appointments")
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class SeedOptions:
    """What to make. None stands for what the profile says.

    `today` is the first day of the diaries; `profile` is the name of one that comes with the package, or
    the path of a `.toml` file; `practitioners` and `patients` are of each practice; `days` is how long the
    diaries are.
    """

    today: date
    profile: str = "demo"
    practices: int | None = None
    practitioners: int | None = None
    patients: int | None = None
    days: int | None = None
    seed: int | None = None
    force: bool = False


def seed(
    path: Path, options: SeedOptions, progress: Progress | None = None, finishing: Finishing | None = None
) -> SeedSummary:
    """Make a database at `path` and return what is in it.

    `progress` is told of practices, and then `finishing` of the steps that make the indexes. The same options
    make the same content. Raises SeedRefused, its message one line for a person, where the options or the
    path do not serve; whatever stops it, `path` is as it was and nothing is left beside it.
    """
    began = time.perf_counter()
    profile = override(
        read_profile(options.profile),
        practices=options.practices,
        practitioners=options.practitioners,
        patients=options.patients,
        days=options.days,
        seed=options.seed,
    )
    reference = read_reference()
    refuse_beyond_range(profile, reference)
    _refuse_day(options.today)
    try:
        _refuse_path(path, options.force)
        with _uncollected(), Loading(path, finishing) as loading:
            making = Making(loading, profile, reference, options.today)
            making.run(progress or _unheard)
            counts = {table: loading.count(table) for table in COUNTED}
    except (OSError, sqlite3.Error) as error:
        raise SeedRefused(f"{path}: cannot be written: {error}") from error
    return SeedSummary(
        path=path,
        profile=profile.name,
        seed=profile.seed,
        first_day=options.today,
        last_day=last_day(options.today, profile),
        practices=profile.size.practices,
        switched_off=profile.size.switched_off,
        surgeries=counts["locations"],
        practitioners=counts["practitioners"],
        patients=counts["patients"],
        people=counts["national_record"],
        schedules=counts["schedules"],
        slots=making.slot_count.slots(),
        kinds=making.slot_count.kinds(),
        appointments=counts["appointments"],
        size=path.stat().st_size,
        seconds=time.perf_counter() - began,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold back the garbage collector: it would spend a tenth of the time on rows, and find nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _unheard(done: int, total: int) -> None:
    """Take note of progress that nobody asked for."""


def _refuse_day(today: date) -> None:
    if not EARLIEST <= today <= LATEST:
        raise OptionRefused(f"--today: got {today}, expected a day from {EARLIEST} to {LATEST}")


def _refuse_path(path: Path, force: bool) -> None:
    if path.is_dir():
        raise SeedRefused(f"{path}: is a directory; name a file in it")
    if path.exists() and not may_be_replaced(path):
        raise SeedRefused(
            f"{path}: is not a simulator database, and stays as it is; --database names another file"
        )
    if path.exists() and not force:
        raise SeedRefused(f"{path}: exists already; --force replaces it, --database names another file")
    if not path.parent.is_dir():
        raise SeedRefused(f"{path}: cannot be written: there is no directory {path.parent}")

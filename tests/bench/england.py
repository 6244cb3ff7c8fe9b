"""The database of a country, made once and kept, and five practices of the same kind to set beside it."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from seed_data.profile import read_profile
from seed_data.refusals import SeedRefused
from seed_data.seeding import SeedOptions, seed
from simulator.store.database import Store
from simulator.store.database_file import DatabaseUnusable
from tests.bench.databases import Database, notes_of
from tests.bench.rates import CannotMeasure
from tests.bench.results import Amount, Findings, Unmeasured
from tests.bench.targets import BYTES_A_SLOT, COUNTRY_SEED_MINUTES, COUNTRY_SLOTS

PROFILE = "england"
SMALL = 5
TRIES = 5
_BOOKABLE = (
    "select ods_code, count(*) from organizations"
    " cross join access_profiles on access_profiles.organization_id = organizations.id"
    " cross join slots on slots.access_profile_id = access_profiles.id and slots.status = 'free'"
    " group by ods_code"
)


@dataclass(frozen=True, slots=True)
class Country:
    """A whole country's practices in one file; how many minutes it took to make, where that is known."""

    path: Path
    minutes: float | None

    def findings(self) -> Findings:
        """Return what the file holds, how large it is and how long it took to make."""
        with closing(sqlite3.connect(self.path)) as connection:
            ((slots,),) = connection.execute("select count(*) from slots")
        size = round(self.path.stat().st_size / slots)
        found = Findings(
            amounts=(
                Amount("a country", "slots", slots, "slots", COUNTRY_SLOTS, most=False),
                Amount("a country", "database", size, "bytes a slot", BYTES_A_SLOT),
            )
        )
        if self.minutes is None:
            return found + Findings(
                unmeasured=(Unmeasured("a country, seeding", "the database was there already"),)
            )
        return found + Findings(
            amounts=(Amount("a country", "seeding", round(self.minutes, 1), "minutes", COUNTRY_SEED_MINUTES),)
        )


def country(given: Path | None, kept: Path) -> Country:
    """Return the database that was given, or the one that is kept, made anew where it does not fit any more.

    It fits where schema and profile are those of today. Raises CannotMeasure where there is none to be had.
    """
    if given:
        try:
            notes_of(given)
        except DatabaseUnusable as error:
            raise CannotMeasure(str(error)) from error
        return Country(given, None)
    took = kept.with_suffix(".json")
    if not _fits(kept):
        kept.parent.mkdir(parents=True, exist_ok=True)
        took.write_bytes(orjson.dumps({"minutes": _make(kept)}))
    return Country(kept, orjson.loads(took.read_bytes())["minutes"] if took.exists() else None)


def _fits(path: Path) -> bool:
    """Tell whether a database is of this schema and of the profile as it is declared now."""
    if not path.exists():
        return False
    try:
        return notes_of(path)["declaration"] == read_profile(PROFILE).declaration
    except (DatabaseUnusable, SeedRefused, KeyError):
        return False


def _make(path: Path) -> float:
    """Seed the country as a user would, progress shown; return how many minutes it took."""
    print(f"seeding {path} with the profile {PROFILE}: once, and some minutes", flush=True)
    began = time.perf_counter()
    command = [sys.executable, "-m", "simulator", "seed", "--profile", PROFILE, "--database", str(path)]
    if subprocess.run([*command, "--force"], check=False).returncode:
        raise CannotMeasure(f"the database of the profile {PROFILE} could not be seeded")
    return (time.perf_counter() - began) / 60


def bookable_slots(database: Database) -> dict[str, int]:
    """Return how many slots each practice that can be called offers outside organisations, by ODS code."""
    with closing(Store(database.template)) as store:
        found = dict(store.connection.execute(_BOOKABLE).fetchall())
    return {practice.ods_code: found.get(practice.ods_code, 0) for practice in database.practices}


def five_like(large: Database, mean: float, directory: Path) -> Database:
    """Return five practices made as the country's were, for the same days, which offer as many slots.

    Practices differ in size, and five by chance may be large or small ones: of a few databases it is the one
    whose practices offer nearest to `mean` slots each.
    """
    declaration = directory / "country.toml"
    declaration.write_text(large.notes["declaration"])
    found: list[tuple[float, Path]] = []
    for number in range(TRIES):
        path = directory / f"five-{number}.db"
        seed(
            path,
            SeedOptions(
                date.fromisoformat(large.notes["first_day"]),
                str(declaration),
                practices=SMALL,
                days=int(large.notes["days"]),
                seed=int(large.notes["seed"]) + number,
            ),
        )
        offered = bookable_slots(Database(path, path)).values()
        found.append((abs(sum(offered) / len(offered) - mean), path))
    _, path = min(found)
    for _, other in found:
        if other != path:
            other.unlink()
    return Database(path, directory / "five-practices.db")

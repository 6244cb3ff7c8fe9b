"""Carrying diaries on: more days from the same template weeks, in a database that may be in use.

What is added is what a longer seeding would have made, ids apart. Each writing is short, and what is done is
noted with it: an extension that was stopped half-way is finished by the next.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from seed_data.diaries import FirstIds
from seed_data.making import DIARY_TABLES, LATEST, Progress, schedule_notes
from seed_data.practice_diaries import PracticeDiaries, Staffed, callers_of
from seed_data.practices import CODE_SWITCHED_OFF, Site
from seed_data.profile import Profile, profile_of
from seed_data.reference import read_reference
from seed_data.refusals import SeedRefused
from seed_data.working_days import Day
from simulator.domain.organization import Organization
from simulator.store.database import Store, Transaction
from simulator.store.extending import COUNTED, DiaryTail
from simulator.store.mappings import PATIENTS, mappings

DAYS_A_WRITING = 28


@dataclass(frozen=True, slots=True)
class ExtendSummary:
    """What was added, and the last day that every diary now reaches."""

    practices: int
    last_day: date
    schedules: int
    slots: int
    appointments: int
    seconds: float


def extend(path: Path, weeks: int, progress: Progress) -> ExtendSummary:
    """Add weeks of diary to every practice of a database and return what was added.

    Raises SeedRefused, its message one line for a person, where it cannot be done, and DatabaseUnusable.
    """
    began = time.perf_counter()
    store = Store(path)
    try:
        extending = Extending(store, path, weeks)
        practices = extending.run(progress)
    except sqlite3.Error as error:
        raise SeedRefused(
            f"{path}: cannot be extended: {error}; running it again finishes what was begun"
        ) from error
    finally:
        store.close()
    return ExtendSummary(
        practices, extending.last_day, **extending.added, seconds=time.perf_counter() - began
    )


class Extending:
    """One extension of the diaries of a database."""

    def __init__(self, store: Store, path: Path, weeks: int) -> None:
        self.added = dict.fromkeys(COUNTED, 0)
        self._store, self._tail = store, DiaryTail(store.connection)
        with store.reading():
            notes = {key: self._tail.note(key) for key in ("declaration", "seed", "first_day", "last_day")}
            self._last_patient_id = int(self._tail.note("last_patient_id") or 0)
            self._mapped = [number for _, number in mappings(store.connection, PATIENTS)]
        missing = [key for key, value in notes.items() if value is None]
        if missing:
            raise SeedRefused(
                f"{path}: has no note of its {missing[0]}; only a seeded database can be extended"
            )
        known = {key: value or "" for key, value in notes.items()}
        self._first_day = date.fromisoformat(known["first_day"])
        self.last_day = date.fromisoformat(known["last_day"]) + timedelta(weeks=weeks)
        if self.last_day > LATEST:
            raise SeedRefused(f"--weeks: got {weeks}, expected a diary that ends by {LATEST}")
        self._profile: Profile = replace(
            profile_of(str(path), str(path), known["declaration"]), seed=int(known["seed"])
        )
        self._diaries = PracticeDiaries(
            self._profile, read_reference(), self._first_day, (self.last_day - self._first_day).days + 1
        )

    def run(self, progress: Progress) -> int:
        """Extend every practice; return how many there are."""
        with self._store.reading() as transaction:
            organizations = transaction.practices.all()
        for done, organization in enumerate(organizations, 1):
            self._practice(organization)
            progress(done, len(organizations))
        with self._store.writing():
            self._tail.write_note("last_day", self.last_day.isoformat())
            self._tail.write_note("days", str((self.last_day - self._first_day).days + 1))
            for organization in organizations:
                if self._reached_at(organization) <= self.last_day:
                    self._tail.forget_note(_reached_key(organization))
        return len(organizations)

    def _reached_at(self, organization: Organization) -> date:
        """Return the last day of a practice's diary now: another extension may have added to it already."""
        noted = (self._tail.note("last_day"), self._tail.note(_reached_key(organization)))
        return max(date.fromisoformat(day) for day in noted if day)

    def _practice(self, organization: Organization) -> None:
        """Add days to one practice's diary, a few weeks to a writing."""
        with self._store.reading() as transaction:
            practice = self._staffed(transaction, organization)
        while True:
            with self._store.writing():
                days = self._diaries.days_after(self._reached_at(organization))[:DAYS_A_WRITING]
                if not days:
                    return
                self._write(practice, organization, days)

    def _write(self, practice: Staffed, organization: Organization, days: Sequence[Day]) -> None:
        """Add some days, and note how far the practice's diary reaches now."""
        diary = self._diaries.write(practice, FirstIds(*self._tail.next_ids()), days)
        for table in DIARY_TABLES:
            self._tail.add(table, getattr(diary, table))
        if not organization.ods_code.startswith(CODE_SWITCHED_OFF):
            for key, ids in schedule_notes(organization.ods_code, diary).items():
                self._tail.write_note(key, " ".join(filter(None, (self._tail.note(key), ids))))
        self._tail.write_note(_reached_key(organization), days[-1].day.isoformat())
        for table in COUNTED:
            self.added[table] += len(getattr(diary, table))

    def _staffed(self, transaction: Transaction, organization: Organization) -> Staffed:
        """Return a practice as the database has it, to be given the same template week again."""
        site = Site(
            organization,
            tuple(transaction.practices.locations(organization.id)),
            tuple(transaction.practices.access_profiles(organization.id)),
        )
        born = self._tail.born(organization.id, self._mapped, self._last_patient_id)
        callers = callers_of(born, self._tail.cases(organization.ods_code), self._first_day)
        # The cancelled appointment was made when the diary began.
        return Staffed(site, self._tail.practitioners(organization.id), replace(callers, cancelled=None))


def _reached_key(organization: Organization) -> str:
    return f"last_day:{organization.ods_code}"

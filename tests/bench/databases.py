"""A seeded database to measure on: copied, so that it stays as it is, and served in process or by `gpsim`."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import orjson
from starlette.types import ASGIApp

from loadtest.practices import Practice, read_practices
from simulator.application import create_app
from simulator.control.practices import list_practices
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store
from tests.bench.over_socket import Running, running

LONGEST_SEARCH_DAYS = 14
LATEST_FIRST_DAY = 27
SHORTEST_SEARCH_DAYS = 7


class Database:
    """A template that is only read, and the copy of it that is worked on."""

    def __init__(self, template: Path, copy: Path) -> None:
        self.template, self.copy = template, copy
        self.notes = notes_of(template)
        self.today = date.fromisoformat(self.notes["first_day"])
        self.clock = Clock.on(self.today)

    @property
    def first_days(self) -> range:
        """Return how many days from today searches may begin: two weeks on, or most of it, is diary."""
        latest = min(LATEST_FIRST_DAY, int(self.notes["days"]) - SHORTEST_SEARCH_DAYS)
        return range(1, max(2, latest + 1))

    @property
    def last_day(self) -> date:
        """Return the last day of diary."""
        return self.today + timedelta(days=int(self.notes["days"]) - 1)

    @cached_property
    def practices(self) -> tuple[Practice, ...]:
        """Every practice that can be called."""
        with closing(Store(self.template)) as store, store.reading() as transaction:
            listed = list_practices(transaction, "http://127.0.0.1:8000")
        return read_practices(orjson.dumps(listed), str(self.template))

    def renew(self) -> None:
        """Make the copy anew."""
        for left in self.copy.parent.glob(f"{self.copy.name}*"):
            left.unlink()
        shutil.copyfile(self.template, self.copy)

    @contextmanager
    def opened(self) -> Iterator[tuple[ASGIApp, Store]]:
        """Open the copy as it is, with an application in this process, until the block ends."""
        with closing(Store(self.copy)) as store:
            yield create_app(replace(Settings(), database=self.copy), store, self.clock), store

    @contextmanager
    def served(self, *options: str) -> Iterator[Running]:
        """Serve the copy as it is until the block ends."""
        command = ("-m", "simulator", "serve", "--database", str(self.copy), "--port", "PORT")
        day = ("--today", self.today.isoformat())
        log = self.copy.with_suffix(".log")
        with running(log, "/control/health", *command, *day, *options) as server:
            yield server


def notes_of(path: Path) -> dict[str, str]:
    """Return what the seeding noted of itself: first day, days, seed and the declaration among it.

    Raises DatabaseUnusable for a file of another schema.
    """
    with closing(Store(path)) as store:
        return dict(store.connection.execute("select key, value from about where key not like '%:%'"))

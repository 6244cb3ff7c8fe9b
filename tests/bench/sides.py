"""One of two databases that the same work is done on: served by one process, in bursts, and left as it was.

A burst is short, so that bursts on both databases follow each other closely; what it booked is cancelled
before the next, outside the clock, because five practices have few slots to give.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from starlette.types import ASGIApp

from loadtest.practices import Practice
from simulator.store.database import Store
from tests.bench.calls import Call
from tests.bench.databases import Database
from tests.bench.in_process import bodies_in_process
from tests.bench.machine import megabytes_of_files, megabytes_resident
from tests.bench.over_socket import Running, rate_over_socket
from tests.bench.rates import BOOK, READ, SEARCH, CannotMeasure, Rate, together
from tests.bench.workloads import Sizes, Work

LOOKED_AT = 50
"""So many searches of a round are looked at for how many slots they return."""


class Side:
    """A database, and what was measured of it, round by round."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database, self.directory = database, directory
        self.rates: dict[str, list[Rate]] = defaultdict(list)
        self.slots: dict[str, list[float]] = defaultdict(list)
        self.resident: list[float] = []
        self.of_files: list[float] = []

    @contextmanager
    def serving(self, practices: Sequence[Practice], sizes: Sizes) -> Iterator["Serving"]:
        """Serve the copy as it is until the block ends; `practices` are those that will be called.

        What was measured is kept when it ends, and what the server then holds in memory.
        """
        with self.database.served() as server, self.database.opened() as (app, store):
            serving = Serving(self, server, app, store, practices, sizes)
            yield serving
            for name, bursts in serving.bursts.items():
                self.rates[name].append(together(bursts))
            with suppress(CannotMeasure):
                self.resident.append(megabytes_resident(server.pid))
                self.of_files.append(megabytes_of_files(server.pid))

    def slots_a_search(self, name: str) -> float:
        """Return how many slots a search returned."""
        return statistics.mean(self.slots[name])


class Serving:
    """A round on one side."""

    def __init__(
        self,
        side: Side,
        server: Running,
        app: ASGIApp,
        store: Store,
        practices: Sequence[Practice],
        sizes: Sizes,
    ) -> None:
        self._side, self._server, self._app, self._store = side, server, app, store
        self._practices, self._sizes = practices, sizes
        self.bursts: dict[str, list[Rate]] = defaultdict(list)

    def burst(self, name: str) -> None:
        """Visit every practice once, measure one burst of one kind of work, and cancel what it booked."""
        work = self._work(self._practices)
        if name == SEARCH:
            calls = work.searches(self._sizes.searches)
        elif name == READ:
            calls = work.reads(self._sizes.reads)
        else:
            calls = work.bookings(self._sizes.bookings)
        self._measure(name, name, calls, work.visits())

    def never_visited(self, practices: Sequence[Practice], names: dict[str, str]) -> None:
        """Measure every kind of work, each request to another of these practices; `names` it is kept by."""
        # Bookings come between searches here too, and go to practices of their own.
        each = max(1, len(practices) * 20 // 61)
        searched, read, booked, between = (
            practices[:each],
            practices[each : 2 * each],
            practices[2 * each : 3 * each],
            practices[3 * each :],
        )
        searching = self._work(searched)
        searching.fresh = self._work(between).fresh
        self._measure(SEARCH, names[SEARCH], searching.searches(len(searched)))
        one_each = self._work(read).reads(len(read))
        self._measure(READ, names[READ], one_each)
        self._measure(BOOK, names[BOOK], self._work(booked).bookings(len(booked)))

    def _measure(self, work: str, name: str, calls: list[Call], visits: Sequence[Call] = ()) -> None:
        everybody = self._work(self._practices)
        latest = everybody.latest_appointment()
        port, directory = self._server.port, self._side.directory
        self.bursts[name].append(rate_over_socket([*visits, *calls], port, directory, warm_up=len(visits)))
        if work != READ:
            everybody.cancel_since(latest, self._side.database.practices)
        if work == SEARCH and len(self.bursts[name]) == 1:
            searches = [call for call in calls if call.work == SEARCH][:LOOKED_AT]
            found = bodies_in_process(self._app, searches)
            self._side.slots[name].append(statistics.mean(map(slots_in, found)))

    def _work(self, practices: Sequence[Practice]) -> Work:
        return Work(self._side.database, self._app, self._store, practices)


def slots_in(body: bytes) -> int:
    """Return how many slots an answer to a search has."""
    return body.count(b'"resourceType":"Slot"')

"""Ours beside the floor, and beside Prism where it can be had: each round one straight after the other.

Over a socket the ratios carry the targets. In process a floor costs some seven microseconds a request, so
that a ratio to it would say nothing: there the cost of a request is what is shown.
"""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.types import ASGIApp

from tests.bench.calls import Call
from tests.bench.databases import Database
from tests.bench.in_process import bodies_in_process, rate_in_process
from tests.bench.over_socket import rate_over_socket, running
from tests.bench.prism import Prism
from tests.bench.proxied import rates_both_ways
from tests.bench.rates import ONE_OF_EACH, PROXIED, READ, SEARCH, SQL_ALONE, WORK, Rate
from tests.bench.results import FLOOR, PRISM, Amount, Findings, cost_of, ratio_of
from tests.bench.sides import slots_in
from tests.bench.targets import KEPT_BY_PROXY, OF_THE_FLOOR, STARTUP_SECONDS
from tests.bench.workloads import Sizes, Work

WARM_UP = 20
TRIED = Sizes(searches=80, reads=200, bookings=60)
MOST = Sizes(searches=8000, reads=8000, bookings=2000)


@dataclass(frozen=True, slots=True)
class Bodies:
    """An answer of the middle size for each kind of work, and how many slots a search returned."""

    by_work: dict[str, bytes]
    slots_a_search: float


class AgainstFloor:
    """Rounds of every kind of work on one database, each from a fresh copy."""

    def __init__(self, database: Database, directory: Path, seconds: float, prism: Prism | None) -> None:
        self._database, self._directory, self._seconds, self._prism = database, directory, seconds, prism
        self._over_socket: dict[tuple[str, str], list[tuple[Rate, Rate]]] = defaultdict(list)
        self._in_process: dict[str, list[Rate]] = defaultdict(list)
        self._kept_by_proxy: dict[str, list[float]] = defaultdict(list)
        self._sql_alone: dict[str, list[tuple[Rate, Rate]]] = defaultdict(list)
        self._startups: list[float] = []
        self._bodies: Bodies | None = None

    @property
    def bodies(self) -> Bodies:
        """What is answered; looked at once."""
        if not self._bodies:
            self._database.renew()
            with self._database.opened() as (app, store):
                calls = Work(self._database, app, store, self._database.practices).calls(TRIED)
                self._bodies = look(app, calls)
        return self._bodies

    def sizes(self, seconds: float) -> Sizes:
        """Return how many requests of each kind take so many seconds, by a short trial in process."""
        self._database.renew()
        with self._database.opened() as (app, store):
            calls = Work(self._database, app, store, self._database.practices).calls(TRIED)
            tried = [_second_half(app, each).a_second for each in calls.values()]
        search, gzipped, read, book = (max(1, round(rate * seconds)) for rate in tried)
        return Sizes(
            min(MOST.searches, max(TRIED.searches, search, gzipped)),
            min(MOST.reads, max(TRIED.reads, read)),
            min(MOST.bookings, max(TRIED.bookings, book)),
        )

    def round(self, sizes: Sizes) -> None:
        """Measure each kind of work every way, each time from a fresh copy of the database."""
        self._database.renew()
        with self._database.opened() as (app, store):
            work = Work(self._database, app, store, self._database.practices)
            calls, visits = work.calls(sizes), work.visits()
        for name, each in calls.items():
            self._database.renew()
            with self._database.opened() as (app, _):
                rate_in_process(app, visits)
                self._in_process[name].append(rate_in_process(app, each))
        seconds_direct = seconds_by_proxy = 0.0
        for name in PROXIED:
            self._database.renew()
            with self._database.opened() as (app, _):
                rates_both_ways(app, visits)
                by_proxy, direct = rates_both_ways(app, calls[name])
            self._kept_by_proxy[name].append(by_proxy.a_second / direct.a_second)
            seconds_direct += 1 / direct.a_second
            seconds_by_proxy += 1 / by_proxy.a_second
        self._kept_by_proxy[ONE_OF_EACH].append(seconds_direct / seconds_by_proxy)
        self._sockets(calls, visits)

    def _sockets(self, calls: dict[str, list[Call]], visits: list[Call]) -> None:
        directory = self._directory / "bodies"
        directory.mkdir(exist_ok=True)
        for name, body in self.bodies.by_work.items():
            (directory / name).write_bytes(body)
        fixed = ("-m", "tests.bench.floor", str(directory), "PORT")
        sql = Database(self._database.template, self._directory / "sql.db")
        alone = ("-m", "tests.bench.sql_alone", str(sql.copy), str(directory), "PORT")
        for database in (self._database, sql):
            database.renew()
        with ExitStack() as servers:
            ours = servers.enter_context(self._database.served())
            floor = servers.enter_context(running(self._directory / "floor.log", f"/{SEARCH}", *fixed))
            bare = servers.enter_context(running(self._directory / "sql.log", f"/{READ}", *alone))
            prism = servers.enter_context(self._prism.served(self.bodies.by_work)) if self._prism else None
            self._startups.append(ours.seconds)
            for name, each in calls.items():
                rate = rate_over_socket([*visits, *each], ours.port, self._directory, warm_up=len(visits))
                at_floor = self._again([call.at_the_floor() for call in each], floor.port, WARM_UP)
                self._over_socket[name, FLOOR].append((rate, at_floor))
                if name in SQL_ALONE:
                    # Each booking takes a slot: none is made twice.
                    asked = [call.at_the_floor() for call in each]
                    least = rate_over_socket(asked, bare.port, self._directory, warm_up=WARM_UP)
                    self._sql_alone[name].append((least, at_floor))
                if self._prism and prism and name in self._prism.work:
                    asked = [self._prism.asked(call) for call in each if call.work == name]
                    at_prism = self._again(asked[: self._prism.at_once], prism.port, self._prism.warm_up)
                    self._over_socket[name, PRISM].append((rate, at_prism))

    def _again(self, calls: Sequence[Call], port: int, warm_up: int) -> Rate:
        """Return the rate of calls that can be made again and again."""
        return rate_over_socket(calls, port, self._directory, self._seconds, warm_up)

    def findings(self) -> Findings:
        """Return what the rounds came to."""
        bytes_of = {name: f"{len(body):,} bytes" for name, body in self.bodies.by_work.items()}
        slots = f", {self.bodies.slots_a_search:.0f} slots"
        ratios = [
            ratio_of(
                name,
                beside,
                self._over_socket[name, beside],
                OF_THE_FLOOR[name] if beside == FLOOR else None,
                bytes_of[name] + (slots if name.startswith(SEARCH) else ""),
            )
            for beside in (FLOOR, PRISM)
            for name in WORK
            if (name, beside) in self._over_socket
        ]
        return Findings(
            ratios=(
                *ratios,
                *(
                    ratio_of(alone, FLOOR, self._sql_alone[name], None, "before a header is looked at")
                    for name, alone in SQL_ALONE.items()
                ),
            ),
            costs=tuple(cost_of(name, self._in_process[name]) for name in WORK),
            amounts=(
                *(_kept(name, shares) for name, shares in self._kept_by_proxy.items()),
                Amount(
                    "start-up",
                    "first answer",
                    round(statistics.median(self._startups), 2),
                    "s",
                    STARTUP_SECONDS,
                ),
            ),
        )


def _second_half(app: ASGIApp, calls: Sequence[Call]) -> Rate:
    """Return the rate of the later calls: the first ones fill what is kept in memory."""
    rate_in_process(app, calls[: len(calls) // 2])
    return rate_in_process(app, calls[len(calls) // 2 :])


def look(app: ASGIApp, calls: dict[str, list[Call]]) -> Bodies:
    """Return what an application in process answers, without compressing it."""
    by_work: dict[str, bytes] = {}
    slots = 0.0
    for name, each in calls.items():
        plain = [
            replace(call, headers=tuple(pair for pair in call.headers if pair[0] != "Accept-Encoding"))
            for call in each
            if call.work == name
        ]
        found = sorted(bodies_in_process(app, plain[:100]), key=len)
        by_work[name] = found[len(found) // 2]
        if name == SEARCH:
            slots = statistics.mean(slots_in(body) for body in found)
    return Bodies(by_work, slots)


def _kept(name: str, shares: Sequence[float]) -> Amount:
    median = round(statistics.median(shares), 3)
    target = KEPT_BY_PROXY if name == ONE_OF_EACH else None
    return Amount("by proxy", name, median, "of direct", target, most=False)

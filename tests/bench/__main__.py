"""`make bench`: what the simulator does in relation to a floor on the same machine in the same minute.

Each round starts from a fresh copy of one database; ours and the floor are measured one straight after the
other, so that what else the machine does falls on both.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
from starlette.applications import Starlette

from loadtest.practices import Practice, read_practices
from seed_data.seeding import SeedOptions, seed
from seed_data.summary import SeedSummary
from simulator.application import create_app
from simulator.control.practices import list_practices
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store
from tests.bench.calls import Call
from tests.bench.floor import floor
from tests.bench.in_process import bodies_in_process, rate_in_process
from tests.bench.load_generator import generator_share
from tests.bench.over_socket import rate_over_socket, running
from tests.bench.proxied import rates_both_ways
from tests.bench.rates import (
    BYTES_A_SLOT,
    KEPT_BY_PROXY,
    PROXIED,
    SEARCH,
    SLOTS_A_SECOND,
    STARTUP_SECONDS,
    TARGETS,
    Amount,
    Rate,
    Ratio,
    Run,
    ratio_of,
    run_from_json,
)
from tests.bench.table import show
from tests.bench.workloads import Sizes, Work

FLOOR_SECONDS = 0.5
WARM_UP = 20
SEEDED_FOR_SPEED = 60
Rounds = dict[tuple[str, str], list[tuple[Rate, Rate]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: `seconds` of floor each time, practices of the database, requests a round."""

    rounds: int
    seconds: float
    practices: int
    sizes: Sizes


class Bench:
    """One run, in a directory of its own."""

    def __init__(self, plan: Plan, directory: Path) -> None:
        self.plan, self.directory = plan, directory
        self.clock = Clock.on(None)
        self.template = directory / "template.db"
        self.copy = directory / "practices.db"
        seed(self.template, SeedOptions(self.clock.today(), practices=plan.practices))
        self.rounds: Rounds = defaultdict(list)
        self.startups: list[float] = []
        self.proxied: dict[str, list[float]] = defaultdict(list)
        self.bodies: dict[str, bytes] = {}
        self.slots_a_search = 0.0

    def run(self) -> Run:
        """Measure everything."""
        for number in range(self.plan.rounds):
            print(f"round {number + 1} of {self.plan.rounds}", flush=True)
            self._round()
        ratios: list[Ratio] = [
            ratio_of(work, way, rounds, len(self.bodies[work])) for (work, way), rounds in self.rounds.items()
        ]
        return Run(
            self.clock.today().isoformat(),
            machine(),
            self.plan.rounds,
            round(self.slots_a_search, 1),
            tuple(sorted(ratios, key=lambda each: (each.way, list(TARGETS).index(each.work)))),
            (
                *self._seeding(),
                startup(self.startups),
                self._generator(),
                *proxied(self.proxied),
            ),
        )

    def _round(self) -> None:
        """Measure each kind of work both ways, each time from a fresh copy of the database."""
        with closing(self._opened()) as store:
            app = self._app(store)
            work = Work(app, store, self._practices(store), self.clock.today())
            calls = work.calls(self.plan.sizes, int(self.clock.now()))
            if not self.bodies:
                self._look(app, calls)
        at_floor = {name: [call.at_the_floor() for call in each] for name, each in calls.items()}
        floor_app = floor(self.bodies)
        for name, each in calls.items():
            with closing(self._opened()) as store:
                app = self._app(store)
                rate_in_process(app, each[:WARM_UP])
                ours = rate_in_process(app, each[WARM_UP:])
            rate_in_process(floor_app, at_floor[name][:WARM_UP])
            base = rate_in_process(floor_app, at_floor[name], self.plan.seconds)
            self.rounds[name, "in process"].append((ours, base))
        for name in PROXIED:
            with closing(self._opened()) as store:
                app = self._app(store)
                rates_both_ways(app, calls[name][:WARM_UP])
                by_proxy, direct = rates_both_ways(app, calls[name][WARM_UP:])
            self.proxied[name].append(by_proxy.a_second / direct.a_second)
        self._sockets(calls, at_floor)

    def _sockets(self, calls: dict[str, list[Call]], at_floor: dict[str, list[Call]]) -> None:
        log, bodies = self.directory / "server.log", self.directory / "bodies"
        bodies.mkdir(exist_ok=True)
        for name, body in self.bodies.items():
            (bodies / name).write_bytes(body)
        shutil.copy(self.template, self.copy)
        serve = ("-m", "simulator", "serve", "--database", str(self.copy), "--port", "PORT")
        fixed = ("-m", "tests.bench.floor", str(bodies), "PORT")
        with (
            running(log, "/control/health", *serve) as (port, took),
            running(log.with_suffix(".floor"), f"/{SEARCH}", *fixed) as (floor_port, _),
        ):
            self.startups.append(took)
            for name, each in calls.items():
                rate_over_socket(each[:WARM_UP], port, self.directory)
                ours = rate_over_socket(each[WARM_UP:], port, self.directory)
                rate_over_socket(at_floor[name][:WARM_UP], floor_port, self.directory)
                base = rate_over_socket(at_floor[name], floor_port, self.directory, self.plan.seconds)
                self.rounds[name, "socket"].append((ours, base))

    def _look(self, app: Starlette, calls: dict[str, list[Call]]) -> None:
        """Keep a body of the middle size for each kind of work, and count the slots of a search."""
        for name, each in calls.items():
            plain = [
                replace(call, headers=tuple(pair for pair in call.headers if pair[0] != "Accept-Encoding"))
                for call in each
                if call.work == name
            ]
            found = sorted(bodies_in_process(app, plain[:100]), key=len)
            self.bodies[name] = found[len(found) // 2]
            if name == SEARCH:
                self.slots_a_search = statistics.mean(body.count(b'"resourceType":"Slot"') for body in found)

    def _opened(self) -> Store:
        for left in self.directory.glob("practices.db*"):
            left.unlink()
        return Store(Path(shutil.copy(self.template, self.copy)))

    def _app(self, store: Store) -> Starlette:
        return create_app(replace(Settings(), database=self.copy), store, self.clock)

    def _practices(self, store: Store) -> Sequence[Practice]:
        with store.reading() as transaction:
            listed = list_practices(transaction, "http://127.0.0.1:8000")
        return read_practices(orjson.dumps(listed), "the database")

    def _seeding(self) -> tuple[Amount, Amount]:
        """Seed as often as there are rounds; return the speed and the size."""
        found: list[SeedSummary] = []
        for _ in range(self.plan.rounds):
            options = SeedOptions(self.clock.today(), practices=SEEDED_FOR_SPEED, force=True)
            found.append(seed(self.directory / "seeded.db", options))
        speed = statistics.median(each.slots / each.seconds for each in found)
        return (
            Amount("seeding", round(speed), SLOTS_A_SECOND, False, "slots/s"),
            Amount("database", round(found[0].size / found[0].slots), BYTES_A_SLOT, True, "bytes a slot"),
        )

    def _generator(self) -> Amount:
        """Measure the load generator; briefly where the run is only to see that it works."""
        if self.plan.rounds == 1:
            return generator_share(self.directory, seconds=2, rounds=1)
        return generator_share(self.directory)


def startup(seconds: Sequence[float]) -> Amount:
    """Return how long `gpsim serve` takes on an existing database until it answers."""
    return Amount("start-up", round(statistics.median(seconds), 2), STARTUP_SECONDS, True, "s")


def proxied(shares: Mapping[str, Sequence[float]]) -> list[Amount]:
    """Return how much of the direct rate is left of each kind of work through the Spine Secure Proxy."""
    return [
        Amount(f"{name} by proxy", round(statistics.median(each), 3), KEPT_BY_PROXY, False, "of direct")
        for name, each in shares.items()
    ]


def machine() -> str:
    """Return what this was measured on: processor, cores and versions."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model
        )
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {versions}"


def main() -> None:
    """Measure, print, and keep the run as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where the run is kept as JSON")
    parser.add_argument("--against", type=Path, help="an earlier run to compare with, if it is there")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="only see that it works: the numbers say nothing"
    )
    given = parser.parse_args()
    plan = Plan(given.rounds, FLOOR_SECONDS, 20, Sizes())
    if given.quick:
        plan = Plan(1, 0.01, 3, Sizes(searches=41, reads=40, bookings=30))
    earlier = given.against if given.against and given.against.exists() else None
    before = run_from_json(json.loads(earlier.read_text())) if earlier else None
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="gpsim-bench-") as directory:
        run = Bench(plan, Path(directory)).run()
    show(run, before)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(run.to_json(), indent=2) + "\n")
    print(f"kept in {given.out}; took {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()

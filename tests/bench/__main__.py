"""`make bench`: what the simulator does in relation to others on the same machine in the same minutes.

Rounds measure what is compared one straight after the other, so that what else the machine does falls on
both. What it measures is told in docs/performance.md; here is in which order.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from seed_data.seeding import SeedOptions, seed
from simulator.domain.clock import Clock
from tests.bench.against_floor import TRIED, AgainstFloor
from tests.bench.apart import apart
from tests.bench.cost_chart import draw
from tests.bench.country import BesideCountry
from tests.bench.databases import Database
from tests.bench.england import Country, country
from tests.bench.load_generator import generator_shares
from tests.bench.machine import machine
from tests.bench.neighbour import beside_a_busy_core
from tests.bench.prism import Prism
from tests.bench.rates import CannotMeasure
from tests.bench.results import Findings, Run, Unmeasured, run_from_json
from tests.bench.search_cost import Extent, search_cost
from tests.bench.seeding import seeding
from tests.bench.table import show
from tests.bench.two_writers import two_writers
from tests.bench.workloads import Sizes

KEPT_COUNTRY = Path("reports/england.db")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds, seconds of each measurement, practices, how far the curves reach."""

    rounds: int
    seconds: float = 0.5
    practices: int = 20
    writing_seconds: float = 10.0
    extent: Extent = field(default_factory=Extent)
    is_quick: bool = False


QUICK = Plan(1, 0.01, 3, 1.0, Extent(unseen=(0, 1000), sweeps=2), is_quick=True)


class Bench:
    """One run, in a directory of its own."""

    def __init__(self, plan: Plan, england: Path | None, directory: Path) -> None:
        self.plan, self.england, self.directory = plan, england, directory
        self.today = Clock.on(None).today()
        template = directory / "template.db"
        seed(template, SeedOptions(self.today, practices=plan.practices))
        self.database = Database(template, directory / "practices.db")
        self.found = Findings()

    def run(self) -> Run:
        """Measure everything."""
        plan = self.plan
        with _said("the machine itself"):
            self.found += Findings(amounts=(apart(beside_a_busy_core, plan.rounds),))
        made = self._country()
        beside_floor = AgainstFloor(self.database, self.directory, plan.seconds, self._prism())
        sizes = TRIED if plan.is_quick else beside_floor.sizes(plan.seconds)
        for number in range(plan.rounds):
            with _said(f"beside the floor, round {number + 1} of {plan.rounds}"):
                beside_floor.round(sizes)
        self.found += beside_floor.findings()
        if made:
            self._beside_country(made, sizes)
        with _said("two writers"):
            self.found += two_writers(self.database, self.directory, plan.writing_seconds)
        with _said("the cost of a search"):
            self.found += apart(search_cost, self.database, plan.extent)
        with _said("seeding"):
            self.found += apart(seeding, self.directory, self.today, plan.rounds)
        with _said("the load generator"):
            length = (2, 1) if plan.is_quick else ()
            self.found += Findings(amounts=tuple(generator_shares(self.directory, self.today, *length)))
        return Run(self.today.isoformat(), machine(), plan.rounds, self.found)

    def _prism(self) -> Prism | None:
        try:
            if self.plan.is_quick:
                raise CannotMeasure("the run was a quick one")
            with _said("fetching Prism, where it is not here yet"):
                return Prism(self.directory)
        except CannotMeasure as reason:
            self.found += Findings(unmeasured=(Unmeasured("beside Prism", str(reason)),))
            return None

    def _country(self) -> Country | None:
        if self.plan.is_quick:
            # A very small country will do to see that it works.
            path = self.directory / "stand-in.db"
            seed(path, SeedOptions(self.today, practices=12, patients=20, days=21))
            return Country(path, None)
        try:
            return country(self.england, KEPT_COUNTRY)
        except CannotMeasure as reason:
            self.found += Findings(unmeasured=(Unmeasured("beside a country", str(reason)),))
            return None

    def _beside_country(self, made: Country, sizes: Sizes) -> None:
        with _said("five practices like the country's"):
            beside = BesideCountry(made, self.directory, sizes, *((1,) if self.plan.is_quick else ()))
        for number in range(self.plan.rounds):
            with _said(f"beside a country, round {number + 1} of {self.plan.rounds}"):
                beside.round()
        self.found += beside.findings() + made.findings()


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Say what is being measured, and how long it took."""
    print(f"{what} ...", end="", flush=True)
    began = time.perf_counter()
    yield
    print(f" {time.perf_counter() - began:.0f} s", flush=True)


def main() -> None:
    """Measure, print, and keep the run as JSON, its pictures beside it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where the run is kept as JSON")
    parser.add_argument("--against", type=Path, help="an earlier run to compare with, if it is there")
    parser.add_argument(
        "--england", type=Path, help=f"the country's database; else {KEPT_COUNTRY}, made once"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="only see that it works: the numbers say nothing"
    )
    given = parser.parse_args()
    plan = QUICK if given.quick else Plan(given.rounds)
    earlier = given.against if given.against and given.against.exists() else None
    before = run_from_json(json.loads(earlier.read_text())) if earlier else None
    began = time.perf_counter()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    # Beside what is kept, because the memory that some systems have for /tmp is too small for a country.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.out.parent) as directory:
        run = Bench(plan, given.england, Path(directory)).run()
    given.out.write_text(json.dumps(run.to_json(), indent=2) + "\n")
    pictures = ", ".join(map(str, draw(run, given.out.parent)))
    print(f"kept in {given.out}, {pictures}; took {time.perf_counter() - began:.0f} s")
    show(run, before)


if __name__ == "__main__":
    main()

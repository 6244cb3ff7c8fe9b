"""The evidence of one run: its ledgers, and what `gpload` noted beside them.

One run may lie in several directories; their run id tells which belong together.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from loadtest.ledger import Ledger, LedgerError, LedgerHeader, read_ledger
from loadtest.plans.plan import Plan, plan_from_json
from loadtest.running.contest import Contests, contests_of
from loadtest.running.generator import end_marks
from loadtest.running.order import WorkOrder, read_order
from loadtest.running.run_record import RUN_FILE
from loadtest.torture.events import Event, read_events

MOST_CLOCKS_APART_MS = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one run left. `record` is its run.json (empty without), `marks` the generators' end marks."""

    directories: tuple[Path, ...]
    ledger: Ledger
    record: dict[str, Any]
    marks: dict[str, dict[str, Any]]
    orders: tuple[WorkOrder, ...]

    @property
    def run(self) -> str:
        """The run's id."""
        headers = self.ledger.headers
        return headers[0].run if headers else str(self.record.get("run", self.directories[0].name))

    @property
    def shared(self) -> bool:
        """Whether others may have written: said to, or clients of the run whose record is not whole."""
        said = bool(self.record.get("options", {}).get("shared"))
        whole = self.record.get("read_back") == "complete" and not self.record.get("cut_short")
        gaps = self.unmarked or self.missing_processes or self.ledger.torn
        return said or not whole or bool(gaps)

    @property
    def outage_expected(self) -> bool:
        """Whether the provider was to be stopped or killed during the run: then integrity alone is judged."""
        return bool(self.record.get("options", {}).get("expect_outage"))

    @property
    def unmarked(self) -> tuple[str, ...]:
        """Ledger files of processes that did not come to their end.

        Where the run was ended early, a process that had only begun its ledger has nothing to miss.
        """
        expected = self.marks.keys() | {self.record.get("survey_ledger")}
        late = (path for path in self.ledger.paths if path.name not in expected)
        return tuple(path.name for path in late if not (self.record.get("interrupted") and _only_begun(path)))

    @property
    def plan(self) -> Plan | None:
        """The plan of the run, as it was recorded."""
        given = self.record.get("plan")
        return None if given is None else plan_from_json(given)

    @property
    def begins(self) -> dict[str, int]:
        """When each phase began (ns of the reference clock), by its name."""
        return {header.phase: header.begins_ns for header in self.ledger.headers if header.phase}

    @property
    def arrivals(self) -> tuple[int, int]:
        """How many arrivals were due in open phases, and how many of them missed for want of a client."""
        due, missed = (
            sum(mark.get(key) or 0 for mark in self.marks.values())
            for key in ("arrivals_due", "arrivals_missed")
        )
        return due, missed

    @property
    def missing_processes(self) -> dict[str, int]:
        """How many processes of each phase left no ledger here: those of a machine that was not named."""
        present = Counter(header.phase for header in self.ledger.headers)
        return {
            part["scenario"]: missing
            for part in self.record.get("parts", ())
            if (missing := part.get("processes", 0) - present[part["scenario"]]) > 0
        }

    def torture_events(self) -> Iterator[Event]:
        """What `gpload torture` did to the provider meanwhile; nothing in any other run."""
        return itertools.chain.from_iterable(map(read_events, self.directories))

    def contests(self) -> Contests | None:
        """A counter for the run's rounds on hot slots, if it had any."""
        begins = self.begins
        phases = [
            (begins[order.phase.name], order.rounds)
            for order in self.orders
            if order.rounds and order.phase.name in begins
        ]
        return contests_of(phases) if phases else None


def read_evidence(directories: Iterable[Path]) -> Iterator[Evidence]:
    """The runs in these directories, in the order met. Raises LedgerError where a directory holds none."""
    together: dict[str, list[Path]] = {}
    for directory in directories:
        together.setdefault(_run_of(directory), []).append(directory)
    for paths in together.values():
        yield _evidence(tuple(paths))


def _only_begun(ledger: Path) -> bool:
    with ledger.open("rb") as lines:
        return len(list(itertools.islice(lines, 2))) < 2


def _run_of(directory: Path) -> str:
    headers: tuple[LedgerHeader, ...] = read_ledger(directory).headers
    return headers[0].run if headers else str(directory)


def _evidence(directories: tuple[Path, ...]) -> Evidence:
    record: dict[str, Any] = {}
    marks: dict[str, dict[str, Any]] = {}
    orders: dict[int, WorkOrder] = {}
    for directory in directories:
        file = directory / RUN_FILE
        if file.exists():
            record = orjson.loads(file.read_bytes())
        marks |= end_marks(directory)
        for path in sorted(directory.glob("order-*.json")):
            order = read_order(path)
            orders[order.order] = order
    ledger = read_ledger(*directories)
    _refuse_several_clocks(ledger)
    return Evidence(directories, ledger, record, marks, tuple(orders[number] for number in sorted(orders)))


def _refuse_several_clocks(ledger: Ledger) -> None:
    """Times of processes that were not related to one clock say nothing together."""
    related = [header for header in ledger.headers if not header.clock_uncertainty_ns]
    hosts = sorted({header.host for header in related})
    if len(hosts) > 1:
        raise LedgerError(
            f"run {ledger.headers[0].run} was recorded on {' and '.join(hosts)} with clocks unrelated:"
            " judge the directories of each machine apart"
        )
    offsets = [header.wall_ns - header.monotonic_ns for header in related]
    apart = (max(offsets) - min(offsets)) / 1e6 if offsets else 0.0
    if apart > MOST_CLOCKS_APART_MS:
        raise LedgerError(
            f"run {ledger.headers[0].run}: the clocks of its processes are {apart:.0f} ms apart (at most"
            f" {MOST_CLOCKS_APART_MS} ms): recorded on several machines, or the clock was set meanwhile"
        )

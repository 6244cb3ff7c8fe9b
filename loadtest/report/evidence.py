"""The evidence of one run: its ledgers, what `gpload` noted beside them, and a tally of what was done.

One run may lie in several directories, one per machine; their run id tells which belong together.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from loadtest.contest import Contests, contests_of
from loadtest.generator import end_marks
from loadtest.ledger import FIRST_LOOK, READ_BACK, Ledger, LedgerHeader, Operation, read_ledger
from loadtest.order import Round, read_order
from loadtest.run import RUN_FILE
from loadtest.survey import PLANNING

NOT_LOAD = frozenset({FIRST_LOOK, READ_BACK, PLANNING})


@dataclass(slots=True)
class Tally:
    """Counts over a history. Everything but `free_slots_left` is of the load alone.

    `refusals` counts definite refusals by status and Spine code, lost races aside; `errors` the rest by
    status or connection error; `free_slots_left` holds the slots that the read back showed free, by practice.
    """

    operations: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    booked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    searches: int = 0
    empty_searches: int = 0
    cancelled: int = 0
    free_slots_left: dict[str, set[str]] = field(default_factory=dict)
    _spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    _met_in: dict[str, set[str]] = field(default_factory=dict)

    def record(self, operation: Operation) -> None:
        """Add one operation."""
        if operation.phase in NOT_LOAD:
            if operation.phase == READ_BACK and operation.interaction == "search_for_free_slots":
                self.free_slots_left.setdefault(operation.practice, set()).update(operation.seen)
            return
        phase = operation.phase
        first, last = self._spans.get(phase, (operation.start, operation.end))
        self._spans[phase] = min(first, operation.start), max(last, operation.end)
        self._met_in.setdefault(operation.interaction, set()).add(phase)
        self.operations[phase] += 1
        outcome = "lost race" if operation.lost_race else operation.outcome
        self.outcomes[outcome] += 1
        if outcome in ("ok", "lost race"):
            self.answered[phase] += 1
        else:
            counter = self.refusals if outcome == "refused" else self.errors
            counter[answer_of(operation)] += 1
        if operation.outcome == "ok":
            self._succeeded(operation)

    def seconds(self, interaction: str | None = None) -> float:
        """How long the scenarios that used the interaction (or all) lasted, without the gaps between."""
        phases = self._spans if interaction is None else self._met_in.get(interaction, ())
        return sum(self._spans[phase][1] - self._spans[phase][0] for phase in phases) / 1e9

    def per_second(self, count: int, interaction: str | None = None) -> float:
        """`count` as a rate over `seconds`."""
        seconds = self.seconds(interaction)
        return count / seconds if seconds else 0.0

    def _succeeded(self, operation: Operation) -> None:
        if operation.interaction == "search_for_free_slots":
            self.searches += 1
            self.empty_searches += not operation.seen
        self.booked[operation.phase] += operation.interaction == "book_appointment"
        self.cancelled += operation.interaction == "cancel_appointment"


def answer_of(operation: Operation) -> str:
    """How an operation that was not answered as asked is counted: `422 INVALID_RESOURCE`, `timeout`."""
    if operation.error is not None:
        return operation.error
    return " ".join(filter(None, (str(operation.status), operation.code)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one run left. `record` is its run.json (empty without), `marks` the generators' end marks."""

    directories: tuple[Path, ...]
    ledger: Ledger
    record: dict[str, Any]
    marks: dict[str, dict[str, Any]]
    rounds: tuple[Round, ...]

    @property
    def run(self) -> str:
        """The run's id."""
        headers = self.ledger.headers
        return headers[0].run if headers else str(self.record.get("run", self.directories[0].name))

    @property
    def unmarked(self) -> tuple[str, ...]:
        """Ledger files of processes that did not come to their end.

        Where the run was ended early, a process that had only begun its ledger has nothing to miss.
        """
        expected = self.marks.keys() | {self.record.get("survey_ledger")}
        late = (path for path in self.ledger.paths if path.name not in expected)
        return tuple(path.name for path in late if not (self.record.get("interrupted") and _only_begun(path)))

    def contests(self) -> Contests | None:
        """A counter for the run's rounds on hot slots, if it had any."""
        if not self.rounds or not self.ledger.headers:
            return None
        header = self.ledger.headers[0]
        return contests_of(self.rounds, header.wall_ns - header.monotonic_ns)


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
    rounds: list[Round] = []
    for directory in directories:
        file = directory / RUN_FILE
        if file.exists():
            record = orjson.loads(file.read_bytes())
        marks |= end_marks(directory)
        for order in sorted(directory.glob("order-*.json")):
            rounds += read_order(order).rounds
    return Evidence(directories, read_ledger(*directories), record, marks, tuple(dict.fromkeys(rounds)))

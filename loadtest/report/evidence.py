"""The evidence of one run: its ledgers, and what `gpload` noted beside them.

One run may lie in several directories; their run id tells which belong together.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from loadtest.contest import Contests, contests_of
from loadtest.generator import end_marks
from loadtest.ledger import Ledger, LedgerError, LedgerHeader, read_ledger
from loadtest.order import Round, read_order
from loadtest.run import RUN_FILE

MOST_CLOCKS_APART_MS = 10


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
    def shared(self) -> bool:
        """Whether the run was said to share the provider with other writers."""
        return bool(self.record.get("options", {}).get("shared"))

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
    ledger = read_ledger(*directories)
    _refuse_several_clocks(ledger)
    return Evidence(directories, ledger, record, marks, tuple(dict.fromkeys(rounds)))


def _refuse_several_clocks(ledger: Ledger) -> None:
    """A monotonic clock counts from its machine's start: the times of two machines say nothing together."""
    hosts = sorted({header.host for header in ledger.headers})
    if len(hosts) > 1:
        raise LedgerError(
            f"run {ledger.headers[0].run} was recorded on {' and '.join(hosts)}: their clocks cannot be"
            " compared, so judge the directories of each machine apart"
        )
    offsets = [header.wall_ns - header.monotonic_ns for header in ledger.headers]
    apart = (max(offsets) - min(offsets)) / 1e6 if offsets else 0.0
    if apart > MOST_CLOCKS_APART_MS:
        raise LedgerError(
            f"run {ledger.headers[0].run}: the clocks of its processes are {apart:.0f} ms apart (at most"
            f" {MOST_CLOCKS_APART_MS} ms): recorded on several machines, or the clock was set meanwhile"
        )

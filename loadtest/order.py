"""The work order: what every generator process of one scenario reads before it starts.

`gpload` writes it once, as JSON, so that processes (and later machines) agree on practices, days and the
instants at which a hot slot is contested.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson

from loadtest.appointments import Offer
from loadtest.practices import Practice, read_practices, to_json

LONGEST_WINDOW = timedelta(days=14)
_SHORTEST_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Diary:
    """The days a run works on, both included."""

    first: date
    last: date

    def windows(self) -> Iterator[tuple[date, date]]:
        """The days in stretches that one search may cover (14 days), without overlap."""
        start = self.first
        while start <= self.last:
            end = min(start + LONGEST_WINDOW - timedelta(days=1), self.last)
            yield start, end
            start = end + timedelta(days=1)

    def some_window(self, random: Random) -> tuple[date, date]:
        """A stretch of one to two weeks somewhere in the diary; all of it when it is shorter than that."""
        length = timedelta(days=random.randint(_SHORTEST_WINDOW.days, LONGEST_WINDOW.days))
        spare = max(0, (self.last - self.first - length).days)
        start = self.first + timedelta(days=random.randint(0, spare))
        return start, min(start + length, self.last)


@dataclass(frozen=True, slots=True)
class Round:
    """One contest: at `at` (wall clock, Unix ns) every client of every process books this offer."""

    at: int
    practice: str
    offer: Offer


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One scenario's work. `patients` maps ODS code to NHS number to logical id; `think` is in seconds.

    `directory` is the report directory; `order` counts the scenarios of one run from 0; `processes` are
    those of the generator that have clients.
    """

    run: str
    scenario: str
    order: int
    seed: int
    directory: str
    target: str | None
    proxy: str | None
    diary: Diary
    practices: tuple[Practice, ...]
    patients: Mapping[str, Mapping[str, str]]
    think: float
    processes: int = 1
    rounds: tuple[Round, ...] = ()

    def write(self) -> Path:
        """Write it into the report directory; returns the file."""
        path = Path(self.directory) / f"order-{self.order}-{self.scenario}.json"
        content = asdict(self) | {"practices": [to_json(practice) for practice in self.practices]}
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
        return path


def read_order(path: Path) -> WorkOrder:
    """The work order in a file that `WorkOrder.write` wrote."""
    content: dict[str, Any] = orjson.loads(path.read_bytes())
    diary = content.pop("diary")
    rounds = content.pop("rounds")
    practices = read_practices(orjson.dumps(content.pop("practices")), str(path))
    return WorkOrder(
        **content,
        diary=Diary(date.fromisoformat(diary["first"]), date.fromisoformat(diary["last"])),
        practices=practices,
        rounds=tuple(Round(entry["at"], entry["practice"], Offer(**entry["offer"])) for entry in rounds),
    )

"""The work order: what every generator process of one phase is given before it starts.

`gpload` writes it once, as JSON, so that processes and machines agree on practices, days, arrivals and the
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
from loadtest.arrivals import RateCurve
from loadtest.plans.plan import Phase
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

    def some_days(self, random: Random, days: int) -> tuple[date, date]:
        """So many days in a row, somewhere in the diary; all of it when it is shorter than that."""
        spare = max(0, (self.last - self.first).days - days + 1)
        start = self.first + timedelta(days=random.randint(0, spare))
        return start, min(start + timedelta(days=days - 1), self.last)


@dataclass(frozen=True, slots=True)
class Round:
    """One contest: `at` ns after the phase began, every client of every process books this offer."""

    at: int
    practice: str
    offer: Offer


@dataclass(frozen=True, slots=True)
class Contested:
    """A slot that clients book and cancel again and again."""

    practice: str
    offer: Offer


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One phase's work. `patients` maps ODS code to NHS number to logical id; `order` counts phases from 0.

    `processes` are those of the generator that have clients. Every process gets it as its master sends it:
    no file is shared with other machines.
    """

    run: str
    plan: str
    phase: Phase
    order: int
    seed: int
    target: str | None
    proxy: str | None
    diary: Diary
    practices: tuple[Practice, ...]
    patients: Mapping[str, Mapping[str, str]]
    processes: int = 1
    last: bool = True
    rounds: tuple[Round, ...] = ()
    contested: tuple[Contested, ...] = ()

    def to_text(self) -> str:
        """The order as JSON."""
        content = asdict(self) | {"practices": [to_json(practice) for practice in self.practices]}
        return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()

    def write(self, directory: Path) -> Path:
        """Write it into the report directory; returns the file."""
        path = directory / f"order-{self.order}-{self.phase.name}.json"
        path.write_text(self.to_text(), encoding="utf-8")
        return path


def order_from(text: str | bytes, source: str) -> WorkOrder:
    """The work order that `WorkOrder.to_text` wrote; `source` begins the message of any error."""
    content: dict[str, Any] = orjson.loads(text)
    diary = content.pop("diary")
    phase = content.pop("phase")
    curve = phase.pop("rate")
    practices = read_practices(orjson.dumps(content.pop("practices")), source)
    return WorkOrder(
        **content
        | {
            "phase": Phase(**phase, rate=curve and RateCurve(tuple(map(tuple, curve["points"])))),
            "diary": Diary(date.fromisoformat(diary["first"]), date.fromisoformat(diary["last"])),
            "practices": practices,
            "rounds": tuple(Round(**each | {"offer": Offer(**each["offer"])}) for each in content["rounds"]),
            "contested": tuple(
                Contested(**each | {"offer": Offer(**each["offer"])}) for each in content["contested"]
            ),
        }
    )


def read_order(path: Path) -> WorkOrder:
    """The work order in a file."""
    return order_from(path.read_bytes(), str(path))

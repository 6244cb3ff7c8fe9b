"""Rates, ratios and targets: what a benchmark says."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

SEARCH = "search_for_free_slots"
READ = "read_appointment"
BOOK = "book_appointment"
SEARCH_GZIPPED = "search_for_free_slots_gzipped"

TARGETS = {SEARCH: 0.40, READ: 0.50, BOOK: 0.25, SEARCH_GZIPPED: 0.50}
"""How much of the floor's rate each kind of work should have, at least."""

PROXIED = (SEARCH, READ, BOOK)
KEPT_BY_PROXY = 0.75
"""How much of the direct rate should be left, in process, of a request through the Spine Secure Proxy."""

SLOTS_A_SECOND = 200_000
BYTES_A_SLOT = 200
STARTUP_SECONDS = 1.0
GENERATOR_SHARE = 0.60


class Unexpected(Exception):
    """An answer that makes a measurement worthless."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: float

    @property
    def a_second(self) -> float:
        """Return requests a second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Ratio:
    """One kind of work measured one way, over several rounds: rates are medians, so is the ratio.

    Each round measures both, one straight after the other; `lowest` and `highest` are its ratios' ends.
    """

    work: str
    way: str
    ours: float
    floor: float
    ratio: float
    lowest: float
    highest: float
    bytes: int

    @property
    def target(self) -> float:
        """Return the least that is wanted."""
        return TARGETS[self.work]


def ratio_of(work: str, way: str, rounds: Sequence[tuple[Rate, Rate]], size: int) -> Ratio:
    """Return what rounds of (ours, floor) come to."""
    ratios = [ours.a_second / floor.a_second for ours, floor in rounds]
    return Ratio(
        work,
        way,
        round(median(ours.a_second for ours, _ in rounds)),
        round(median(floor.a_second for _, floor in rounds)),
        round(median(ratios), 3),
        round(min(ratios), 3),
        round(max(ratios), 3),
        size,
    )


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of another kind, with the target it is held against, `most` or else `least`."""

    name: str
    value: float
    target: float
    most: bool
    unit: str

    @property
    def is_met(self) -> bool:
        """Tell whether the target is reached."""
        return self.value <= self.target if self.most else self.value >= self.target


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmark: on what, when, how many rounds, and what came out."""

    day: str
    machine: str
    rounds: int
    slots_a_search: float
    ratios: tuple[Ratio, ...]
    amounts: tuple[Amount, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the run as JSON has it."""
        return asdict(self)


def run_from_json(found: dict[str, Any]) -> Run:
    """Return a run that was kept as JSON."""
    ratios = tuple(Ratio(**each) for each in found["ratios"])
    amounts = tuple(Amount(**each) for each in found["amounts"])
    return Run(**{**found, "ratios": ratios, "amounts": amounts})

"""What a benchmark says: ratios, costs, amounts and curves, each held against its target if it has one."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Protocol

from tests.bench.rates import Rate

FLOOR = "the floor"
PRISM = "Prism"


def number(value: float) -> str:
    """Return a number as people read it: three digits that count, or all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Measured(Protocol):
    """One number with the name that it is found again by in another run."""

    @property
    def name(self) -> str:
        """Return what it is a number of."""

    @property
    def measured(self) -> float:
        """Return the number."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The rate of one kind of work as a share of another rate, over several rounds: all are medians.

    Each round measures both, one straight after the other; `lowest` and `highest` are its ratios' ends.
    `beside` names the other, `note` says what else there is to know, `target` is the least that is wanted.
    """

    work: str
    beside: str
    ours: float
    other: float
    ratio: float
    lowest: float
    highest: float
    target: float | None
    note: str = ""

    @property
    def name(self) -> str:
        """Return what is compared with what."""
        return f"{self.work} beside {self.beside}"

    @property
    def measured(self) -> float:
        """Return the number that is compared with another run's."""
        return self.ratio

    @property
    def missed(self) -> str:
        """Say by how much the target is missed; empty where it is met, or there is none."""
        if self.target is None or self.ratio >= self.target:
            return ""
        return f"{self.target - self.ratio:.3f}"


def ratio_of(
    work: str, beside: str, rounds: Sequence[tuple[Rate, Rate]], target: float | None, note: str = ""
) -> Ratio:
    """Return what rounds of (ours, the other) come to."""
    ratios = [ours.a_second / other.a_second for ours, other in rounds]
    return Ratio(
        work,
        beside,
        round(median(ours.a_second for ours, _ in rounds)),
        round(median(other.a_second for _, other in rounds)),
        round(median(ratios), 3),
        round(min(ratios), 3),
        round(max(ratios), 3),
        target,
        note,
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """How long one request takes in process, in microseconds: the median of the rounds, and their ends."""

    work: str
    microseconds: float
    lowest: float
    highest: float

    @property
    def name(self) -> str:
        """Return what costs so much."""
        return self.work

    @property
    def measured(self) -> float:
        """Return the number that is compared with another run's."""
        return self.microseconds


def cost_of(work: str, rounds: Sequence[Rate]) -> Cost:
    """Return what the rounds of one kind of work come to."""
    each = [rate.microseconds for rate in rounds]
    return Cost(work, round(median(each)), round(min(each)), round(max(each)))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of another kind: what it is about, and what of that it is.

    Its `target` is the most where `most`, else the least, that is wanted.
    """

    about: str
    what: str
    value: float
    unit: str
    target: float | None = None
    most: bool = True
    note: str = ""

    @property
    def name(self) -> str:
        """Return what it is a number of."""
        return f"{self.about}, {self.what}"

    @property
    def measured(self) -> float:
        """Return the number that is compared with another run's."""
        return self.value

    @property
    def missed(self) -> str:
        """Say by how much the target is missed; empty where it is met, or there is none."""
        if self.target is None or (self.value <= self.target if self.most else self.value >= self.target):
            return ""
        return number(abs(self.value - self.target))


@dataclass(frozen=True, slots=True)
class Curve:
    """How a search's cost grows: points of (slots, microseconds), by rising number of slots."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """What could not be measured, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What one part of the benchmark found."""

    ratios: tuple[Ratio, ...] = ()
    costs: tuple[Cost, ...] = ()
    amounts: tuple[Amount, ...] = ()
    curves: tuple[Curve, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()

    def __add__(self, other: "Findings") -> "Findings":
        return Findings(
            self.ratios + other.ratios,
            self.costs + other.costs,
            self.amounts + other.amounts,
            self.curves + other.curves,
            self.unmeasured + other.unmeasured,
        )

    @property
    def missed(self) -> Iterator[str]:
        """Say which targets are missed, and by how much."""
        held: tuple[Ratio | Amount, ...] = (*self.ratios, *self.amounts)
        for each in held:
            if each.missed:
                yield f"{each.name} by {each.missed}"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmark: when, on what, how many rounds, and what came out."""

    day: str
    machine: str
    rounds: int
    found: Findings

    def to_json(self) -> dict[str, Any]:
        """Return the run as JSON has it."""
        return asdict(self)


def run_from_json(kept: dict[str, Any]) -> Run:
    """Return a run that was kept as JSON."""
    found = kept["found"]
    return Run(
        kept["day"],
        kept["machine"],
        kept["rounds"],
        Findings(
            tuple(Ratio(**each) for each in found["ratios"]),
            tuple(Cost(**each) for each in found["costs"]),
            tuple(Amount(**each) for each in found["amounts"]),
            tuple(Curve(each["name"], tuple((x, y) for x, y in each["points"])) for each in found["curves"]),
            tuple(Unmeasured(**each) for each in found["unmeasured"]),
        ),
    )

"""What a load did and how long it took, by interaction: counts, rates, and latency on HdrHistograms.

A lost race is answered sooner than a booking is made, and contention is arranged on purpose: so definite
refusals, lost races above all, have a distribution of their own and never make bookings look fast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # the package ships no types

from loadtest.interactions import INTERACTIONS, Kind
from loadtest.ledger import NOT_LOAD, Operation

Basis = Literal["service time", "response time"]

LOWEST_US = 1
HIGHEST_US = 120_000_000
SIGNIFICANT_FIGURES = 3


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of one distribution, in milliseconds, to three significant figures."""

    p50: float
    p90: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class InteractionSummary:
    """One interaction's figures: `per_second` over the scenarios that used it, latencies in ms.

    `lost_races` are bookings answered 409 DUPLICATE_REJECTED: correct, so neither `ok` nor errors.
    `refused` are the other definite refusals and `unknown` the timeouts, resets and 5xx; both are errors.
    `service` is of what was granted or had no definite answer, `turned_down` of lost races and refusals.
    `response` is `service` timed from the intended start. Each is None where there was nothing to time.
    """

    interaction: str
    kind: Kind
    count: int
    ok: int
    lost_races: int
    refused: int
    unknown: int
    per_second: float
    service: Latency | None
    turned_down: Latency | None
    response: Latency | None

    @property
    def errors(self) -> int:
        """How many were neither answered as asked nor a lost race."""
        return self.refused + self.unknown


class _Record:
    """One interaction's histograms, counts and scenarios."""

    def __init__(self) -> None:
        self.service = _histogram()
        self.turned_down = _histogram()
        self.response = _histogram()
        self.outcomes: Counter[str] = Counter()
        self.phases: set[str] = set()

    def add(self, operation: Operation) -> None:
        self.phases.add(operation.phase)
        self.outcomes["lost race" if operation.lost_race else operation.outcome] += 1
        took = operation.end - operation.start
        if operation.outcome == "refused":
            _time(self.turned_down, took)
            return
        _time(self.service, took)
        if operation.intended is not None:
            _time(self.response, operation.end - operation.intended)


class Measurements:
    """Latency by interaction, on HdrHistograms of microseconds (1 us to 120 s, 3 significant figures).

    A request without a definite answer counts with the time it took, so that a timeout weighs what it cost;
    the first look, planning and the read back are not load and are left out.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._spans: dict[str, tuple[int, int]] = {}

    def record(self, operation: Operation) -> None:
        """Add one operation. Raises KeyError for an interaction that GP Connect 1.2.7 does not have."""
        phase = operation.phase
        if phase in NOT_LOAD:
            return
        record = self._records.get(operation.interaction)
        if record is None:
            INTERACTIONS[operation.interaction]
            record = self._records[operation.interaction] = _Record()
        record.add(operation)
        first, last = self._spans.get(phase, (operation.start, operation.end))
        self._spans[phase] = min(first, operation.start), max(last, operation.end)

    def total(self, *outcomes: str) -> int:
        """How many ended as one of `outcomes` (`ok`, `lost race`, `refused`, `unknown`); all without any."""
        counts = [record.outcomes for record in self._records.values()]
        return sum(sum(each[name] for name in outcomes) if outcomes else each.total() for each in counts)

    def seconds(self, interaction: str | None = None) -> float:
        """How long the scenarios that used the interaction (or all) lasted, without the gaps between."""
        record = None if interaction is None else self._records.get(interaction)
        phases = self._spans if interaction is None else record.phases if record is not None else ()
        return sum(self._spans[phase][1] - self._spans[phase][0] for phase in phases) / 1e9

    def per_second(self, count: int, interaction: str | None = None) -> float:
        """`count` as a rate over `seconds`."""
        seconds = self.seconds(interaction)
        return count / seconds if seconds else 0.0

    def histogram(self, interaction: str, basis: Basis = "service time") -> Any:
        """Return the HdrHistogram of an interaction that was measured; KeyError otherwise."""
        record = self._records[interaction]
        return record.service if basis == "service time" else record.response

    def summaries(self) -> tuple[InteractionSummary, ...]:
        """Return the figures of every interaction measured, in the specification's order."""
        return tuple(self._summary(name) for name in INTERACTIONS if name in self._records)

    def _summary(self, name: str) -> InteractionSummary:
        record = self._records[name]
        count = record.outcomes.total()
        return InteractionSummary(
            interaction=name,
            kind=INTERACTIONS[name].kind,
            count=count,
            ok=record.outcomes["ok"],
            lost_races=record.outcomes["lost race"],
            refused=record.outcomes["refused"],
            unknown=record.outcomes["unknown"],
            per_second=self.per_second(count, name),
            service=_latency(record.service),
            turned_down=_latency(record.turned_down),
            response=_latency(record.response),
        )


def measure(operations: Iterable[Operation]) -> Measurements:
    """Return the measurements of a whole history."""
    measurements = Measurements()
    for operation in operations:
        measurements.record(operation)
    return measurements


def percentile_ms(histogram: Any, percentile: float) -> float:
    """A percentile of a histogram of `Measurements`, in milliseconds."""
    # The histogram answers with the top of the value's bucket, which may lie above the greatest recorded.
    microseconds = min(histogram.get_value_at_percentile(percentile), histogram.get_max_value())
    return float(microseconds) / 1000


def _histogram() -> Any:
    return HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_FIGURES)


def _time(histogram: Any, nanoseconds: int) -> None:
    histogram.record_value(min(max(nanoseconds // 1000, LOWEST_US), HIGHEST_US))


def _latency(histogram: Any) -> Latency | None:
    if not histogram.get_total_count():
        return None
    return Latency(*(percentile_ms(histogram, each) for each in (50.0, 90.0, 95.0, 99.0, 100.0)))

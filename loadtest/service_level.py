"""Latency by interaction against the specification's thresholds, and availability against the silver level.

Thresholds: GP Connect 1.2.7, page Volumetric and performance. The specification names no percentile: here
SHALL is judged at p99 and decides, SHOULD at p95 and warns. The silver level is hours and availability and
says nothing of response times, so the two are judged apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # the package ships no types

from loadtest.ledger import NOT_LOAD, Operation

Kind = Literal["command", "query"]
Level = Literal["SHALL", "SHOULD"]
Basis = Literal["service time", "response time"]

INTERACTION_KINDS: Mapping[str, Kind] = {
    "read_metadata": "query",
    "find_patient": "query",
    "read_patient": "query",
    "register_patient": "command",
    "find_practitioner": "query",
    "read_practitioner": "query",
    "find_organization": "query",
    "read_organization": "query",
    "read_location": "query",
    "search_for_free_slots": "query",
    "retrieve_patient_appointments": "query",
    "book_appointment": "command",
    "read_appointment": "query",
    "amend_appointment": "command",
    "cancel_appointment": "command",
}

LOWEST_US = 1
HIGHEST_US = 120_000_000
SIGNIFICANT_FIGURES = 3


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit on one class of interaction: the percentile's latency must stay below `limit_ms`."""

    kind: Kind
    level: Level
    percentile: float
    limit_ms: float


THRESHOLDS = (
    Threshold("command", "SHALL", 99.0, 250.0),
    Threshold("command", "SHOULD", 95.0, 100.0),
    Threshold("query", "SHALL", 99.0, 3000.0),
    Threshold("query", "SHOULD", 95.0, 1000.0),
)


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A published operational level: its name, its hours, and the availability promised, in per cent."""

    name: str
    operational_hours: str
    supported_hours: str
    availability_percent: float


SILVER = ServiceLevel(
    name="silver",
    operational_hours="24 hours a day, 365 days a year",
    supported_hours="8am to 6pm, Monday to Friday excluding bank holidays",
    availability_percent=99.50,
)


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
    """One interaction's figures: `throughput` per second over the whole run, latencies in ms.

    `lost_races` are bookings answered 409 DUPLICATE_REJECTED: correct, so neither `ok` nor errors.
    `refused` are the other definite refusals and `unknown` the timeouts, resets and 5xx; both are errors.
    `response` is timed from the intended start, and None where no start was intended.
    """

    interaction: str
    kind: Kind
    count: int
    ok: int
    lost_races: int
    refused: int
    unknown: int
    throughput: float
    service: Latency
    response: Latency | None

    @property
    def errors(self) -> int:
        """How many were neither answered as asked nor a lost race."""
        return self.refused + self.unknown


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """One threshold held against one interaction."""

    interaction: str
    threshold: Threshold
    basis: Basis
    observed_ms: float
    met: bool


@dataclass(frozen=True, slots=True)
class LatencyVerdict:
    """Every threshold that applied."""

    results: tuple[ThresholdResult, ...]

    @property
    def broken(self) -> tuple[ThresholdResult, ...]:
        """The SHALL thresholds that were not met: these decide."""
        return tuple(r for r in self.results if not r.met and r.threshold.level == "SHALL")

    @property
    def warnings(self) -> tuple[ThresholdResult, ...]:
        """The SHOULD thresholds that were not met: these warn."""
        return tuple(r for r in self.results if not r.met and r.threshold.level == "SHOULD")


@dataclass(frozen=True, slots=True)
class Availability:
    """The share of a run's operations that were answered, beside what a service level promises."""

    level: ServiceLevel
    operations: int
    available: int
    percent: float
    met: bool


class _Tally:
    """One interaction's histograms and counts."""

    def __init__(self) -> None:
        self.service = _histogram()
        self.response = _histogram()
        self.ok = self.lost_races = self.refused = self.unknown = 0

    def record(self, operation: Operation) -> None:
        _record(self.service, operation.end - operation.start)
        if operation.intended is not None:
            _record(self.response, operation.end - operation.intended)
        if operation.lost_race:
            self.lost_races += 1
        elif operation.outcome == "ok":
            self.ok += 1
        elif operation.outcome == "refused":
            self.refused += 1
        else:
            self.unknown += 1


class Measurements:
    """Latency by interaction, on HdrHistograms of microseconds (1 us to 120 s, 3 significant figures).

    Every operation of the load counts with the time it took, whatever its outcome, so that a timeout weighs
    what it cost; the first look, planning and the read back are not load and are left out.
    """

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}
        self._first_start: int | None = None
        self._last_end = 0

    def record(self, operation: Operation) -> None:
        """Add one operation. Raises KeyError for an interaction that GP Connect 1.2.7 does not have."""
        if operation.phase in NOT_LOAD:
            return
        tally = self._tallies.get(operation.interaction)
        if tally is None:
            INTERACTION_KINDS[operation.interaction]
            tally = self._tallies[operation.interaction] = _Tally()
        tally.record(operation)
        if self._first_start is None or operation.start < self._first_start:
            self._first_start = operation.start
        self._last_end = max(self._last_end, operation.end)

    @property
    def seconds(self) -> float:
        """How long the load lasted, from the first start to the last end."""
        return 0.0 if self._first_start is None else (self._last_end - self._first_start) / 1e9

    def histogram(self, interaction: str, basis: Basis = "service time") -> Any:
        """Return the HdrHistogram of an interaction that was measured; KeyError otherwise."""
        tally = self._tallies[interaction]
        return tally.service if basis == "service time" else tally.response

    def summaries(self) -> tuple[InteractionSummary, ...]:
        """Return the figures of every interaction measured, in the specification's order."""
        return tuple(
            self._summary(name, kind) for name, kind in INTERACTION_KINDS.items() if name in self._tallies
        )

    def _summary(self, name: str, kind: Kind) -> InteractionSummary:
        tally = self._tallies[name]
        count = tally.service.get_total_count()
        return InteractionSummary(
            interaction=name,
            kind=kind,
            count=count,
            ok=tally.ok,
            lost_races=tally.lost_races,
            refused=tally.refused,
            unknown=tally.unknown,
            throughput=count / self.seconds if self.seconds else 0.0,
            service=_latency(tally.service),
            response=_latency(tally.response) if tally.response.get_total_count() else None,
        )


def measure(operations: Iterable[Operation]) -> Measurements:
    """Return the measurements of a whole history."""
    measurements = Measurements()
    for operation in operations:
        measurements.record(operation)
    return measurements


def judge_latency(
    measurements: Measurements, open_arrivals: bool = False, thresholds: Iterable[Threshold] = THRESHOLDS
) -> LatencyVerdict:
    """Hold each interaction against the thresholds of its class.

    Closed runs are judged from the actual send, open ones from the intended start where one was recorded.
    """
    results: list[ThresholdResult] = []
    limits = tuple(thresholds)
    for summary in measurements.summaries():
        basis: Basis = "response time" if open_arrivals and summary.response is not None else "service time"
        histogram = measurements.histogram(summary.interaction, basis)
        for threshold in limits:
            if threshold.kind == summary.kind:
                observed = _percentile(histogram, threshold.percentile)
                met = observed < threshold.limit_ms
                results.append(ThresholdResult(summary.interaction, threshold, basis, observed, met))
    return LatencyVerdict(tuple(results))


def judge_availability(measurements: Measurements, level: ServiceLevel = SILVER) -> Availability:
    """Compare the share of operations that were answered (no timeout, reset or 5xx but 501) with a level."""
    summaries = measurements.summaries()
    operations = sum(summary.count for summary in summaries)
    available = operations - sum(summary.unknown for summary in summaries)
    percent = 100.0 * available / operations if operations else 0.0
    return Availability(level, operations, available, percent, percent >= level.availability_percent)


def _histogram() -> Any:
    return HdrHistogram(LOWEST_US, HIGHEST_US, SIGNIFICANT_FIGURES)


def _record(histogram: Any, nanoseconds: int) -> None:
    histogram.record_value(min(max(nanoseconds // 1000, LOWEST_US), HIGHEST_US))


def _percentile(histogram: Any, percentile: float) -> float:
    # The histogram answers with the top of the value's bucket, which may lie above the greatest recorded.
    microseconds = min(histogram.get_value_at_percentile(percentile), histogram.get_max_value())
    return float(microseconds) / 1000


def _latency(histogram: Any) -> Latency:
    p50, p90, p95, p99, greatest = (_percentile(histogram, p) for p in (50.0, 90.0, 95.0, 99.0, 100.0))
    return Latency(p50, p90, p95, p99, greatest)

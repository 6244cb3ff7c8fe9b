"""Latency by interaction against the specification's thresholds, and availability against the silver level.

Thresholds: GP Connect 1.2.7, page Volumetric and performance. The specification names no percentile: here
SHALL is judged at p99 and decides, SHOULD at p95 and warns. The silver level is hours and availability and
says nothing of response times, so the two are judged apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from loadtest.interactions import Kind
from loadtest.measurements import Basis, Measurements, percentile_ms

Level = Literal["SHALL", "SHOULD"]


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


def judge_latency(
    measurements: Measurements, open_arrivals: bool = False, thresholds: Iterable[Threshold] = THRESHOLDS
) -> LatencyVerdict:
    """Hold each interaction against the thresholds of its class.

    Closed runs are judged from the actual send, open ones from the intended start where one was recorded.
    Lost races and refusals are not judged: they are answered sooner than what was asked for would be.
    """
    results: list[ThresholdResult] = []
    limits = tuple(thresholds)
    for summary in measurements.summaries():
        basis: Basis = "response time" if open_arrivals and summary.response is not None else "service time"
        if summary.service is None:
            continue
        histogram = measurements.histogram(summary.interaction, basis)
        for threshold in limits:
            if threshold.kind == summary.kind:
                observed = percentile_ms(histogram, threshold.percentile)
                met = observed < threshold.limit_ms
                results.append(ThresholdResult(summary.interaction, threshold, basis, observed, met))
    return LatencyVerdict(tuple(results))


def judge_availability(measurements: Measurements, level: ServiceLevel = SILVER) -> Availability:
    """Compare the share of operations that were answered (no timeout, reset or 5xx but 501) with a level."""
    operations = measurements.total()
    available = operations - measurements.total("unknown")
    percent = 100.0 * available / operations if operations else 0.0
    return Availability(level, operations, available, percent, percent >= level.availability_percent)

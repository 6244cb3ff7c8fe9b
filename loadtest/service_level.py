"""Latency by interaction against the specification's thresholds and a plan's own.

Thresholds: GP Connect 1.2.7, page Volumetric and performance. The specification names no percentile: here
SHALL is judged at p99 and decides, SHOULD at p95 and warns. The silver level is hours and availability and
says nothing of response times, so it is judged apart (`loadtest.figures.availability`). A percentile is
judged only where enough requests stand behind it (`loadtest.figures.requests_needed`), and a limit is missed
where it falls among requests without a definite answer (`loadtest.figures.timings`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from loadtest.figures.measurements import Basis, Measurements
from loadtest.figures.requests_needed import is_met, requests_needed
from loadtest.interactions import INTERACTIONS, Kind

Level = Literal["SHALL", "SHOULD"]
Source = Literal["plan", "specification"]

DEFAULT_PERCENTILES: Mapping[Level, float] = MappingProxyType({"SHALL": 99.0, "SHOULD": 95.0})


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit: the percentile's latency must stay below `limit_ms`.

    It applies to one `interaction`, else to all of one `kind`, else (both None) to every interaction.
    `percentile` lies in (0, 100].
    """

    kind: Kind | None
    level: Level
    percentile: float
    limit_ms: float
    interaction: str | None = None

    def applies_to(self, interaction: str) -> bool:
        """Whether it speaks of this interaction at all. KeyError for one that 1.2.7 does not have."""
        if self.interaction is not None:
            return self.interaction == interaction
        return self.kind is None or self.kind == INTERACTIONS[interaction].kind

    @property
    def specificity(self) -> int:
        """How closely it is aimed: 2 at an interaction, 1 at a kind, 0 at everything."""
        if self.interaction is not None:
            return 2
        return 0 if self.kind is None else 1


THRESHOLDS = (
    Threshold("command", "SHALL", 99.0, 250.0),
    Threshold("command", "SHOULD", 95.0, 100.0),
    Threshold("query", "SHALL", 99.0, 3000.0),
    Threshold("query", "SHOULD", 95.0, 1000.0),
)


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """One threshold held against one interaction's `requests`, timed on `basis`, `unanswered` among them.

    `observed_ms` is `NO_ANSWER` where the percentile falls among these: such a threshold is never met. `met`
    is None where they are too few to tell, and the threshold is then not judged. `loosens` tells that a
    plan's thresholds of this level ask less than the specification's they replace.
    """

    interaction: str
    threshold: Threshold
    basis: Basis
    observed_ms: float
    met: bool | None
    requests: int = 0
    unanswered: int = 0
    source: Source = "specification"
    loosens: bool = False

    @property
    def requests_needed(self) -> int:
        """How many requests it takes to judge the threshold."""
        return requests_needed(self.threshold.percentile)


@dataclass(frozen=True, slots=True)
class LatencyVerdict:
    """Every threshold that applied."""

    results: tuple[ThresholdResult, ...]

    @property
    def broken(self) -> tuple[ThresholdResult, ...]:
        """The SHALL thresholds that were not met: these decide."""
        return tuple(r for r in self.results if r.met is False and r.threshold.level == "SHALL")

    @property
    def warnings(self) -> tuple[ThresholdResult, ...]:
        """The SHOULD thresholds that were not met: these warn."""
        return tuple(r for r in self.results if r.met is False and r.threshold.level == "SHOULD")

    @property
    def undecided(self) -> tuple[ThresholdResult, ...]:
        """The thresholds that too few requests stand behind: neither met nor missed."""
        return tuple(r for r in self.results if r.met is None)

    @property
    def loosened(self) -> tuple[ThresholdResult, ...]:
        """Where the plan asked less than the specification does: a pass then does not mean the latter's."""
        return tuple(r for r in self.results if r.loosens)


def thresholds_for(
    interaction: str, own: Iterable[Threshold] = (), specification: Iterable[Threshold] = THRESHOLDS
) -> tuple[tuple[Threshold, Source], ...]:
    """The thresholds that hold for an interaction, SHALL before SHOULD.

    For each level a plan's `own` go before the specification's, and among those the most closely aimed: a
    plan that sets SHALL for an interaction replaces every other SHALL for it. Several thresholds aimed
    alike (p50 and p99, say) all hold.
    """
    sources: tuple[tuple[Source, tuple[Threshold, ...]], ...] = (
        ("plan", tuple(own)),
        ("specification", tuple(specification)),
    )
    chosen: list[tuple[Threshold, Source]] = []
    for level in DEFAULT_PERCENTILES:
        for source, thresholds in sources:
            apply = [each for each in thresholds if each.level == level and each.applies_to(interaction)]
            if apply:
                closest = max(each.specificity for each in apply)
                chosen += [(each, source) for each in apply if each.specificity == closest]
                break
    return tuple(chosen)


def judge_latency(
    measurements: Measurements,
    own: Iterable[Threshold] = (),
    specification: Iterable[Threshold] = THRESHOLDS,
) -> LatencyVerdict:
    """Hold each interaction against the thresholds that apply to it (`thresholds_for`).

    Phases of open arrivals are judged from the intended start, those of closed users from the actual send; an
    interaction used in both has a result for each (`Measurements.judged`). Lost races and refusals are not
    judged: they are answered sooner than what was asked for would be.
    """
    results: list[ThresholdResult] = []
    own, specification = tuple(own), tuple(specification)
    for summary in measurements.summaries():
        name = summary.interaction
        chosen = thresholds_for(name, own, specification)
        loosened = _loosened(chosen, thresholds_for(name, (), specification))
        for basis, timings in measurements.judged(name):
            for threshold, source in chosen:
                wanted, limit_ms = threshold.percentile, threshold.limit_ms
                results.append(
                    ThresholdResult(
                        interaction=name,
                        threshold=threshold,
                        basis=basis,
                        observed_ms=timings.percentile_ms(wanted),
                        met=is_met(timings.count, wanted, limit_ms, timings.percentile_ms),
                        requests=timings.count,
                        unanswered=timings.unanswered,
                        source=source,
                        loosens=threshold.level in loosened,
                    )
                )
    return LatencyVerdict(tuple(results))


def _loosened(
    chosen: Iterable[tuple[Threshold, Source]], published: Iterable[tuple[Threshold, Source]]
) -> set[Level]:
    """The levels at which what is held covers less than what was published."""
    held = [threshold for threshold, _ in chosen]
    return {
        asked.level
        for asked, _ in published
        if not any(
            each.level == asked.level
            and each.percentile >= asked.percentile
            and each.limit_ms <= asked.limit_ms
            for each in held
        )
    }

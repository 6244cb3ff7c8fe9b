"""What a load did and how long it took, by interaction: counts, rates, and latency on HdrHistograms.

A lost race is answered sooner than a booking is made, and contention is arranged on purpose: so definite
refusals, lost races above all, have a distribution of their own and never make bookings look fast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from loadtest.figures.timings import Timings
from loadtest.interactions import INTERACTIONS, Kind
from loadtest.ledger import NOT_LOAD, Operation

Basis = Literal["service time", "response time"]


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of one distribution, in milliseconds, to three significant figures.

    `NO_ANSWER` where one falls among requests without a definite answer (`loadtest.figures.timings`).
    """

    p50: float
    p90: float
    p95: float
    p99: float
    p999: float
    max: float


@dataclass(frozen=True, slots=True)
class InteractionSummary:
    """One interaction's figures: `per_second` over the phases that used it, latencies in ms.

    `lost_races` are bookings answered 409 DUPLICATE_REJECTED: correct, so neither `ok` nor errors.
    `refused` are the other definite refusals and `unknown` the timeouts, resets and 5xx; both are errors.
    `service` is of what was granted or had no definite answer, `turned_down` of lost races and refusals.
    `response` is of those in `service` that had an intended start, timed from it. Each is None where there
    was nothing to time. `mean_bytes` is the mean size of the bodies of what was granted.
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
    mean_bytes: float = 0.0

    @property
    def errors(self) -> int:
        """How many were neither answered as asked nor a lost race."""
        return self.refused + self.unknown


class _Record:
    """One interaction's histograms, counts and phases.

    Requests with an intended start and those without are timed apart: they are judged from different starts.
    """

    def __init__(self) -> None:
        self.sent: dict[str, Timings] = {}
        self.due = Timings()
        self.turned_down = Timings()
        self.response = Timings()
        self.outcomes: Counter[str] = Counter()
        self.phases: set[str] = set()
        self.bytes = 0

    def add(self, operation: Operation) -> None:
        self.phases.add(operation.phase)
        self.outcomes["lost race" if operation.lost_race else operation.outcome] += 1
        took = operation.end - operation.start
        if operation.outcome == "refused":
            self.turned_down.add(took, True)
            return
        answered = operation.outcome == "ok"
        if answered:
            self.bytes += operation.bytes
        if operation.intended is None:
            timings = self.sent.get(operation.phase)
            if timings is None:
                timings = self.sent[operation.phase] = Timings()
            timings.add(took, answered)
        else:
            self.due.add(took, answered)
            self.response.add(operation.end - operation.intended, answered)

    def service(self) -> Timings:
        return Timings.of((self.due, *self.sent.values()))


class Measurements:
    """Latency by interaction, on HdrHistograms of microseconds (1 us to 120 s, 3 significant figures).

    A request without a definite answer ranks above all that have one (`loadtest.figures.timings`); the first
    look, planning and the read back are not load and are left out.
    """

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._spans: dict[str, tuple[int, int]] = {}
        self._open_phases: set[str] = set()

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
        if operation.intended is not None:
            self._open_phases.add(phase)
        first, last = self._spans.get(phase, (operation.start, operation.end))
        self._spans[phase] = min(first, operation.start), max(last, operation.end)

    def total(self, *outcomes: str) -> int:
        """How many ended as one of `outcomes` (`ok`, `lost race`, `refused`, `unknown`); all without any."""
        counts = [record.outcomes for record in self._records.values()]
        return sum(sum(each[name] for name in outcomes) if outcomes else each.total() for each in counts)

    def seconds(self, interaction: str | None = None) -> float:
        """How long the phases that used the interaction (or all) lasted, without the gaps between."""
        record = None if interaction is None else self._records.get(interaction)
        phases = self._spans if interaction is None else record.phases if record is not None else ()
        return sum(self._spans[phase][1] - self._spans[phase][0] for phase in phases) / 1e9

    def per_second(self, count: int, interaction: str | None = None) -> float:
        """`count` as a rate over `seconds`."""
        seconds = self.seconds(interaction)
        return count / seconds if seconds else 0.0

    def timings(self, interaction: str, basis: Basis = "service time") -> Timings:
        """Return the times of an interaction that was measured; KeyError otherwise."""
        record = self._records[interaction]
        return record.service() if basis == "service time" else record.response

    def judged(self, interaction: str) -> tuple[tuple[Basis, Timings], ...]:
        """What a limit on this interaction is held against: times by basis, none where nothing is.

        Phases of open arrivals count from the intended start, those of closed users from the actual send. An
        interaction that was used in both is held against each on its own: one pooled percentile would mean
        neither. Requests of an open phase without an intended start give back what clients held when it had
        ended, all at once: nobody arrived to make them, and they are not judged. KeyError for an interaction
        that was not measured.
        """
        record = self._records[interaction]
        closed = [each for phase, each in record.sent.items() if phase not in self._open_phases]
        bases: tuple[tuple[Basis, Timings], ...] = (
            ("response time", record.response),
            ("service time", Timings.of(closed)),
        )
        return tuple((basis, timings) for basis, timings in bases if timings.count)

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
            service=_latency(record.service()),
            turned_down=_latency(record.turned_down),
            response=_latency(record.response),
            mean_bytes=record.bytes / record.outcomes["ok"] if record.outcomes["ok"] else 0.0,
        )


def measure(operations: Iterable[Operation]) -> Measurements:
    """Return the measurements of a whole history."""
    measurements = Measurements()
    for operation in operations:
        measurements.record(operation)
    return measurements


def _latency(timings: Timings) -> Latency | None:
    if not timings.count:
        return None
    return Latency(*(timings.percentile_ms(each) for each in (50.0, 90.0, 95.0, 99.0, 99.9, 100.0)))

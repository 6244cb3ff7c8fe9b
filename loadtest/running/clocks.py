"""The run's one clock: the monotonic clock of the machine where `gpload run` is; how others relate to it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

MEASURED_EVERY_SECONDS = 1.0
DRIFT_NS = 500_000
"""How far a clock may go astray from one measurement to the next: the most that systems slew one, 500 ppm."""


@dataclass(frozen=True, slots=True)
class ReferenceClock:
    """The reference clock as one machine reads it: its own monotonic clock plus `offset`, true to within
    `uncertainty` (both ns). Processes of the reference machine share its clock and need neither.
    """

    offset: int = 0
    uncertainty: int = 0

    def now(self) -> int:
        """Nanoseconds of the reference clock."""
        return time.monotonic_ns() + self.offset


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question to the reference machine: asked and answered by one's own clock, `told` by its own."""

    asked: int
    told: int
    answered: int


def clock_from(exchanges: Iterable[Exchange]) -> ReferenceClock:
    """The clock that the quickest exchange gives: the reference was read somewhere between asking and answer.

    Raises ValueError without any exchange.
    """
    best = min(exchanges, key=lambda each: each.answered - each.asked)
    journey = best.answered - best.asked
    return ReferenceClock(best.told - (best.asked + best.answered) // 2, journey // 2 + 1)


def uncertainty_over(first: ReferenceClock, last: ReferenceClock) -> int:
    """How far times told by `first` may be off (ns) until the one after `last`: clocks drift apart."""
    return max(first.uncertainty, abs(last.offset - first.offset) + last.uncertainty) + DRIFT_NS

"""Check 2: every 409 DUPLICATE_REJECTED is explained by a booking live, or possibly in flight, in its window.

One that nothing explains is a false refusal where the slots are known to have been free before it and after,
and nobody but the run writes to the practice: a stranger could have booked and cancelled in between.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import accumulate

from loadtest.integrity.claims import BEFORE, Claim, SlotHistory
from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import History
from loadtest.integrity.practice_history import PracticeHistory
from loadtest.ledger import Operation

NUMBER = 2
NAME = "every lost race is explained"


def check_lost_races(history: History, seed: int | None) -> CheckResult:
    """Examine every lost race; a false refusal's witness is it, and a search or booking on either side."""
    inquiry = Inquiry(NUMBER, NAME, seed)
    for practice in history.practices.values():
        contested = dict.fromkeys(slot for refusal in practice.refusals for slot in refusal.slots)
        registers = {
            slot: _Register(slot, practice.slots.get(slot) or SlotHistory(), history) for slot in contested
        }
        exclusive = not history.shared and not practice.written_from_outside
        for refusal in practice.refusals:
            inquiry.examined += 1
            concerned = [registers[slot] for slot in dict.fromkeys(refusal.slots)]
            _examine(inquiry, practice, refusal, concerned, exclusive)
    return inquiry.result()


def _examine(
    inquiry: Inquiry,
    practice: PracticeHistory,
    refusal: Operation,
    registers: list[_Register],
    exclusive: bool,
) -> None:
    if any(register.held_by_run.during(refusal) for register in registers):
        return
    named = (
        f"practice {practice.ods_code} refused slot {' and '.join(refusal.slots)} to client {refusal.client}"
    )
    if any(register.held_by_others.during(refusal) for register in registers):
        inquiry.doubted(f"{named} (trace {refusal.trace}): only a booking from outside the run explains it")
        return
    evidence: list[Operation] = []
    for register in registers:
        before, after = register.free_before(refusal), register.free_after(refusal)
        if before is None or after is None:
            side = "before" if before is None else "after"
            inquiry.doubted(
                f"{named} (trace {refusal.trace}): nothing shows slot {register.slot} free {side} it"
            )
            return
        evidence += [before, after]
    if not exclusive:
        inquiry.doubted(
            f"{named} (trace {refusal.trace}), free before and after: false, unless someone outside the run"
            " booked and cancelled it in between"
        )
        return
    unique = {id(operation): operation for operation in evidence}
    inquiry.violated(f"{named}, which was free before and after", refusal, *unique.values())


class _Holds:
    """Claims by when they could have begun, each with the latest that any so far could have ended."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        ordered = sorted(claims, key=lambda claim: claim.taken_from)
        self._taken_from = [claim.taken_from for claim in ordered]
        self._freed_by = list(accumulate((claim.freed_by for claim in ordered), max))

    def during(self, refusal: Operation) -> bool:
        """Whether any may have held the slot at some moment of the request."""
        begun = bisect_right(self._taken_from, refusal.end)
        return begun > 0 and self._freed_by[begun - 1] >= refusal.start


class _Register:
    """One slot as a refusal's judge needs it: who may have held it, and what shows it free.

    It is shown free by a search, by an acknowledged booking made afterwards, or by one cancelled before.
    """

    def __init__(self, slot: str, register: SlotHistory, history: History) -> None:
        self.slot = slot
        self.held_by_run = _Holds(claim for claim in register.claims if claim.origin != "outside")
        # One recognised as the run's may be a like one from outside, which came earlier.
        self.held_by_others = _Holds(
            replace(claim, taken_from=BEFORE)
            for claim in register.claims
            if claim.origin == "outside" or claim.recognised
        )
        self._history = history
        self._sightings = register.sightings
        known = [
            claim
            for claim in register.claims
            if claim.origin == "run" and claim.certain and not claim.recognised
        ]
        self._first_freed = min(known, key=lambda claim: claim.freed_by, default=None)
        self._last_taken = max(known, key=lambda claim: claim.taken_from, default=None)

    def free_before(self, refusal: Operation) -> Operation | None:
        """Return what shows the slot free before the request began."""
        numbers, ends = self._by_end
        position = bisect_left(ends, refusal.start)
        if position:
            return self._sighting(numbers[position - 1])
        freed = self._first_freed
        return freed.evidence if freed is not None and freed.freed_by < refusal.start else None

    def free_after(self, refusal: Operation) -> Operation | None:
        """Return what shows the slot free after the answer came."""
        numbers, starts = self._by_start
        position = bisect_right(starts, refusal.end)
        if position < len(starts):
            return self._sighting(numbers[position])
        taken = self._last_taken
        return taken.evidence if taken is not None and refusal.end < taken.taken_from else None

    # Sorted only where a refusal has no other explanation, which is rare: sightings come by the million.

    @cached_property
    def _by_end(self) -> tuple[array[int], array[int]]:
        return self._sorted_by(self._history.ends)

    @cached_property
    def _by_start(self) -> tuple[array[int], array[int]]:
        return self._sorted_by(self._history.starts)

    def _sorted_by(self, times: array[int]) -> tuple[array[int], array[int]]:
        numbers = array("I", sorted(self._sightings, key=times.__getitem__))
        return numbers, array("q", (times[number] for number in numbers))

    def _sighting(self, number: int) -> Operation:
        return replace(self._history.searches[number], seen=(self.slot,))

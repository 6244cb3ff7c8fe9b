"""Check 3: no search that began after a booking returned shows that slot free, unless cancelled since."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace

from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import Claim, History, SlotHistory

NUMBER = 3
NAME = "no stale search"


def check_stale_search(history: History, seed: int | None) -> CheckResult:
    """Examine every sighting of a slot; a violation's witness is the booking and the search."""
    inquiry = Inquiry(NUMBER, NAME, seed)
    for practice in history.practices.values():
        for slot, register in practice.slots.items():
            inquiry.examined += len(register.sightings)
            if any(claim.certain for claim in register.claims):
                _examine(inquiry, history, f"slot {slot} of practice {practice.ods_code}", slot, register)
    return inquiry.result()


def _examine(inquiry: Inquiry, history: History, named: str, slot: str, register: SlotHistory) -> None:
    proved = _Held(register.claims, lambda claim: claim.freed_from)
    supposed = _Held(register.claims, lambda claim: claim.freed_by_run_from)
    starts, ends = history.starts, history.ends
    for number in register.sightings:
        start, end = starts[number], ends[number]
        if (claim := proved.throughout(start, end)) is not None:
            search = replace(history.searches[number], seen=(slot,))
            summary = f"{named} was shown free by a search that began after it was booked"
            inquiry.violated(summary, claim.evidence, search)
        elif supposed.throughout(start, end) is not None:
            trace = history.searches[number].trace
            inquiry.doubted(
                f"{named} was shown free (trace {trace}) after a booking that nobody in the run ended"
            )


class _Held:
    """Certain claims by when they surely had begun, each with that of them all that is held longest."""

    def __init__(self, claims: list[Claim], release: Callable[[Claim], int]) -> None:
        ordered = sorted((claim for claim in claims if claim.certain), key=lambda claim: claim.taken_by)
        self._release = release
        self._taken_by = [claim.taken_by for claim in ordered]
        self._longest: list[Claim] = []
        for claim in ordered:
            longest = self._longest[-1] if self._longest else claim
            self._longest.append(claim if release(claim) > release(longest) else longest)

    def throughout(self, start: int, end: int) -> Claim | None:
        """Return a claim that surely held the slot from before `start` until after `end`."""
        begun = bisect_left(self._taken_by, start)
        if not begun:
            return None
        claim = self._longest[begun - 1]
        return claim if self._release(claim) > end else None

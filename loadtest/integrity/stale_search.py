"""Check 3: no search that began after a booking returned shows that slot free, unless cancelled since."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace

from loadtest.integrity.claims import Claim, SlotHistory
from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import History

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
    supposed = _Held(register.claims, lambda claim: claim.freed_by_run_from)
    proved = _Held(register.claims, lambda claim: claim.freed_from)
    starts, ends = history.starts, history.ends
    taken_by, released = supposed.taken_by, supposed.released
    for number in register.sightings:
        # By the million: so this is `throughout`, written out.
        start = starts[number]
        begun = bisect_left(taken_by, start)
        if not begun or released[begun - 1] <= ends[number]:
            continue
        search = history.searches[number]
        if (claim := proved.throughout(start, ends[number])) is not None:
            summary = f"{named} was shown free by a search that began after it was booked"
            shown = search if inquiry.full else replace(search, seen=(slot,))
            inquiry.violated(summary, claim.evidence, shown)
        else:
            inquiry.doubted(
                f"{named} was shown free (trace {search.trace}) after a booking that nobody in the run ended"
            )


class _Held:
    """Certain claims by when they surely had begun, each with that of them all that is held longest.

    Each is held until `released` at the earliest, by `release`; never longer than by `freed_by_run_from`.
    """

    def __init__(self, claims: list[Claim], release: Callable[[Claim], int]) -> None:
        ordered = sorted((claim for claim in claims if claim.certain), key=lambda claim: claim.taken_by)
        self.taken_by = [claim.taken_by for claim in ordered]
        self._longest: list[Claim] = []
        for claim in ordered:
            longest = self._longest[-1] if self._longest else claim
            self._longest.append(claim if release(claim) > release(longest) else longest)
        self.released = [release(claim) for claim in self._longest]

    def throughout(self, start: int, end: int) -> Claim | None:
        """Return a claim that surely held the slot from before `start` until after `end`."""
        begun = bisect_left(self.taken_by, start)
        return self._longest[begun - 1] if begun and self.released[begun - 1] > end else None

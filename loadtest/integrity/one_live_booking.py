"""Check 1: at most one live booking per slot at any moment between cancellations.

Two claims cannot both be right where neither could have let the slot go before the other surely had it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loadtest.integrity.claims import NEVER, Claim
from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import History

NUMBER = 1
NAME = "one live booking per slot"


def check_one_live_booking(history: History, seed: int | None) -> CheckResult:
    """Examine every certain claim; the witness is the two bookings (or the reads that show them)."""
    inquiry = Inquiry(NUMBER, NAME, seed)
    reported: set[tuple[int, int]] = set()
    for practice in history.practices.values():
        for slot, register in practice.slots.items():
            claims = register.claims
            inquiry.examined += sum(claim.certain for claim in claims)
            if len(claims) < 2:
                continue
            named = f"slot {slot} of practice {practice.ods_code}"
            for one, other in _conflicts(claims, lambda claim: claim.freed_from):
                # A booking of several slots is one double booking, however many of them it shares.
                if (id(one), id(other)) not in reported:
                    reported.add((id(one), id(other)))
                    summary = f"{named} was held at once by {_name(one)} and {_name(other)}"
                    inquiry.violated(summary, one.evidence, other.evidence, subject=named)
            for one, other in _excusable(claims):
                both = f"{_name(one)} and {_name(other)}"
                inquiry.doubted(f"{named}: {both} collide unless someone outside the run cancelled one")
            for claim in _unsettled_beside_certain(claims):
                inquiry.doubted(f"{named}: never settled whether {_name(claim)} took effect beside another")
    return inquiry.result()


def _conflicts(claims: list[Claim], release: Callable[[Claim], int]) -> Iterator[tuple[Claim, Claim]]:
    """Yield claims that collide however the instants fall, given each one's earliest release.

    One sweep: each claim is held against the one before it that is held longest. A claim that may be released
    before it surely began constrains no other, but may itself fall wholly inside another's hold.
    """
    certain = [claim for claim in claims if claim.certain]
    certain.sort(key=lambda claim: min(claim.taken_by, release(claim)))
    holder: Claim | None = None
    for claim in certain:
        freed = release(claim)
        if holder is not None and release(holder) > claim.taken_by and freed > holder.taken_by:
            yield holder, claim
        if freed > claim.taken_by and (holder is None or freed > release(holder)):
            holder = claim


def _excusable(claims: list[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield claims that collide but for a cancellation outside the run, of which a read shows the trace."""
    if all(claim.freed_from == claim.freed_by_run_from for claim in claims):
        return
    proved = {(id(one), id(other)) for one, other in _conflicts(claims, lambda claim: claim.freed_from)}
    for one, other in _conflicts(claims, lambda claim: claim.freed_by_run_from):
        if (id(one), id(other)) not in proved:
            yield one, other


def _unsettled_beside_certain(claims: list[Claim]) -> Iterator[Claim]:
    longest = max((claim.freed_by for claim in claims if claim.certain), default=-NEVER)
    for claim in claims:
        if not claim.settled and longest > claim.taken_from:
            yield claim


def _name(claim: Claim) -> str:
    if claim.appointment is not None:
        return f"appointment {claim.appointment}"
    return f"the booking of client {claim.evidence.client}"

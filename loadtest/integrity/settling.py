"""Turns appointments into claims on slots: what took effect, when at the earliest, when at the latest.

An acknowledged booking takes effect between its start and its end; one without an answer at any time from
its start on, or not at all, until a read back shows which. Cancellations likewise.
"""

from __future__ import annotations

from dataclasses import replace

from loadtest.integrity.claims import BEFORE, NEVER, Claim
from loadtest.integrity.history import History
from loadtest.integrity.practice_history import PracticeHistory
from loadtest.integrity.recognising import recognise
from loadtest.integrity.trail import Trail
from loadtest.ledger import Operation


def settle(history: History) -> None:
    """Recognise unanswered bookings in what was read, and file every claim under its slots."""
    for practice in history.practices.values():
        recognise(practice, history.shared)
        clashing = practice.clashing
        for identifier, trail in practice.trails.items():
            claim = _claim(practice, identifier, trail, history.shared)
            if claim is not None and identifier in clashing:
                _file(practice, trail.slots, claim)
            elif claim is not None:
                _file_as_shown(practice, trail, claim)
        for booking in practice.unmatched:
            _file(practice, booking.slots, _unmatched_claim(practice, booking, history.shared))
        for _, booking in practice.clashes:
            _file(practice, booking.slots, _clashing_claim(booking))


def _file(practice: PracticeHistory, slots: tuple[str, ...], claim: Claim) -> None:
    for slot in dict.fromkeys(slots):
        practice.slots[slot].claims.append(claim)


def _file_as_shown(practice: PracticeHistory, trail: Trail, claim: Claim) -> None:
    """File it under its slots: where others were shown than asked for, only the common ones are certain."""
    shown = [set(slots) for slots, _ in trail.on_slots if slots and slots != trail.slots]
    asked = set(trail.slots)
    if all(slots == asked for slots in shown):
        _file(practice, trail.slots, claim)
        return
    certain = asked.intersection(*shown)
    _file(practice, tuple(certain), claim)
    _file(practice, tuple(asked - certain), replace(claim, taken_by=NEVER))
    _file(practice, tuple(set().union(*shown) - asked), replace(claim, taken_by=NEVER, settled=False))


def _claim(practice: PracticeHistory, identifier: str, trail: Trail, shared: bool) -> Claim | None:
    origin = trail.origin
    evidence = next(iter(trail.bookings), None) or trail.first_live or trail.first_cancelled
    if evidence is None or (origin == "first look" and trail.first_live is None):
        return None
    taken_from = trail.earliest_booking if trail.bookings else BEFORE
    # An outside appointment that was only ever seen cancelled may have been so before the run began.
    only_cancelled = origin == "outside" and trail.first_live is None and not _acknowledged(trail)
    taken_by = NEVER if only_cancelled else _taken_by(trail)
    freed_from, freed_by_run_from, freed_by = _freed(trail, taken_from, shared)
    final = practice.final_state(identifier, trail)
    if final is not None and final[1] is None and final[0].start > taken_by:
        # The appointment is gone: it may have gone at any time since it was made. The final state
        # answers for that, and what came of it is not held against the other checks.
        freed_from, freed_by = taken_from, NEVER
        if origin == "run":
            freed_by_run_from = freed_from
    return Claim(
        evidence=evidence,
        appointment=identifier,
        origin=origin,
        taken_from=taken_from,
        taken_by=taken_by,
        freed_from=freed_from,
        freed_by_run_from=freed_by_run_from,
        freed_by=freed_by,
        recognised=trail.recognised,
    )


def _acknowledged(trail: Trail) -> list[Operation]:
    return [operation for operation in trail.cancellations if operation.outcome == "ok"]


def _taken_by(trail: Trail) -> int:
    answered = [booking.end for booking in trail.bookings if booking.outcome == "ok"]
    seen = [reading.end for reading in (trail.first_live, trail.first_cancelled) if reading is not None]
    return min(answered + seen + [cancellation.end for cancellation in _acknowledged(trail)])


def _freed(trail: Trail, taken_from: int, shared: bool) -> tuple[int, int, int]:
    """Return the earliest release by anyone, the earliest by the run, and the latest."""
    acknowledged = _acknowledged(trail)
    freed_by = min((cancellation.end for cancellation in acknowledged), default=NEVER)
    if trail.first_cancelled is not None:
        freed_by = min(freed_by, trail.first_cancelled.end)
    last_live = BEFORE if trail.last_live is None else trail.last_live.start
    possible = [cancellation.start for cancellation in trail.cancellations if cancellation.start <= freed_by]
    by_run = NEVER
    if possible:
        # A read that still showed it live bounds a cancellation nobody acknowledged.
        by_run = min(possible) if acknowledged else max(min(possible), last_live)
        by_run = min(by_run, freed_by)
    by_anyone = by_run
    if not acknowledged and (shared or trail.first_cancelled is not None):
        # Nobody in the run knows to have cancelled it, so someone outside may have, and where others write
        # they may without a trace, at any time since it was last seen live.
        by_anyone = min(max(BEFORE if trail.recognised else taken_from, last_live), by_run, freed_by)
    if last_live > freed_by:
        # Read as live after it was cancelled: it may hold the slot still.
        freed_by = NEVER
    return by_anyone, by_run, freed_by


def _unmatched_claim(practice: PracticeHistory, booking: Operation, shared: bool) -> Claim:
    look = practice.final_look(booking.patient)
    read_back = look is not None and look.start > booking.start
    acknowledged = booking.outcome == "ok"
    gone = acknowledged and read_back
    by_run = NEVER if acknowledged and not gone else booking.start
    return Claim(
        evidence=booking,
        appointment=None,
        origin="run",
        taken_from=booking.start,
        taken_by=booking.end if acknowledged else NEVER,
        freed_from=booking.start if shared else by_run,
        freed_by_run_from=by_run,
        freed_by=NEVER,
        settled=acknowledged or read_back,
    )


def _clashing_claim(booking: Operation) -> Claim:
    return Claim(
        evidence=booking,
        appointment=booking.appointment,
        origin="run",
        taken_from=booking.start,
        taken_by=booking.end,
        freed_from=booking.start,
        freed_by_run_from=booking.start,
        freed_by=NEVER,
    )

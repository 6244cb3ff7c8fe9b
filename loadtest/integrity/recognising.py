"""Finds in what was read the appointments that unanswered bookings made, whole or torn.

A booking whose id no client learnt is matched to an appointment with its patient and its slots that was first
seen after it was asked for. What is left over and has only part of the slots of such a booking, or of one
that was refused, was made by it, if the run was the only writer.
"""

from __future__ import annotations

from loadtest.integrity.claims import BEFORE
from loadtest.integrity.practice_history import PracticeHistory
from loadtest.integrity.trail import Trail
from loadtest.ledger import Operation


def recognise(practice: PracticeHistory, shared: bool) -> None:
    """Give each appointment nobody was told of the booking that made it; `shared`: others write as well."""
    _recognise_whole(practice)
    torn = list(_torn(practice))
    strangers = sum(
        trail.origin == "outside" and trail.first_shown is not None for trail in practice.trails.values()
    )
    if shared or len(torn) < strangers:
        practice.perhaps_torn = [(booking, identifier) for booking, identifier, _ in torn]
        return
    for booking, _, trail in torn:
        trail.add_booking(booking)
        if booking in practice.unmatched:
            practice.unmatched.remove(booking)


def _recognise_whole(practice: PracticeHistory) -> None:
    strangers: dict[tuple[str | None, frozenset[str]], list[Trail]] = {}
    if practice.unidentified:
        for trail in practice.trails.values():
            if not trail.bookings:
                strangers.setdefault((trail.patient, frozenset(trail.slots)), []).append(trail)
    for key, bookings in practice.unidentified.items():
        # An acknowledged booking surely made an appointment, so it has the first call on one.
        bookings.sort(key=lambda booking: (booking.outcome == "unknown", booking.start))
        earliest = min(booking.start for booking in bookings)
        trails = sorted(strangers.get(key, ()), key=_first_seen)
        for booking in bookings:
            fitting = next((trail for trail in trails if booking.start <= _first_seen(trail)), None)
            if fitting is None or booking.patient is None:
                practice.unmatched.append(booking)
                continue
            trails.remove(fitting)
            fitting.add_booking(booking)
            # Which of several like bookings made it cannot be told, so it may be as old as the oldest.
            fitting.earliest_booking = earliest


def _torn(practice: PracticeHistory) -> list[tuple[Operation, str, Trail]]:
    """Pair strangers with bookings of which they have only part of the slots, each booking once."""
    asked: dict[str, list[Operation]] = {}
    for booking in [*practice.unmatched, *practice.refused_together]:
        if len(booking.slots) > 1 and booking.patient is not None:
            asked.setdefault(booking.patient, []).append(booking)
    found: list[tuple[Operation, str, Trail]] = []
    for identifier, trail in practice.trails.items() if asked else ():
        if trail.origin != "outside" or trail.first_shown is None or trail.patient is None:
            continue
        candidates = asked.get(trail.patient, [])
        slots, seen = set(trail.slots), _first_seen(trail)
        for booking in candidates:
            if slots and slots < set(booking.slots) and booking.start <= seen:
                found.append((booking, identifier, trail))
                candidates.remove(booking)
                break
    return found


def _first_seen(trail: Trail) -> int:
    shown = trail.first_shown
    return BEFORE if shown is None else shown.end

"""Alters a correct history so that exactly one property is broken; None where it offers no place for that."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation
from tests.loadtest.integrity.simulated_day import PRACTICE, kept_bookings

History = list[Operation]


def double_booking(operations: History, chance: Random) -> History | None:
    """A second booking of a slot is acknowledged, and both are there in the end."""
    kept = kept_bookings(operations)
    if not kept:
        return None
    first = chance.choice(kept)
    start = chance.randrange(first.start, first.end + 500)
    second = replace(
        first,
        client="1-77",
        trace="planted",
        start=start,
        end=max(first.end, start) + chance.randrange(1, 40),
        patient="p77",
        slots=(chance.choice(first.slots),),
        appointment="a-planted",
        appointments=(),
    )
    end = max(operation.end for operation in operations)
    made = AppointmentSeen("a-planted", "booked", "1", second.slots, "p77")
    look = Operation(
        "retrieve_patient_appointments",
        "1-99",
        "look",
        PRACTICE,
        READ_BACK,
        end + 10,
        end + 20,
        "ok",
        patient="p77",
        appointments=(made,),
    )
    return [*operations, second, look]


def stale_search(operations: History, chance: Random) -> History | None:
    """A search shows a slot whose booking had been answered before it began."""
    places = [
        (position, booking)
        for booking in kept_bookings(operations)
        for position, operation in enumerate(operations)
        if operation.interaction == "search_for_free_slots" and operation.start > booking.end
    ]
    if not places:
        return None
    position, booking = chance.choice(places)
    search = operations[position]
    altered = replace(search, seen=(*search.seen, chance.choice(booking.slots)))
    return [*operations[:position], altered, *operations[position + 1 :]]


def false_refusal(operations: History, chance: Random) -> History | None:
    """A booking is refused at a time when nothing held the slot and nothing was in flight."""
    searches = [o for o in operations if o.interaction == "search_for_free_slots"]
    places = []
    for before in operations:
        start = before.end + 1
        end = start + chance.randrange(5)
        for slot in searches[-1].seen:
            shown = any(slot in search.seen and search.end < start for search in searches)
            if shown and end < searches[-1].start and not _possibly_held(operations, slot, start, end):
                places.append((slot, start, end))
    if not places:
        return None
    slot, start, end = chance.choice(places)
    refusal = Operation(
        "book_appointment",
        "1-77",
        "planted",
        PRACTICE,
        "load",
        start,
        end,
        "refused",
        status=409,
        code="DUPLICATE_REJECTED",
        slots=(slot,),
        patient="p77",
    )
    return [*operations, refusal]


def _possibly_held(operations: History, slot: str, start: int, end: int) -> bool:
    let_go = {
        o.appointment: o.end
        for o in operations
        if o.interaction == "cancel_appointment" and o.outcome == "ok"
    }
    holding = [
        made.id
        for operation in operations
        for made in operation.appointments
        if operation.phase == FIRST_LOOK and slot in made.slots and made.status == "booked"
    ]
    holding += [
        operation.appointment or "an id nobody learnt"
        for operation in operations
        if operation.interaction == "book_appointment"
        and operation.outcome != "refused"
        and slot in operation.slots
        and operation.start <= end
    ]
    return any(let_go.get(identifier, end) >= start for identifier in holding)


def lost_booking(operations: History, chance: Random) -> History | None:
    """An acknowledged booking is missing from the read back; its slot may even be shown free."""
    kept = kept_bookings(operations)
    if not kept:
        return None
    lost = chance.choice(kept)
    shown_free = chance.random() < 0.5

    def altered(operation: Operation) -> Operation:
        if operation.phase != READ_BACK:
            return operation
        if operation.interaction == "search_for_free_slots" and shown_free:
            return replace(operation, seen=(*operation.seen, *lost.slots))
        left = tuple(made for made in operation.appointments if made.id != lost.appointment)
        return replace(operation, appointments=left)

    return [altered(operation) for operation in operations]


def lost_cancellation(operations: History, chance: Random) -> History | None:
    """An acknowledged cancellation is undone: the appointment is booked at the read back."""
    done = {o.appointment for o in operations if o.interaction == "cancel_appointment" and o.outcome == "ok"}
    if not done:
        return None
    back = chance.choice(sorted(map(str, done)))

    def altered(operation: Operation) -> Operation:
        if operation.phase != READ_BACK:
            return operation
        shown = tuple(
            replace(made, status="booked") if made.id == back else made for made in operation.appointments
        )
        return replace(operation, appointments=shown)

    return [altered(operation) for operation in operations]

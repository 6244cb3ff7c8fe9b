"""Alters a correct history so that exactly one property is broken; None where it offers no place for that.

A fault is planted where it shows however the clocks of the clients were off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from loadtest.integrity.widening import widened
from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation
from tests.loadtest.integrity.simulated_day import PRACTICE

History = list[Operation]
Fault = Callable[[History, Random], History | None]
SEARCH, BOOK, CANCEL = "search_for_free_slots", "book_appointment", "cancel_appointment"


def after(later: Operation, earlier: Operation) -> bool:
    """Whether one request surely began after the other had been answered."""
    return widened(later).start > widened(earlier).end


def kept_bookings(operations: History) -> History:
    """Return the acknowledged bookings that nobody ever asked to cancel."""
    touched = {o.appointment for o in operations if o.interaction == CANCEL}
    return [o for o in acknowledged(operations, BOOK) if o.appointment and o.appointment not in touched]


def acknowledged(operations: History, *interactions: str) -> History:
    return [o for o in operations if o.interaction in interactions and o.outcome == "ok"]


def altered(
    operations: History, alter: Callable[[Operation, AppointmentSeen], AppointmentSeen | None]
) -> History:
    """Return the history with every appointment in every response altered, or left out."""
    return [
        replace(
            operation,
            appointments=tuple(
                shown for seen in operation.appointments if (shown := alter(operation, seen)) is not None
            ),
        )
        if operation.appointments
        else operation
        for operation in operations
    ]


def double_booking(operations: History, chance: Random) -> History | None:
    """A second booking of a slot is acknowledged, and both are there in the end."""
    kept = kept_bookings(operations)
    if not kept:
        return None
    first = chance.choice(kept)
    start = chance.randrange(first.start, first.end + 500)
    end = max(first.end, start) + chance.randrange(1, 40)
    slots = (chance.choice(first.slots),)
    second = replace(
        first, client="1-77", trace="planted", start=start, end=end, patient="p77", slots=slots,
        appointment="a-planted", appointments=(),
    )  # fmt: skip
    made = AppointmentSeen("a-planted", "booked", "1", second.slots, "p77")
    last = max(operation.end for operation in operations)
    look = Operation(
        "retrieve_patient_appointments", "0-99", "look", PRACTICE, READ_BACK, last + 10, last + 20, "ok",
        patient="p77", appointments=(made,),
    )  # fmt: skip
    return [*operations, second, look]


def stale_search(operations: History, chance: Random) -> History | None:
    """A search shows a slot whose booking had been answered before it began."""
    places = [
        (position, booking)
        for booking in kept_bookings(operations)
        for position, operation in enumerate(operations)
        if operation.interaction == SEARCH and after(operation, booking)
    ]
    if not places:
        return None
    position, booking = chance.choice(places)
    search = operations[position]
    showing = replace(search, seen=(*search.seen, chance.choice(booking.slots)))
    return [*operations[:position], showing, *operations[position + 1 :]]


def false_refusal(operations: History, chance: Random) -> History | None:
    """A booking is refused at a time when nothing held the slot and nothing was in flight."""
    searches = [o for o in operations if o.interaction == SEARCH]
    refusals = []
    for before in operations:
        start = widened(before).end + 1
        refusal = Operation(
            BOOK, "0-77", "planted", PRACTICE, "load", start, start + chance.randrange(5), "refused",
            status=409, code="DUPLICATE_REJECTED", patient="p77",
        )  # fmt: skip
        for slot in searches[-1].seen if after(searches[-1], refusal) else ():
            shown = any(slot in search.seen and after(refusal, search) for search in searches)
            if shown and not _possibly_held(operations, slot, refusal):
                refusals.append(replace(refusal, slots=(slot,)))
    return [*operations, chance.choice(refusals)] if refusals else None


def _possibly_held(operations: History, slot: str, during: Operation) -> bool:
    let_go = {o.appointment: widened(o).end for o in acknowledged(operations, CANCEL)}
    holding = [
        made.id
        for operation in operations
        for made in operation.appointments
        if operation.phase == FIRST_LOOK and slot in made.slots and made.status == "booked"
    ]
    holding += [
        operation.appointment or "an id nobody learnt"
        for operation in operations
        if operation.interaction == BOOK
        and operation.outcome != "refused"
        and slot in operation.slots
        and widened(operation).start <= during.end
    ]
    return any(let_go.get(identifier, during.end) >= during.start for identifier in holding)


def lost_booking(operations: History, chance: Random) -> History | None:
    """An acknowledged booking is missing from the read back; its slot may even be shown free."""
    kept = kept_bookings(operations)
    if not kept:
        return None
    lost = chance.choice(kept)
    if chance.random() < 0.5:
        back = next(o for o in operations if o.phase == READ_BACK and o.interaction == SEARCH)
        showing = replace(back, seen=(*back.seen, *lost.slots))
        operations = [showing if operation is back else operation for operation in operations]
    return altered(
        operations, lambda o, seen: None if o.phase == READ_BACK and seen.id == lost.appointment else seen
    )


def lost_cancellation(operations: History, chance: Random) -> History | None:
    """An acknowledged cancellation is undone: the appointment is booked at the read back."""
    done = sorted({str(o.appointment) for o in acknowledged(operations, CANCEL)})
    if not done:
        return None
    back = chance.choice(done)
    return altered(
        operations,
        lambda o, seen: replace(seen, status="booked") if (o.phase, seen.id) == (READ_BACK, back) else seen,
    )


def repeated_id(operations: History, chance: Random) -> History | None:
    """A bundle has one resource twice."""
    bundles = [
        (position, operation)
        for position, operation in enumerate(operations)
        if operation.outcome == "ok" and (operation.seen or operation.interaction.startswith("retrieve"))
    ]
    position, bundle = chance.choice(bundles)
    operations = list(operations)
    operations[position] = replace(bundle, duplicates=("Practitioner/4",))
    return operations


def another_answer(operations: History, chance: Random) -> History | None:
    """Two responses show one version of an appointment with different contents."""
    wholes: dict[tuple[str, str | None], list[Operation]] = {}
    for operation in operations:
        for seen in operation.appointments:
            if seen.digest is not None:
                wholes.setdefault((seen.id, seen.version), []).append(operation)
    several = [each for each in wholes.values() if len(each) > 1]
    if not several:
        return None
    other = chance.choice(chance.choice(several))
    return altered(operations, lambda o, seen: replace(seen, digest="another") if o is other else seen)

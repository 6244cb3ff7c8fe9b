"""Faults of bookings of several slots and of versions, planted like those in planted_faults."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation
from tests.loadtest.integrity.planted_faults import BOOK, SEARCH, History, acknowledged, after, altered
from tests.loadtest.integrity.simulated_day import schedule_of

WRITES = ("amend_appointment", "cancel_appointment")


def torn_booking(operations: History, chance: Random) -> History | None:
    """A booking of two slots is acknowledged and made on one of them."""
    pairs = [o for o in acknowledged(operations, BOOK) if len(o.slots) > 1 and o.appointment]
    return _on_one_slot(operations, chance.choice(pairs).appointment, chance) if pairs else None


def torn_without_answer(operations: History, chance: Random) -> History | None:
    """A booking of two slots, of which no client learnt the id, is made on one of them."""
    told = {o.appointment for o in operations if o.interaction == BOOK}
    before = {seen.id for o in operations if o.phase == FIRST_LOOK for seen in o.appointments}
    torn = [
        seen
        for operation in operations
        if operation.phase == READ_BACK
        for seen in operation.appointments
        if len(seen.slots) > 1 and seen.id not in told | before
    ]
    if not torn:
        return None
    chosen = chance.choice(torn)
    alike = [
        o for o in operations if o.interaction == BOOK and o.patient == chosen.patient and not o.appointment
    ]
    # A booking of one slot, unanswered too, might have made what is left of it.
    if any(len(set(o.slots)) == 1 and set(o.slots) < set(chosen.slots) for o in alike):
        return None
    return _on_one_slot(operations, chosen.id, chance)


def _on_one_slot(operations: History, identifier: str | None, chance: Random) -> History:
    place = chance.randrange(2)
    return altered(
        operations,
        lambda o, seen: replace(seen, slots=seen.slots[place : place + 1]) if seen.id == identifier else seen,
    )


def leaked_slot(operations: History, chance: Random) -> History | None:
    """A booking of two slots is refused as one is taken, and the other stays taken without a booking."""
    first = next(o for o in operations if o.interaction == SEARCH)
    last = next(o for o in operations if o.interaction == SEARCH and o.phase == READ_BACK)
    asked = {slot for o in operations if o.interaction == BOOK and o.outcome != "refused" for slot in o.slots}
    places = [
        (slot, booking)
        for booking in acknowledged(operations, BOOK)
        for slot in first.seen
        if slot not in asked and _neighbours(slot, booking.slots[0]) and _is_free_again(slot, first, last)
    ]
    if not places:
        return None
    slot, booking = chance.choice(places)
    pair = tuple(sorted((slot, booking.slots[0])))
    refusal = replace(
        booking, client="1-77", trace="planted", outcome="refused", status=409, code="DUPLICATE_REJECTED",
        slots=pair, patient="p77", appointment=None, appointments=(),
    )  # fmt: skip
    return [
        *(
            replace(o, seen=tuple(shown for shown in o.seen if shown != slot)) if not after(refusal, o) else o
            for o in operations
        ),
        refusal,
    ]


def _neighbours(one: str, other: str) -> bool:
    return abs(int(one) - int(other)) == 1 and schedule_of(one) == schedule_of(other)


def _is_free_again(slot: str, first: Operation, last: Operation) -> bool:
    """Whether its whole schedule is shown in the end as in the beginning, and an earlier slot of it too."""
    schedule = [each for each in first.seen if schedule_of(each) == schedule_of(slot)]
    return set(schedule) <= set(last.seen) and min(map(int, schedule)) < int(slot)


def consumed_twice(operations: History, chance: Random) -> History | None:
    """Two writes that match one version are acknowledged."""
    writes = acknowledged(operations, *WRITES)
    if not writes:
        return None
    write = chance.choice(writes)
    (seen,) = write.appointments
    again = replace(seen, version=str(int(seen.version or 0) + 1000), digest=None)
    return [*operations, replace(write, client="1-77", trace="planted", appointments=(again,))]


def not_risen(operations: History, chance: Random) -> History | None:
    """A write is answered with the version it matched."""
    writes = acknowledged(operations, *WRITES)
    if not writes:
        return None
    write = chance.choice(writes)
    return altered(
        operations,
        lambda o, seen: replace(seen, version=write.if_match, digest=None) if o is write else seen,
    )


def gone_back(operations: History, chance: Random) -> History | None:
    """A read that began after a write had been answered shows the version before it."""
    places: list[tuple[Operation, AppointmentSeen, str | None]] = [
        (read, seen, write.if_match)
        for write in acknowledged(operations, *WRITES)
        for read in acknowledged(operations, "retrieve_patient_appointments")
        if after(read, write)
        for seen in read.appointments
        if seen.id == write.appointment
    ]
    if not places:
        return None
    read, shown, version = chance.choice(places)
    return altered(
        operations,
        lambda o, seen: replace(seen, version=version) if o is read and seen is shown else seen,
    )

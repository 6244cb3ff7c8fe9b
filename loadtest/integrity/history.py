"""The history of a run, folded once from its operations: per practice its slots, appointments and looks.

Searches are kept without what they showed (that is filed under each slot as a number), and operations that
no check needs are let go, so that a million operations with ten million sightings fit in memory.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation

BEFORE = -(1 << 62)
NEVER = 1 << 62

Origin = Literal["run", "first look", "outside"]
Window = tuple[str, str] | None
Key = TypeVar("Key")


@dataclass(slots=True)
class Claim:
    """One appointment's hold on one slot, as bounds on two instants (monotonic ns).

    It took the slot at some instant in [`taken_from`, `taken_by`], let it go in [`freed_from`, `freed_by`].
    `taken_by` is `NEVER` where it is not certain that it took the slot at all. `freed_by_run_from` leaves
    out cancellations by someone outside the run, of which a read showed the trace. `evidence` is the
    booking, or the first read that showed it; `settled` is false where only a read back never made could
    tell whether the booking took effect; `recognised` where that the run made it was inferred.
    """

    evidence: Operation
    appointment: str | None
    origin: Origin
    taken_from: int
    taken_by: int
    freed_from: int
    freed_by_run_from: int
    freed_by: int
    settled: bool = True
    recognised: bool = False

    @property
    def certain(self) -> bool:
        """True where the slot was surely taken at some time."""
        return self.taken_by < NEVER


class SlotHistory:
    """One slot: the claims on it, and the searches (by number) that showed it free."""

    __slots__ = ("claims", "sightings")

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self.sightings = array("I")


class Trail:
    """Everything the run did to one appointment or saw of it."""

    __slots__ = (
        "at_first_look",
        "bookings",
        "cancellations",
        "earliest_booking",
        "first_cancelled",
        "first_live",
        "last_live",
        "patient",
        "slots",
    )

    def __init__(self) -> None:
        self.bookings: list[Operation] = []
        self.cancellations: list[Operation] = []
        self.earliest_booking = NEVER
        self.first_live: Operation | None = None
        self.last_live: Operation | None = None
        self.first_cancelled: Operation | None = None
        self.at_first_look = False
        self.patient: str | None = None
        self.slots: tuple[str, ...] = ()

    @property
    def origin(self) -> Origin:
        """Who made the appointment: the run, someone before the first look, or someone outside."""
        if self.bookings:
            return "run"
        return "first look" if self.at_first_look else "outside"

    @property
    def recognised(self) -> bool:
        """True where no client was told that its booking made this appointment: like ones may be confused."""
        return bool(self.bookings) and all(booking.appointment is None for booking in self.bookings)

    def add_booking(self, operation: Operation) -> None:
        """File a booking that made this appointment: acknowledged, or recognised in a read."""
        self.bookings.append(operation)
        self.earliest_booking = min(self.earliest_booking, operation.start)
        self.patient, self.slots = operation.patient, operation.slots

    def add_cancellation(self, operation: Operation) -> None:
        """File a cancellation that took effect, or may have."""
        self.cancellations.append(operation)
        self.patient = self.patient or operation.patient

    def add_reading(self, operation: Operation, appointment: AppointmentSeen) -> None:
        """File a response that showed the appointment."""
        self.at_first_look |= operation.phase == FIRST_LOOK
        if not self.bookings:
            self.patient = appointment.patient or operation.patient or self.patient
            self.slots = appointment.slots or self.slots
        if appointment.status == "cancelled":
            if self.first_cancelled is None or operation.end < self.first_cancelled.end:
                self.first_cancelled = operation
            return
        if self.first_live is None or operation.end < self.first_live.end:
            self.first_live = operation
        if self.last_live is None or operation.start > self.last_live.start:
            self.last_live = operation


class PracticeHistory:
    """One practice: logical ids are unique only within it.

    `unidentified` are bookings that may have taken effect under an id the client never learnt, by patient
    and slots. `refusals` are the lost races. `places` are the Schedule and start of slots that the first look
    showed. Looks and reads are those of the read back, the latest of each.
    """

    def __init__(self, ods_code: str) -> None:
        self.ods_code = ods_code
        self.slots: defaultdict[str, SlotHistory] = defaultdict(SlotHistory)
        self.trails: defaultdict[str, Trail] = defaultdict(Trail)
        self.unidentified: defaultdict[tuple[str | None, frozenset[str]], list[Operation]] = defaultdict(list)
        self.unmatched: list[Operation] = []
        self.clashes: list[tuple[Operation, Operation]] = []
        self.refusals: list[Operation] = []
        self.first_searches: defaultdict[Window, set[str]] = defaultdict(set)
        self.places: dict[str, tuple[str, str]] = {}
        self.final_searches: dict[Window, Operation] = {}
        self.final_looks: dict[str, Operation] = {}
        self.final_reads: dict[str, Operation] = {}
        self._shown: dict[int, dict[str, AppointmentSeen]] = {}

    @property
    def written_from_outside(self) -> bool:
        """True where a read showed an appointment that neither the run made nor the first look knew."""
        return any(
            trail.origin == "outside" and (trail.first_live or trail.first_cancelled)
            for trail in self.trails.values()
        )

    def final_look(self, patient: str | None) -> Operation | None:
        """Return the read back of a patient's appointments, or None where there was none."""
        return None if patient is None else self.final_looks.get(patient)

    def final_state(self, identifier: str, trail: Trail) -> tuple[Operation, AppointmentSeen | None] | None:
        """Return the read that shows an appointment's final state; None where it was not read back.

        The appointment is None where that read does not have it.
        """
        read = self.final_reads.get(identifier) or self.final_look(trail.patient)
        if read is None:
            return None
        shown = self._shown.get(id(read))
        if shown is None:
            shown = self._shown[id(read)] = {seen.id: seen for seen in read.appointments}
        return read, shown.get(identifier)


class History:
    """A whole run. `starts` and `ends` are the times of `searches`, by number.

    `shared` says that others than the run may write to the provider without leaving a trace in what it saw.
    """

    def __init__(self, shared: bool = False) -> None:
        self.shared = shared
        self.practices: dict[str, PracticeHistory] = {}
        self.operations = 0
        self.searches: list[Operation] = []
        self.starts = array("q")
        self.ends = array("q")

    def add(self, operation: Operation) -> None:
        """File one operation."""
        self.operations += 1
        practice = self.practices.get(operation.practice)
        if practice is None:
            practice = self.practices[operation.practice] = PracticeHistory(operation.practice)
        if operation.interaction == "search_for_free_slots":
            if operation.outcome == "ok":
                self._add_search(practice, operation)
        elif operation.interaction == "book_appointment":
            _add_booking(practice, operation)
        elif operation.interaction == "cancel_appointment":
            if operation.outcome != "refused" and operation.appointment is not None:
                practice.trails[operation.appointment].add_cancellation(operation)
        elif operation.phase == READ_BACK:
            _add_final_read(practice, operation)
        if operation.outcome == "ok":
            for appointment in operation.appointments:
                practice.trails[appointment.id].add_reading(operation, appointment)

    def _add_search(self, practice: PracticeHistory, operation: Operation) -> None:
        if operation.phase == FIRST_LOOK:
            practice.first_searches[operation.window].update(operation.seen)
            practice.places.update(zip(operation.seen, operation.places, strict=False))
        elif operation.phase == READ_BACK:
            _keep_latest(practice.final_searches, operation.window, operation)
        number = len(self.searches)
        slots = practice.slots
        for slot in operation.seen:
            slots[slot].sightings.append(number)
        self.searches.append(replace(operation, seen=(), places=()))
        self.starts.append(operation.start)
        self.ends.append(operation.end)


def _add_booking(practice: PracticeHistory, operation: Operation) -> None:
    if operation.lost_race:
        practice.refusals.append(operation)
    if operation.outcome == "refused" or not operation.slots:
        return
    if operation.outcome == "unknown" or operation.appointment is None:
        key = operation.patient, frozenset(operation.slots)
        practice.unidentified[key].append(operation)
        return
    trail = practice.trails[operation.appointment]
    if trail.bookings and not _same_booking(trail.bookings[0], operation):
        practice.clashes.append((trail.bookings[0], operation))
    else:
        trail.add_booking(operation)


def _same_booking(one: Operation, other: Operation) -> bool:
    return one.patient == other.patient and set(one.slots) == set(other.slots)


def _add_final_read(practice: PracticeHistory, operation: Operation) -> None:
    if operation.interaction == "retrieve_patient_appointments":
        if operation.outcome == "ok" and operation.patient is not None:
            _keep_latest(practice.final_looks, operation.patient, operation)
    elif (
        operation.interaction == "read_appointment"
        and operation.appointment is not None
        and (operation.outcome == "ok" or operation.status == 404)
    ):
        _keep_latest(practice.final_reads, operation.appointment, operation)


def _keep_latest(reads: dict[Key, Operation], key: Key, operation: Operation) -> None:
    known = reads.get(key)
    if known is None or operation.start > known.start:
        reads[key] = operation


def fold(operations: Iterable[Operation], shared: bool = False) -> History:
    """Return the history of these operations, which may come in any order and are read once."""
    history = History(shared)
    for operation in operations:
        history.add(operation)
    return history

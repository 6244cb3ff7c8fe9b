"""One practice's part of a run: its slots, its appointments, and how they looked in the end."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

from loadtest.integrity.claims import SlotHistory
from loadtest.integrity.trail import Trail
from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation

Window = tuple[str, str] | None
Key = TypeVar("Key")


class PracticeHistory:
    """One practice: logical ids are unique only within it.

    `unidentified` are bookings that may have taken effect under an id the client never learnt, by patient
    and slots. `refusals` are the lost races, `refused_together` the refused bookings of several slots.
    `places` are the Schedule and start of slots that the first look showed. Looks and reads are those of the
    read back, the latest of each. Filled by settling: `unmatched` of the unidentified no appointment was
    found for; `perhaps_torn` are appointments that a booking may have made with part of its slots.
    """

    def __init__(self, ods_code: str) -> None:
        self.ods_code = ods_code
        self.slots: defaultdict[str, SlotHistory] = defaultdict(SlotHistory)
        self.trails: defaultdict[str, Trail] = defaultdict(Trail)
        self.unidentified: defaultdict[tuple[str | None, frozenset[str]], list[Operation]] = defaultdict(list)
        self.unmatched: list[Operation] = []
        self.perhaps_torn: list[tuple[Operation, str]] = []
        self.clashes: list[tuple[Operation, Operation]] = []
        self.refusals: list[Operation] = []
        self.refused_together: list[Operation] = []
        self.first_searches: defaultdict[Window, set[str]] = defaultdict(set)
        self.places: dict[str, tuple[str, str]] = {}
        self.final_searches: dict[Window, Operation] = {}
        self.final_looks: dict[str, Operation] = {}
        self.final_reads: dict[str, Operation] = {}
        self._shown: dict[int, dict[str, AppointmentSeen]] = {}

    def add_look(self, search: Operation) -> None:
        """File a search of the first look or the read back."""
        if search.phase == FIRST_LOOK:
            self.first_searches[search.window].update(search.seen)
            self.places.update(zip(search.seen, search.places, strict=False))
        elif search.phase == READ_BACK:
            _keep_latest(self.final_searches, search.window, search)

    def add_booking(self, booking: Operation) -> None:
        """File a booking, whatever became of it."""
        if booking.outcome == "refused":
            if booking.lost_race:
                self.refusals.append(booking)
            if len(booking.slots) > 1:
                self.refused_together.append(booking)
            return
        if not booking.slots:
            return
        if booking.outcome == "unknown" or booking.appointment is None:
            self.unidentified[booking.patient, frozenset(booking.slots)].append(booking)
            return
        trail = self.trails[booking.appointment]
        if trail.bookings and not _same_booking(trail.bookings[0], booking):
            self.clashes.append((trail.bookings[0], booking))
        else:
            trail.add_booking(booking)

    def add_final_read(self, read: Operation) -> None:
        """File what the read back asked for, other than searches."""
        if read.interaction == "retrieve_patient_appointments":
            if read.outcome == "ok" and read.patient is not None:
                _keep_latest(self.final_looks, read.patient, read)
        elif (
            read.interaction == "read_appointment"
            and read.appointment is not None
            and (read.outcome == "ok" or read.status == 404)
        ):
            _keep_latest(self.final_reads, read.appointment, read)

    @property
    def written_from_outside(self) -> bool:
        """True where a read showed an appointment that neither the run made nor the first look knew."""
        return any(
            trail.origin == "outside" and trail.first_shown is not None for trail in self.trails.values()
        )

    @property
    def clashing(self) -> set[str | None]:
        """The ids of appointments that two different bookings were told of."""
        return {booking.appointment for _, booking in self.clashes}

    @property
    def unclashed(self) -> dict[str, Trail]:
        """The trails by id, without those of appointments that two different bookings were told of."""
        clashing = self.clashing
        if not clashing:
            return self.trails
        return {identifier: trail for identifier, trail in self.trails.items() if identifier not in clashing}

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


def _same_booking(one: Operation, other: Operation) -> bool:
    return one.patient == other.patient and set(one.slots) == set(other.slots)


def _keep_latest(reads: dict[Key, Operation], key: Key, operation: Operation) -> None:
    known = reads.get(key)
    if known is None or operation.start > known.start:
        reads[key] = operation

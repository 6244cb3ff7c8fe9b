"""The trail of one appointment: everything the run did to it or saw of it."""

from __future__ import annotations

from loadtest.integrity.claims import NEVER, Origin
from loadtest.ledger import FIRST_LOOK, AppointmentSeen, Operation


class Shown:
    """One version of an appointment as responses showed it.

    `first` is the response that ended first, `last` the one that began last. `whole` is the first met that
    was the appointment alone, with its `digest`; `differing` one with another digest.
    """

    __slots__ = ("differing", "digest", "first", "last", "whole")

    def __init__(self, operation: Operation) -> None:
        self.first = operation
        self.last = operation
        self.whole: Operation | None = None
        self.digest: str | None = None
        self.differing: Operation | None = None

    def add(self, operation: Operation, digest: str | None) -> None:
        """File a response that showed this version."""
        if operation.end < self.first.end:
            self.first = operation
        if operation.start > self.last.start:
            self.last = operation
        if digest is None:
            return
        if self.whole is None:
            self.whole, self.digest = operation, digest
        elif digest != self.digest and self.differing is None:
            self.differing = operation


class Trail:
    """Everything the run did to one appointment or saw of it.

    `cancellations` and `amendments` are those that took effect, or may have. `versions` are those that
    responses showed (None for responses without), `on_slots` the sets of slots with one response for each.
    """

    __slots__ = (
        "amendments",
        "at_first_look",
        "bookings",
        "cancellations",
        "earliest_booking",
        "first_cancelled",
        "first_live",
        "last_live",
        "on_slots",
        "patient",
        "slots",
        "versions",
    )

    def __init__(self) -> None:
        self.bookings: list[Operation] = []
        self.cancellations: list[Operation] = []
        self.amendments: list[Operation] = []
        self.earliest_booking = NEVER
        self.first_live: Operation | None = None
        self.last_live: Operation | None = None
        self.first_cancelled: Operation | None = None
        self.at_first_look = False
        self.patient: str | None = None
        self.slots: tuple[str, ...] = ()
        self.versions: dict[str | None, Shown] = {}
        self.on_slots: list[tuple[tuple[str, ...], Operation]] = []

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

    @property
    def first_shown(self) -> Operation | None:
        """The response that ended first of those that showed it."""
        readings = [reading for reading in (self.first_live, self.first_cancelled) if reading is not None]
        return min(readings, key=lambda reading: reading.end, default=None)

    @property
    def written(self) -> bool:
        """True where the run made it or changed it, or may have."""
        return bool(self.bookings or self.cancellations or self.amendments)

    @property
    def only_met(self) -> bool:
        """True where it was there before the run, which left it alone."""
        return self.at_first_look and not self.written

    def add_booking(self, operation: Operation) -> None:
        """File a booking that made this appointment: acknowledged, or recognised in a read."""
        self.bookings.append(operation)
        self.earliest_booking = min(self.earliest_booking, operation.start)
        self.patient, self.slots = operation.patient, operation.slots

    def add_change(self, operation: Operation) -> None:
        """File an amendment or a cancellation that took effect, or may have."""
        changes = self.cancellations if operation.interaction == "cancel_appointment" else self.amendments
        changes.append(operation)
        self.patient = self.patient or operation.patient

    def add_reading(self, operation: Operation, appointment: AppointmentSeen) -> None:
        """File a response that showed the appointment."""
        if operation.phase == FIRST_LOOK:
            self.at_first_look = True
        shown = self.versions.get(appointment.version)
        if shown is None:
            shown = self.versions[appointment.version] = Shown(operation)
        shown.add(operation, appointment.digest)
        slots = appointment.slots
        if not self.on_slots or slots != self.on_slots[0][0]:
            self._add_slots(operation, slots)
        if not self.bookings:
            self.patient = appointment.patient or operation.patient or self.patient
            self.slots = slots or self.slots
        if appointment.status == "cancelled":
            if self.first_cancelled is None or operation.end < self.first_cancelled.end:
                self.first_cancelled = operation
            return
        if self.first_live is None or operation.end < self.first_live.end:
            self.first_live = operation
        if self.last_live is None or operation.start > self.last_live.start:
            self.last_live = operation

    def _add_slots(self, operation: Operation, slots: tuple[str, ...]) -> None:
        if all(set(slots) != set(known) for known, _ in self.on_slots):
            self.on_slots.append((slots, operation))


def is_number(version: str) -> bool:
    """Whether a version, which FHIR calls an opaque text, is a whole number, as it usually is."""
    return version.isascii() and version.isdecimal()

"""Check 6: the final state read back through the API equals the history replayed.

A slot that the run let go and that is not shown free again may never have been released, or have been booked
by someone outside: neither can be proved, so it is a doubt. It is only noted where a practice's own rules can
hide it: a limit on what one organisation holds of a schedule, while the run still holds another slot of the
same one; or an embargo, where a slot that starts no earlier, and that the run never touched, is hidden too.
"""

from __future__ import annotations

from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import NEVER, History, PracticeHistory, SlotHistory, Trail
from loadtest.ledger import AppointmentSeen, Operation

NUMBER = 6
NAME = "final state equals history"


def check_final_state(history: History, seed: int | None) -> CheckResult:
    """Examine every appointment the run made, changed or met, and every slot it let go.

    A violation's witness is the booking or cancellation and the read back that contradicts it.
    """
    inquiry = Inquiry(NUMBER, NAME, seed)
    for practice in history.practices.values():
        for identifier, trail in practice.trails.items():
            _Appointment(inquiry, practice, identifier, trail).examine()
        for booking in practice.unmatched:
            _examine_unmatched(inquiry, practice, booking)
        for one, other in practice.clashes:
            inquiry.examined += 1
            summary = f"appointment {other.appointment} was acknowledged to two different bookings"
            inquiry.violated(summary, one, other)
        _examine_slots(inquiry, practice)
    return inquiry.result()


class _Appointment:
    """One appointment's history against its final state."""

    def __init__(self, inquiry: Inquiry, practice: PracticeHistory, identifier: str, trail: Trail) -> None:
        self._inquiry = inquiry
        self._trail = trail
        self._final = practice.final_state(identifier, trail)
        self._named = f"appointment {identifier} of practice {practice.ods_code}"

    def examine(self) -> None:
        """Compare them, one question after the other."""
        trail = self._trail
        self._inquiry.examined += 1
        if trail.origin == "outside" and (trail.first_live or trail.first_cancelled):
            self._inquiry.doubted(f"{self._named} was not made by this run, nor there at its first look")
        written = bool(trail.bookings or trail.cancellations)
        if self._final is None:
            if written:
                self._inquiry.doubted(f"{self._named} was not read back")
            return
        read, state = self._final
        if trail.bookings and read.start <= min(booking.end for booking in trail.bookings):
            self._inquiry.doubted(f"{self._named} was read back before its booking was answered")
        elif state is None:
            self._gone(read)
        else:
            self._compare(read, state)

    def _gone(self, read: Operation) -> None:
        if self._trail.bookings:
            summary = f"{self._named} was booked and is not there at the read back: a lost booking"
            self._inquiry.violated(summary, self._trail.bookings[0], read)
        else:
            self._inquiry.doubted(
                f"{self._named}, which this run did not make, is not there at the read back"
            )

    def _compare(self, read: Operation, state: AppointmentSeen) -> None:
        trail = self._trail
        if trail.bookings and state.slots and set(state.slots) != set(trail.slots):
            summary = (
                f"{self._named} was booked on slot {' '.join(trail.slots)}, read back {' '.join(state.slots)}"
            )
            self._inquiry.violated(summary, trail.bookings[0], read)
        done = [c for c in trail.cancellations if c.outcome == "ok" and c.end < read.start]
        possible = [c for c in trail.cancellations if c.start <= read.end]
        if state.status != "cancelled" and done:
            summary = f"{self._named} was cancelled and is {state.status} at the read back"
            self._inquiry.violated(summary, done[0], read)
        if state.status == "cancelled" and not possible and (trail.bookings or trail.first_live):
            self._inquiry.doubted(f"{self._named} is cancelled at the read back, and not by this run")


def _examine_unmatched(inquiry: Inquiry, practice: PracticeHistory, booking: Operation) -> None:
    inquiry.examined += 1
    named = f"the booking of slot {' '.join(booking.slots)} at practice {practice.ods_code}"
    look = practice.final_look(booking.patient)
    if look is None or look.start <= booking.start:
        inquiry.doubted(f"{named} by client {booking.client} was not read back (trace {booking.trace})")
    elif booking.outcome == "ok":
        summary = f"{named} was acknowledged and is not there at the read back: a lost booking"
        inquiry.violated(summary, booking, look)


def _examine_slots(inquiry: Inquiry, practice: PracticeHistory) -> None:
    """Doubt, or note, every slot that history leaves free and the read back no longer shows."""
    limited = embargoed = 0
    for window, first_seen in practice.first_searches.items():
        search = practice.final_searches.get(window)
        if search is None:
            continue
        hidden = first_seen.difference(search.seen)
        held = _held_schedules(practice, search)
        embargo = _latest_untouched(practice, hidden, held)
        for slot in sorted(hidden):
            register = practice.slots[slot]
            if not register.claims or not _free_at(register, search):
                continue
            schedule, start = practice.places.get(slot, (None, None))
            if schedule in held:
                limited += 1
            elif start is not None and start <= embargo:
                embargoed += 1
            else:
                inquiry.doubted(
                    f"slot {slot} of practice {practice.ods_code} should be free at the read back and is not "
                    "shown: never released, or booked by someone outside the run"
                )
    if limited:
        inquiry.noted(
            f"{limited} slots of practice {practice.ods_code} that were let go are not shown, while the run "
            "holds another slot of their schedule: a limit to one organisation would hide them"
        )
    if embargoed:
        inquiry.noted(
            f"{embargoed} slots of practice {practice.ods_code} that were let go are not shown, nor is a "
            "later one that the run never touched: an embargo would hide them"
        )


def _held_schedules(practice: PracticeHistory, search: Operation) -> set[str]:
    """Schedules of which the run may still hold a slot."""
    return {
        schedule
        for slot, (schedule, _) in practice.places.items()
        if (register := practice.slots.get(slot)) and register.claims and not _free_at(register, search)
    }


def _latest_untouched(practice: PracticeHistory, hidden: set[str], held: set[str]) -> str:
    """The latest start of a hidden slot that the run never touched and no limit hides; empty without one.

    Starts are compared as text: where the clocks change they are out of order by an hour, no matter here.
    """
    places = (
        practice.places[slot] for slot in hidden & practice.places.keys() if not practice.slots[slot].claims
    )
    return max((start for schedule, start in places if schedule not in held), default="")


def _free_at(register: SlotHistory, search: Operation) -> bool:
    return all(
        claim.freed_by < search.start or (not claim.certain and claim.settled and claim.freed_by == NEVER)
        for claim in register.claims
    )

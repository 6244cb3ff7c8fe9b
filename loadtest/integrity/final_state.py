"""Check 6: the final state read back through the API equals the history replayed.

A slot that the run let go and that is not shown free again may never have been released, or have been booked
by someone outside: neither can be proved, so it is a doubt. It is only noted where a practice's own rules can
hide it. On which slots an appointment is, is check 4's question; which version, check 5's.
"""

from __future__ import annotations

from loadtest.counting import count_of
from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.hidden_slots import hidden_slots
from loadtest.integrity.history import History
from loadtest.integrity.practice_history import PracticeHistory
from loadtest.integrity.trail import Trail
from loadtest.ledger import AppointmentSeen, Operation

NUMBER = 6
NAME = "final state equals history"


def check_final_state(history: History, seed: int | None) -> CheckResult:
    """Examine every appointment the run made, changed or met, and every slot it let go.

    Appointments that were there before the run, and that it left alone, are counted in a note. A violation's
    witness is the booking or cancellation and the read back that contradicts it.
    """
    inquiry, older = Inquiry(NUMBER, NAME, seed), 0
    for practice in history.practices.values():
        for identifier, trail in practice.trails.items():
            older += trail.only_met
            _Appointment(inquiry, practice, identifier, trail).examine()
        for booking in practice.unmatched:
            _examine_unmatched(inquiry, practice, booking)
        for one, other in practice.clashes:
            inquiry.examined += 1
            summary = f"appointment {other.appointment} was acknowledged to two different bookings"
            inquiry.violated(summary, one, other)
        _examine_slots(inquiry, practice)
    if older:
        left_alone = count_of(older, "appointment")
        inquiry.noted(f"besides, {left_alone} from before the run that it left alone")
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
        self._inquiry.examined += not trail.only_met
        if trail.origin == "outside" and trail.first_shown is not None:
            self._inquiry.doubted(f"{self._named} was not made by this run, nor there at its first look")
        if self._final is None:
            if trail.written:
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
        done = [c for c in trail.cancellations if c.outcome == "ok" and c.end < read.start]
        possible = [c for c in trail.cancellations if c.start <= read.end]
        if state.status != "cancelled" and done:
            summary = f"{self._named} was cancelled and is {state.status} at the read back"
            self._inquiry.violated(summary, done[0], read)
        if state.status == "cancelled" and not possible and (trail.bookings or trail.first_live):
            self._inquiry.doubted(f"{self._named} is cancelled at the read back, and not by this run")
        open_still = (
            trail.amendments if state.status == "cancelled" else trail.amendments + trail.cancellations
        )
        if any(read.start <= change.end for change in open_still):
            self._inquiry.doubted(f"{self._named} was read back before a change of it was answered")


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
    for hidden in hidden_slots(practice, touched=frozenset()):
        if hidden.rule == "limit":
            limited += 1
        elif hidden.rule == "embargo":
            embargoed += 1
        else:
            inquiry.doubted(
                f"slot {hidden.slot} of practice {practice.ods_code} should be free at the read back and is "
                "not shown: never released, or booked by someone outside the run"
            )
    if limited:
        inquiry.noted(
            f"{_let_go(limited, practice.ods_code)} not shown, while the run holds another slot of the same"
            f" schedule: a limit to one organisation would hide {'it' if limited == 1 else 'them'}"
        )
    if embargoed:
        inquiry.noted(
            f"{_let_go(embargoed, practice.ods_code)} not shown, nor is a later one that the run never"
            f" touched: an embargo would hide {'it' if embargoed == 1 else 'them'}"
        )


def _let_go(slots: int, practice: str) -> str:
    told = f"of practice {practice} that"
    return count_of(slots, f"slot {told} was let go is", f"slots {told} were let go are")

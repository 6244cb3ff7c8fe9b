"""Check 4: bookings are all or nothing: what was granted is on the slots asked for, what was refused on none.

A booking without an answer whose patient has an appointment on only part of its slots was torn, if the run
was the only writer. So was a refused booking of several slots, after which one that nobody ever held is no
longer shown. For that no rule of the practice may be to blame: the run holds nothing of the schedule, and an
earlier slot of it is shown, so that it is no embargo (slots of one schedule are taken to share theirs).
"""

from __future__ import annotations

from loadtest.counting import count_of
from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.hidden_slots import HiddenSlot, hidden_slots
from loadtest.integrity.history import History
from loadtest.integrity.practice_history import PracticeHistory
from loadtest.integrity.trail import Trail
from loadtest.ledger import Operation

NUMBER = 4
NAME = "bookings are all or nothing"
_ANSWERED = {"ok": "", "refused": ", which was refused,", "unknown": ", without an answer,"}


def check_all_or_nothing(history: History, seed: int | None) -> CheckResult:
    """Examine every booking whose appointment was shown, and every refused one of several slots.

    A violation's witness is the booking and the response that shows other slots, or misses one.
    """
    inquiry = Inquiry(NUMBER, NAME, seed)
    for practice in history.practices.values():
        for identifier, trail in practice.unclashed.items():
            if trail.bookings and trail.on_slots:
                named = f"appointment {identifier} of practice {practice.ods_code}"
                _examine_granted(inquiry, named, trail)
        for booking, identifier in practice.perhaps_torn:
            inquiry.doubted(
                f"appointment {identifier} of practice {practice.ods_code} has only part of the slots"
                f" {' '.join(booking.slots)} that client {booking.client} asked for (trace {booking.trace}):"
                " torn, unless someone outside the run made it"
            )
        if practice.refused_together:
            exclusive = not history.shared and not practice.written_from_outside
            _examine_refused(inquiry, practice, history, exclusive)
    return inquiry.result()


def _examine_granted(inquiry: Inquiry, named: str, trail: Trail) -> None:
    inquiry.examined += 1
    asked, booking = set(trail.slots), trail.bookings[0]
    for slots, shown_by in trail.on_slots:
        if slots and set(slots) != asked:
            summary = (
                f"{named} was asked for on slot {' and '.join(trail.slots)}{_ANSWERED[booking.outcome]}"
                f" and is shown on {' and '.join(slots)}"
            )
            inquiry.violated(summary, *_distinct(booking, shown_by))
    if not any(slots for slots, _ in trail.on_slots):
        inquiry.doubted(f"{named} was asked for on slot {' and '.join(trail.slots)} and never shown with any")


def _distinct(one: Operation, other: Operation) -> tuple[Operation, ...]:
    return (one,) if one is other else (one, other)


def _examine_refused(inquiry: Inquiry, practice: PracticeHistory, history: History, exclusive: bool) -> None:
    latest: dict[str, Operation] = {}
    for booking in sorted(practice.refused_together, key=lambda booking: booking.start):
        inquiry.examined += 1
        latest.update(dict.fromkeys(booking.slots, booking))
    ruled = 0
    for hidden in hidden_slots(practice, touched=latest.keys()):
        if hidden.slot not in latest:
            continue
        booking = latest[hidden.slot]
        if not _may_be_taken(practice, history, hidden, booking):
            continue
        if hidden.rule is not None:
            ruled += 1
            continue
        named = f"slot {hidden.slot} of practice {practice.ods_code}, never booked,"
        if exclusive and hidden.earlier_shown:
            summary = f"{named} is gone since a booking of slot {' and '.join(booking.slots)} was refused"
            inquiry.violated(summary, booking, hidden.search)
        else:
            inquiry.doubted(
                f"{named} is not shown at the read back since a booking of slot"
                f" {' and '.join(booking.slots)} was refused (trace {booking.trace}): left taken, or hidden"
                " by a rule of the practice, or booked by someone outside the run"
            )
    if ruled:
        inquiry.noted(
            f"{count_of(ruled, 'slot')} of practice {practice.ods_code}, asked for together with others and"
            f" refused, {'is' if ruled == 1 else 'are'} not shown at the read back: a limit to one"
            f" organisation or an embargo would hide {'it' if ruled == 1 else 'them'}"
        )


def _may_be_taken(
    practice: PracticeHistory, history: History, hidden: HiddenSlot, booking: Operation
) -> bool:
    """Whether the refused booking may have left the slot taken: nobody else ever had it, nor saw it since."""
    register = practice.slots[hidden.slot]
    if register.claims or hidden.search.start <= booking.end:
        return False
    return all(history.starts[number] <= booking.end for number in register.sightings)

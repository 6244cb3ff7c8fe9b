"""What scenarios have in common: a consumer's dealings with one practice, step by step."""

from __future__ import annotations

from collections import deque
from typing import Any

from loadtest.appointments import Offer, adjacent_pairs, offers_in
from loadtest.practices import Practice
from loadtest.responses import parsed, resources_of
from loadtest.scenarios.session import Client
from loadtest.scenarios.steps import Pause, Steps, ask

DOUBLE_APPOINTMENTS = 0.1
"""The share of bookings that take two adjacent slots.

Some are refused: a session may be limited to one slot for each organisation, which no search tells. No
more than this share of bookings can fail so, which keeps a run within the refusals that evidence allows.
"""

LONGEST_PAUSE_AT_THE_END_SECONDS = 0.4


def find_patient(me: Client, practice: Practice) -> Steps[str | None]:
    """Find one of the practice's patients by NHS number; the logical id, or nothing if that failed."""
    nhs_number = me.random.choice(sorted(me.order.patients[practice.ods_code]))
    found, body = yield from ask(me.consumer(practice).find_patient(nhs_number))
    patients = resources_of(parsed(body) or {}, "Patient") if found.outcome == "ok" else []
    return str(patients[0]["id"]) if patients else None


def some_offers(me: Client, practice: Practice, pair_share: float = 0.0) -> Steps[tuple[Offer, ...]]:
    """Search one to two weeks, and choose one offer, or by `pair_share` two adjacent ones, if any."""
    first, last = me.order.diary.some_window(me.random)
    searched, body = yield from ask(me.consumer(practice).search_for_free_slots(first, last))
    return choose_offers(me, offers_in(parsed(body) or {}) if searched.outcome == "ok" else [], pair_share)


def choose_offers(me: Client, offers: list[Offer], pair_share: float = 0.0) -> tuple[Offer, ...]:
    """One of the offers, or by `pair_share` two adjacent ones where there are such; none of none."""
    if not offers:
        return ()
    if me.random.random() < pair_share:
        pairs = list(adjacent_pairs(offers))
        if pairs:
            return me.random.choice(pairs)
    return (me.random.choice(offers),)


def some_patient(me: Client, practice: Practice) -> str:
    """The logical id of one of the practice's patients, without asking for it."""
    return me.random.choice(sorted(me.order.patients[practice.ods_code].values()))


def book(
    me: Client, practice: Practice, offers: tuple[Offer, ...], patient: str
) -> Steps[dict[str, Any] | None]:
    """Book the offers; the Appointment if that was granted and could be read."""
    booked, body = yield from ask(me.consumer(practice).book_appointment(offers, patient))
    return parsed(body) if booked.outcome == "ok" and booked.appointment is not None else None


def read(me: Client, practice: Practice, appointment: str) -> Steps[dict[str, Any] | None]:
    """Read an appointment by its id; nothing if that failed."""
    answer, body = yield from ask(me.consumer(practice).read_appointment(appointment))
    return parsed(body) if answer.outcome == "ok" else None


def cancel(me: Client, practice: Practice, appointment: dict[str, Any]) -> Steps[None]:
    """Cancel an appointment as last read."""
    yield from ask(me.consumer(practice).cancel_appointment(appointment, "No longer needed"))


class Held:
    """The live appointments that a client holds, the oldest first."""

    def __init__(self, me: Client) -> None:
        self._me = me
        self._appointments: deque[tuple[Practice, dict[str, Any]]] = deque()

    def __len__(self) -> int:
        return len(self._appointments)

    def add(self, practice: Practice, appointment: dict[str, Any]) -> None:
        """Hold one more."""
        self._appointments.append((practice, appointment))

    def cancel_newest(self) -> Steps[None]:
        """Cancel the one that was added last."""
        yield from cancel(self._me, *self._appointments.pop())

    def cancel_down_to(self, most: int) -> Steps[None]:
        """Cancel the oldest ones too many."""
        while len(self._appointments) > most:
            yield from cancel(self._me, *self._appointments.popleft())

    def give_back(self) -> Steps[None]:
        """Cancel all, a moment apart: all clients at once would be a rush that nobody asked for."""
        while self._appointments:
            yield Pause(self._me.random.uniform(0, LONGEST_PAUSE_AT_THE_END_SECONDS))
            yield from cancel(self._me, *self._appointments.popleft())

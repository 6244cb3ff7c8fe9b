"""booking: the whole way of an appointment; most are cancelled again, so that the stock holds steady."""

from collections import deque
from typing import Any

from locust.env import Environment

from loadtest.appointments import Offer, adjacent_pairs, offers_in
from loadtest.practices import Practice
from loadtest.responses import parsed, resources_of
from loadtest.scenarios.client import GpConnectUser

PAIR_SHARE = 0.2
CANCEL_AT_ONCE_SHARE = 0.5
MOST_KEPT = 2


class BookingUser(GpConnectUser):
    """Books for one patient after the other; keeps at most two live appointments of its own."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._kept: deque[tuple[Practice, dict[str, Any]]] = deque()

    def work(self) -> None:
        """Find a patient, search, book, read back; cancel this appointment or the oldest one too many."""
        practice = self.me.some_practice()
        patient = self._find_patient(practice)
        if patient is None:
            return
        offers = self._some_offers(practice)
        if not offers:
            return
        consumer = self.me.consumer(practice)
        booked, body = self.ask(consumer.book_appointment(offers, patient))
        if booked.outcome != "ok" or booked.appointment is None:
            return
        read, body = self.ask(consumer.read_appointment(booked.appointment))
        appointment = parsed(body)
        if read.outcome != "ok" or appointment is None:
            return
        self._kept.append((practice, appointment))
        if self.me.random.random() < CANCEL_AT_ONCE_SHARE:
            self._cancel(*self._kept.pop())
        while len(self._kept) > MOST_KEPT:
            self._cancel(*self._kept.popleft())

    def on_stop(self) -> None:
        """Give back what is still held: a practice may hide slots from whoever holds others."""
        while self._kept:
            self.pause_at_the_end()
            self._cancel(*self._kept.popleft())

    def _find_patient(self, practice: Practice) -> str | None:
        nhs_number = self.me.random.choice(sorted(self.me.order.patients[practice.ods_code]))
        found, body = self.ask(self.me.consumer(practice).find_patient(nhs_number))
        patients = resources_of(parsed(body) or {}, "Patient") if found.outcome == "ok" else []
        return str(patients[0]["id"]) if patients else None

    def _some_offers(self, practice: Practice) -> tuple[Offer, ...]:
        first, last = self.me.order.diary.some_window(self.me.random)
        searched, body = self.ask(self.me.consumer(practice).search_for_free_slots(first, last))
        offers = offers_in(parsed(body) or {}) if searched.outcome == "ok" else []
        if not offers:
            return ()
        if self.me.random.random() < PAIR_SHARE:
            pairs = list(adjacent_pairs(offers))
            if pairs:
                return self.me.random.choice(pairs)
        return (self.me.random.choice(offers),)

    def _cancel(self, practice: Practice, appointment: dict[str, Any]) -> None:
        self.ask(self.me.consumer(practice).cancel_appointment(appointment, "No longer needed"))

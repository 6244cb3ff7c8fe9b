"""booking: the whole way of an appointment; most are cancelled again, so that the stock holds steady."""

from loadtest.scenarios.dealings import DOUBLE_APPOINTMENTS, Held, book, find_patient, read, some_offers
from loadtest.scenarios.session import Client
from loadtest.scenarios.steps import Scenario, Steps

CANCEL_AT_ONCE_SHARE = 0.5
MOST_KEPT = 2


class Booking(Scenario):
    """Books for one patient after the other; keeps at most two live appointments of its own."""

    def __init__(self, me: Client) -> None:
        super().__init__(me)
        self._held = Held(me)

    def work(self) -> Steps[None]:
        """Find a patient, search, book, read back; cancel this appointment or the oldest one too many."""
        practice = self.me.some_practice()
        patient = yield from find_patient(self.me, practice)
        if patient is None:
            return
        offers = yield from some_offers(self.me, practice, DOUBLE_APPOINTMENTS)
        if not offers:
            return
        booked = yield from book(self.me, practice, offers, patient)
        if booked is None:
            return
        appointment = yield from read(self.me, practice, str(booked["id"]))
        self._held.add(practice, appointment or booked)
        if self.me.random.random() < CANCEL_AT_ONCE_SHARE:
            yield from self._held.cancel_newest()
        yield from self._held.cancel_down_to(MOST_KEPT)

    def finish(self) -> Steps[None]:
        """Give back what is still held: a practice may hide slots from whoever holds others."""
        yield from self._held.give_back()

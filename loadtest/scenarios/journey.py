"""journey: everything one appointment can go through: find, search, book, read, amend, cancel."""

from loadtest.appointments import Offer
from loadtest.practices import Practice
from loadtest.responses import parsed
from loadtest.scenarios.dealings import DOUBLE_APPOINTMENTS, Held, book, find_patient, read, some_offers
from loadtest.scenarios.session import Client
from loadtest.scenarios.steps import Scenario, Steps, ask


class Journey(Scenario):
    """One appointment at a time, cancelled before the next is looked for."""

    def __init__(self, me: Client) -> None:
        super().__init__(me)
        self._held = Held(me)

    def work(self) -> Steps[None]:
        """One appointment's life."""
        practice = self.me.some_practice()
        patient = yield from find_patient(self.me, practice)
        offers = yield from some_offers(self.me, practice, DOUBLE_APPOINTMENTS)
        if patient is None or not offers:
            return
        yield from self._live(practice, patient, offers)
        yield from self._held.cancel_down_to(0)

    def _live(self, practice: Practice, patient: str, offers: tuple[Offer, ...]) -> Steps[None]:
        booked = yield from book(self.me, practice, offers, patient)
        if booked is None:
            return
        appointment = yield from read(self.me, practice, str(booked["id"]))
        consumer = self.me.consumer(practice)
        request = consumer.amend_appointment(appointment or booked, "Brings a translator")
        amended, body = yield from ask(request)
        latest = parsed(body) if amended.outcome == "ok" else None
        if latest is None:
            latest = yield from read(self.me, practice, str(booked["id"]))
        self._held.add(practice, latest or booked)

    def finish(self) -> Steps[None]:
        """Give back what is still held."""
        yield from self._held.give_back()

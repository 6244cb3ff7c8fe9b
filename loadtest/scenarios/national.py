"""national: one search, one booking, one cancellation for each person, as the volumetric model has them.

Source: the call usage model of the page *Volumetric and performance*: search, book and cancel 1:1:1.
"""

from loadtest.scenarios.dealings import Held, book, some_offers, some_patient
from loadtest.scenarios.session import Client
from loadtest.scenarios.steps import Pause, Scenario, Steps

LONGEST_HOLD_SECONDS = 1.0


class National(Scenario):
    """A person who looks for an appointment, books it and cancels it."""

    def __init__(self, me: Client) -> None:
        super().__init__(me)
        self._held = Held(me)

    def work(self) -> Steps[None]:
        """One search, one booking, one cancellation."""
        practice = self.me.some_practice()
        offers = yield from some_offers(self.me, practice)
        if not offers:
            return
        booked = yield from book(self.me, practice, offers, some_patient(self.me, practice))
        if booked is None:
            return
        self._held.add(practice, booked)
        yield Pause(self.me.random.uniform(0, LONGEST_HOLD_SECONDS))
        yield from self._held.cancel_down_to(0)

    def finish(self) -> Steps[None]:
        """Give back what is still held."""
        yield from self._held.give_back()

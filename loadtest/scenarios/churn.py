"""churn: a few slots, booked, cancelled and booked again by everybody: contention, and nothing kept."""

from loadtest.scenarios.dealings import Held, book, some_patient
from loadtest.scenarios.session import Client
from loadtest.scenarios.steps import Pause, Scenario, Steps

LONGEST_HOLD_SECONDS = 0.1


class Churn(Scenario):
    """Books one of the contested slots of the work order, holds it for a moment and cancels it."""

    def __init__(self, me: Client) -> None:
        super().__init__(me)
        self._held = Held(me)

    def work(self) -> Steps[None]:
        """One booking, and its cancellation if it was granted."""
        contested = self.me.random.choice(self.me.order.contested)
        practice = self.me.practice(contested.practice)
        booked = yield from book(self.me, practice, (contested.offer,), some_patient(self.me, practice))
        if booked is None:
            return
        self._held.add(practice, booked)
        yield Pause(self.me.random.uniform(0, LONGEST_HOLD_SECONDS))
        yield from self._held.cancel_down_to(0)

    def finish(self) -> Steps[None]:
        """Give back what is still held."""
        yield from self._held.give_back()

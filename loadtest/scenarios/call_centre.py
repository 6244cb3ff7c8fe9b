"""call_centre: a 111 service looks at many practices at once, and books at one of them now and then."""

from loadtest.appointments import Offer, offers_in
from loadtest.practices import Practice
from loadtest.responses import parsed
from loadtest.scenarios.dealings import Held, book, choose_offers, some_patient
from loadtest.scenarios.session import Client
from loadtest.scenarios.steps import Scenario, Steps, ask_together

MOST_PRACTICES = 8
BOOK_SHARE = 0.3


class CallCentre(Scenario):
    """One call: the next two days at up to eight practices, all asked at the same time."""

    def __init__(self, me: Client) -> None:
        super().__init__(me)
        self._held = Held(me)

    def work(self) -> Steps[None]:
        """One call; the appointment of an earlier one is cancelled, so that the stock holds steady."""
        practices = self.me.some_practices(MOST_PRACTICES)
        first, last = self.me.order.diary.some_days(self.me.random, 2)
        answers = yield from ask_together(
            tuple(self.me.consumer(practice).search_for_free_slots(first, last) for practice in practices)
        )
        found: list[tuple[Practice, list[Offer]]] = [
            (practice, offers)
            for practice, (searched, body) in zip(practices, answers, strict=True)
            if searched.outcome == "ok" and (offers := offers_in(parsed(body) or {}))
        ]
        if found and self.me.random.random() < BOOK_SHARE:
            practice, offers = self.me.random.choice(found)
            patient = some_patient(self.me, practice)
            booked = yield from book(self.me, practice, choose_offers(self.me, offers), patient)
            if booked is not None:
                self._held.add(practice, booked)
        yield from self._held.cancel_down_to(1)

    def finish(self) -> Steps[None]:
        """Give back what is still held."""
        yield from self._held.give_back()

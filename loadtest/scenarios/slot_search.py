"""slot_search: free slots at varied practices and days, so that no small set of answers is reused."""

from loadtest.scenarios.steps import Scenario, Steps, ask


class SlotSearch(Scenario):
    """Searches one practice and one to two weeks at a time."""

    def work(self) -> Steps[None]:
        """One search."""
        first, last = self.me.order.diary.some_window(self.me.random)
        yield from ask(self.me.consumer(self.me.some_practice()).search_for_free_slots(first, last))

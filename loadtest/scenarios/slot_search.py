"""slot_search: free slots at varied practices and days, so that no small set of answers is reused."""

from loadtest.scenarios.client import GpConnectUser


class SlotSearchUser(GpConnectUser):
    """Searches one practice and one to two weeks at a time."""

    def work(self) -> None:
        """One search."""
        first, last = self.me.order.diary.some_window(self.me.random)
        self.ask(self.me.consumer(self.me.some_practice()).search_for_free_slots(first, last))

"""The least that Locust can do: a client that asks for the same search again and again."""

from locust import FastHttpUser, task

from tests.bench.fixed_provider import SEARCH_PATH


class Bare(FastHttpUser):
    """Asks, reads, asks again."""

    @task
    def search(self) -> None:
        """One search."""
        self.client.get(SEARCH_PATH)

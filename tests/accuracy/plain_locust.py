"""What people would write with Locust alone: so many users, each with its share of the declared rate."""

from locust import FastHttpUser, constant_throughput, task

from tests.accuracy.provider import search_path

USERS = 10
RATE = 100


class Searcher(FastHttpUser):
    """Searches ten times a second, or as often as the answers let it."""

    wait_time = constant_throughput(RATE / USERS)

    @task
    def search(self) -> None:
        """One search."""
        self.client.get(search_path(), name="search_for_free_slots")

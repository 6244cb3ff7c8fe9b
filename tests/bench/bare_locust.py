"""The least that Locust can do: a client that asks for the same search again and again.

`GPBENCH_REQUEST` in the environment is the search as JSON: `url`, path and query, and `headers`.
"""

import json
import os

from locust import FastHttpUser, task


class Bare(FastHttpUser):
    """Asks, reads, asks again."""

    def on_start(self) -> None:
        """Take up the search."""
        self.wanted = json.loads(os.environ["GPBENCH_REQUEST"])

    @task
    def search(self) -> None:
        """One search; all count as one in Locust's statistics."""
        self.client.get(self.wanted["url"], headers=self.wanted["headers"], name="search")

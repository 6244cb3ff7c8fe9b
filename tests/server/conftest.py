"""Tests of what every request is checked for change nothing: they share one application."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from simulator.store.database import Store
from tests.conftest import STOPPED, a_consumer
from tests.practice_client import PracticeClient
from tests.running_server import RunningServer


@pytest.fixture
def other(database: Path) -> Iterator[Store]:
    """Return another process's way into the database."""
    with closing(Store(database)) as opened:
        yield opened


@pytest.fixture(scope="session")
def consumer(visitor: PracticeClient) -> PracticeClient:
    """Return a correct consumer of the first practice, which no test here writes to."""
    return visitor


@pytest.fixture(scope="session")
def neighbour(running_server: RunningServer | None, shared_http: httpx2.Client) -> PracticeClient:
    """Return a correct consumer of the second practice, which no test here writes to."""
    return running_server.consumer(1) if running_server else a_consumer(shared_http, STOPPED, 1)

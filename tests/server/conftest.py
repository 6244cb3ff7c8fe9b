"""Tests of what every request is checked for change nothing: they share one application."""

import pytest
from starlette.testclient import TestClient

from tests.conftest import STOPPED, a_consumer
from tests.practice_client import PracticeClient


@pytest.fixture(scope="session")
def consumer(visitor: PracticeClient) -> PracticeClient:
    """Return a correct consumer of the first practice, which no test here writes to."""
    return visitor


@pytest.fixture(scope="session")
def neighbour(shared_http: TestClient) -> PracticeClient:
    """Return a correct consumer of the second practice, which no test here writes to."""
    return a_consumer(shared_http, STOPPED, 1)

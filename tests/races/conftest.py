"""How many race, and how often; parties that are closed when the test is over."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.races.parties import Party

PartyAt = Callable[[str], Party]


@pytest.fixture
def race_clients(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--race-clients"))


@pytest.fixture
def race_rounds(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--race-rounds"))


@pytest.fixture
def party_at(tmp_path: Path) -> Iterator[PartyAt]:
    """Return how to gather clients at a URL."""
    with ExitStack() as closing_time:

        def gather(url: str) -> Party:
            party = Party(url, tmp_path / "ledger")
            closing_time.callback(party.close)
            return party

        yield gather

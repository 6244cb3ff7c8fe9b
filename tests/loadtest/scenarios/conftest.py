from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest

from loadtest.plans.plan import Phase
from loadtest.practices import read_practices
from loadtest.running.order import Diary, WorkOrder
from loadtest.scenarios.session import Session
from tests.loadtest.fake_provider import practices


@pytest.fixture
def order() -> WorkOrder:
    return WorkOrder(
        run="r-1",
        plan="booking",
        phase=Phase("rush", {"booking": 1.0}, 10.0, users=4),
        order=0,
        seed=7,
        target="http://127.0.0.1:8000",
        proxy=None,
        diary=Diary(date(2030, 6, 4), date(2030, 7, 2)),
        practices=read_practices(orjson.dumps(practices() + practices("B81001")), "test"),
        patients={},
    )


@pytest.fixture
def session(order: WorkOrder, tmp_path: Path) -> Iterator[Session]:
    made = Session.open(order, tmp_path, begins=1_000)
    yield made
    made.ledger.close()

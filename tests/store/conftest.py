"""Another process, and samples of stored things: an appointment, to store in one's own way."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulator.domain.appointment import Appointment
from simulator.store.database import Store
from tests.diary import Diary, instant
from tests.domain.samples import APPOINTMENT

TEN = instant("2026-03-22T10:00:00+00:00")


@pytest.fixture
def other(database: Path) -> Iterator[Store]:
    """Return another process's way into the database."""
    with closing(Store(database)) as opened:
        yield opened


@pytest.fixture
def slot_id(diary: Diary) -> int:
    """Return a free slot that all may book."""
    return int(diary.slot())


@pytest.fixture
def appointment(slot_id: int, store: Store) -> Appointment:
    """Return an appointment of that slot, not stored yet."""
    return APPOINTMENT._replace(
        id=0, slot_ids=(slot_id,), start=TEN, end=TEN + 600, service_category="Test", version=1
    )


@pytest.fixture
def schedule_id(slot_id: int, store: Store) -> int:
    """Return the schedule of that slot."""
    with store.reading() as transaction:
        (slot,) = transaction.slots.find(1, [slot_id])
    return slot.schedule_id

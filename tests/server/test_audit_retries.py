"""An audit trail that cannot be written for a while: what waits, what is tried again and what is given up."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from simulator.domain.audit import AuditEvent, Surface
from simulator.server import audit_trail
from simulator.server.audit_trail import AuditTrail
from simulator.store import database
from simulator.store.audit import Audit
from simulator.store.audit_verification import Head
from simulator.store.database import Store
from tests.conftest import STOPPED, a_consumer
from tests.diary import Diary
from tests.store.chains import verdict

PATIENCE_SECONDS = 30.0


@contextmanager
def unwritable() -> Iterator[list[int]]:
    """Let no audit row be written; yield the sizes of the batches tried."""
    tried: list[int] = []

    def fail(_: Audit, events: Iterable[AuditEvent]) -> None:
        tried.append(len(list(events)))
        raise OSError("no room")

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(Audit, "record", fail)
        yield tried


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no timer come into play."""
    monkeypatch.setattr(audit_trail, "SECONDS", 3600)


async def until(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.005)


def test_what_cannot_be_recorded_now_goes_with_what_comes_next(
    store: Store, diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    trail = AuditTrail(store)
    with unwritable(), caplog.at_level(logging.WARNING, "gpsim"):
        trail.now(AuditEvent(1, record="first"))
    assert "1 audit rows could not be written; they are tried again" in caplog.text
    trail.now(AuditEvent(2, record="second"))
    assert "2 audit rows that had to wait are written now" in caplog.text
    assert [event.record for event in diary.audited()] == ["first", "second"]


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["soon", "now"])
async def test_what_cannot_be_recorded_is_tried_again_though_nothing_more_is_asked(
    store: Store, diary: Diary, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(audit_trail, "SECONDS", 0.001)
    trail = AuditTrail(store)
    with unwritable() as tried:
        getattr(trail, kind)(AuditEvent(1, record="alone"))
        await until(lambda: len(tried) >= 3)
        assert set(tried) == {1}
    await until(diary.audited)
    assert [event.record for event in diary.audited()] == ["alone"]


@pytest.mark.anyio
async def test_each_retry_comes_later_up_to_half_a_minute(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    loop = asyncio.get_running_loop()

    def later(pause: float, _: Callable[[], None]) -> asyncio.TimerHandle:
        pauses.append(pause)
        return loop.call_at(loop.time() + 3600, lambda: None)

    monkeypatch.setattr(loop, "call_later", later)
    trail = AuditTrail(store)
    with unwritable():
        trail.soon(AuditEvent(1))
        for _ in range(9):
            trail.flush()
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 32, 32, 32]
    trail.flush()
    trail.soon(AuditEvent(2))
    assert pauses[-1] == 0.5
    trail.close()


@pytest.mark.anyio
async def test_a_failure_is_logged_once_however_often_it_comes(
    store: Store, slowly: None, caplog: pytest.LogCaptureFixture
) -> None:
    trail = AuditTrail(store)
    with unwritable(), caplog.at_level(logging.WARNING, "gpsim"):
        for _ in range(5):
            trail.now(AuditEvent(1))
    trail.close()
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "1 audit rows could not be written; they are tried again",
        "5 audit rows that had to wait are written now",
    ]


@pytest.mark.anyio
async def test_queries_wait_for_the_timer_while_nothing_can_be_written(
    store: Store, diary: Diary, slowly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "BATCH", 2)
    trail = AuditTrail(store)
    with unwritable() as tried:
        for number in range(10):
            trail.soon(AuditEvent(number))
        assert tried == [2]
    trail.flush()
    assert len(diary.audited()) == 10


@pytest.mark.anyio
async def test_only_the_oldest_queries_are_given_up_and_the_trail_says_how_many(
    store: Store,
    diary: Diary,
    slowly: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(audit_trail, "MOST_WAITING", 4)
    monkeypatch.setattr(audit_trail, "BATCH", 1)
    trail = AuditTrail(store)
    with unwritable(), caplog.at_level(logging.ERROR, "gpsim"):
        trail.now(AuditEvent(1, record="command"))
        for number in range(5):
            trail.soon(AuditEvent(2, record=f"query {number}"))
            trail.flush()
        trail.now(AuditEvent(3, record="another command"))
    assert caplog.text.count("the oldest queries among them are dropped") == 1
    trail.flush()
    *written, said = diary.audited()
    assert [event.record for event in written] == ["command", "query 3", "query 4", "another command"]
    assert said.record == "3 queries before this row could not be written and are not in the trail"
    assert (said.at, said.surface, said.interaction) == (3, Surface.OPERATOR, "dropped")
    trail.now(AuditEvent(4, record="later"))
    assert [event.record for event in diary.audited()][-2:] == [said.record, "later"]


def test_what_a_locked_database_refused_is_recorded_once_it_is_free(
    store: Store, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 5)
    trail = AuditTrail(store)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        trail.now(AuditEvent(1, record="locked out"))
        other.execute("rollback")
    assert diary.audited() == []
    trail.flush()
    assert [event.record for event in diary.audited()] == ["locked out"]
    assert isinstance(verdict(store.path), Head)


@pytest.mark.anyio
async def test_queries_wait_for_another_writer_without_waiting_for_it(
    store: Store, diary: Diary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(audit_trail, "BATCH", 2)
    trail = AuditTrail(store)
    with closing(Store(store.path)) as other:
        with other.writing():
            for number in range(5):
                # Were the other writer waited for, this would end only with an error.
                trail.soon(AuditEvent(number))
            await asyncio.sleep(0.02)
            assert diary.audited() == []
        await until(diary.audited)
    assert [event.at for event in diary.audited()] == [0, 1, 2, 3, 4]
    assert caplog.text == ""
    trail.soon(AuditEvent(5))
    trail.soon(AuditEvent(6))
    assert len(diary.audited()) == 7


@pytest.mark.anyio
async def test_a_database_that_is_locked_for_too_long_is_a_failure_like_others(
    store: Store, diary: Diary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(audit_trail, "SECONDS", 0.001)
    monkeypatch.setattr(audit_trail, "BUSY_TIMEOUT_MS", 5)
    trail = AuditTrail(store)
    with closing(Store(store.path)) as other:
        with other.writing():
            trail.soon(AuditEvent(1))
            await until(lambda: "could not be written" in caplog.text)
        await until(diary.audited)
    assert caplog.text.count("audit rows could not be written; they are tried again") == 1


def test_what_waits_is_recorded_at_the_end_though_somebody_else_writes(store: Store, diary: Diary) -> None:
    trail = AuditTrail(store)
    with closing(Store(store.path)) as other:
        other.begin_several()
        trail.soon(AuditEvent(1))
        threading.Timer(0.05, lambda: other.connection.execute("rollback")).start()
        trail.close()
    assert len(diary.audited()) == 1


@pytest.mark.anyio
async def test_what_is_still_waiting_at_the_end_is_said_to_be_lost(
    store: Store, slowly: None, caplog: pytest.LogCaptureFixture
) -> None:
    trail = AuditTrail(store)
    with unwritable(), caplog.at_level(logging.ERROR, "gpsim"):
        trail.soon(AuditEvent(1))
        trail.soon(AuditEvent(2))
        trail.close()
    assert "2 audit rows could not be written and are lost" in caplog.text


def test_a_lone_query_that_could_not_be_recorded_is_recorded_while_nobody_asks(
    app: ASGIApp, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "SECONDS", 0.001)
    with TestClient(app) as http, closing(Store(database)) as store:
        diary = Diary(store.connection)
        with unwritable() as tried:
            a_consumer(http, STOPPED, 0).send("read_metadata")
            asyncio.run(until(lambda: len(tried) >= 2))
        asyncio.run(until(diary.audited))
        assert [event.record for event in diary.audited()] == ["metadata"]

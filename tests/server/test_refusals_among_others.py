"""A refused command among others: on record before it is told so, whatever becomes of its neighbours."""

import asyncio
import json
import sqlite3
from collections.abc import Callable

import pytest
from starlette.types import ASGIApp, Message

from simulator.interactions.registry import INTERACTIONS
from simulator.server.audit_trail import AuditTrail
from simulator.server.dispatch import ServiceRoots
from simulator.store.appointments import Appointments
from simulator.store.database import Store
from tests.conftest import STOPPED
from tests.diary import Diary
from tests.fuzz.wire import RawRequest
from tests.practice_client import BY_NAME, PracticeClient
from tests.server.test_command_queue import traced
from tests.store.test_database import FailingCommits


@pytest.fixture
def consumer(consumer_at: Callable[[str], PracticeClient]) -> PracticeClient:
    """Return a consumer of a practice that is the test's own."""
    return consumer_at("2026-03-16T07:30:00+00:00")


def a_request(consumer: PracticeClient, body: object) -> RawRequest:
    headers = consumer.headers(BY_NAME["book_appointment"]) | {"Content-Type": "application/fhir+json"}
    fields = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    return RawRequest("POST", b"/", b"", fields, (json.dumps(body).encode(),))


async def asked(app: ASGIApp, consumer: PracticeClient, body: object, told: Callable[[], None]) -> int:
    """Return the status of what is answered; `told` is called at the moment when it is."""
    request = a_request(consumer, body)
    place = {"ods_code": consumer.practice["ods_code"], "path": "Appointment"}
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body[0], "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            told()
            statuses.append(message["status"])

    await app({**request.scope(), "path_params": place}, receive, send)
    return statuses[0]


def recorded(store: Store) -> list[tuple[int, str]]:
    """Return status and code of the bookings in the trail."""
    rows = store.connection.execute(
        "select status, code from audit where interaction like '%create%appointment%' order by sequence"
    )
    return rows.fetchall()


def held(store: Store) -> tuple[int, int]:
    """Return how many slots are taken that begin on the test's own day, and of how many appointments."""
    day = "date(start, 'unixepoch') = '2026-03-22'"
    (slots,) = store.connection.execute(
        f"select count(*) from slots where status = 'busy' and {day}"
    ).fetchone()
    (number,) = store.connection.execute(f"select count(*) from appointments where {day}").fetchone()
    return slots, number


@pytest.mark.parametrize("neighbour_fails", [False, True])
def test_a_refused_command_is_on_record_before_it_is_told_so(
    store: Store,
    other: Store,
    diary: Diary,
    consumer: PracticeClient,
    monkeypatch: pytest.MonkeyPatch,
    neighbour_fails: bool,
) -> None:
    slots = {diary.slot(), diary.slot("2026-03-22T12:00:00+00:00")}
    found = [slot for slot in consumer.free_slots(6, 6) if slot["id"] in slots]
    taken, neighbour = (consumer.booking(slot) for slot in found)
    assert consumer.book(taken).status_code == 201
    told: list[list[tuple[int, str]]] = []
    roots = ServiceRoots(store, STOPPED, INTERACTIONS, "test", AuditTrail(store))
    add = Appointments.add

    def failing(self: Appointments, *args: object) -> object:
        add(self, *args)  # type: ignore[arg-type]  # whatever it is called with
        raise ZeroDivisionError

    if neighbour_fails:
        monkeypatch.setattr(Appointments, "add", failing)

    async def run() -> list[int]:
        told_so = asked(roots, consumer, taken, lambda: told.append(recorded(other)))
        return list(await asyncio.gather(told_so, asked(roots, consumer, neighbour, lambda: None)))

    noted = traced(store)
    statuses = asyncio.run(run())
    first = [(201, ""), (409, "DUPLICATE_REJECTED")]
    assert statuses == [409, 500 if neighbour_fails else 201]
    assert told == [first if neighbour_fails else [*first, (201, "")]]
    assert recorded(other) == [*first, (500, "INTERNAL_SERVER_ERROR") if neighbour_fails else (201, "")]
    assert held(other) == ((1, 1) if neighbour_fails else (2, 2))
    # What the neighbour wrote before it failed could not be undone alone: both were done again.
    noted = noted[noted.index("begin immediate") :]
    begun = 2 if neighbour_fails else 1
    assert noted[: begun + 1] == [*["begin immediate"] * begun, "commit"]
    assert noted.count("commit") == (2 if neighbour_fails else 1)


class FailingOnce(FailingCommits):
    """A connection whose next commit of something written fails."""

    is_writing = False

    def execute(self, statement: str, values: tuple[str, ...] = ()) -> sqlite3.Cursor:
        """Execute a statement, unless it is that commit."""
        self.is_writing |= statement == "begin immediate"
        if not self.is_writing:
            return self._connection.execute(statement, values)
        try:
            return super().execute(statement, values)
        finally:
            self.failing = self.failing and statement != "commit"


def test_a_refusal_that_could_not_be_committed_is_told_as_a_failure_and_recorded_as_one(
    store: Store, other: Store, diary: Diary, consumer: PracticeClient
) -> None:
    diary.slot()
    taken = consumer.booking(*consumer.free_slots(6, 6)[:1])
    assert consumer.book(taken).status_code == 201
    store.connection = FailingOnce(store.connection)  # type: ignore[assignment]  # stands in for one
    roots = ServiceRoots(store, STOPPED, INTERACTIONS, "test", AuditTrail(store))
    assert asyncio.run(asked(roots, consumer, taken, lambda: None)) == 500
    assert recorded(other) == [(201, ""), (500, "INTERNAL_SERVER_ERROR")]

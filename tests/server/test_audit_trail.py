"""The audit trail: one row for each request, whatever came of it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from simulator.domain.audit import AuditEvent
from simulator.server import audit_trail
from simulator.store.audit import Audit
from simulator.store.database import Store
from simulator.store.practices import Practices
from tests.conftest import NOW, STOPPED, a_consumer
from tests.diary import Diary
from tests.practice_client import BY_NAME, Json, PracticeClient, resource_of

TRACE = "c8b7a1d2-00aa-4000-8000-0000000000ff"


@pytest.fixture
def batching(consumer_at: Callable[[str], PracticeClient]) -> PracticeClient:
    """Return a consumer of an application of the test's own."""
    return consumer_at("2026-03-16T07:30:00+00:00")


@pytest.fixture
def client(batching: PracticeClient, monkeypatch: pytest.MonkeyPatch) -> PracticeClient:
    """Return a consumer whose every request is recorded at once: a batch is one."""
    monkeypatch.setattr(audit_trail, "BATCH", 1)
    return batching


def test_a_query_is_recorded_with_who_asked_what_of_whom(client: PracticeClient, diary: Diary) -> None:
    number = client.practice["patients"][0]["nhs_number"]
    role = {"system": "https://fhir.nhs.uk/Id/sds-role-profile-id", "value": "112233445566"}
    claims = client.claims("patient/*.read")
    claims["requesting_practitioner"]["identifier"][1] = role
    client.send(
        "find_patient",
        query=f"identifier=https://fhir.nhs.uk/Id/nhs-number%7C{number}",
        claims=claims,
        headers={"Ssp-TraceID": TRACE},
    )
    (event,) = diary.audited()
    assert event == AuditEvent(
        at=int(NOW),
        trace_id=TRACE,
        interaction=BY_NAME["find_patient"].id,
        ods_code="Z90001",
        sender_asid=client.practice["consumer"]["asid"],
        receiver_asid=client.practice["asid"],
        user_id="user-1",
        user_name="Ms Muriel Okafor",
        user_role="112233445566",
        organisation=client.practice["consumer"]["ods_code"],
        device="Test consumer 1.0 desk-1",
        record="Patient",
        status=200,
        sds_user_id="UNK",
        patient_id="1",
        nhs_number=number,
    )


@pytest.mark.parametrize(
    ("name", "resource_id", "record", "patient"),
    [
        ("read_metadata", "", "metadata", ""),
        ("read_patient", "1", "Patient/1", "1"),
        ("read_location", "2", "Location/2", ""),
        ("retrieve_patient_appointments", "1", "Patient/1/Appointment", "1"),
    ],
)
def test_a_query_s_path_says_what_and_whom_it_was_about(
    client: PracticeClient, diary: Diary, name: str, resource_id: str, record: str, patient: str
) -> None:
    client.send(name, resource_id=resource_id, query="start=ge2026-03-16&start=le2026-03-17")
    (event,) = diary.audited()
    assert (event.record, event.patient_id, event.status, event.code) == (record, patient, 200, "")
    assert event.version is None


def test_a_command_is_recorded_in_order_with_the_queries_around_it(
    client: PracticeClient, diary: Diary
) -> None:
    booked = client.booked()
    client.send("amend_appointment", resource_id=booked["id"], body=booked)
    client.cancel(client.send("read_appointment", resource_id=booked["id"]).json())
    patient = booked["participant"][0]["actor"]["reference"].removeprefix("Patient/")
    about = (f"Appointment/{booked['id']}", patient)
    events = [
        (event.interaction.rpartition(":")[2], event.record, event.patient_id, event.status, event.version)
        for event in diary.audited()
    ]
    assert events[-4:] == [
        ("appointment-1", *about, 201, 1),
        ("appointment-1", *about, 200, 2),
        ("appointment-1", *about, 200, None),
        ("appointment-1", *about, 200, 3),
    ]


def test_a_registration_is_recorded_with_the_patient(client: PracticeClient, diary: Diary) -> None:
    diary.national_record("9876543210")
    name = [{"use": "official", "family": "Lark", "given": ["Ada"]}]
    system = "https://fhir.nhs.uk/Id/nhs-number"
    patient: Json = {
        "resourceType": "Patient",
        "identifier": [{"system": system, "value": "9876543210"}],
        "name": name,
        "birthDate": "1980-02-03",
    }
    parameter = [{"name": "registerPatient", "resource": patient}]
    response = client.send("register_patient", body={"resourceType": "Parameters", "parameter": parameter})
    (entry,) = resource_of(response)["entry"]
    (event,) = diary.audited()
    patient_id = entry["resource"]["id"]
    assert (event.record, event.version, event.status) == (f"Patient/{patient_id}", 1, 200)
    assert (event.patient_id, event.nhs_number) == (patient_id, "9876543210")


@pytest.mark.parametrize(
    ("send", "status", "code", "user"),
    [
        ({"name": "find_patient"}, 400, "BAD_REQUEST", "user-1"),
        ({"name": "read_patient", "resource_id": "999999"}, 404, "PATIENT_NOT_FOUND", "user-1"),
        ({"name": "read_metadata", "headers": {"Authorization": None}}, 400, "BAD_REQUEST", ""),
        ({"name": "read_metadata", "headers": {"Ssp-From": None}}, 400, "BAD_REQUEST", ""),
        ({"name": "read_metadata", "headers": {"Accept": "text/html"}}, 415, "BAD_REQUEST", "user-1"),
        ({"name": "read_metadata", "path": "/Nothing"}, 404, "NO_RECORD_FOUND", ""),
        ({"name": "read_metadata", "path": "/Observation"}, 501, "NOT_IMPLEMENTED", ""),
        ({"name": "read_metadata", "method": "DELETE"}, 400, "BAD_REQUEST", ""),
        ({"name": "book_appointment", "body": b"{"}, 400, "BAD_REQUEST", "user-1"),
        ({"name": "book_appointment", "body": {}}, 422, "INVALID_RESOURCE", "user-1"),
        ({"name": "book_appointment", "body": b" " * 1_000_001}, 413, "BAD_REQUEST", "user-1"),
        ({"name": "register_patient", "body": {}}, 422, "INVALID_RESOURCE", "user-1"),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else str(value),
)
def test_a_refused_request_is_recorded_with_its_code(
    client: PracticeClient, diary: Diary, send: Json, status: int, code: str, user: str
) -> None:
    assert client.send(**send).status_code == status
    (event,) = diary.audited()
    assert (event.status, event.code, event.user_id, event.ods_code) == (status, code, user, "Z90001")


def test_a_request_to_a_practice_that_is_not_here_is_recorded(client: PracticeClient, diary: Diary) -> None:
    client.http.get("/Z00000/STU3/1/gpconnect/metadata", headers=client.headers(BY_NAME["read_metadata"]))
    (event,) = diary.audited()
    assert (event.ods_code, event.status, event.code) == ("Z00000", 404, "NO_RECORD_FOUND")


def test_a_refusal_of_a_practice_that_is_switched_off_is_recorded(
    client: PracticeClient, diary: Diary, store: Store
) -> None:
    with store.writing() as transaction:
        transaction.practices.switch(1, None, on=False)
    client.send("read_patient", resource_id="1")
    (event,) = diary.audited()
    assert (event.status, event.code) == (403, "ACCESS_DENIED")


def test_a_failure_is_recorded(client: PracticeClient, diary: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Practices, "location", lambda *_: 1 / 0)
    assert client.send("read_location", resource_id="1").status_code == 500
    (event,) = diary.audited()
    assert (event.status, event.code) == (500, "INTERNAL_SERVER_ERROR")


def test_what_a_request_says_is_kept_cut_to_a_length(client: PracticeClient, diary: Diary) -> None:
    client.send("read_metadata", path=f"/{'x' * 5000}", headers={"Ssp-TraceID": "t" * 5000})
    (event,) = diary.audited()
    assert (len(event.record), len(event.trace_id)) == (200, 200)


def test_a_refused_command_is_recorded_though_what_it_began_is_undone(
    client: PracticeClient, diary: Diary
) -> None:
    slot = client.free_slots()[0]
    booking = client.booking(slot)
    client.booked(slot)
    before = diary.connection.execute("select count(*) from appointments").fetchone()
    assert client.book(booking).status_code == 409
    event = diary.audited()[-1]
    patient = booking["participant"][0]["actor"]["reference"]
    about = f"Appointment {patient} Slot/{slot['id']}"
    assert (event.status, event.code, event.record) == (409, "DUPLICATE_REJECTED", about)
    assert diary.connection.execute("select count(*) from appointments").fetchone() == before


def fail_at_commit(connection: sqlite3.Connection) -> None:
    """Let every commit of a booking fail: a rule that is only looked at then is broken by then."""
    connection.executescript(
        "create table whole (id integer primary key);"
        "create table part (whole references whole deferrable initially deferred);"
        "create trigger half after insert on appointments begin insert into part values (0); end;"
        "pragma foreign_keys = on;"
    )


def test_a_booking_whose_commit_fails_leaves_neither_itself_nor_its_row(
    client: PracticeClient, diary: Diary
) -> None:
    booking = client.booking(client.free_slots()[0])
    before = diary.connection.execute("select count(*) from appointments").fetchone()
    fail_at_commit(diary.connection)
    assert client.book(booking).status_code == 500
    assert diary.connection.execute("select count(*) from appointments").fetchone() == before
    assert [
        event.status for event in diary.audited() if event.interaction.endswith("create:appointment-1")
    ] == [500]
    diary.connection.execute("drop trigger half")
    assert client.book(booking).status_code == 201


def test_the_row_of_a_command_stands_or_falls_with_it(
    client: PracticeClient, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = client.booking(client.free_slots()[0])
    before = diary.connection.execute("select count(*) from appointments").fetchone()
    record = Audit.record

    def no_room(self: Audit, events: list[AuditEvent]) -> None:
        if [event.status for event in events] == [201]:
            raise sqlite3.OperationalError("database or disk is full")
        record(self, events)

    monkeypatch.setattr(Audit, "record", no_room)
    assert client.book(booking).status_code == 500
    assert diary.connection.execute("select count(*) from appointments").fetchone() == before


def test_queries_are_recorded_in_batches(batching: PracticeClient, diary: Diary) -> None:
    for _ in range(audit_trail.BATCH - 1):
        batching.send("read_metadata")
    assert diary.audited() == []
    batching.send("read_metadata")
    assert len(diary.audited()) == audit_trail.BATCH


def test_a_refused_command_does_not_wait_for_a_batch(batching: PracticeClient, diary: Diary) -> None:
    batching.send("read_metadata")
    batching.send("book_appointment", body={})
    assert [event.status for event in diary.audited()] == [422]


def test_what_is_waiting_is_recorded_at_shutdown(app: ASGIApp, database: Path) -> None:
    with TestClient(app) as http:
        a_consumer(http, STOPPED, 0).send("read_metadata")
    with closing(Store(database)) as store:
        assert [event.record for event in Diary(store.connection).audited()] == ["metadata"]


def test_a_lone_query_is_recorded_after_a_moment(
    http: TestClient, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "SECONDS", 0)
    consumer = a_consumer(http, STOPPED, 0)
    consumer.send("read_metadata")
    consumer.send("read_metadata")
    assert len(diary.audited()) >= 1

"""Provenance: who made each version of what came of the API, kept with it and never shown to a consumer."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from simulator.server import audit_trail
from simulator.store.audit import AuditRow
from simulator.store.database import Store
from tests.diary import Diary
from tests.practice_client import BY_NAME, Json, PracticeClient, resource_of

TRACE = "c8b7a1d2-00aa-4000-8000-00000000000"


@pytest.fixture
def client(consumer_at: Callable[[str], PracticeClient], monkeypatch: pytest.MonkeyPatch) -> PracticeClient:
    """Return a consumer whose every request is recorded at once: a batch is one."""
    monkeypatch.setattr(audit_trail, "BATCH", 1)
    return consumer_at("2026-03-16T07:30:00+00:00")


def provenance(store: Store, record: str) -> list[AuditRow]:
    with store.reading() as transaction:
        return transaction.audit.provenance(record)


def by(client: PracticeClient, number: int, scope: str = "patient/*.write") -> Json:
    """Return what says that a request comes of one user, in one trace."""
    claims = client.claims(scope)
    claims["sub"] = claims["requesting_practitioner"]["id"] = f"user-{number}"
    return {"claims": claims, "headers": {"Ssp-TraceID": f"{TRACE}{number}"}}


def test_each_version_of_an_appointment_has_who_made_it(client: PracticeClient, store: Store) -> None:
    booking = client.booking(client.free_slots()[0])
    made = client.send("book_appointment", body=booking, **by(client, 1)).json()
    again = {"resource_id": made["id"], "body": made | {"description": "Other"}, **by(client, 2)}
    amended = client.send("amend_appointment", **again).json()
    client.send("read_appointment", resource_id=made["id"])
    assert client.cancel(amended | {"description": "Third"}, **by(client, 3)).status_code >= 400
    assert client.cancel(amended, **by(client, 4)).status_code == 200
    rows = provenance(store, f"Appointment/{made['id']}")
    assert [(row.event.version, row.event.user_id, row.event.trace_id[-1]) for row in rows] == [
        (1, "user-1", "1"),
        (2, "user-2", "2"),
        (3, "user-4", "4"),
    ]
    names = ("book_appointment", "amend_appointment", "cancel_appointment")
    assert [row.event.interaction for row in rows] == [BY_NAME[name].id for name in names]
    for row in rows:
        assert row.event.user_name == "Ms Muriel Okafor"
        assert row.event.organisation == client.practice["consumer"]["ods_code"]
        assert row.event.device == "Test consumer 1.0 desk-1"
        assert row.event.sender_asid == client.practice["consumer"]["asid"]
        assert row.event.patient_id == made["participant"][0]["actor"]["reference"].removeprefix("Patient/")


def test_a_registered_patient_has_who_registered_them(
    client: PracticeClient, store: Store, diary: Diary
) -> None:
    diary.national_record("9876543210")
    patient: Json = {
        "resourceType": "Patient",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9876543210"}],
        "name": [{"use": "official", "family": "Lark", "given": ["Ada"]}],
        "birthDate": "1980-02-03",
    }
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "registerPatient", "resource": patient}],
    }
    response = client.send("register_patient", body=body, **by(client, 5))
    (entry,) = resource_of(response)["entry"]
    (row,) = provenance(store, f"Patient/{entry['resource']['id']}")
    assert (row.event.version, row.event.user_id) == (1, "user-5")


def test_a_number_verified_by_a_search_has_who_searched(
    client: PracticeClient, store: Store, diary: Diary
) -> None:
    diary.update("patients", 1, given="Ada", family="Lark", birth_date="1980-02-03", verified=0)
    number = diary.nhs_number(1)
    diary.national_record(number)
    query: Json = {"query": f"identifier=https://fhir.nhs.uk/Id/nhs-number|{number}"}
    for user in (1, 2):
        client.send("find_patient", **query, **by(client, user, "patient/*.read"))
    (row,) = provenance(store, "Patient/1")
    assert (row.event.version, row.event.user_id, row.event.nhs_number) == (2, "user-1", number)
    recorded = [(event.user_id, event.patient_id, event.status) for event in diary.audited()]
    assert recorded == [("user-1", "1", 200), ("user-2", "1", 200)]


def test_who_verified_a_number_is_not_who_came_too_late(
    client: PracticeClient, store: Store, diary: Diary, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary.update("patients", 1, given="Ada", family="Lark", birth_date="1980-02-03", verified=0)

    def verified_elsewhere(patient: object, record: object) -> bool:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("update patients set verified = 1, version = 2 where id = 1")
        return True

    monkeypatch.setattr("simulator.interactions.find_patient.may_verify", verified_elsewhere)
    assert client.find_patient(diary.nhs_number(1)).status_code == 200
    assert provenance(store, "Patient/1") == []
    (event,) = diary.audited()
    assert (event.patient_id, event.version) == ("1", None)


def test_what_the_practice_booked_itself_has_no_provenance(store: Store) -> None:
    with store.reading() as transaction:
        own = next(each for each in transaction.appointments.all() if each.booking_organisation is None)
    assert provenance(store, f"Appointment/{own.id}") == []


def test_no_answer_says_who_made_a_version(client: PracticeClient) -> None:
    booking = client.booking(client.free_slots()[0])
    answers = [client.send("book_appointment", body=booking, **by(client, 1))]
    made = answers[0].json()
    answers.append(client.send("read_appointment", resource_id=made["id"]))
    answers.append(client.cancel(made, **by(client, 2)))
    for answer in answers:
        assert answer.status_code in (200, 201)
        assert not any(said in answer.text for said in ("Muriel", "user-1", "user-2", TRACE, "desk-1"))

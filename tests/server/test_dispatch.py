"""Interaction id, verb and path must agree; what is not there says so."""

import threading
from collections.abc import Callable, Sequence

import anyio
import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from simulator.interactions.registry import INTERACTIONS
from simulator.server.audit_trail import AuditTrail
from simulator.server.dispatch import ServiceRoots
from simulator.store.database import Store
from simulator.store.slots import Slots
from tests.conftest import STOPPED
from tests.diary import Diary
from tests.practice_client import BY_NAME, PracticeClient, assert_operation_outcome

NAMES = [each.name for each in INTERACTIONS]
APPOINTMENTS = {
    "search_for_free_slots",
    "retrieve_patient_appointments",
    "book_appointment",
    "read_appointment",
    "amend_appointment",
    "cancel_appointment",
}


def test_the_fifteen_interactions_are_there() -> None:
    assert len(NAMES) == len(set(NAMES)) == 15


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_the_contract_defines_is_not_implemented(consumer: PracticeClient, name: str) -> None:
    response = consumer.send(name, resource_id="1", body={} if BY_NAME[name].method != "GET" else None)
    assert response.status_code in (200, 400, 422), response.text


@pytest.mark.parametrize(
    ("name", "path", "code"),
    [
        ("read_patient", "/Patient/", "PATIENT_NOT_FOUND"),
        ("read_practitioner", "/Practitioner/", "PRACTITIONER_NOT_FOUND"),
        ("read_organization", "/Organization/", "ORGANISATION_NOT_FOUND"),
        ("read_location", "/Location/", "NO_RECORD_FOUND"),
        ("read_appointment", "/Appointment/", "NO_RECORD_FOUND"),
    ],
)
def test_an_empty_id_is_one_that_nothing_has(
    consumer: PracticeClient, name: str, path: str, code: str
) -> None:
    assert_operation_outcome(consumer.send(name, path=path), 404, code)


def test_the_appointments_of_an_empty_id_are_nobody_s(consumer: PracticeClient) -> None:
    query = "start=ge2026-03-16&start=le2026-03-17"
    response = consumer.send("retrieve_patient_appointments", path="/Patient//Appointment", query=query)
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/Schedule"),
        ("GET", "/Schedule/1"),
        ("GET", "/Slot/1"),
        ("GET", "/Location"),
        ("GET", "/Observation"),
        ("POST", "/Bundle"),
        ("GET", "/Appointment/1/_history/1"),
        ("GET", "/Patient/1/Condition"),
        ("POST", "/Patient/$gpc.getstructuredrecord"),
        ("POST", "/Patient/$GPC.registerpatient"),
        ("POST", "/$process-message"),
        ("GET", "/Patient/$everything"),
    ],
)
def test_a_fhir_type_or_operation_that_is_not_used_is_not_implemented(
    consumer: PracticeClient, method: str, path: str
) -> None:
    response = consumer.send("read_metadata", method=method, path=path)
    assert_operation_outcome(response, 501, "NOT_IMPLEMENTED", path)


@pytest.mark.parametrize(
    "path", ["", "/", "/Metadata", "/METADATA", "/metadata/", "/patient", "/slot", "/Nope/1"]
)
def test_a_path_that_is_nothing_in_fhir_leads_nowhere(consumer: PracticeClient, path: str) -> None:
    response = consumer.send("read_metadata", path=path)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", path, "leads nowhere")


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS", "POST", "PUT"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [("read_metadata", "GET"), ("find_patient", "GET"), ("search_for_free_slots", "GET")],
)
def test_a_verb_that_a_path_does_not_have_is_refused(
    consumer: PracticeClient, name: str, expected: str, method: str
) -> None:
    response = consumer.send(name, method=method)
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"verb {method}", f"expected {expected}")


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "POST"])
def test_the_verbs_of_an_appointment_are_named(consumer: PracticeClient, method: str) -> None:
    response = consumer.send("read_appointment", resource_id="1", method=method)
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"verb {method}", "expected GET or PUT")


def test_a_head_request_is_refused_without_a_body(consumer: PracticeClient) -> None:
    response = consumer.send("read_metadata", method="HEAD")
    assert response.status_code == 400
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("at", "sent"), [(at, sent) for at in NAMES for sent in NAMES if BY_NAME[at].path != BY_NAME[sent].path]
)
def test_the_interaction_id_of_another_path_is_refused(consumer: PracticeClient, at: str, sent: str) -> None:
    response = consumer.send(at, resource_id="1", headers={"Ssp-InteractionID": BY_NAME[sent].id})
    assert_operation_outcome(
        response, 400, "BAD_REQUEST", "Ssp-InteractionID", BY_NAME[sent].id, BY_NAME[at].id
    )


def test_the_interaction_id_of_another_verb_is_refused(consumer: PracticeClient) -> None:
    response = consumer.send(
        "read_appointment", resource_id="1", headers={"Ssp-InteractionID": BY_NAME["cancel_appointment"].id}
    )
    assert_operation_outcome(response, 400, "BAD_REQUEST", "GET", BY_NAME["read_appointment"].id)


def test_amend_and_cancel_are_both_named_where_neither_was_meant(consumer: PracticeClient) -> None:
    response = consumer.send(
        "cancel_appointment", resource_id="1", headers={"Ssp-InteractionID": BY_NAME["read_metadata"].id}
    )
    assert_operation_outcome(
        response, 400, "BAD_REQUEST", BY_NAME["amend_appointment"].id, BY_NAME["cancel_appointment"].id
    )


@pytest.mark.parametrize(
    "root", ["/Z00000/STU3/1/gpconnect", "/z90001/STU3/1/gpconnect", "/%00/STU3/1/gpconnect"]
)
def test_a_practice_that_is_not_here_is_not_found(consumer: PracticeClient, root: str) -> None:
    response = consumer.http.get(f"{root}/metadata", headers=consumer.headers(BY_NAME["read_metadata"]))
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", "ODS code")


@pytest.mark.parametrize(
    "path", ["/stu3/1/gpconnect", "/STU3/2/gpconnect", "/STU3/1/GPConnect", "/DSTU2/1/x"]
)
def test_a_service_root_is_case_sensitive_and_has_one_version(consumer: PracticeClient, path: str) -> None:
    response = consumer.http.get(f"/{consumer.practice['ods_code']}{path}/metadata")
    assert_operation_outcome(
        response, 404, "NO_RECORD_FOUND", "leads nowhere", "/[ODS code]/STU3/1/gpconnect"
    )


def test_each_practice_answers_for_its_own_patients_only(
    consumer: PracticeClient, neighbour: PracticeClient
) -> None:
    nhs_number = consumer.practice["patients"][0]["nhs_number"]
    assert "entry" in consumer.find_patient(nhs_number).json()
    assert "entry" not in neighbour.find_patient(nhs_number).json()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "read_metadata"])
def test_nothing_else_can_be_had_of_a_practice_that_switched_gp_connect_off(
    consumer_at: Callable[[str], PracticeClient], store: Store, name: str
) -> None:
    client = consumer_at("2026-03-16T07:30:00+00:00")
    with store.writing() as transaction:
        transaction.practices.switch(1, None, on=False)
    response = client.send(name, resource_id="1", query="identifier=x")
    assert_operation_outcome(response, 403, "ACCESS_DENIED", "GP Connect", client.practice["ods_code"])
    with store.writing() as transaction:
        transaction.practices.switch(1, None, on=True)
    assert client.send(name, resource_id="1", query="identifier=x").status_code != 403


@pytest.mark.parametrize("name", NAMES)
def test_appointments_can_be_switched_off_apart_from_foundations(
    consumer_at: Callable[[str], PracticeClient], store: Store, name: str
) -> None:
    client = consumer_at("2026-03-16T07:30:00+00:00")
    with store.writing() as transaction:
        transaction.practices.switch(1, "appointments", on=False)
    response = client.send(name, resource_id="1", query="identifier=x")
    if name in APPOINTMENTS:
        word = "Appointment Management"
        assert_operation_outcome(response, 403, "ACCESS_DENIED", word, client.practice["ods_code"])
    else:
        assert response.status_code in (200, 400, 422), response.text


def test_a_practice_that_is_switched_off_does_not_switch_off_its_neighbour(store: Store) -> None:
    with store.writing() as transaction:
        transaction.practices.switch(1, None, on=False)
        one, other, _ = transaction.practices.all()
    assert (one.enabled, one.appointments_enabled) == (False, True)
    assert (other.enabled, other.appointments_enabled) == (True, True)


def test_the_capability_statement_can_be_had_of_a_practice_that_is_switched_off(
    consumer_at: Callable[[str], PracticeClient], diary: Diary
) -> None:
    client = consumer_at("2026-03-16T07:30:00+00:00")
    diary.update("organizations", 1, enabled=0)
    assert client.send("read_metadata").status_code == 200


def test_a_token_is_checked_before_enablement(
    consumer_at: Callable[[str], PracticeClient], diary: Diary
) -> None:
    client = consumer_at("2026-03-16T07:30:00+00:00")
    diary.update("organizations", 1, enabled=0)
    response = client.send("find_patient", headers={"Authorization": None})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "Authorization")


def test_forwarded_headers_are_accepted(consumer: PracticeClient) -> None:
    headers: dict[str, str | None] = {"Forwarded": "for=192.0.2.1;proto=https", "Via": "1.1 proxy"}
    assert consumer.send("read_metadata", headers=headers).status_code == 200


def test_a_trailing_slash_is_never_redirected(shared_http: TestClient) -> None:
    response = shared_http.get("/control/health/", follow_redirects=False)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND")


def test_a_store_for_threads_is_commanded_from_threads(
    consumer_at: Callable[[str], PracticeClient], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = consumer_at("2026-03-16T07:30:00+00:00")
    monkeypatch.setattr(store, "one_at_a_time", False, raising=False)
    used: list[str] = []
    noted = Slots.take

    def take(self: Slots, slot_ids: Sequence[int]) -> bool:
        used.append(threading.current_thread().name)
        return noted(self, slot_ids)

    monkeypatch.setattr(Slots, "take", take)
    assert client.book(client.booking(client.free_slots()[0])).status_code == 201
    assert used
    assert all("worker" in name.lower() for name in used), used


def test_a_client_that_hangs_up_gets_no_answer_but_a_row(
    consumer: PracticeClient, store: Store, diary: Diary
) -> None:
    sent: list[Message] = []
    headers = consumer.headers(BY_NAME["book_appointment"]).items()
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"{consumer.root}/Appointment",
        "path_params": {"ods_code": consumer.practice["ods_code"], "path": "Appointment"},
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    roots = ServiceRoots(store, STOPPED, INTERACTIONS, "test", AuditTrail(store))
    anyio.run(roots, scope, receive, send)
    assert sent == []
    (event,) = diary.audited()
    assert (event.status, event.code, event.record) == (0, "CLIENT_DISCONNECTED", "Appointment")
    assert (event.interaction, event.user_id) == (BY_NAME["book_appointment"].id, "user-1")

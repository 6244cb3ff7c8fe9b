"""Refusals and failures on the wire: an OperationOutcome every time, never a stack trace."""

import logging

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from simulator.domain.refusals import Refusal
from simulator.fhir.operation_outcome import WIRE_FORMS
from simulator.server import dispatch
from simulator.server.error_handlers import refusal_response
from simulator.store.patients import Patients
from simulator.store.practices import Practices
from tests.practice_client import PracticeClient, assert_operation_outcome


@pytest.mark.parametrize("refusal", list(WIRE_FORMS), ids=lambda refusal: refusal.__name__)
def test_every_refusal_becomes_its_wire_form(refusal: type[Refusal]) -> None:
    response = refusal_response(refusal("what was wrong"))
    form = WIRE_FORMS[refusal]
    assert response.status_code == form.status
    assert form.spine_code.encode() in bytes(response.body)
    assert b"what was wrong" in bytes(response.body)
    assert response.headers["cache-control"] == "no-store"


def test_a_failure_that_nobody_foresaw_gives_nothing_away(
    consumer: PracticeClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(Patients, "with_nhs_number", fail)
    trace_id = "c8b7a1d2-00aa-4000-8000-0000000000ff"
    with caplog.at_level(logging.ERROR, "gpsim"):
        nhs_number = consumer.practice["patients"][0]["nhs_number"]
        response = consumer.send(
            "find_patient",
            query=f"identifier=https://fhir.nhs.uk/Id/nhs-number|{nhs_number}",
            headers={"Ssp-TraceID": trace_id},
        )
    assert_operation_outcome(response, 500, "INTERNAL_SERVER_ERROR", trace_id)
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "the secret of the house" in caplog.text


def test_a_failure_to_refuse_gives_nothing_away_either(
    consumer: PracticeClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(dispatch, "refusal_response", fail)
    response = consumer.send("find_patient", query="identifier=nobody")
    assert_operation_outcome(response, 500, "INTERNAL_SERVER_ERROR")
    assert "secret" not in response.text
    assert "the secret of the house" in caplog.text


def test_a_failure_outside_the_practices_gives_nothing_away_either(
    app: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(Practices, "all", fail)
    monkeypatch.setattr(Practices, "count", fail)
    with TestClient(app, raise_server_exceptions=False) as http:
        response = http.get("/control/health", headers={"Ssp-TraceID": "a-trace"})
    assert_operation_outcome(response, 500, "INTERNAL_SERVER_ERROR", "a-trace")
    assert "secret" not in response.text


@pytest.mark.parametrize(
    "path", ["/nothing", "/control", "/control/nothing", "/Z90001", "/Z90001/STU3/1", "//"]
)
def test_a_path_outside_any_service_root_says_where_these_are(shared_http: TestClient, path: str) -> None:
    response = shared_http.get(f"http://testserver{path}")
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", path, "/[ODS code]/STU3/1/gpconnect")


@pytest.mark.parametrize("path", ["/", "/control/health", "/control/practices"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_wrong_verb_outside_the_service_roots_names_the_right_ones(
    shared_http: TestClient, method: str, path: str
) -> None:
    response = shared_http.request(method, path)
    assert_operation_outcome(response, 405, "BAD_REQUEST", f"verb {method}", path, "GET, HEAD")
    assert response.headers["allow"] == "GET, HEAD"

"""What is kept of everything that goes through the Spine Secure Proxy, and who may see it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from simulator.application import create_app
from simulator.cli import gpsim
from simulator.domain.client_certificate import CLIENT_CERTIFICATE, ClientCertificate
from simulator.domain.clock import Clock, uk_local
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import a_consumer
from tests.diary import Diary
from tests.practice_client import Json
from tests.spine.through_proxy import ThroughProxy, assert_refused_by_proxy, through_proxy

TRACE_ID = "0f5de1c1-3f5c-4b46-9d0b-5c1b4c9c7a11"


def transactions(consumer: ThroughProxy, query: str = "") -> list[Json]:
    """Return what the proxy kept."""
    return list(consumer.http.get(f"/control/transactions{query}").json())


def test_a_transaction_keeps_who_asked_whom_for_what_and_how_much(
    proxied: ThroughProxy, clock: Clock
) -> None:
    headers: dict[str, str | None] = {"Ssp-TraceID": TRACE_ID, "Accept-Encoding": "identity"}
    response = proxied.send("book_appointment", body=b'{"x": 1}', query="a=b", headers=headers)
    (kept,) = transactions(proxied)
    assert kept.pop("microseconds") > 0
    assert kept.pop("sequence") > 0
    assert kept == {
        "at": uk_local(clock.real()),
        "trace_id": TRACE_ID,
        "from": "200000000115",
        "to": "200000100001",
        "practice": "Z90001",
        "interaction": "urn:nhs:names:services:gpconnect:fhir:rest:create:appointment-1",
        "request": f"POST {proxied.practice['service_root']}/Appointment",
        "status": response.status_code,
        "refusal": "",
        "request_bytes": 8,
        "response_bytes": len(response.content),
    }


def test_a_refused_transaction_keeps_what_the_proxy_said(proxied: ThroughProxy) -> None:
    response = proxied.send("read_metadata", method="PATCH")
    (kept,) = transactions(proxied)
    assert (kept["status"], kept["refusal"]) == (405, "405: Method Not Allowed")
    assert kept["response_bytes"] == len(response.content)


def test_proxy_and_practice_each_keep_a_row_of_one_request(proxied: ThroughProxy, diary: Diary) -> None:
    proxied.send("read_metadata", headers={"Ssp-TraceID": TRACE_ID})
    transactions(proxied)
    surfaces = [event.surface for event in diary.audited() if event.trace_id == TRACE_ID]
    assert sorted(surfaces) == ["practice", "proxy"]


def test_transactions_are_found_by_trace_id_the_last_ones_first_to_stay(proxied: ThroughProxy) -> None:
    for number in range(3):
        proxied.send("read_metadata", headers={"Ssp-TraceID": f"{TRACE_ID[:-1]}{number}"})
    assert len(transactions(proxied)) == 3
    (found,) = transactions(proxied, f"?trace_id={TRACE_ID[:-1]}2")
    assert found["trace_id"] == f"{TRACE_ID[:-1]}2"
    assert [each["trace_id"][-1] for each in transactions(proxied, "?limit=2")] == ["1", "2"]


@pytest.mark.parametrize("limit", ["0", "x", "", "-1", "1001", "9" * 30, "000000001" + "9" * 30])
def test_a_limit_that_is_none_is_refused(proxied: ThroughProxy, limit: str) -> None:
    assert proxied.http.get(f"/control/transactions?limit={limit}").status_code == 400


def test_gpsim_shows_transactions(proxied: ThroughProxy, database: Path) -> None:
    proxied.send("read_metadata")
    transactions(proxied)
    shown = CliRunner().invoke(
        gpsim, ["audit", "show", "--surface", "proxy", "--json", "--database", str(database)]
    )
    (row,) = json.loads(shown.output)
    assert row["record"] == f"GET {proxied.practice['service_root']}/metadata"
    assert row["response_bytes"] > 0


def test_the_certificate_of_another_system_is_refused_where_it_matters(
    database: Path, store: Store, clock: Clock
) -> None:
    app = create_app(replace(Settings(), database=database, bind_asid=True), store, clock)
    shown: list[ClientCertificate | None] = [None]

    async def as_the_server_hands_on(scope: Json, receive: object, send: object) -> None:
        if scope["type"] == "http":
            scope["extensions"] = {CLIENT_CERTIFICATE: shown[0]}
        await app(scope, receive, send)  # type: ignore[arg-type]

    with TestClient(as_the_server_hands_on, raise_server_exceptions=False) as http:  # type: ignore[arg-type]
        proxied = through_proxy(a_consumer(http, clock, 0))
        refused = "ASID_CHECK_FAILED_MESSAGESENDER_200000000115"
        assert_refused_by_proxy(proxied.send("read_metadata"), 403, "forbidden", refused)
        shown[0] = ClientCertificate("200000000116.consumer.example")
        assert_refused_by_proxy(proxied.send("read_metadata"), 403, "forbidden", refused)
        shown[0] = ClientCertificate("200000000115.consumer.example")
        assert proxied.send("read_metadata").status_code == 200

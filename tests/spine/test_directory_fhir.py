"""The Spine Directory Service over FHIR: Device and Endpoint, as consumers ask for and read them."""

import json
import re
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from starlette.testclient import TestClient

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.domain.directory import GP_CONNECT_INTERACTIONS
from simulator.settings import Settings
from simulator.store.database import Store
from tests.diary import Diary
from tests.practice_client import Json

SNAPSHOTS = Path(__file__).parent / "snapshots"
BASE = "/spine-directory/FHIR/R4"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code|"
INTERACTION = "https://fhir.nhs.uk/Id/nhsServiceInteractionId|"
PARTY_KEY = "https://fhir.nhs.uk/Id/nhsMhsPartyKey|"
SEARCH = "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"
CORRELATION_ID = "6D3D3674-7ce5-11ec-90d6-0242ac120003"

Parameters = list[tuple[str, str]]
OF_A_PRACTICE: Parameters = [("organization", f"{ODS}Z90001"), ("identifier", f"{INTERACTION}{SEARCH}")]


def ask(http: httpx2.Client, resource: str, parameters: Parameters, **headers: str) -> httpx2.Response:
    """Ask as a consumer with an API key."""
    sent = {"apikey": "any", "Accept": "application/fhir+json", **headers}
    return http.get(f"{BASE}/{resource}", params=urlencode(parameters), headers=sent)


def found(response: httpx2.Response) -> list[Json]:
    """Return the resources of a searchset, after a look at the bundle."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/fhir+json"
    bundle = response.json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    assert bundle["total"] == len(bundle["entry"])
    assert all(each["search"] == {"mode": "match"} for each in bundle["entry"])
    assert all(each["fullUrl"].endswith(f"/{each['resource']['id']}") for each in bundle["entry"])
    return [each["resource"] for each in bundle["entry"]]


def value(resource: Json, name: str) -> str:
    """Return the identifier whose system contains a name, as consumers look for it."""
    return next(str(each["value"]) for each in resource["identifier"] if name in each["system"])


def assert_refused(response: httpx2.Response, status: int, issue_type: str, code: str, *words: str) -> None:
    """Assert the directory's OperationOutcome."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/fhir+json"
    outcome = response.json()
    assert outcome["id"] == response.headers["x-correlation-id"]
    (issue,) = outcome["issue"]
    (coding,) = issue["details"]["coding"]
    assert coding["system"] == "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1"
    assert (issue["severity"], issue["code"], coding["code"]) == ("error", issue_type, code)
    assert all(word in issue["diagnostics"] for word in words), issue


@pytest.mark.parametrize("resource", ["Device", "Endpoint"])
def test_an_answer_is_as_its_snapshot_has_it(
    http: httpx2.Client, pytestconfig: pytest.Config, resource: str
) -> None:
    response = ask(http, resource, OF_A_PRACTICE)
    text = json.dumps(response.json(), indent=2) + "\n"
    path = SNAPSHOTS / f"sds_{resource.lower()}.json"
    if pytestconfig.getoption("--update-snapshots"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_consumer_finds_its_way_to_a_practice(http: httpx2.Client) -> None:
    """As the Appointment Checker does: endpoint, device with its party key, then the practice itself."""
    (endpoint,) = found(ask(http, "Endpoint", OF_A_PRACTICE))
    party_key = value(endpoint, "nhsMhsPartyKey")
    (device,) = found(ask(http, "Device", [*OF_A_PRACTICE, ("identifier", f"{PARTY_KEY}{party_key}")]))
    practice = http.get("/control/practices").json()[0]
    assert endpoint["address"] == practice["service_root"]
    assert value(device, "nhsSpineASID") == practice["asid"]
    supplier = next(
        each["valueReference"]["identifier"]["value"]
        for each in device["extension"]
        if "ManufacturingOrganisation" in each["url"]
    )
    assert http.get(f"/STU3/Organization/{supplier}").json()["name"]


def test_the_supplier_comes_before_the_interactions(http: httpx2.Client) -> None:
    (device,) = found(ask(http, "Device", OF_A_PRACTICE))
    first, *others = device["extension"]
    assert first["url"].endswith("Extension-SDS-ManufacturingOrganisation")
    named = [each["valueReference"]["identifier"]["value"] for each in others]
    assert named == list(GP_CONNECT_INTERACTIONS)


def test_a_consumer_finds_its_own_asid(http: httpx2.Client) -> None:
    own = [("organization", f"{ODS}Z9U01"), ("identifier", f"{INTERACTION}{SEARCH}")]
    (device,) = found(ask(http, "Device", [*own, ("manufacturing-organization", f"{ODS}Z9S04")]))
    assert value(device, "nhsSpineASID") == "200000000115"
    assert found(ask(http, "Device", [*own, ("manufacturing-organization", f"{ODS}Z9S01")])) == []
    assert found(ask(http, "Endpoint", own)) == []


def test_a_party_key_has_an_endpoint_for_each_interaction(http: httpx2.Client) -> None:
    endpoints = found(
        ask(http, "Endpoint", [("organization", f"{ODS}Z90001"), ("identifier", f"{PARTY_KEY}Z90001-800001")])
    )
    named = [each["extension"][1]["valueReference"]["identifier"]["value"] for each in endpoints]
    assert named == list(GP_CONNECT_INTERACTIONS)
    assert len({each["id"] for each in endpoints}) == len(endpoints)
    assert len({value(each, "nhsMHSId") for each in endpoints}) == len(endpoints)


@pytest.mark.parametrize(
    "left_out", ["organization", INTERACTION, PARTY_KEY, None], ids=["no ODS code", "no id", "no key", "all"]
)
def test_two_of_three_are_enough_for_an_endpoint(http: httpx2.Client, left_out: str | None) -> None:
    every = [*OF_A_PRACTICE, ("identifier", f"{PARTY_KEY}Z90001-800001")]
    asked = [pair for pair in every if left_out is None or not "{}={}".format(*pair).count(left_out)]
    assert found(ask(http, "Endpoint", asked))
    alone = asked[:1]
    assert_refused(ask(http, "Endpoint", alone), 400, "required", "BAD_REQUEST", "two at least")


@pytest.mark.parametrize(
    "parameters",
    [
        [("organization", f"{ODS}Z99999"), OF_A_PRACTICE[1]],
        [OF_A_PRACTICE[0], ("identifier", f"{INTERACTION}urn:nhs:names:services:other")],
        [*OF_A_PRACTICE, ("identifier", f"{PARTY_KEY}Z90001-999999")],
        [("organization", f"{ODS}z90001"), OF_A_PRACTICE[1]],
        [("organization", f"{ODS}Z98001"), OF_A_PRACTICE[1]],
    ],
    ids=["unknown", "other interaction", "other party key", "small letters", "not on GP Connect"],
)
@pytest.mark.parametrize("resource", ["Device", "Endpoint"])
def test_what_nobody_has_is_an_empty_searchset(
    http: httpx2.Client, resource: str, parameters: Parameters
) -> None:
    response = ask(http, resource, parameters)
    assert found(response) == []
    assert response.json()["entry"] == []


def test_of_repeated_values_the_last_one_counts(http: httpx2.Client) -> None:
    repeated = [("organization", f"{ODS}Z99999"), ("identifier", f"{INTERACTION}x"), *OF_A_PRACTICE]
    assert len(found(ask(http, "Endpoint", repeated))) == 1
    assert found(ask(http, "Endpoint", [*OF_A_PRACTICE, ("organization", f"{ODS}Z99999")])) == []
    assert len(found(ask(http, "Endpoint", [*OF_A_PRACTICE, ("organization", f"{ODS} ")]))) == 1


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ([], ["organization", ODS]),
        ([OF_A_PRACTICE[0]], ["identifier", INTERACTION]),
        ([OF_A_PRACTICE[1]], ["organization"]),
        ([*OF_A_PRACTICE, ("_format", "json")], ["_format", "not known"]),
        ([*OF_A_PRACTICE, ("Organization", f"{ODS}Z90001")], ["Organization", "not known"]),
        ([("organization", "Z90001"), OF_A_PRACTICE[1]], ["organization", ODS]),
        ([("organization", "https://fhir.nhs.uk/Id/other|Z90001"), OF_A_PRACTICE[1]], ["organization", ODS]),
        ([*OF_A_PRACTICE, ("identifier", f"{ODS}Z90001")], ["identifier", INTERACTION, PARTY_KEY]),
        ([*OF_A_PRACTICE, ("manufacturing-organization", "Z9S01")], ["manufacturing-organization", ODS]),
        ([("organization", ODS), OF_A_PRACTICE[1]], ["organization"]),
    ],
)  # fmt: skip
def test_a_device_wants_its_parameters_right(
    http: httpx2.Client, parameters: Parameters, words: list[str]
) -> None:
    assert_refused(ask(http, "Device", parameters), 400, "required", "BAD_REQUEST", *words)


def test_an_endpoint_has_no_supplier_to_ask_for(http: httpx2.Client) -> None:
    asked = [*OF_A_PRACTICE, ("manufacturing-organization", f"{ODS}Z9S01")]
    refused = ask(http, "Endpoint", asked)
    assert_refused(refused, 400, "required", "BAD_REQUEST", "manufacturing-organization", "not known")


@pytest.mark.parametrize("key", [None, "", " "])
@pytest.mark.parametrize("resource", ["Device", "Endpoint", "Other"])
def test_without_an_api_key_the_gateway_answers(
    http: httpx2.Client, diary: Diary, resource: str, key: str | None
) -> None:
    headers = {} if key is None else {"apikey": key}
    response = http.get(f"{BASE}/{resource}", params=urlencode(OF_A_PRACTICE), headers=headers)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/json"
    assert response.json()["fault"]["detail"]["errorcode"] == "steps.oauth.v2.FailedToResolveAPIKey"


def test_a_correlation_id_is_echoed_as_it_came(http: httpx2.Client) -> None:
    for parameters in (OF_A_PRACTICE, []):
        response = ask(http, "Device", parameters, **{"X-Correlation-Id": CORRELATION_ID})
        assert response.headers["x-correlation-id"] == CORRELATION_ID


def test_without_a_correlation_id_one_is_made(http: httpx2.Client) -> None:
    assert uuid.UUID(ask(http, "Device", OF_A_PRACTICE).headers["x-correlation-id"])


def test_a_correlation_id_that_is_no_uuid_is_refused(http: httpx2.Client) -> None:
    response = ask(http, "Device", OF_A_PRACTICE, **{"X-Correlation-Id": "mine"})
    assert_refused(response, 400, "required", "BAD_REQUEST", "X-Correlation-Id", "UUID")


@pytest.mark.parametrize("path", ["", "Patient", "device", "Device/", "Device/1", "metadata"])
def test_there_is_nothing_else_in_the_directory(http: httpx2.Client, path: str) -> None:
    assert_refused(ask(http, path, OF_A_PRACTICE), 404, "not-found", "NOT_IMPLEMENTED")


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_directory_is_only_read(http: httpx2.Client, verb: str) -> None:
    response = http.request(
        verb, f"{BASE}/Device", params=urlencode(OF_A_PRACTICE), headers={"apikey": "any"}
    )
    assert_refused(response, 405, "not-supported", "NOT_IMPLEMENTED")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, application/fhir+json;q=0.5", ""])
def test_any_accept_that_allows_for_json_will_do(http: httpx2.Client, accept: str) -> None:
    assert found(ask(http, "Device", OF_A_PRACTICE, Accept=accept))


@pytest.mark.parametrize("accept", ["application/fhir+xml", "text/html"])
def test_another_format_is_not_to_be_had(http: httpx2.Client, accept: str) -> None:
    response = ask(http, "Device", OF_A_PRACTICE, Accept=accept)
    assert_refused(response, 406, "not-supported", "MISSING_OR_INVALID_HEADER", "Accept")


def test_the_bundle_links_to_the_search_as_it_was_asked(http: httpx2.Client) -> None:
    bundle: dict[str, Any] = ask(http, "Device", OF_A_PRACTICE).json()
    (link,) = bundle["link"]
    asked = f"organization={ODS}Z90001&identifier={INTERACTION}{SEARCH}"
    assert link == {"relation": "self", "url": f"http://testserver{BASE}/Device?{asked}"}
    assert re.fullmatch(f"http://testserver{BASE}/Device/[0-9a-f-]{{36}}", bundle["entry"][0]["fullUrl"])


def test_a_provider_outside_is_where_it_was_registered(http: httpx2.Client) -> None:
    address = "https://other.example.nhs.uk/A99999/STU3/1/gpconnect"
    http.put("/control/directory/systems/200000777777", json={"ods_code": "A99999", "address": address})
    asked = [("organization", f"{ODS}A99999"), OF_A_PRACTICE[1]]
    (endpoint,) = found(ask(http, "Endpoint", asked))
    assert endpoint["address"] == address
    assert value(endpoint, "nhsMhsFQDN") == "other.example.nhs.uk"


def test_practices_are_published_where_the_settings_say(database: Path, store: Store, clock: Clock) -> None:
    public = "https://gp.example.nhs.uk"
    app = create_app(replace(Settings(), database=database, public_url=public), store, clock)
    with TestClient(app) as http:
        (endpoint,) = found(ask(http, "Endpoint", OF_A_PRACTICE))
    assert endpoint["address"] == f"{public}/Z90001/STU3/1/gpconnect"


def test_a_look_up_is_audited_refused_ones_too(http: httpx2.Client, diary: Diary) -> None:
    ask(http, "Device", OF_A_PRACTICE, **{"X-Correlation-Id": CORRELATION_ID})
    ask(http, "Device", [])
    http.get("/control/transactions")
    looked_up, refused = diary.audited()
    assert (looked_up.surface, looked_up.status, looked_up.trace_id) == ("directory", 200, CORRELATION_ID)
    assert looked_up.record.startswith(f"GET {BASE}/Device?organization={ODS}Z90001&")
    assert (refused.surface, refused.status, refused.code) == ("directory", 400, "BAD_REQUEST")

"""What the Spine Secure Proxy refuses: every outcome of its own, and in which order it finds them."""

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from seed_data.directory import SLOT_SEARCH_ONLY, WITHOUT_AGREEMENT
from simulator.spine.proxy_refusals import NoAnswerInTime, NoCommunication, ProxyRefusal
from simulator.store.database import Store
from tests.practice_client import BY_NAME, PracticeClient, assert_operation_outcome
from tests.spine.through_proxy import ThroughProxy, as_sender, assert_refused_by_proxy, through_proxy

SNAPSHOTS = Path(__file__).parent / "snapshots"
SEARCH = "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"


def test_a_target_that_is_not_the_receivers_endpoint_is_refused(proxied: ThroughProxy, address: str) -> None:
    target = address.replace("testserver", "testserver:80")
    response = through_proxy(proxied, service_root=target).send("read_metadata")
    text = f"ENDPOINT_{address}_CPAID_S200000100001_VARIES_FROM_TARGETURL_{target}/metadata"
    assert_refused_by_proxy(response, 400, "invalid", text)


def test_the_endpoint_of_another_practice_is_not_the_receivers(
    proxied: ThroughProxy, neighbour: PracticeClient
) -> None:
    elsewhere = neighbour.practice["service_root"]
    response = through_proxy(proxied, service_root=elsewhere).send("read_metadata")
    assert response.status_code == 400
    assert f"_VARIES_FROM_TARGETURL_{elsewhere}/metadata" in response.text


def test_a_target_that_leads_away_from_the_endpoint_is_refused(proxied: ThroughProxy, address: str) -> None:
    response = proxied.send("read_metadata", path="/%2e%2e/%2e%2e/%2e%2e/%2e%2e/control/health")
    assert response.status_code == 400
    assert "VARIES_FROM_TARGETURL" in response.text


def test_a_diagnostic_leaves_out_the_parameters(proxied: ThroughProxy) -> None:
    response = proxied.send("find_patient", path="/../Patient", query="identifier=x%7C9990000000")
    assert response.status_code == 400
    assert "9990000000" not in response.text


@pytest.mark.parametrize("asid", ["200000999999", "", 'x"<', "2" * 200])
def test_a_sender_that_nobody_knows_is_refused(proxied: ThroughProxy, asid: str) -> None:
    response = as_sender(proxied, asid).send(
        "read_metadata", headers={"Ssp-From": None} if not asid else None
    )
    shown = quote(asid[:80], safe=" ")
    assert_refused_by_proxy(response, 403, "forbidden", f"ASID_CHECK_FAILED_MESSAGESENDER_{shown}")


def test_a_sender_that_is_not_accredited_for_the_interaction_is_refused(proxied: ThroughProxy) -> None:
    asid = SLOT_SEARCH_ONLY.asid
    searcher = as_sender(proxied, asid)
    assert searcher.send("search_for_free_slots", query=searcher.slot_query()).status_code == 200
    response = searcher.send("find_patient", query="identifier=x")
    assert_refused_by_proxy(response, 403, "forbidden", f"ASID_CHECK_FAILED_MESSAGESENDER_{asid}")


def test_an_interaction_that_nobody_may_do_is_refused_for_the_sender(proxied: ThroughProxy) -> None:
    response = proxied.send("read_metadata", headers={"Ssp-InteractionID": "urn:nhs:names:services:x"})
    assert_refused_by_proxy(response, 403, "forbidden", "ASID_CHECK_FAILED_MESSAGESENDER_200000000115")


def test_a_receiver_that_nobody_knows_is_refused(proxied: ThroughProxy) -> None:
    response = through_proxy(proxied, asid="200000999999").send("read_metadata")
    text = "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_200000999999"
    assert_refused_by_proxy(response, 403, "forbidden", text)


@pytest.mark.parametrize("whose", ["system", "endpoint"])
def test_a_receiver_that_may_not_be_sent_the_interaction_is_refused(
    proxied: ThroughProxy, store: Store, whose: str
) -> None:
    with store.writing() as transaction:
        directory = transaction.directory
        system, (endpoint,) = directory.system("200000100001"), directory.endpoints("Z90001")
        assert system is not None
        others = tuple(each for each in system.interactions if each != SEARCH)
        if whose == "system":
            directory.put_system(replace(system, interactions=others))
        else:
            directory.put_endpoint(replace(endpoint, interactions=others))
    text = "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_200000100001"
    assert_refused_by_proxy(proxied.send("search_for_free_slots"), 403, "forbidden", text)
    assert proxied.send("read_metadata").status_code == 200


def test_organisations_without_an_agreement_are_refused(proxied: ThroughProxy) -> None:
    response = as_sender(proxied, WITHOUT_AGREEMENT.asid).send("read_metadata")
    text = f"FOT_CHECK_FAILED_MESSAGESENDER_{WITHOUT_AGREEMENT.asid}_MESSAGERECEIVER_200000100001"
    assert_refused_by_proxy(response, 403, "forbidden", text)


@pytest.mark.parametrize(
    ("header", "value", "text"),
    [
        ("Ssp-From", "200000000116", "ASID_CHECK_FAILED_MESSAGESENDER_200000000115, 200000000116"),
        ("Ssp-InteractionID", SEARCH, "ASID_CHECK_FAILED_MESSAGESENDER_200000000115"),
        (
            "Ssp-To",
            "200000100001",
            "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_200000100001, 200000100001",
        ),
    ],
)
def test_a_header_that_comes_twice_is_checked_as_the_provider_may_read_it(
    proxied: ThroughProxy, header: str, value: str, text: str
) -> None:
    """One of the two would be checked, and the other believed."""
    headers = [*proxied.headers(BY_NAME["read_metadata"]).items(), (header, value)]
    response = proxied.http.get(f"{proxied.root}/metadata", headers=headers)
    assert_refused_by_proxy(response, 403, "forbidden", text)


def test_formats_may_come_in_several_headers(proxied: ThroughProxy) -> None:
    headers = [*proxied.headers(BY_NAME["read_metadata"]).items(), ("Accept", "text/html")]
    assert proxied.http.get(f"{proxied.root}/metadata", headers=headers).status_code == 200


@pytest.mark.parametrize("verb", ["PATCH", "HEAD", "OPTIONS", "TRACE", "LOCK"])
def test_a_verb_that_is_not_sent_on_is_refused(proxied: ThroughProxy, verb: str) -> None:
    response = proxied.send("read_metadata", method=verb)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST, PUT, DELETE"
    assert "x-frame-options" not in response.headers
    if verb != "HEAD":
        (issue,) = response.json()["issue"]
        assert response.json().keys() == {"resourceType", "issue"}
        assert issue.keys() == {"code", "severity", "details"}
        assert (issue["severity"], issue["code"]) == ("fatal", "forbidden")
        (coding,) = issue["details"]["coding"]
        assert coding == {
            "code": "405",
            "system": "https://fhir.nhs.uk/StructureDefinition/spine-operationoutcome-1",
            "display": "405: Method Not Allowed",
        }


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_a_verb_that_is_sent_on_is_the_practices_to_refuse(proxied: ThroughProxy, verb: str) -> None:
    assert_operation_outcome(proxied.send("read_metadata", method=verb), 400, "BAD_REQUEST", verb)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html"},
        {"Accept": "application/pdf, image/png;q=0.5"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"},
    ],
)
def test_a_media_type_that_is_not_sent_on_is_refused(
    proxied: ThroughProxy, headers: dict[str, str | None]
) -> None:
    response = proxied.send("read_metadata", headers=headers)
    assert_refused_by_proxy(response, 415, "not-supported", "Unsupported_Media_Type")


@pytest.mark.parametrize("accept", ["application/json+fhir", "application/json", "text/json"])
def test_a_media_type_out_of_date_is_the_practices_to_refuse(proxied: ThroughProxy, accept: str) -> None:
    assert_operation_outcome(proxied.send("read_metadata", headers={"Accept": accept}), 415, "BAD_REQUEST")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/fhir+json", "", None])
def test_any_accept_that_allows_for_json_is_sent_on(proxied: ThroughProxy, accept: str | None) -> None:
    assert proxied.send("read_metadata", headers={"Accept": accept}).status_code == 200


def test_the_checks_come_in_the_order_of_the_reference(proxied: ThroughProxy, address: str) -> None:
    """Everything is wrong at first; each step puts right what was found."""
    sender = as_sender(proxied, "200000999999")
    steps: list[tuple[ThroughProxy, str, str, str]] = [
        (through_proxy(sender, service_root=address + "x"), "PATCH", "text/html", "VARIES_FROM_TARGETURL"),
        (sender, "PATCH", "text/html", "ASID_CHECK_FAILED"),
        (as_sender(proxied, WITHOUT_AGREEMENT.asid), "PATCH", "text/html", "FOT_CHECK_FAILED"),
        (proxied, "PATCH", "text/html", "405: Method Not Allowed"),
        (proxied, "GET", "text/html", "Unsupported_Media_Type"),
    ]
    for consumer, verb, accept, text in steps:
        response = consumer.send("read_metadata", method=verb, headers={"Accept": accept})
        assert text in response.text
    nobody = through_proxy(as_sender(proxied, WITHOUT_AGREEMENT.asid), asid="200000999999")
    assert "PARTYKEY_INTERACTION_CHECK_FAILED" in nobody.send("read_metadata", method="PATCH").text
    assert proxied.send("read_metadata").status_code == 200


def test_the_outcomes_of_the_proxy_are_as_their_snapshot_has_them(
    proxied: ThroughProxy, pytestconfig: pytest.Config
) -> None:
    same: dict[str, str | None] = {"Ssp-TraceID": "0f5de1c1-3f5c-4b46-9d0b-5c1b4c9c7a11"}
    answers = {
        "varies": through_proxy(proxied, service_root="http://elsewhere.example").send(
            "read_metadata", headers=same
        ),
        "sender": as_sender(proxied, "200000999999").send("read_metadata", headers=same),
        "receiver": through_proxy(proxied, asid="200000999999").send("read_metadata", headers=same),
        "agreement": as_sender(proxied, WITHOUT_AGREEMENT.asid).send("read_metadata", headers=same),
        "method": proxied.send("read_metadata", method="PATCH", headers=same),
        "media type": proxied.send("read_metadata", headers=same | {"Accept": "text/html"}),
    }
    text = json.dumps({name: each.json() for name, each in answers.items()}, indent=2) + "\n"
    path = SNAPSHOTS / "proxy_outcomes.json"
    if pytestconfig.getoption("--update-snapshots"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_an_outcome_is_xml_where_nothing_else_is_accepted(proxied: ThroughProxy) -> None:
    response = as_sender(proxied, "200000999999").send(
        "read_metadata", headers={"Accept": "application/fhir+xml;charset=utf-8"}
    )
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/fhir+xml;charset=utf-8"
    assert 'display value="ASID_CHECK_FAILED_MESSAGESENDER_200000999999"' in response.text


def test_the_page_of_refusals_has_every_refusal_in_the_words_it_is_given() -> None:
    page = (Path(__file__).parents[2] / "docs" / "interface.md").read_text(encoding="utf-8")
    answers = json.loads((SNAPSHOTS / "proxy_outcomes.json").read_text(encoding="utf-8"))
    said = {
        (coding["code"], coding["display"])
        for answer in answers.values()
        for coding in answer["issue"][0]["details"]["coding"]
    }
    rows = [line.split(" | ") for line in page.splitlines() if line[2:5].isdigit()]
    refusals = ProxyRefusal.__subclasses__()
    shown = [(status.removeprefix("| "), form.strip("`")) for status, form, *_ in rows]
    assert shown[-len(refusals) :] == [(str(each.status), each.form) for each in refusals]
    outside = {NoCommunication, NoAnswerInTime}
    for each in set(refusals) - outside:
        words = re.sub(r"\\\[.*?\\\]", ".+", re.escape(each.form))
        assert [text for status, text in said if status == str(each.status) and re.fullmatch(words, text)], (
            each
        )

"""The directory over the tester's door: listed, changed, and gone by at once."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from simulator.domain.directory import GP_CONNECT_INTERACTIONS, Endpoint
from simulator.store.database import Store
from tests.diary import Diary
from tests.practice_client import Json, PracticeClient
from tests.spine.through_proxy import through_proxy

SYSTEM = "/control/directory/systems/200000777777"
ADDRESS = "https://other.example.nhs.uk/A99999/STU3/1/gpconnect"
SEARCH = "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"


def put(http: httpx2.Client, **wanted: Any) -> Json:
    """Register a system at A99999 and return what the directory then has of that organisation."""
    response = http.put(SYSTEM, json={"ods_code": "A99999", **wanted})
    assert response.status_code == 200, response.text
    return dict(response.json())


def assert_error(response: httpx2.Response, status: int, *words: str) -> None:
    assert response.status_code == status, response.text
    assert response.json().keys() == {"error"}
    assert all(word in response.json()["error"] for word in words), response.text


def test_the_directory_lists_systems_endpoints_and_agreements(http: httpx2.Client) -> None:
    listed = http.get("/control/directory").json()
    systems = {each["asid"]: each for each in listed["systems"]}
    practice = http.get("/control/practices").json()[0]
    endpoint = systems[practice["asid"]]["endpoint"]
    assert (endpoint["address"], endpoint["here"]) == (practice["service_root"], True)
    assert systems["200000000115"]["endpoint"] is None
    assert {"consumer": "Z9U01", "provider": "Z90001"} in listed["agreements"]


def test_the_directory_of_one_organisation_is_its_part(http: httpx2.Client) -> None:
    listed = http.get("/control/directory?ods_code=Z90001").json()
    assert [each["ods_code"] for each in listed["systems"]] == ["Z90001"]
    assert {each["provider"] for each in listed["agreements"]} == {"Z90001"}


def test_a_provider_outside_is_registered_and_may_be_asked_by_every_consumer(http: httpx2.Client) -> None:
    now = put(
        http, address=ADDRESS, party_key="A99999-0000001", product_name="Product", manufacturer_ods_code="YGM"
    )
    (system,) = now["systems"]
    assert system == {
        "asid": "200000777777",
        "ods_code": "A99999",
        "party_key": "A99999-0000001",
        "manufacturer_ods_code": "YGM",
        "product_name": "Product",
        "interactions": list(GP_CONNECT_INTERACTIONS),
        "endpoint": {
            "cpa_id": "S200000777777",
            "address": ADDRESS,
            "here": False,
            "interactions": list(GP_CONNECT_INTERACTIONS),
        },
    }
    assert {each["consumer"] for each in now["agreements"]} == {"Z88001", "Z9U01", "Z9U99"}


def test_a_new_consumer_may_ask_every_practice(http: httpx2.Client) -> None:
    now = put(http)
    assert now["systems"][0]["endpoint"] is None
    assert {each["provider"] for each in now["agreements"]} == {"Z90001", "Z9A0A", "Z99001"}


def test_a_system_may_be_registered_without_agreements(http: httpx2.Client) -> None:
    assert put(http, address=ADDRESS, share=False)["agreements"] == []


def test_what_a_second_registration_does_not_say_stays(http: httpx2.Client) -> None:
    put(http, address=ADDRESS, product_name="Product", interactions=[SEARCH], share=False)
    moved = http.put(SYSTEM, json={"address": f"{ADDRESS}2"}).json()
    (system,) = moved["systems"]
    assert (system["product_name"], system["interactions"]) == ("Product", [SEARCH])
    assert system["endpoint"]["address"] == f"{ADDRESS}2"
    assert moved["agreements"] == []


def endpoints(store: Store) -> list[Endpoint]:
    with store.reading() as transaction:
        return transaction.directory.endpoints("A99999")


def test_what_is_said_of_a_system_goes_for_its_endpoint_too(http: httpx2.Client, store: Store) -> None:
    put(http, address=ADDRESS)
    (before,) = endpoints(store)
    (system,) = put(http, party_key="A99999-0000002", interactions=[SEARCH])["systems"]
    assert (system["party_key"], system["interactions"]) == ("A99999-0000002", [SEARCH])
    assert system["endpoint"]["address"] == ADDRESS
    assert endpoints(store) == [replace(before, party_key="A99999-0000002", interactions=(SEARCH,))]


def test_an_organisation_has_one_provider(http: httpx2.Client) -> None:
    put(http, address=ADDRESS)
    second = http.put(f"{SYSTEM[:-1]}8", json={"ods_code": "A99999", "address": f"{ADDRESS}2"})
    assert_error(second, 400, "'A99999' has a provider already", "200000777777")
    consumer = http.put(f"{SYSTEM[:-1]}8", json={"ods_code": "A99999"})
    assert [each["asid"] for each in consumer.json()["systems"]] == ["200000777777", "200000777778"]


def test_a_practice_of_ours_cannot_become_one_that_is_not(http: httpx2.Client) -> None:
    response = http.put("/control/directory/systems/200000100001", json={"ods_code": "A99999"})
    assert_error(response, 400, "'A99999' is no practice of this database")


def test_a_system_that_is_removed_takes_its_endpoint_along(http: httpx2.Client, store: Store) -> None:
    put(http, address=ADDRESS)
    http.delete(SYSTEM)
    assert endpoints(store) == []


def test_a_practice_may_be_put_elsewhere_and_brought_back(consumer: PracticeClient) -> None:
    http, path = consumer.http, f"/control/directory/systems/{consumer.practice['asid']}"
    proxied = through_proxy(consumer)
    http.put(path, json={"address": ADDRESS})
    assert "VARIES_FROM_TARGETURL" in proxied.send("read_metadata").text
    http.put(path, json={"here": True})
    assert proxied.send("read_metadata").status_code == 200


def test_only_a_practice_of_the_database_is_here(http: httpx2.Client) -> None:
    assert_error(http.put(SYSTEM, json={"ods_code": "A99999", "here": True}), 400, "A99999", "no practice")
    response = http.put(SYSTEM, json={"ods_code": "Z90001", "here": True, "address": ADDRESS})
    assert_error(response, 400, "address", "here")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, ["ods_code"]),
        ({"ods_code": "a99999"}, ["ods_code", "a99999"]),
        ({"ods_code": "A99999", "party_key": "x"}, ["party_key", "'x'"]),
        ({"ods_code": "A99999", "address": f"{ADDRESS}/"}, ["address", "no / at the end"]),
        ({"ods_code": "A99999", "address": "file:///etc/passwd"}, ["address"]),
        ({"ods_code": "A99999", "manufacturer_ods_code": "?"}, ["manufacturer_ods_code"]),
        ({"ods_code": "A99999", "interactions": ["a b"]}, ["interactions", "'a b'"]),
        ({"ods_code": "A99999", "interactions": "all"}, ["interactions", "a list of texts"]),
        ({"ods_code": "A99999", "interactions": [1]}, ["interactions", "a list of texts"]),
        ({"ods_code": "A99999", "here": "yes"}, ["here", "true or false"]),
        ({"ods_code": 5}, ["ods_code", "a text"]),
        ({"ods_code": "A99999", "adress": ADDRESS}, ["adress", "expected an object of"]),
        ([], ["expected an object of"]),
    ],
)
def test_a_registration_that_is_wrong_changes_nothing(
    http: httpx2.Client, wanted: Any, words: list[str]
) -> None:
    assert_error(http.put(SYSTEM, json=wanted), 400, *words)
    assert http.get("/control/directory?ods_code=A99999").json() == {"systems": [], "agreements": []}


def test_a_body_that_is_no_json_and_an_asid_that_is_none_are_refused(http: httpx2.Client) -> None:
    assert_error(http.put(SYSTEM, content=b"{"), 400, "not JSON")
    response = http.put("/control/directory/systems/12", json={"ods_code": "A99999"})
    assert_error(response, 400, "asid", "twelve digits")


def test_a_system_that_is_removed_is_asked_no_more(consumer: PracticeClient) -> None:
    path = f"/control/directory/systems/{consumer.practice['asid']}"
    assert consumer.http.delete(path).json()["systems"] == []
    refused = through_proxy(consumer).send("read_metadata")
    assert "PARTYKEY_INTERACTION_CHECK_FAILED" in refused.text
    assert_error(consumer.http.delete(path), 404, consumer.practice["asid"])


def test_an_interaction_is_taken_from_a_system_and_given_back(consumer: PracticeClient) -> None:
    path = f"/control/directory/systems/{consumer.practice['asid']}/interactions/{SEARCH}"
    proxied = through_proxy(consumer)
    now = consumer.http.delete(path).json()
    (system,) = now["systems"]
    assert SEARCH not in system["interactions"] and SEARCH not in system["endpoint"]["interactions"]
    assert "PARTYKEY_INTERACTION_CHECK_FAILED" in proxied.send("search_for_free_slots").text
    consumer.http.put(path)
    consumer.http.put(path)
    assert proxied.send("search_for_free_slots", query=proxied.slot_query()).status_code == 200
    (system,) = consumer.http.get("/control/directory?ods_code=Z90001").json()["systems"]
    assert system["interactions"].count(SEARCH) == 1


def test_interactions_are_those_of_a_system_that_is_known(http: httpx2.Client) -> None:
    assert_error(http.put(f"{SYSTEM}/interactions/x"), 404, "200000777777")
    put(http)
    assert_error(http.put(f"{SYSTEM}/interactions/a%20b"), 400, "interaction")


def test_an_agreement_is_ended_and_made(consumer: PracticeClient) -> None:
    path = "/control/directory/agreements/Z9U01/Z90001"
    proxied = through_proxy(consumer)
    consumer.http.delete(path)
    assert "FOT_CHECK_FAILED" in proxied.send("read_metadata").text
    assert_error(consumer.http.delete(path), 404, "Z9U01", "Z90001")
    consumer.http.put(path)
    assert proxied.send("read_metadata").status_code == 200
    assert_error(consumer.http.put("/control/directory/agreements/z9/Z90001"), 400, "consumer", "z9")


def test_every_change_is_in_the_audit_trail_and_no_refused_one(http: httpx2.Client, diary: Diary) -> None:
    put(http, address=ADDRESS)
    http.put(SYSTEM, json={"ods_code": "?"})
    http.delete(f"{SYSTEM}/interactions/{SEARCH}")
    http.delete("/control/directory/agreements/Z9U01/A99999")
    http.delete(SYSTEM)
    assert [(each.surface, each.interaction, each.ods_code, each.record) for each in diary.audited()] == [
        ("operator", "register", "A99999", f"200000777777 at {ADDRESS}"),
        ("operator", "no longer accredit", "A99999", f"200000777777 for {SEARCH}"),
        ("operator", "no longer share", "A99999", "Z9U01 with A99999"),
        ("operator", "remove", "A99999", "200000777777"),
    ]

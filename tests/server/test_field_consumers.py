"""Requests as real consumers send them: the current one is answered, the outdated are told what is old."""

import uuid
from typing import Any

import httpx2
import pytest

from simulator.fhir import urls
from tests.practice_client import (
    BY_NAME,
    Json,
    PracticeClient,
    assert_operation_outcome,
    encode_part,
    encode_token,
    resources,
)

USER = "0b7ad5e4-6f0f-4f4e-9c43-5a9b4a3a2f10"


def checker_claims(consumer: PracticeClient) -> Json:
    """Return the claims of the Appointment Checker: a host name as issuer, UNK ids, no prefix."""
    issued = int(consumer.now())
    return {
        "iss": "spine.example.nhs.uk",
        "sub": USER,
        "aud": consumer.practice["service_root"],
        "iat": issued,
        "exp": issued + 300,
        "reason_for_request": "directcare",
        "requested_scope": "organization/*.read",
        "requesting_device": {
            "resourceType": "Device",
            "model": "Appointment Checker",
            "version": "1.0.0",
            "identifier": [{"system": "https://checker.example.nhs.uk/Id/device", "value": "gpcac"}],
        },
        "requesting_organization": {
            "resourceType": "Organization",
            "name": "Fellside Urgent Care",
            "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": "Z9U01"}],
        },
        "requesting_practitioner": {
            "resourceType": "Practitioner",
            "id": USER,
            "name": [{"family": "Okafor", "given": ["Muriel"]}],
            "identifier": [
                {"system": urls.SDS_USER_ID, "value": "UNK"},
                {"system": urls.SDS_ROLE_PROFILE_ID, "value": "UNK"},
                {"system": "https://checker.example.nhs.uk/Id/user", "value": "muriel.okafor@example.nhs.uk"},
                {"system": "https://checker.example.nhs.uk/Id/nhsmail-sid", "value": "S-1-5-21"},
            ],
        },
    }


def reporting_claims(consumer: PracticeClient) -> Json:
    """Return the claims of its reporting variant, some of which still have the shapes of DSTU2."""
    claims = checker_claims(consumer)
    claims["requested_record"] = {
        "resourceType": "Organization",
        "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": consumer.practice["ods_code"]}],
    }
    claims["requesting_device"]["id"] = "1"
    claims["requesting_organization"]["id"] = "1"
    return claims


def send(consumer: PracticeClient, name: str, query: str, claims: Json, **more: str) -> httpx2.Response:
    """Send a request with the headers of the Appointment Checker, as its HTTP client writes them."""
    interaction = BY_NAME[name]
    headers = {
        "Ssp-From": consumer.practice["consumer"]["asid"],
        "Ssp-To": consumer.practice["asid"],
        "Ssp-InteractionID": interaction.id,
        "Ssp-TraceID": str(uuid.uuid4()),
        "Authorization": f"Bearer {encode_token(claims)}",
        "Accept": "application/fhir+json",
        "Cache-Control": "no-cache",
        "Accept-Encoding": "gzip, deflate",
    } | more
    return consumer.http.get(f"{consumer.root}{interaction.path}?{query}", headers=headers)


SEARCH = (
    "status=free&_include=Slot%3Aschedule&_include%3Arecurse=Schedule%3Aactor%3APractitioner"
    "&_include%3Arecurse=Schedule%3Aactor%3ALocation&_include%3Arecurse=Location%3AmanagingOrganization"
    "&start=ge2026-03-17&end=le2026-03-24"
    "&searchFilter=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fods-organization-code%7CZ9U01"
    "&searchFilter=https%3A%2F%2Ffhir.nhs.uk%2FSTU3%2FCodeSystem%2FGPConnect-OrganisationType-1%7Curgent-care"
)


@pytest.mark.parametrize("claims", [checker_claims, reporting_claims])
def test_the_appointment_checker_reads_the_capability_statement(
    consumer: PracticeClient, claims: Any
) -> None:
    response = send(consumer, "read_metadata", "", claims(consumer))
    assert response.status_code == 200, response.text
    assert response.headers["content-encoding"] == "gzip"
    statement = response.json()
    assert all("reference" in each["definition"] for each in statement["rest"][0]["operation"])
    assert all(isinstance(each, dict) for each in statement["profile"])
    assert isinstance(statement["format"], list)


def test_the_appointment_checker_finds_slots_in_the_shape_it_reads(consumer: PracticeClient) -> None:
    response = send(consumer, "search_for_free_slots", SEARCH, checker_claims(consumer))
    assert response.status_code == 200, response.text
    bundle = response.json()
    assert "issue" not in bundle
    found = resources(bundle)
    by_reference = {f"{each['resourceType']}/{each['id']}": each for each in found}
    slots = [each for each in found if each["resourceType"] == "Slot"]
    assert slots
    for slot in slots:
        assert slot["serviceType"][0]["text"]
        assert slot["extension"][0]["url"] == urls.DELIVERY_CHANNEL
        schedule = by_reference[slot["schedule"]["reference"]]
        assert schedule["extension"][0]["url"] == urls.PRACTITIONER_ROLE
        assert schedule["serviceCategory"]["text"]
        for actor in schedule["actor"]:
            assert by_reference[actor["reference"]]["name"]
    assert {each["resourceType"] for each in found} == {
        "Slot", "Schedule", "Practitioner", "Location", "Organization",
    }  # fmt: skip


def test_a_parameter_name_that_was_escaped_twice_is_passed_over(consumer: PracticeClient) -> None:
    query = SEARCH.replace("_include%3Arecurse", "_include%253Arecurse")
    response = send(consumer, "search_for_free_slots", query, checker_claims(consumer))
    assert response.status_code == 200
    types = {each["resourceType"] for each in resources(response.json())}
    assert types == {"Slot", "Schedule", "Organization"}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"name": [{"family": ["Okafor"], "given": ["Muriel"]}]}, ("name[0].family", "DSTU2 had a list")),
        ({"practitionerRole": [{"role": {"text": "x"}}]}, ("practitionerRole", "DSTU2 had it")),
    ],
)
def test_a_claim_in_the_shape_of_dstu2_is_refused_as_such(
    consumer: PracticeClient, part: Json, words: tuple[str, ...]
) -> None:
    claims = reporting_claims(consumer)
    claims["requesting_practitioner"] |= part
    response = send(consumer, "read_metadata", "", claims)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "claim requesting_practitioner", *words)


def test_a_client_of_2017_learns_step_by_step_what_is_out_of_date(consumer: PracticeClient) -> None:
    """Each answer says what is old; mended, the next comes to light."""
    old_systems = "http://fhir.nhs.net"
    claims = checker_claims(consumer) | {"aud": "https://authorize.fhir.nhs.net/token"}
    user = claims["requesting_practitioner"]
    user |= {"name": [{"family": ["Okafor"], "given": ["Muriel"], "prefix": ["Ms"]}]}
    user["identifier"] = [{"system": f"{old_systems}/sds-user-id", "value": "G13579135"}]
    claims["requesting_organization"]["identifier"][0]["value"] = "[ODSCode]"
    signed = f"{encode_part({'alg': 'none', 'typ': 'JWT'})}.{encode_part(claims)}.c2lnbmVk"
    current = BY_NAME["find_patient"].id
    number = consumer.practice["patients"][0]["nhs_number"]
    old = f"identifier={old_systems}/Id/nhs-number%7C{number}"
    headers = {
        "Ssp-From": "200000000359",
        "Ssp-InteractionID": current.removesuffix("-1"),
        "Authorization": f"Bearer b'{signed}'",
        "Accept": "application/json+fhir",
        "Content-Type": "application/json+fhir",
    }

    def refused(status: int, code: str, *words: str) -> None:
        response = send(consumer, "find_patient", old, claims, **headers)
        assert_operation_outcome(response, status, code, *words)

    claims["requested_scope"] = "patient/*.read"
    refused(400, "BAD_REQUEST", "Ssp-InteractionID", f"expected {current}", "before GP Connect 1.0")
    headers["Ssp-InteractionID"] = current
    refused(400, "BAD_REQUEST", "audit token: begins with b'", "bytes")
    headers["Authorization"] = f"Bearer {signed}"
    refused(400, "BAD_REQUEST", "audit token: is signed", "empty third part")
    headers["Authorization"] = f"Bearer {encode_token(claims)}"
    refused(422, "INVALID_RESOURCE", "name[0].family: ['Okafor'] was sent", "DSTU2 had a list")
    user["name"][0]["family"] = "Okafor"
    headers["Authorization"] = f"Bearer {encode_token(claims)}"
    refused(400, "BAD_REQUEST", "requesting_practitioner.identifier", urls.SDS_USER_ID)
    user["identifier"][0]["system"] = urls.SDS_USER_ID
    headers["Authorization"] = f"Bearer {encode_token(claims)}"
    refused(415, "BAD_REQUEST", "application/json+fhir", "before GP Connect 1.0")
    headers |= {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}
    refused(400, "INVALID_IDENTIFIER_SYSTEM", old_systems, urls.NHS_NUMBER, "before GP Connect 1.0")
    old = f"identifier={urls.NHS_NUMBER}%7C{number}"
    answer = send(consumer, "find_patient", old, claims, **headers).json()
    assert answer["entry"][0]["resource"]["id"]
    assert "issue" not in answer

from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import orjson
import pytest

from loadtest.appointments import Offer
from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer, Request, query_string
from loadtest.interactions import INTERACTIONS
from loadtest.practices import read_practices
from tests.loadtest.fake_provider import ROOT, practices

NOW = 1_906_713_600
OFFERS = (
    Offer(
        "12",
        "2030-06-04T09:00:00+01:00",
        "2030-06-04T09:10:00+01:00",
        "Schedule/4",
        "Location/2",
        None,
        "",
        "",
    ),
    Offer(
        "13",
        "2030-06-04T09:10:00+01:00",
        "2030-06-04T09:20:00+01:00",
        "Schedule/4",
        "Location/2",
        None,
        "",
        "",
    ),
)
BOOKED = {
    "resourceType": "Appointment",
    "id": "901",
    "meta": {"versionId": "3"},
    "status": "booked",
    "description": "Earache",
    "extension": [{"url": "a"}],
    "slot": [{"reference": "Slot/12"}],
}
REQUESTS: dict[str, Callable[[Consumer], Request]] = {
    "read_metadata": lambda c: c.read_metadata(),
    "find_patient": lambda c: c.find_patient("9990000018"),
    "read_patient": lambda c: c.read_patient("77"),
    "find_practitioner": lambda c: c.find_practitioner("G123"),
    "read_practitioner": lambda c: c.read_practitioner("7"),
    "find_organization": lambda c: c.find_organization("A20047"),
    "read_organization": lambda c: c.read_organization("7"),
    "read_location": lambda c: c.read_location("7"),
    "search_for_free_slots": lambda c: c.search_for_free_slots(date(2030, 6, 4), date(2030, 6, 18)),
    "retrieve_patient_appointments": lambda c: c.retrieve_patient_appointments(
        "77", date(2030, 6, 4), date(2030, 7, 1)
    ),
    "book_appointment": lambda c: c.book_appointment(OFFERS, "77"),
    "read_appointment": lambda c: c.read_appointment("901"),
    "amend_appointment": lambda c: c.amend_appointment(BOOKED, "Other ear"),
    "cancel_appointment": lambda c: c.cancel_appointment(BOOKED, "Better now"),
}


def _consumer(address: Address | None = None, clock: Callable[[], float] = lambda: NOW + 0.7) -> Consumer:
    (practice,) = read_practices(orjson.dumps(practices()), "test")
    return Consumer(practice, address or Address(), EndUser("u-1"), clock=clock)


def _claims(request: Request) -> dict[str, Any]:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_carries_its_interaction_and_scope(name: str) -> None:
    request = REQUESTS[name](_consumer())

    assert request.headers["Ssp-InteractionID"] == INTERACTIONS[name].id
    assert request.headers["Ssp-From"] == "200000000077"
    assert request.headers["Ssp-To"] == "200000000042"
    assert _claims(request)["requested_scope"] == INTERACTIONS[name].scope
    assert ("Content-Type" in request.headers) == (request.body is not None)
    assert (request.interaction.method == "GET") == (request.body is None)


def test_all_interactions_but_registration_can_be_asked_for() -> None:
    assert set(INTERACTIONS) - set(REQUESTS) == {"register_patient"}


def test_the_token_has_the_ten_claims_and_lasts_five_minutes() -> None:
    claims = _claims(_consumer().find_patient("9990000018"))

    assert set(claims) == {
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "reason_for_request",
        "requested_scope",
        "requesting_device",
        "requesting_organization",
        "requesting_practitioner",
    }
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 300)
    assert claims["aud"] == ROOT
    assert claims["reason_for_request"] == "directcare"
    assert claims["sub"] == claims["requesting_practitioner"]["id"] == "u-1"
    assert claims["requesting_organization"]["identifier"][0]["value"] == "Z9U07"


def test_the_token_is_unsigned_and_ends_with_a_full_stop() -> None:
    token = _consumer().read_metadata().headers["Authorization"]
    head = token.removeprefix("Bearer ").split(".")[0]

    assert token.endswith(".")
    assert orjson.loads(urlsafe_b64decode(head + "==")) == {"alg": "none", "typ": "JWT"}


def test_each_request_has_its_own_trace_and_token() -> None:
    ticking = iter(range(NOW, NOW + 10))
    consumer = _consumer(clock=lambda: next(ticking))

    first, second = consumer.read_metadata(), consumer.read_metadata()

    assert first.trace == first.headers["Ssp-TraceID"] != second.headers["Ssp-TraceID"]
    assert first.headers["Authorization"] != second.headers["Authorization"]


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (Address(), f"{ROOT}/Appointment/901"),
        (Address("http://127.0.0.1:8000"), "http://127.0.0.1:8000/A20047/STU3/1/gpconnect/Appointment/901"),
        (Address("http://10.0.0.1", "http://ssp.test/"), f"http://ssp.test/{ROOT}/Appointment/901"),
    ],
    ids=["published", "target", "proxy"],
)
def test_target_replaces_the_host_and_proxy_goes_before_the_published_root(
    address: Address, url: str
) -> None:
    request = _consumer(address).read_appointment("901")

    assert request.url == url
    assert _claims(request)["aud"] == ROOT


def test_a_search_names_the_organisation_and_its_type() -> None:
    request = _consumer().search_for_free_slots(date(2030, 6, 4), date(2030, 6, 18))
    query = parse_qsl(urlsplit(request.url).query)

    assert ("start", "ge2030-06-04") in query
    assert ("end", "le2030-06-18") in query
    assert ("status", "free") in query
    assert ("_include", "Slot:schedule") in query
    assert [value for name, value in query if name == "searchFilter"] == [
        "https://fhir.nhs.uk/Id/ods-organization-code|Z9U07",
        "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-1|urgent-care",
    ]
    assert request.window == ("2030-06-04", "2030-06-18")


def test_a_query_keeps_plus_and_bar_from_being_misread() -> None:
    assert query_string([("start", "ge2030-06-04T09:00:00+01:00"), ("identifier", "a|b")]) == (
        "start=ge2030-06-04T09:00:00%2B01:00&identifier=a%7Cb"
    )


def test_a_booking_repeats_the_slots_times_to_the_letter() -> None:
    request = _consumer().book_appointment(OFFERS, "77")
    body = orjson.loads(request.body or b"")

    assert (body["start"], body["end"]) == ("2030-06-04T09:00:00+01:00", "2030-06-04T09:20:00+01:00")
    assert [slot["reference"] for slot in body["slot"]] == ["Slot/12", "Slot/13"]
    assert [each["actor"]["reference"] for each in body["participant"]] == ["Patient/77", "Location/2"]
    assert body["contained"][0]["type"][0]["coding"][0]["code"] == "urgent-care"
    assert body["extension"][0]["valueReference"]["reference"] == f"#{body['contained'][0]['id']}"
    assert body["created"] == "2030-06-03T11:40:00+01:00"
    assert (request.slots, request.patient) == (("12", "13"), "77")


def test_a_cancel_changes_only_status_and_reason_and_quotes_the_version() -> None:
    request = _consumer().cancel_appointment(BOOKED, "Better now")
    body = orjson.loads(request.body or b"")

    assert request.headers["If-Match"] == 'W/"3"'
    assert body.pop("status") == "cancelled"
    assert body["extension"].pop()["valueString"] == "Better now"
    assert body == {name: value for name, value in BOOKED.items() if name != "status"}
    assert (request.appointment, request.if_match, request.slots) == ("901", "3", ("12",))


def test_an_amendment_changes_only_the_description() -> None:
    request = _consumer().amend_appointment(BOOKED, "Other ear")

    assert orjson.loads(request.body or b"") == BOOKED | {"description": "Other ear"}

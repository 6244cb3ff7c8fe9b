"""The audit token: how it is carried, and each of its ten claims."""

import json
from typing import Any

import pytest

from simulator.fhir import urls
from tests.practice_client import (
    BY_NAME,
    Json,
    PracticeClient,
    assert_operation_outcome,
    encode_part,
    encode_text,
    encode_token,
)

MISSING = object()
TEXTS = ("iss", "sub", "aud", "reason_for_request", "requested_scope")
RESOURCES = ("requesting_device", "requesting_organization", "requesting_practitioner")


def send(consumer: PracticeClient, claims: Json) -> Any:
    return consumer.send("read_metadata", claims=claims)


def spoilt(consumer: PracticeClient, claim: str, value: object) -> Json:
    """Return correct claims but for one."""
    claims = consumer.claims("organization/*.read")
    if value is MISSING:
        del claims[claim]
    else:
        claims[claim] = value
    return claims


@pytest.mark.parametrize("claim", [*TEXTS, *RESOURCES, "exp", "iat"])
@pytest.mark.parametrize("value", [MISSING, None], ids=["missing", "null"])
def test_a_claim_that_is_missing_or_null_is_refused_by_name(
    consumer: PracticeClient, claim: str, value: object
) -> None:
    response = send(consumer, spoilt(consumer, claim, value))
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"claim {claim}: is missing; expected")


@pytest.mark.parametrize("claim", TEXTS)
@pytest.mark.parametrize("value", ["", "  ", 7, True, ["a"], {"a": "b"}], ids=repr)
def test_a_text_claim_that_is_blank_or_no_text_is_refused_by_name(
    consumer: PracticeClient, claim: str, value: object
) -> None:
    response = send(consumer, spoilt(consumer, claim, value))
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"claim {claim}: ", "was sent; expected")


@pytest.mark.parametrize("claim", ["exp", "iat"])
@pytest.mark.parametrize("value", ["1773646500", 1773646500.5, True, "", [], {}], ids=repr)
def test_a_time_that_is_no_whole_number_is_refused_by_name(
    consumer: PracticeClient, claim: str, value: object
) -> None:
    response = send(consumer, spoilt(consumer, claim, value))
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"claim {claim}: ", "a whole number")


@pytest.mark.parametrize("seconds", [299, 301, -1, 0, 3600])
def test_a_token_must_live_exactly_five_minutes(consumer: PracticeClient, seconds: int) -> None:
    claims = consumer.claims("organization/*.read")
    response = send(consumer, claims | {"exp": claims["iat"] + seconds})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "claim exp", "iat + 300", str(claims["iat"] + 300))


@pytest.mark.parametrize("exp", [0, -1773646500])
def test_an_expiry_of_zero_or_below_is_refused(consumer: PracticeClient, exp: int) -> None:
    assert_operation_outcome(send(consumer, spoilt(consumer, "exp", exp)), 400, "BAD_REQUEST", "claim exp")


@pytest.mark.parametrize(("age", "status"), [(299, 200), (300, 400), (301, 400), (86_400, 400)])
def test_a_token_expires_five_minutes_after_its_issue(
    consumer: PracticeClient, age: int, status: int
) -> None:
    claims = consumer.claims("organization/*.read")
    claims |= {"iat": claims["iat"] - age, "exp": claims["exp"] - age}
    response = send(consumer, claims)
    if status == 200:
        assert response.status_code == 200
    else:
        assert_operation_outcome(
            response, 400, "BAD_REQUEST", "claim exp", f"expired {age - 300} seconds ago"
        )


def test_the_time_of_issue_is_not_judged_itself(consumer: PracticeClient) -> None:
    claims = consumer.claims("organization/*.read")
    claims |= {"iat": claims["iat"] + 200, "exp": claims["exp"] + 200}
    assert send(consumer, claims).status_code == 200


@pytest.mark.parametrize("audience", ["https://provider.example.nhs.uk/Z90001/STU3/1", "urn:x"])
def test_the_audience_is_not_compared_with_the_service_root(consumer: PracticeClient, audience: str) -> None:
    assert send(consumer, spoilt(consumer, "aud", audience)).status_code == 200


@pytest.mark.parametrize("reason", ["secondaryuses", "DirectCare", "directcare "])
def test_a_reason_other_than_direct_care_is_refused(consumer: PracticeClient, reason: str) -> None:
    response = send(consumer, spoilt(consumer, "reason_for_request", reason))
    assert_operation_outcome(response, 400, "BAD_REQUEST", "reason_for_request", reason, "`directcare`")


@pytest.mark.parametrize("scope", ["patient/*.*", "organization/Slot.read", "Organization/*.read", "read"])
def test_a_scope_that_gp_connect_does_not_know_is_refused(consumer: PracticeClient, scope: str) -> None:
    response = send(consumer, spoilt(consumer, "requested_scope", scope))
    assert_operation_outcome(response, 400, "BAD_REQUEST", "requested_scope", scope, "organization/*.read")


def test_the_user_must_be_the_requesting_practitioner(consumer: PracticeClient) -> None:
    response = send(consumer, spoilt(consumer, "sub", "user-2"))
    assert_operation_outcome(response, 400, "BAD_REQUEST", "claim sub", "'user-2'", "'user-1'")


@pytest.mark.parametrize("claim", RESOURCES)
def test_a_claim_of_another_resource_type_is_an_invalid_resource(
    consumer: PracticeClient, claim: str
) -> None:
    claims = consumer.claims("organization/*.read")
    claims[claim] |= {"resourceType": "Patient"}
    assert_operation_outcome(send(consumer, claims), 422, "INVALID_RESOURCE", f"claim {claim}", "'Patient'")


@pytest.mark.parametrize("claim", RESOURCES)
def test_a_claim_with_an_unknown_element_is_an_invalid_resource(consumer: PracticeClient, claim: str) -> None:
    claims = consumer.claims("organization/*.read")
    claims[claim] |= {"invalidField": "x"}
    assert_operation_outcome(
        send(consumer, claims), 422, "INVALID_RESOURCE", f"claim {claim}", "invalidField"
    )


@pytest.mark.parametrize("claim", RESOURCES)
@pytest.mark.parametrize("value", ["Device/1", 5, [], [{"resourceType": "Device"}], False], ids=repr)
def test_a_resource_claim_that_is_no_object_is_refused(
    consumer: PracticeClient, claim: str, value: object
) -> None:
    response = send(consumer, spoilt(consumer, claim, value))
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"claim {claim}: ", "resource")


@pytest.mark.parametrize(
    ("claim", "element"),
    [
        ("requesting_device", "identifier"),
        ("requesting_device", "model"),
        ("requesting_device", "version"),
        ("requesting_organization", "identifier"),
        ("requesting_organization", "name"),
        ("requesting_practitioner", "id"),
        ("requesting_practitioner", "identifier"),
        ("requesting_practitioner", "name"),
    ],
)
def test_a_resource_claim_without_an_element_it_needs_is_refused(
    consumer: PracticeClient, claim: str, element: str
) -> None:
    claims = consumer.claims("organization/*.read")
    del claims[claim][element]
    assert_operation_outcome(
        send(consumer, claims), 400, "BAD_REQUEST", f"claim {claim}.{element}: is missing"
    )


def test_a_practitioner_without_an_sds_user_id_is_refused(consumer: PracticeClient) -> None:
    claims = consumer.claims("organization/*.read")
    del claims["requesting_practitioner"]["identifier"][0]
    response = send(consumer, claims)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "requesting_practitioner", urls.SDS_USER_ID)


@pytest.mark.parametrize(
    ("claim", "element", "value", "said"),
    [
        ("requesting_device", "identifier", [{"system": "urn:x"}], "identifier: none has system and value"),
        ("requesting_device", "identifier", [{"value": "x"}], "identifier: none has system and value"),
        ("requesting_organization", "identifier", [{"system": "urn:x"}], "none has system and value"),
        ("requesting_practitioner", "name", [{"text": "Muriel Okafor"}], "name: none has family and given"),
        ("requesting_practitioner", "name", [{"family": "Okafor"}], "name: none has family and given"),
        ("requesting_practitioner", "identifier", [{"system": urls.SDS_USER_ID}], "has no value; expected"),
    ],
)
def test_a_resource_claim_that_does_not_say_who_asks_is_refused(
    consumer: PracticeClient, claim: str, element: str, value: object, said: str
) -> None:
    claims = consumer.claims("organization/*.read")
    claims[claim][element] = value
    assert_operation_outcome(send(consumer, claims), 400, "BAD_REQUEST", f"claim {claim}.{element}: ", said)


def test_a_practitioner_needs_no_role_profile_and_no_local_identifier(consumer: PracticeClient) -> None:
    claims = consumer.claims("organization/*.read")
    del claims["requesting_practitioner"]["identifier"][1:]
    assert send(consumer, claims).status_code == 200


def test_an_organisation_may_use_an_older_identifier_system(consumer: PracticeClient) -> None:
    claims = consumer.claims("organization/*.read")
    claims["requesting_organization"]["identifier"][0]["system"] = (
        "http://fhir.nhs.net/Id/ods-organization-code"
    )
    assert send(consumer, claims).status_code == 200


@pytest.mark.parametrize("depth", [40, 260, 1000])
@pytest.mark.parametrize("claim", ["iss", "requesting_device"])
def test_a_claim_that_nests_without_end_is_refused(consumer: PracticeClient, claim: str, depth: int) -> None:
    claims = consumer.claims("organization/*.read")
    nested = "[" * depth + "]" * depth
    value = nested if claim == "iss" else json.dumps(claims[claim])[:-1] + f', "x": {nested}}}'
    payload = json.dumps(claims | {claim: "@"}).replace('"@"', value)
    token = f"{encode_part({'alg': 'none', 'typ': 'JWT'})}.{encode_text(payload)}."
    response = consumer.send("read_metadata", headers={"Authorization": f"Bearer {token}"})
    status, code = (400, "BAD_REQUEST") if claim == "iss" else (422, "INVALID_RESOURCE")
    assert_operation_outcome(response, status, code, f"claim {claim}")


@pytest.mark.parametrize(
    ("authorization", "word"),
    [
        (None, "header Authorization: nothing was sent"),
        ("", "header Authorization"),
        ("Bearer", "header Authorization"),
        ("Bearer ", "header Authorization"),
        ("Basic dXNlcjpwYXNz", "header Authorization"),
        ("Bearer a.b", "2 parts"),
        ("Bearer ...", "4 parts"),
        ("Bearer a.b.c", "signed"),
        ("Bearer ..", "header: is not JSON"),
        ("Bearer *.b.", "header: '*' is not base64url"),
        ("Bearer a.b.", "header: 'a' is not base64url"),
        (f"Bearer {encode_part('text')}.e30.", "header: 'text' was sent; expected a JSON object"),
        (f"Bearer {encode_part({'alg': 'HS256', 'typ': 'JWT'})}.e30.", "HS256"),
        (f"Bearer {encode_part({'alg': 'none'})}.e30.", "audit token header"),
        (f"Bearer {encode_part({'alg': 'none', 'typ': 'JWT'})}.bm90IGpzb24.", "payload: is not JSON"),
        (
            f"Bearer {encode_part({'alg': 'none', 'typ': 'JWT'})}.W10.",
            "payload: [] was sent; expected a JSON object",
        ),
        (f"Bearer {encode_part({'alg': 'none', 'typ': 'JWT'})}.*.", "payload: '*' is not base64url"),
    ],
)
def test_a_token_that_is_not_one_is_refused(
    consumer: PracticeClient, authorization: str | None, word: str
) -> None:
    response = consumer.send("read_metadata", headers={"Authorization": authorization})
    assert_operation_outcome(response, 400, "BAD_REQUEST", word)


def test_a_token_without_its_final_dot_is_refused(consumer: PracticeClient) -> None:
    token = encode_token(consumer.claims("organization/*.read")).rstrip(".")
    response = consumer.send("read_metadata", headers={"Authorization": f"Bearer {token}"})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "2 parts", "final dot")


@pytest.mark.parametrize("claim", ["Iss", "reasonForRequest", "requested_Scope"])
def test_claims_are_case_sensitive(consumer: PracticeClient, claim: str) -> None:
    names = {"Iss": "iss", "reasonForRequest": "reason_for_request", "requested_Scope": "requested_scope"}
    claims = consumer.claims("organization/*.read")
    claims[claim] = claims.pop(names[claim])
    assert_operation_outcome(send(consumer, claims), 400, "BAD_REQUEST", f"claim {names[claim]}: is missing")


def test_claims_that_are_not_of_this_release_are_ignored(consumer: PracticeClient) -> None:
    claims = consumer.claims("organization/*.read") | {"requested_record": {"resourceType": "Patient"}}
    assert send(consumer, claims).status_code == 200


def test_a_token_of_absurd_length_is_refused_before_it_is_read(consumer: PracticeClient) -> None:
    response = send(consumer, spoilt(consumer, "iss", "https://consumer.example.nhs.uk/" + "x" * 40_000))
    assert_operation_outcome(response, 400, "BAD_REQUEST", "audit token", "at most 32000")


def test_a_request_with_two_tokens_is_refused(consumer: PracticeClient) -> None:
    headers = consumer.headers(BY_NAME["read_metadata"])
    twice = [*headers.items(), ("Authorization", headers["Authorization"])]
    response = consumer.http.get(f"{consumer.root}/metadata", headers=twice)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "header Authorization: came more than once")


@pytest.mark.parametrize(("iat", "exp"), [(1000, 1000), (1, 1000), (1000, 1)])
def test_a_time_in_milliseconds_is_told_as_such(consumer: PracticeClient, iat: int, exp: int) -> None:
    claims = consumer.claims("organization/*.read")
    claims |= {"iat": claims["iat"] * iat, "exp": claims["exp"] * exp}
    name = "iat" if iat == 1000 else "exp"
    response = send(consumer, claims)
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"claim {name}: ", "look like milliseconds")

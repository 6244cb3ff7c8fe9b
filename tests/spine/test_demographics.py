"""The Personal Demographics Service: who has an NHS number."""

import httpx2
import pytest

from tests.diary import Diary
from tests.interactions.registrations import ADA, ada, parameters, registered
from tests.practice_client import PracticeClient, assert_operation_outcome, assert_searchset
from tests.spine.trace import (
    BASE,
    HEADERS,
    REQUEST_ID,
    WORKER,
    ask,
    assert_refused,
    cases,
    found,
    person,
    twins,
)

OLDER = "9434765919"


def test_a_person_comes_with_version_and_the_headers_that_were_sent(
    http: httpx2.Client, diary: Diary
) -> None:
    diary.national_record(ADA, version=3)
    response = ask(http, f"/Patient/{ADA}", X_Correlation_ID="anything at all")
    assert response.status_code == 200
    assert response.json()["meta"]["versionId"] == "3"
    assert response.headers["etag"] == 'W/"3"'
    assert response.headers["x-request-id"] == REQUEST_ID
    assert response.headers["x-correlation-id"] == "anything at all"
    assert response.headers["content-type"] == "application/fhir+json"
    assert response.headers["cache-control"] == "no-store"
    assert "x-correlation-id" not in ask(http, f"/Patient/{ADA}").headers


def test_a_superseded_number_leads_to_the_person_it_is_now(http: httpx2.Client, diary: Diary) -> None:
    numbers = cases(diary)
    known = person(http, numbers["superseded"])
    assert known["id"] != numbers["superseded"]
    assert known["identifier"][0]["value"] == known["id"]
    assert person(http, known["id"]) == known


def test_of_a_sensitive_person_nothing_says_where_they_are(http: httpx2.Client, diary: Diary) -> None:
    known = person(http, cases(diary)["sensitive"])
    (security,) = known["meta"]["security"]
    assert (security["code"], security["display"]) == ("R", "restricted")
    assert not {"address", "telecom", "generalPractitioner", "managingOrganization"} & known.keys()
    assert known["name"][0]["family"]
    assert known["birthDate"]


def test_anybody_else_is_unrestricted_and_has_a_practice_and_an_address(
    http: httpx2.Client, diary: Diary
) -> None:
    known = person(http, cases(diary)["no_appointments"])
    assert known["meta"]["security"][0]["code"] == "U"
    (practice,) = known["generalPractitioner"]
    assert (practice["type"], practice["identifier"]["value"]) == ("Organization", "Z90001")
    assert known["managingOrganization"]["identifier"] == practice["identifier"]
    (address,) = known["address"]
    assert (address["use"], address["postalCode"][:4]) == ("home", "ZZ99")
    assert all(address["line"])
    diary.national_record(ADA, mobile="07700 900001", email="ada@example.org")
    assert [(each["system"], each["value"], each["use"]) for each in person(http, ADA)["telecom"]] == [
        ("phone", "01632960001", "home"),
        ("phone", "07700900001", "mobile"),
        ("email", "ada@example.org", "home"),
    ]


def test_somebody_who_died_has_a_date_and_how_it_is_known(http: httpx2.Client, diary: Diary) -> None:
    numbers = cases(diary)
    for case, day in (("deceased_nationally", "2026-03-11"), ("deceased", "2026-02-04")):
        known = person(http, numbers[case])
        assert known["deceasedDateTime"] == f"{day}T00:00:00+00:00"
        (extension,) = known["extension"]
        assert extension["url"].endswith("Extension-UKCore-DeathNotificationStatus")
        assert extension["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "2"


def test_a_trace_disagrees_with_the_practice_in_the_cases_about_that(
    http: httpx2.Client, diary: Diary, consumer: PracticeClient
) -> None:
    numbers = cases(diary)
    (local,) = assert_searchset(consumer.find_patient(numbers["renamed"]))
    traced = person(http, numbers["renamed"])
    old, new = local["name"][0]["family"], traced["name"][0]["family"]
    assert new.startswith(f"{old}-")
    assert [(name["use"], name["family"]) for name in traced["name"]] == [("usual", new), ("old", old)]
    assert traced["name"][1]["period"]["end"] < traced["name"][0]["period"]["start"]
    assert assert_searchset(consumer.find_patient(numbers["registered_elsewhere"]))
    elsewhere = person(http, numbers["registered_elsewhere"])
    assert elsewhere["generalPractitioner"][0]["identifier"]["value"] == "Z98001"
    assert assert_searchset(consumer.find_patient(numbers["deceased_nationally"]))
    assert assert_searchset(consumer.find_patient(numbers["unverifiable"])) == []


def test_who_is_traced_is_registered_from_the_same_record(
    http: httpx2.Client, diary: Diary, consumer: PracticeClient
) -> None:
    """Somebody of the national record whom no practice has, and what became of them there since."""
    number = cases(diary)["twin"]
    assert assert_searchset(consumer.find_patient(number)) == []
    traced = person(http, number)
    family, given = traced["name"][0]["family"], traced["name"][0]["given"]
    name = [{"use": "official", "family": family, "given": given}]
    asked = ada(number, name=name, birthDate=traced["birthDate"], gender=None)
    diary.connection.execute("update national_record set sensitive = 1 where nhs_number = ?", (number,))
    refused = consumer.send("register_patient", body=parameters(asked))
    assert_operation_outcome(refused, 400, "INVALID_PATIENT_DEMOGRAPHICS")
    diary.connection.execute("update national_record set sensitive = 0 where nhs_number = ?", (number,))
    patient = registered(consumer, asked)
    assert patient["gender"] == traced["gender"]
    assert patient["address"][0]["postalCode"] == traced["address"][0]["postalCode"]
    assert person(http, number) == traced


def test_who_has_hardly_anything_on_record_has_no_empty_elements(http: httpx2.Client, diary: Diary) -> None:
    diary.national_record(ADA, prefix="", lines=None, city=None, district=None, postal_code=None, phone=None,
                          ods_code=None)  # fmt: skip
    known = person(http, ADA)
    assert known.keys() == {"resourceType", "id", "meta", "identifier", "name", "gender", "birthDate"}
    assert known["name"][0].keys() == {"id", "use", "period", "given", "family"}


@pytest.mark.parametrize(
    ("number", "status", "code", "severity"),
    [
        ("9000000000", 400, "INVALID_RESOURCE_ID", "error"),
        ("999000001", 400, "INVALID_RESOURCE_ID", "error"),
        ("999000001A", 400, "INVALID_RESOURCE_ID", "error"),
        ("٩٩٩٠٠٠٠٠١٨", 400, "INVALID_RESOURCE_ID", "error"),
        ("9999999999", 404, "RESOURCE_NOT_FOUND", "information"),
    ],
)
def test_a_number_that_is_nobody_s_is_refused(
    http: httpx2.Client, number: str, status: int, code: str, severity: str
) -> None:
    assert_refused(ask(http, f"/Patient/{number}"), status, code, severity=severity)


def test_a_number_that_was_invalidated_is_no_longer_found(http: httpx2.Client, diary: Diary) -> None:
    assert_refused(ask(http, f"/Patient/{cases(diary)['invalid']}"), 404, "INVALIDATED_RESOURCE")
    diary.national_record(ADA, superseded_by=OLDER)
    assert_refused(ask(http, f"/Patient/{ADA}"), 404, "INVALIDATED_RESOURCE")


@pytest.mark.parametrize("path", [f"/Patient/{ADA}", "/Patient?family=Lark&birthdate=1980-02-03"])
@pytest.mark.parametrize(
    ("headers", "status", "code", "words"),
    [
        ({"Authorization": None}, 401, "ACCESS_DENIED", "Missing Authorization header"),
        ({"Authorization": " "}, 401, "ACCESS_DENIED", "Empty Authorization header"),
        ({"Authorization": "Bearer"}, 401, "ACCESS_DENIED", "Missing access token"),
        ({"Authorization": "Basic x"}, 401, "ACCESS_DENIED", "Missing access token"),
        ({"X_Request_ID": None}, 400, "MISSING_VALUE", "X-Request-ID header must be supplied"),
        ({"X_Request_ID": "1234"}, 400, "INVALID_VALUE", "Invalid value - '1234' in header 'X-Request-ID'"),
        ({"NHSD_Session_URID": "x"}, 400, "INVALID_VALUE", "'x' in header 'NHSD-Session-URID'"),
    ],
)  # fmt: skip
def test_headers_are_needed_and_must_be_right(
    http: httpx2.Client, path: str, headers: dict[str, str | None], status: int, code: str, words: str
) -> None:
    response = ask(http, path, None, X_Correlation_ID="mine", **headers)
    assert_refused(response, status, code, words)
    assert response.headers["x-correlation-id"] == "mine"
    assert response.headers.get("x-request-id") == headers.get("X_Request_ID", REQUEST_ID)


@pytest.mark.parametrize(
    "path", ["", "/", "/Patient/", f"/Patient/{ADA}/RelatedPerson", "/patient", "/metadata"]
)
def test_there_is_nothing_else_in_the_service(http: httpx2.Client, path: str) -> None:
    response = ask(http, path)
    if path:
        assert_refused(response, 400, "UNSUPPORTED_SERVICE", "Patient/[NHS number]")
    else:
        assert response.status_code == 404


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/Patient", f"/Patient/{ADA}"])
def test_the_record_is_only_read(http: httpx2.Client, verb: str, path: str) -> None:
    response = http.request(verb, f"{BASE}{path}", headers=HEADERS)
    assert_refused(response, 405, "INVALID_METHOD", verb)
    assert response.headers["allow"] == "GET"


def test_a_trace_is_audited_once_for_each_person_it_was_about(http: httpx2.Client, diary: Diary) -> None:
    diary.national_record(ADA)
    sender = {**WORKER, "NHSD_End_User_Organisation_ODS": "Z9U01"}
    ask(http, f"/Patient/{ADA}", None, **sender)
    ask(http, "/Patient/9999999999")
    ask(http, "/Patient/12345")
    twin = cases(diary)["twin"]
    both = [number for number, _ in found(twins(http, twin))]
    twins(http, twin, False)
    http.get("/control/transactions")
    traced, missing, refused, _, first, second, _, third, fourth = diary.audited()
    assert (traced.surface, traced.status, traced.nhs_number) == ("demographics", 200, ADA)
    assert (traced.trace_id, traced.record) == (REQUEST_ID, f"GET {BASE}/Patient/{ADA}")
    assert (traced.organisation, traced.user_role) == ("Z9U01", WORKER["NHSD-Session-URID"])
    assert (missing.status, missing.code, missing.nhs_number) == (404, "RESOURCE_NOT_FOUND", "9999999999")
    assert (refused.status, refused.code, refused.nhs_number) == (400, "INVALID_RESOURCE_ID", "")
    assert [first.nhs_number, second.nhs_number] == both
    assert first.record.startswith(f"GET {BASE}/Patient?family=")
    assert [(each.nhs_number, each.code) for each in (third, fourth)] == [
        (number, "TOO_MANY_MATCHES") for number in both
    ]


def test_a_failure_is_said_without_its_words_and_audited(
    http: httpx2.Client, diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    diary.connection.execute("alter table national_record rename to gone")
    response = ask(http, f"/Patient/{ADA}")
    assert_refused(response, 500, "INTERNAL_SERVER_ERROR", "unexpected failure")
    assert response.headers["x-request-id"] == REQUEST_ID
    assert "national_record" not in response.text
    assert "no such table" in caplog.text
    http.get("/control/transactions")
    failed = diary.audited()[-1]
    assert (failed.status, failed.code, failed.nhs_number) == (500, "INTERNAL_SERVER_ERROR", ADA)

"""The Personal Demographics Service's answers, whole: people, searches, and one refusal of each kind."""

import httpx2
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.patient import Patient

from tests.diary import Diary
from tests.interactions.registrations import ADA
from tests.spine.trace import (
    BASE,
    HEADERS,
    ask,
    assert_as_in_snapshot,
    cases,
    search,
    twins,
)

NOBODY = "9999999999"
LARK = {"family": "Lark", "birthdate": "1980-02-03"}


def test_people_are_as_the_snapshot_has_them(
    http: httpx2.Client, diary: Diary, pytestconfig: pytest.Config
) -> None:
    numbers = cases(diary)
    seeded = ("no_appointments", "sensitive", "deceased", "deceased_nationally", "renamed", "superseded")
    answers = {case: ask(http, f"/Patient/{numbers[case]}") for case in seeded}
    diary.national_record(ADA, mobile="07700 900001", email="ada@example.org", version=3)
    answers["in full"] = ask(http, f"/Patient/{ADA}", X_Correlation_ID="mine")
    for answer in answers.values():
        Patient.model_validate(answer.json())
        assert answer.headers["etag"] == f'W/"{answer.json()["meta"]["versionId"]}"'
    assert_as_in_snapshot(pytestconfig, "pds_patients.json", answers)


def test_searches_are_as_the_snapshot_has_them(
    http: httpx2.Client, diary: Diary, pytestconfig: pytest.Config
) -> None:
    diary.national_record(ADA, sensitive=1)
    answers = {
        "a twin and the other": twins(http, cases(diary)["twin"]),
        "a sensitive person": search(http, **LARK),
        "by where a sensitive person is": search(http, **LARK, address_postalcode="ZZ99 1AA"),
        "nobody": search(http, False, family="Nobody", birthdate="1980-02-03"),
    }
    for answer in answers.values():
        Bundle.model_validate(answer.json())
        assert "etag" not in answer.headers
    assert_as_in_snapshot(pytestconfig, "pds_searches.json", answers)


def test_refusals_are_as_the_snapshot_has_them(
    http: httpx2.Client, diary: Diary, pytestconfig: pytest.Config
) -> None:
    numbers = cases(diary)
    of_ada = f"/Patient/{ADA}"
    diary.national_record(ADA)
    answers = {
        "no Authorization": ask(http, of_ada, Authorization=None),
        "an empty Authorization": ask(http, of_ada, Authorization=" "),
        "no token": ask(http, of_ada, Authorization="Bearer"),
        "no X-Request-ID": ask(http, of_ada, X_Request_ID=None, X_Correlation_ID="mine"),
        "an X-Request-ID that is no UUID": ask(http, of_ada, X_Request_ID="1234"),
        "an NHSD-Session-URID that is no number": ask(http, of_ada, NHSD_Session_URID="x"),
        "an NHS number whose check digit is wrong": ask(http, "/Patient/9000000000"),
        "an NHS number that nobody has": ask(http, f"/Patient/{NOBODY}"),
        "an invalidated NHS number": ask(http, f"/Patient/{numbers['invalid']}"),
        "no NHS number": ask(http, "/Patient/"),
        "no parameters": ask(http, "/Patient"),
        "another resource": ask(http, "/Practitioner"),
        "another verb": http.request("PATCH", f"{BASE}{of_ada}", headers=HEADERS),
        "a parameter that is not known": ask(http, "/Patient", [*LARK.items(), ("name", "Ada")]),
        "no date of birth": search(http, family="Lark"),
        "a date of birth that is no date": search(http, family="Lark", birthdate="03/02/1980"),
        "a gender that is none": search(http, **LARK, gender="mal"),
        "no family name": search(http, birthdate="1980-02-03"),
        "too little for a fuzzy search": search(http, **LARK, _fuzzy_match="true"),
        "several matches for an application": search(http, False, **LARK, _max_results="2"),
        "more matches than were wanted": twins(http, numbers["twin"], True, _max_results="1"),
        "more matches than an application may have": twins(http, numbers["twin"], False),
    }
    for answer in answers.values():
        OperationOutcome.model_validate(answer.json())
    assert_as_in_snapshot(pytestconfig, "pds_refusals.json", answers)

"""A consumer of the Personal Demographics Service: headers, look-ups, searches, and what is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from tests.diary import Diary
from tests.practice_client import Json

BASE = "/personal-demographics/FHIR/R4"
REQUEST_ID = "60E0B220-8136-4CA5-AE46-1D97EF59D068"
HEADERS = {"Authorization": "Bearer any", "X-Request-ID": REQUEST_ID}
WORKER = {"NHSD-Session-URID": "555254240100"}
ERROR_CODES = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode"

SNAPSHOTS = Path(__file__).parent / "snapshots"
HEADERS_KEPT = (
    "content-type", "cache-control", "etag", "retry-after", "allow", "x-request-id", "x-correlation-id",
)  # fmt: skip
"""The headers of an answer that a snapshot has."""


def cases(diary: Diary) -> dict[str, str]:
    """Return the NHS numbers of the first practice's cases, by case."""
    rows = diary.connection.execute(
        "select substr(a.key, 19), p.nhs_number from about a join patients p on p.id = a.value"
        " where a.key like 'named_case:Z90001:%'"
        " union all select substr(key, 21), value from about where key like 'named_person:Z90001:%'"
    )
    return dict(rows.fetchall())


def ask(
    http: httpx2.Client, path: str, parameters: list[tuple[str, str]] | None = None, /, **headers: str | None
) -> httpx2.Response:
    """Ask; `headers` adds to the correct ones (`X_Request_ID` is X-Request-ID), or takes one away (None)."""
    sent = dict[str, str](HEADERS)
    for name, value in headers.items():
        sent.pop(name.replace("_", "-"), None)
        if value is not None:
            sent[name.replace("_", "-")] = value
    query = f"?{urlencode(parameters)}" if parameters else ""
    return http.get(f"{BASE}{path}{query}", headers=sent)


def person(http: httpx2.Client, nhs_number: str) -> Json:
    """Return the person with a number."""
    response = ask(http, f"/Patient/{nhs_number}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def search(http: httpx2.Client, worker: bool = True, /, **known: str) -> httpx2.Response:
    """Search, as a healthcare worker or as an application; `address_postalcode` is address-postalcode."""
    parameters = [(name[:1] + name[1:].replace("_", "-"), value) for name, value in known.items()]
    return ask(http, "/Patient", parameters, **WORKER if worker else {})


def twins(http: httpx2.Client, nhs_number: str, worker: bool = True, /, **more: str) -> httpx2.Response:
    """Search by what somebody and their twin have in common."""
    known = person(http, nhs_number)
    return search(http, worker, family=known["name"][0]["family"], birthdate=known["birthDate"], **more)


def found(response: httpx2.Response) -> list[tuple[str, float]]:
    """Return the numbers and scores of a searchset, after a look at it."""
    assert response.status_code == 200, response.text
    bundle = response.json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    entries = bundle.get("entry", [])
    assert bundle["total"] == len(entries)
    assert ("entry" in bundle) == bool(entries)
    for entry in entries:
        assert entry["fullUrl"].endswith(f"{BASE}/Patient/{entry['resource']['id']}")
    return [(entry["resource"]["id"], entry["search"]["score"]) for entry in entries]


def assert_refused(
    response: httpx2.Response, status: int, code: str, *words: str, severity: str = "error"
) -> None:
    """Assert the service's OperationOutcome."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/fhir+json"
    outcome = response.json()
    assert outcome.keys() == {"resourceType", "issue"}
    (issue,) = outcome["issue"]
    (coding,) = issue["details"]["coding"]
    assert (coding["system"], coding["version"], coding["code"]) == (ERROR_CODES, "1", code)
    assert coding["display"]
    assert issue["severity"] == severity
    assert all(word in issue["diagnostics"] for word in words), issue


def assert_as_in_snapshot(
    config: pytest.Config, file_name: str, answers: Mapping[str, httpx2.Response]
) -> None:
    """Assert that whole answers are as a file has them: status, headers that matter, and body."""
    shown = {
        case: {
            "status": answer.status_code,
            "headers": {name: answer.headers[name] for name in HEADERS_KEPT if name in answer.headers},
            "body": answer.json(),
        }
        for case, answer in answers.items()
    }
    text, path = json.dumps(shown, indent=2, ensure_ascii=False) + "\n", SNAPSHOTS / file_name
    if config.getoption("--update-snapshots"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{file_name} differs; --update-snapshots writes it anew"

"""A consumer of the Personal Demographics Service: headers, look-ups, searches, and what is refused."""

from urllib.parse import urlencode

import httpx2

from tests.practice_client import Json

BASE = "/personal-demographics/FHIR/R4"
REQUEST_ID = "60E0B220-8136-4CA5-AE46-1D97EF59D068"
HEADERS = {"Authorization": "Bearer any", "X-Request-ID": REQUEST_ID}
WORKER = {"NHSD-Session-URID": "555254240100"}
ERROR_CODES = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode"


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

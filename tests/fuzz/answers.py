"""What every answer to a bad request must be, and what one that was accepted must be."""

from simulator.domain.refusals import BadRequest
from simulator.fhir import urls
from simulator.fhir.operation_outcome import WIRE_FORMS
from tests.fuzz.wire import RawRequest, RawResponse
from tests.practice_client import Json

FHIR_JSON = "application/fhir+json;charset=utf-8"
KNOWN = {(form.status, form.spine_code): form for form in WIRE_FORMS.values()}
KNOWN_ELSEWHERE = KNOWN | {(405, "BAD_REQUEST"): WIRE_FORMS[BadRequest]}
"""Outside the service roots, where the specification says nothing, a wrong verb has HTTP's own status."""


def refusal_of(response: RawResponse) -> tuple[int, str]:
    """Return status and Spine code of a refusal."""
    return response.status, str(response.json()["issue"][0]["details"]["coding"][0]["code"])


def complaint(request: RawRequest, response: RawResponse) -> str | None:
    """Return what is wrong with an answer, or None where nothing is."""
    if b"/gpconnect" not in request.path and response.status < 400:
        return None
    if response.headers.get("cache-control") != "no-store":
        return "Cache-Control is not no-store"
    try:
        return _refusal(request, response) if response.status >= 400 else _success(request, response)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        return f"the body is not what it should be: {error!r}"


def _refusal(request: RawRequest, response: RawResponse) -> str | None:
    if response.status >= 500 and response.status != 501:
        return f"status {response.status}"
    if response.headers["content-type"] != FHIR_JSON:
        return f"Content-Type is {response.headers['content-type']}"
    outcome = response.json()
    if outcome["resourceType"] != "OperationOutcome" or outcome["meta"]["profile"] != [
        urls.OPERATION_OUTCOME
    ]:
        return "not an OperationOutcome of GP Connect's profile"
    (issue,) = outcome["issue"]
    (coding,) = issue["details"]["coding"]
    known = KNOWN if b"/gpconnect" in request.path else KNOWN_ELSEWHERE
    form = known.get((response.status, coding["code"]))
    if form is None:
        return f"status {response.status} does not go with Spine code {coding['code']}"
    if (issue["severity"], issue["code"]) != ("error", form.issue_type):
        return f"severity and type are {issue['severity']} and {issue['code']}"
    if (coding["system"], coding["display"]) != (urls.SPINE_ERROR_CODES, form.display):
        return f"coding is {coding}"
    if not issue["diagnostics"].strip():
        return "the diagnostics are empty"
    return None


def _success(request: RawRequest, response: RawResponse) -> str | None:
    if response.status not in (200, 201):
        return f"status {response.status}"
    if not response.body:
        minimal = b"return=minimal" in dict(request.headers).get(b"prefer", b"")
        return None if minimal else "an empty body that nobody asked for"
    if response.headers["content-type"] != FHIR_JSON:
        return f"Content-Type is {response.headers['content-type']}"
    resource = response.json()
    kind = resource["resourceType"]
    if kind == "Bundle":
        return _bundle(resource)
    if kind == "Appointment":
        return _appointment(resource, response)
    if kind != "CapabilityStatement":
        return f"a {kind} was not asked for"
    return None if resource["fhirVersion"] == "3.0.1" else "the capability statement is of another FHIR"


def _bundle(bundle: Json) -> str | None:
    if bundle["type"] != "searchset":
        return f"a Bundle of type {bundle['type']}"
    if bundle.get("entry") == []:
        return "a Bundle with an empty entry"
    names = [(each["resource"]["resourceType"], each["resource"]["id"]) for each in bundle.get("entry", [])]
    return None if len(names) == len(set(names)) else f"a resource twice in one bundle: {names}"


def _appointment(appointment: Json, response: RawResponse) -> str | None:
    version = appointment["meta"]["versionId"]
    if response.headers.get("etag") != f'W/"{version}"':
        return f"ETag is {response.headers.get('etag')}, the version {version}"
    if appointment["meta"]["profile"] != [urls.APPOINTMENT]:
        return f"the profile is {appointment['meta']['profile']}"
    place = f"/Appointment/{appointment['id']}/_history/{version}"
    if response.status == 201 and not response.headers["location"].endswith(place):
        return f"Location is {response.headers['location']}, expected …{place}"
    needed = {"id", "status", "description", "start", "end", "slot", "created", "participant", "serviceType"}
    return f"an Appointment without {needed - set(appointment)}" if needed - set(appointment) else None

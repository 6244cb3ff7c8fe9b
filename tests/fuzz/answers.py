"""What every answer to a bad request must be, and what one that was accepted must be."""

import json
from functools import lru_cache
from urllib.parse import unquote

from simulator.domain.refusals import BadRequest, DemographicsUnavailable, Refusal
from simulator.fhir import urls
from simulator.fhir.answer_profiles import ANSWERS
from simulator.fhir.operation_outcome import WIRE_FORMS
from simulator.fhir.profile_check import check_profile
from simulator.fhir.reading import check_base
from simulator.interactions.interaction import Format
from simulator.interactions.registry import INTERACTIONS
from tests.fuzz.wire import RawRequest, RawResponse
from tests.practice_client import Json

CONTENT_TYPES = {f"{each};charset=utf-8": each for each in Format}
KNOWN = {
    (form.status, form.spine_code): form
    for kind, form in WIRE_FORMS.items()
    if kind is not DemographicsUnavailable
}
"""What a bad request may be refused with. No request takes the national record away."""

KNOWN_ELSEWHERE = KNOWN | {(405, "BAD_REQUEST"): WIRE_FORMS[BadRequest]}
"""Outside the service roots, where the specification says nothing, a wrong verb has HTTP's own status."""

BELOW_ROOT = b"/STU3/1/gpconnect/"
SINGLE = {
    "Appointment": urls.APPOINTMENT,
    "Patient": urls.PATIENT,
    "Practitioner": urls.PRACTITIONER,
    "Organization": urls.ORGANIZATION,
    "Location": urls.LOCATION,
}
NEEDED = {
    "id", "status", "description", "start", "end", "slot", "created", "participant", "serviceType",
}  # fmt: skip


def refusal_of(response: RawResponse) -> tuple[int, str]:
    """Return status and Spine code of a refusal."""
    return response.status, str(response.resource()["issue"][0]["details"]["coding"][0]["code"])


def complaint(request: RawRequest, response: RawResponse, wanted: Format | None = None) -> str | None:
    """Return what is wrong with an answer, or None where nothing is. `wanted` None leaves the format open."""
    if b"/gpconnect" not in request.path and response.status < 400:
        return None
    try:
        return (
            _headers(request, response, wanted)
            or (_refusal(request, response) if response.status >= 400 else _success(request, response))
            or _shape(response)
        )
    except (KeyError, ValueError, IndexError, TypeError, AttributeError, OSError) as error:
        return f"the body is not what it should be: {error!r}"
    except Refusal as refusal:
        return f"the body does not validate: {refusal.diagnostics}"


def _headers(request: RawRequest, response: RawResponse, wanted: Format | None) -> str | None:
    if response.headers.get("cache-control") != "no-store":
        return "Cache-Control is not no-store"
    asked = b"".join(value for name, value in request.headers if name == b"accept-encoding").lower()
    if "content-encoding" in response.headers and b"gzip" not in asked:
        return "gzipped, and nobody asked for it"
    if not response.body:
        return None
    format_ = CONTENT_TYPES.get(response.headers["content-type"])
    if format_ is None or (wanted is not None and BELOW_ROOT in request.path and format_ is not wanted):
        return f"Content-Type is {response.headers['content-type']}, expected {wanted or 'FHIR'}"
    return None


def _shape(response: RawResponse) -> str | None:
    """Validate each resource of the answer against the STU3 models and its profile."""
    if not response.body:
        return None
    resource = response.resource()
    for each in [entry["resource"] for entry in resource.get("entry", [])] or [resource]:
        _validated(json.dumps(each, sort_keys=True))
    return None


@lru_cache(maxsize=4096)
def _validated(text: str) -> None:
    """Raise a refusal unless a resource validates; the same ones come again and again."""
    resource = json.loads(text)
    check_base(resource, resource["resourceType"])
    check_profile(resource, ANSWERS[resource["resourceType"]])


def _refusal(request: RawRequest, response: RawResponse) -> str | None:
    if response.status >= 500 and response.status != 501:
        return f"status {response.status}"
    if response.status == 501 and _defined(request.path):
        return "501, though GP Connect 1.2.7 defines it"
    outcome = response.resource()
    if outcome["resourceType"] != "OperationOutcome" or outcome["meta"] != {
        "profile": [urls.OPERATION_OUTCOME]
    }:
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
    return None if issue["diagnostics"].strip() else "the diagnostics are empty"


def _defined(path: bytes) -> bool:
    """Tell whether a path is one of an interaction's."""
    below = unquote(path.partition(BELOW_ROOT)[2].decode())
    return any(each.resource_id(below) is not None for each in INTERACTIONS)


def _success(request: RawRequest, response: RawResponse) -> str | None:
    if response.status not in (200, 201):
        return f"status {response.status}"
    if not response.body:
        minimal = b"return=minimal" in dict(request.headers).get(b"prefer", b"")
        return None if minimal else "an empty body that nobody asked for"
    resource = response.resource()
    kind = resource["resourceType"]
    if kind == "Bundle":
        return _bundle(resource)
    if kind in SINGLE:
        return _single(resource, response)
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


def _single(resource: Json, response: RawResponse) -> str | None:
    kind, version = resource["resourceType"], resource["meta"]["versionId"]
    if response.headers.get("etag") != f'W/"{version}"':
        return f"ETag is {response.headers.get('etag')}, the version {version}"
    if resource["meta"]["profile"] != [SINGLE[kind]]:
        return f"the profile is {resource['meta']['profile']}"
    place = f"/{kind}/{resource['id']}/_history/{version}"
    if response.status == 201 and not response.headers["location"].endswith(place):
        return f"Location is {response.headers['location']}, expected …{place}"
    if kind == "Appointment" and NEEDED - set(resource):
        return f"an Appointment without {NEEDED - set(resource)}"
    return None

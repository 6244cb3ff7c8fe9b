"""The Spine Directory Service's FHIR API (R4): which system is where, and what it may do.

Below `/spine-directory/FHIR/R4`: `GET /Device` and `GET /Endpoint`. Source: the published specification of
the Spine Directory Service FHIR API.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, unquote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.audit import AuditEvent, AuditRecorder, Surface
from simulator.domain.clock import Clock
from simulator.fhir.resource import Json
from simulator.fhir.search_parameters import Parameters
from simulator.fhir.spine_directory import (
    PARTY_KEY,
    SERVICE_INTERACTION_ID,
    render_device,
    render_directory_bundle,
    render_endpoint,
    stable_uuid,
)
from simulator.fhir.urls import ODS_ORGANIZATION_CODE
from simulator.settings import Settings
from simulator.spine.published import published_address, published_base
from simulator.store.database import Store

BASE = "/spine-directory/FHIR/R4"
FHIR_JSON = "application/fhir+json"
ACCEPTED = ("application/fhir+json", "application/json", "application/*", "*/*")
ERROR_CODES = "https://fhir.nhs.uk/STU3/ValueSet/Spine-ErrorOrWarningCode-1"

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")

NO_API_KEY = {
    "fault": {
        "faultstring": "Failed to resolve API Key variable request.header.apikey",
        "detail": {"errorcode": "steps.oauth.v2.FailedToResolveAPIKey"},
    }
}
"""What the gateway in front of the API says, which is no FHIR."""

LONGEST_AUDITED = 300


class DirectoryRefusal(Exception):
    """A request that the directory turns down: HTTP status, FHIR issue type, Spine code and display, why."""

    def __init__(self, status: int, issue_type: str, code: str, display: str, diagnostics: str) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.issue_type = issue_type
        self.code = code
        self.display = display
        self.diagnostics = diagnostics

    def outcome(self, correlation_id: str) -> Json:
        """Return its OperationOutcome, whose id is the correlation id."""
        coding = {"system": ERROR_CODES, "code": self.code, "display": self.display}
        return {
            "resourceType": "OperationOutcome",
            "id": correlation_id,
            "issue": [
                {
                    "severity": "error",
                    "code": self.issue_type,
                    "details": {"coding": [coding]},
                    "diagnostics": self.diagnostics,
                }
            ],
        }


class NoApiKey(DirectoryRefusal):
    """A request without `apikey`, which the gateway turns down."""

    def __init__(self) -> None:
        super().__init__(401, "login", "FailedToResolveAPIKey", "", "header apikey: is missing")

    def outcome(self, correlation_id: str) -> Json:
        """Return what the gateway says."""
        return NO_API_KEY


def bad_request(diagnostics: str) -> DirectoryRefusal:
    """Return the refusal of missing or invalid parameters and headers."""
    return DirectoryRefusal(400, "required", "BAD_REQUEST", "Bad request", diagnostics)


class SpineDirectory:
    """An ASGI application for everything below BASE; the rest of the path is in `path_params`."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, audit: AuditRecorder) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._audit = audit
        self._resources: Mapping[str, Callable[[Request, Parameters], list[Json]]] = {
            "Device": self._devices,
            "Endpoint": self._endpoints,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with a searchset, or with why there is none."""
        request = Request(scope, receive)
        sent = request.headers.get("x-correlation-id", "")
        asked = f"{request.method} {request.url.path}?{unquote(request.url.query)}"
        is_uuid = _UUID.match(sent) is not None
        correlation_id = sent if is_uuid else stable_uuid(asked, str(self._clock.wall()))
        headers = {
            "content-type": FHIR_JSON,
            "x-correlation-id": correlation_id,
            "cache-control": "no-store",
        }
        status, code = 200, ""
        try:
            if not request.headers.get("apikey", "").strip():
                raise NoApiKey
            if sent and not is_uuid:
                raise bad_request(f"header X-Correlation-Id: {sent[:80]!r} was sent; expected a UUID")
            answer = self._answer(request)
        except DirectoryRefusal as refusal:
            answer, status, code = refusal.outcome(correlation_id), refusal.status, refusal.code
            if isinstance(refusal, NoApiKey):
                headers["content-type"] = "application/json"
            if status == 405:
                headers["allow"] = "GET"
        self._audit.soon(
            AuditEvent(
                at=self._clock.real(),
                surface=Surface.DIRECTORY,
                trace_id=correlation_id,
                record=asked[:LONGEST_AUDITED],
                status=status,
                code=code,
            )
        )
        await Response(orjson.dumps(answer), status, headers)(scope, receive, send)

    def _answer(self, request: Request) -> Json:
        name = request.path_params["path"]
        find = self._resources.get(name)
        if find is None:
            raise DirectoryRefusal(
                404, "not-found", "NOT_IMPLEMENTED", "Not implemented", "HTTP endpoint not found"
            )
        if request.method != "GET":
            raise DirectoryRefusal(
                405, "not-supported", "NOT_IMPLEMENTED", "Not implemented", "HTTP operation not supported"
            )
        query_string = request.scope["query_string"].decode("latin-1")
        found = find(request, tuple(parse_qsl(query_string, keep_blank_values=True, errors="replace")))
        _check_accept(request)
        url = f"{str(request.base_url).rstrip('/')}{BASE}/{name}"
        return render_directory_bundle(found, url, f"{url}?{unquote(query_string)}")

    def _devices(self, request: Request, parameters: Parameters) -> list[Json]:
        """Return the accredited systems of an organisation for an interaction."""
        _check_parameters(parameters, ("organization", "identifier", "manufacturing-organization"))
        ods_code = _last(parameters, "organization", ODS_ORGANIZATION_CODE)
        interaction = _last(parameters, "identifier", SERVICE_INTERACTION_ID)
        if ods_code is None:
            raise _missing("organization", ODS_ORGANIZATION_CODE)
        if interaction is None:
            raise _missing("identifier", SERVICE_INTERACTION_ID)
        supplier = _last(parameters, "manufacturing-organization", ODS_ORGANIZATION_CODE)
        with self._store.reading() as transaction:
            systems = transaction.directory.systems(
                ods_code, interaction, _last(parameters, "identifier", PARTY_KEY)
            )
        return [render_device(each) for each in systems if supplier in (None, each.manufacturer_ods_code)]

    def _endpoints(self, request: Request, parameters: Parameters) -> list[Json]:
        """Return where the interactions of an organisation or a party key are sent, one by one."""
        _check_parameters(parameters, ("organization", "identifier"))
        ods_code = _last(parameters, "organization", ODS_ORGANIZATION_CODE)
        interaction = _last(parameters, "identifier", SERVICE_INTERACTION_ID)
        party_key = _last(parameters, "identifier", PARTY_KEY)
        if sum(each is not None for each in (ods_code, interaction, party_key)) < 2:
            raise bad_request(
                "parameters: two at least are needed of"
                f" organization={ODS_ORGANIZATION_CODE}|value, identifier={SERVICE_INTERACTION_ID}|value"
                f" and identifier={PARTY_KEY}|value"
            )
        base = published_base(self._settings, str(request.base_url).rstrip("/"))
        with self._store.reading() as transaction:
            endpoints = transaction.directory.endpoints(ods_code, interaction, party_key)
        return [
            render_endpoint(endpoint, each, published_address(endpoint, base))
            for endpoint in endpoints
            for each in endpoint.interactions
            if interaction in (None, each)
        ]


SYSTEMS = {
    "organization": (ODS_ORGANIZATION_CODE,),
    "identifier": (SERVICE_INTERACTION_ID, PARTY_KEY),
    "manufacturing-organization": (ODS_ORGANIZATION_CODE,),
}
"""The systems that the value of each parameter may begin with."""


def _check_parameters(parameters: Parameters, known: tuple[str, ...]) -> None:
    """Raise DirectoryRefusal for a parameter that is not known, or whose system is not."""
    for name, value in parameters:
        if name not in known:
            raise bad_request(f"parameter {name[:80]!r}: is not known; expected {', '.join(known)}")
        if not value.startswith(tuple(f"{system}|" for system in SYSTEMS[name])):
            raise _missing(name, *SYSTEMS[name])


def _last(parameters: Parameters, name: str, system: str) -> str | None:
    """Return the value of the last parameter of a name and system that has any; None where there is none."""
    beginning = f"{system}|"
    found = [
        value.removeprefix(beginning)
        for key, value in parameters
        if key == name and value.startswith(beginning) and value.removeprefix(beginning).strip()
    ]
    return found[-1] if found else None


def _missing(name: str, *systems: str) -> DirectoryRefusal:
    expected = " or ".join(f"{name}={system}|value" for system in systems)
    return bad_request(f"parameter {name}: is missing or invalid; expected {expected}")


def _check_accept(request: Request) -> None:
    """Raise DirectoryRefusal where JSON will not do."""
    accept = request.headers.get("accept", "").lower()
    choices = [choice.partition(";")[0].strip() for choice in accept.split(",")]
    if accept.strip() and not any(choice in ACCEPTED for choice in choices):
        raise DirectoryRefusal(
            406,
            "not-supported",
            "MISSING_OR_INVALID_HEADER",
            "There is a required header missing or invalid",
            f"header Accept: {accept[:80]!r} was sent; expected {FHIR_JSON}",
        )

"""The Personal Demographics Service's FHIR API (R4): who has an NHS number, and which number somebody has.

Below `/personal-demographics/FHIR/R4`: `GET /Patient/{NHS number}` and `GET /Patient` with what is known. It
answers from the national record, which registration asks too. Any bearer token will do. Who names a role in
`NHSD-Session-URID` is a healthcare worker and may find several people; anybody else has
application-restricted access, and finds one or none. Source: the published specification of the Personal
Demographics Service FHIR API.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl, unquote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.audit import AuditEvent, AuditRecorder, Surface
from simulator.domain.clock import Clock, uk_local
from simulator.domain.national_record import NationalRecord
from simulator.domain.nhs_number import is_valid, looks_like_one
from simulator.domain.person_search import EXACT, PersonSearch, score
from simulator.fhir.pds_patient import render_people, render_person
from simulator.fhir.resource import Json
from simulator.settings import Settings
from simulator.spine.pds_refusals import PdsRefusal, invalid_header
from simulator.spine.person_search_parameters import MOST_MATCHES, read_most, read_person_search, read_switch
from simulator.store.database import Store
from simulator.store.national_record import People

LOG = logging.getLogger("gpsim")

BASE = "/personal-demographics/FHIR/R4"
FHIR_JSON = "application/fhir+json"

REQUEST_ID, CORRELATION_ID, SESSION = "x-request-id", "x-correlation-id", "nhsd-session-urid"
ORGANISATION = "nhsd-end-user-organisation-ods"

RETRY_SECONDS = "5"
LONGEST_AUDITED = 300

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_SESSION = re.compile(r"[0-9]{1,20}\Z")

Found = list[tuple[NationalRecord, float]]


@dataclass(slots=True)
class Answer:
    """What a request is answered, and whom it was about: the NHS numbers, for the audit trail."""

    resource: Json
    status: int = 200
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    about: Sequence[str] = ()


class Demographics:
    """An ASGI application for everything below BASE; the rest of the path is in `path_params`."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, audit: AuditRecorder) -> None:
        self._is_down = settings.pds_down
        self._store = store
        self._clock = clock
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with a person, with those who match, or with why not; and record it."""
        request = Request(scope, receive)
        try:
            answer = self._answer(request)
        except PdsRefusal as refusal:
            answer = Answer(refusal.outcome(), refusal.status, refusal.code)
            if refusal.code == "INVALID_METHOD":
                answer.headers["allow"] = "GET"
            if refusal.code == "SERVICE_UNAVAILABLE":
                answer.headers["retry-after"] = RETRY_SECONDS
        except Exception:
            LOG.exception("unexpected failure of the Personal Demographics Service")
            failure = PdsRefusal("INTERNAL_SERVER_ERROR", "unexpected failure; the server's log has it")
            answer = Answer(failure.outcome(), failure.status, failure.code)
        self._record(request, answer)
        echoed = {
            name: request.headers[name] for name in (REQUEST_ID, CORRELATION_ID) if name in request.headers
        }
        headers = {"content-type": FHIR_JSON, "cache-control": "no-store", **echoed, **answer.headers}
        await Response(orjson.dumps(answer.resource), answer.status, headers)(scope, receive, send)

    def _answer(self, request: Request) -> Answer:
        if self._is_down:
            raise PdsRefusal(
                "SERVICE_UNAVAILABLE",
                f"it is down, on purpose; ask again with the same X-Request-ID in {RETRY_SECONDS} seconds",
            )
        _check_headers(request)
        kind, _, nhs_number = request.path_params["path"].partition("/")
        if kind != "Patient" or "/" in nhs_number or request.path_params["path"] == "Patient/":
            path = request.path_params["path"][:80]
            raise PdsRefusal(
                "UNSUPPORTED_SERVICE", f"path {path!r}: is not known; expected Patient/[NHS number]"
            )
        if request.method != "GET":
            raise PdsRefusal("INVALID_METHOD", f"verb {request.method}: cannot be used here; expected GET")
        return self._retrieve(nhs_number) if nhs_number else self._search(request)

    def _retrieve(self, nhs_number: str) -> Answer:
        """Return the person with a number; one that is superseded leads to the person it is now."""
        if not is_valid(nhs_number):
            raise PdsRefusal(
                "INVALID_RESOURCE_ID",
                f"id {nhs_number[:80]!r}: is no NHS number; expected ten digits, the last a check digit",
            )
        with self._store.reading() as transaction:
            is_known = transaction.people.trace(nhs_number) is not None
            record = transaction.people.current(nhs_number)
        if record is None:
            code = "INVALIDATED_RESOURCE" if is_known else "RESOURCE_NOT_FOUND"
            raise PdsRefusal(code)
        about = dict.fromkeys((nhs_number, record.nhs_number))
        return Answer(
            render_person(record, in_full=True), headers={"etag": f'W/"{record.version}"'}, about=list(about)
        )

    def _search(self, request: Request) -> Answer:
        """Return those who match, the best first, or that there are too many of them."""
        query = request.scope["query_string"].decode("latin-1")
        parameters = tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))
        search = read_person_search(parameters)
        most = read_most(parameters, MOST_MATCHES if SESSION in request.headers else 1)
        only_exact = read_switch(parameters, "_exact-match")
        with self._store.reading() as transaction:
            found = find_people(transaction.people, search)
        if only_exact:
            found = [each for each in found if each[1] == EXACT]
        about = [record.nhs_number for record, _ in found]
        if len(found) > most:
            refusal = PdsRefusal("TOO_MANY_MATCHES")
            return Answer(refusal.outcome(), refusal.status, refusal.code, about=about[:MOST_MATCHES])
        url = f"{str(request.base_url).rstrip('/')}{BASE}/Patient"
        return Answer(render_people(found, url, uk_local(self._clock.real())), about=about)

    def _record(self, request: Request, answer: Answer) -> None:
        """Record a request: once for each person that it was about."""
        headers = request.headers
        asked = f"{request.method} {request.url.path}"
        asked += f"?{unquote(request.url.query)}" if request.url.query else ""
        named = request.path_params["path"].rpartition("/")[2]
        for nhs_number in answer.about or [named if looks_like_one(named) else ""]:
            self._audit.soon(
                AuditEvent(
                    at=self._clock.real(),
                    surface=Surface.DEMOGRAPHICS,
                    trace_id=headers.get(REQUEST_ID, "")[:LONGEST_AUDITED],
                    user_role=headers.get(SESSION, "")[:LONGEST_AUDITED],
                    organisation=headers.get(ORGANISATION, "")[:LONGEST_AUDITED],
                    record=asked[:LONGEST_AUDITED],
                    nhs_number=nhs_number,
                    status=answer.status,
                    code=answer.code,
                )
            )


def find_people(people: People, search: PersonSearch) -> Found:
    """Return who matches a search with how well, the best first.

    Nobody comes under a number that is no longer theirs, and nobody who is sensitive where the search says
    where they are.
    """
    best: dict[str, tuple[NationalRecord, float]] = {}
    born = search.born
    for candidate in people.born(born.first or date.min, born.last or date.max, search.initials):
        quality = score(candidate, search)
        record = people.current(candidate.nhs_number) if quality is not None else None
        if quality is None or record is None or (record.sensitive and search.says_where):
            continue
        _, so_far = best.get(record.nhs_number, (record, 0.0))
        best[record.nhs_number] = (record, max(quality, so_far))
    return sorted(best.values(), key=lambda each: (-each[1], each[0].nhs_number))


def _check_headers(request: Request) -> None:
    """Raise PdsRefusal for a header that is missing or cannot be."""
    headers = request.headers
    authorization = headers.get("authorization")
    if authorization is None:
        raise PdsRefusal("ACCESS_DENIED", "Missing Authorization header")
    if not authorization.strip():
        raise PdsRefusal("ACCESS_DENIED", "Empty Authorization header")
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise PdsRefusal("ACCESS_DENIED", "Missing access token")
    request_id = headers.get(REQUEST_ID, "")
    if not request_id:
        raise PdsRefusal(
            "MISSING_VALUE",
            "Invalid request with error - X-Request-ID header must be supplied to access this resource",
        )
    if not _UUID.match(request_id):
        raise invalid_header("X-Request-ID", request_id, "a UUID")
    if not _SESSION.match(headers.get(SESSION, "0")):
        raise invalid_header("NHSD-Session-URID", headers[SESSION], "the digits of a role profile id")

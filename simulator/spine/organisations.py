"""The Organisation Data Service's STU3 API: `GET /STU3/Organization/{ODS code}`, open to everybody.

Source: the published ODS STU3 API.
"""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.audit import AuditEvent, AuditRecorder, Surface
from simulator.domain.clock import Clock
from simulator.fhir.ods_organization import render_ods_organization, render_ods_outcome
from simulator.fhir.resource import Json
from simulator.fhir.search_parameters import read_query, values_of
from simulator.fhir.xml import write_xml
from simulator.store.database import Store

PATH = "/STU3/Organization/{ods_code}"
LONGEST_AUDITED = 300


class Organisations:
    """An ASGI application that looks up an organisation; its ODS code is in `path_params`."""

    def __init__(self, store: Store, clock: Clock, audit: AuditRecorder) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the organisation, or with 404; in XML where that is asked for."""
        request = Request(scope, receive)
        status, resource, code = self._answer(request)
        self._audit.soon(
            AuditEvent(
                at=self._clock.real(),
                surface=Surface.DIRECTORY,
                record=f"{request.method} {request.url.path}"[:LONGEST_AUDITED],
                status=status,
                code=code,
            )
        )
        in_xml = _wants_xml(request)
        headers = {
            "content-type": f"application/fhir+{'xml' if in_xml else 'json'};charset=utf-8",
            "cache-control": "no-store",
        }
        if status == 405:
            headers["allow"] = "GET"
        body = write_xml(resource) if in_xml else orjson.dumps(resource)
        await Response(body, status, headers)(scope, receive, send)

    def _answer(self, request: Request) -> tuple[int, Json, str]:
        """Return status, resource and, of a refusal, its code."""
        if request.method != "GET":
            code, why = "NOT_IMPLEMENTED", f"verb {request.method}: cannot be used here; expected GET"
            return 405, render_ods_outcome(code, "Not implemented", "not-supported", why), code
        with self._store.reading() as transaction:
            organization = transaction.directory.organization(request.path_params["ods_code"])
        if organization is None:
            code, why = "NO_RECORD_FOUND", "No record found for supplied ODS code"
            return 404, render_ods_outcome(code, "No record found", "not-found", why), code
        return 200, render_ods_organization(organization), ""


def _wants_xml(request: Request) -> bool:
    asked = values_of(read_query(request.scope["query_string"]), "_format")
    wanted = (asked[0] if asked else request.headers.get("accept", "")).lower()
    return "xml" in wanted and "json" not in wanted

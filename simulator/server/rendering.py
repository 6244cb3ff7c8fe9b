"""How a resource becomes a response: format, headers, compression.

Every header has one value, because consumers read them so. Source: specification, page "General API
guidance", headers.
"""

from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

import orjson
from isal import igzip
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.clock import Instant, http_date
from simulator.fhir.resource import Json
from simulator.fhir.xml import write_xml
from simulator.interactions.interaction import Format, InteractionResponse
from simulator.server.header_fields import Field

QUICK = 1
"""The gzip level: the lowest shrinks a search answer to a tenth; higher ones cost more than they save."""


NOT_STORED = (b"cache-control", b"no-store")
ADDED_FIELDS = "gpsim.added_fields"
"""Under what name a scope's extensions have the header fields that the server adds to the answer."""

CONTENT_TYPES = {each: (b"content-type", f"{each};charset=utf-8".encode()) for each in Format}


class Rendering(NamedTuple):
    """How the consumer wants its answer."""

    format: Format = Format.JSON
    gzipped: bool = False
    minimal: bool = False


class FhirResponse(Response):
    """A response whose header fields are complete: Starlette's own works them out for each."""

    def __init__(
        self, status: int, headers: list[Field], body: bytes, last_modified: Instant | None = None
    ) -> None:
        """`headers` are all there are but `Last-Modified` and the length of the body."""
        self.status_code = status
        self.last_modified = last_modified
        self.background = None
        self.body = body
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = self.raw_headers
        if self.last_modified is not None:
            headers = [*headers, (b"last-modified", _last_modified(self.last_modified, scope))]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _last_modified(instant: Instant, scope: Scope) -> bytes:
    """Return a `Last-Modified` that is no later than the answer's `Date` (RFC 9110, section 8.8.2.1).

    The server makes a `Date` once a second, before the request came; a simulated day may be yet to come.
    """
    added: list[Field] = scope.get("extensions", {}).get(ADDED_FIELDS, ())
    for name, value in added:
        if name == b"date" and instant > _instant_of(value):
            return value
    return http_date(instant).encode()


@lru_cache(maxsize=4)
def _instant_of(date: bytes) -> Instant:
    return int(parsedate_to_datetime(date.decode()).timestamp())


def fhir_response(
    resource: Json | bytes | None,
    status: int,
    rendering: Rendering,
    headers: Iterable[Field] = (),
    last_modified: Instant | None = None,
) -> Response:
    """Return a resource, an error's OperationOutcome included, as a response that nobody may store.

    The resource may be JSON text already.
    """
    fields = [*headers, NOT_STORED]
    body = b""
    if resource is not None:
        body = _written(resource, rendering.format)
        fields.append(CONTENT_TYPES[rendering.format])
        if rendering.gzipped:
            body = igzip.compress(body, QUICK, mtime=0)
            fields.append((b"content-encoding", b"gzip"))
    return FhirResponse(status, fields, body, last_modified)


def _written(resource: Json | bytes, wanted: Format) -> bytes:
    if wanted is Format.JSON:
        return resource if isinstance(resource, bytes) else orjson.dumps(resource)
    return write_xml(orjson.loads(resource) if isinstance(resource, bytes) else resource)


def interaction_response(answer: InteractionResponse, service_root: str, rendering: Rendering) -> Response:
    """Return what an interaction answered, with the headers that its version and place ask for.

    A minimal answer has everything but the body (`Prefer: return=minimal`): of what was created or updated,
    not of what an operation returns.
    """
    headers: list[Field] = []
    version = answer.version
    if version is not None:
        place = f"{service_root}/{answer.record}/_history/{version}"
        headers.append((b"etag", b'W/"%d"' % version))
        headers.append((b"content-location", place.encode("latin-1")))
    if answer.location is not None:
        headers.append((b"location", f"{service_root}/{answer.location}".encode("latin-1")))
    resource = None if rendering.minimal and version is not None else answer.resource
    return fhir_response(resource, answer.status, rendering, headers, answer.last_modified)

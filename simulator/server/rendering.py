"""How a resource becomes a response: format, headers, compression.

Every header has one value, because consumers read them so. Source: specification, page "General API
guidance", headers.
"""

from collections.abc import Iterable
from typing import NamedTuple

import orjson
from isal import igzip
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.clock import http_date
from simulator.fhir.resource import Json
from simulator.fhir.xml import write_xml
from simulator.interactions.interaction import Format, InteractionResponse
from simulator.server.header_fields import Field

QUICK = 1
"""The gzip level: the lowest shrinks a search answer to a tenth; higher ones cost more than they save."""


NOT_STORED = (b"cache-control", b"no-store")
CONTENT_TYPES = {each: (b"content-type", f"{each};charset=utf-8".encode()) for each in Format}


class Rendering(NamedTuple):
    """How the consumer wants its answer."""

    format: Format = Format.JSON
    gzipped: bool = False
    minimal: bool = False


class FhirResponse(Response):
    """A response whose header fields are complete: Starlette's own works them out for each."""

    def __init__(self, status: int, headers: list[Field], body: bytes) -> None:
        """`headers` are all there are but the length of the body."""
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


def fhir_response(
    resource: Json | bytes | None, status: int, rendering: Rendering, headers: Iterable[Field] = ()
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
    return FhirResponse(status, fields, body)


def _written(resource: Json | bytes, wanted: Format) -> bytes:
    if wanted is Format.JSON:
        return resource if isinstance(resource, bytes) else orjson.dumps(resource)
    return write_xml(orjson.loads(resource) if isinstance(resource, bytes) else resource)


def interaction_response(answer: InteractionResponse, service_root: str, rendering: Rendering) -> Response:
    """Return what an interaction answered, with the headers that its version and place ask for.

    A minimal answer has everything but the body (`Prefer: return=minimal`).
    """
    headers: list[Field] = []
    version = answer.version
    if version is not None:
        place = f"{service_root}/{answer.record}/_history/{version}"
        headers.append((b"etag", b'W/"%d"' % version))
        headers.append((b"content-location", place.encode("latin-1")))
    if answer.location is not None:
        headers.append((b"location", f"{service_root}/{answer.location}".encode("latin-1")))
    if answer.last_modified is not None:
        headers.append((b"last-modified", http_date(answer.last_modified).encode()))
    resource = None if rendering.minimal else answer.resource
    return fhir_response(resource, answer.status, rendering, headers)

"""How a resource becomes a response: format, headers, compression.

Every header has one value, because consumers read them so. Source: specification, page "General API
guidance", headers.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from starlette.responses import Response

from simulator.domain.clock import http_date
from simulator.fhir.resource import Json
from simulator.fhir.xml import write_xml
from simulator.interactions.interaction import Format, InteractionResponse

QUICK = 1
"""The gzip level: the lowest shrinks a search answer to a tenth; higher ones cost more than they save."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """How the consumer wants its answer."""

    format: Format = Format.JSON
    gzipped: bool = False
    minimal: bool = False


def fhir_response(
    resource: Json | None, status: int, rendering: Rendering, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a resource, an error's OperationOutcome included, as a response that nobody may store."""
    all_headers = {"cache-control": "no-store", **(headers or {})}
    body = b""
    if resource is not None:
        body = orjson.dumps(resource) if rendering.format is Format.JSON else write_xml(resource)
        all_headers["content-type"] = f"{rendering.format};charset=utf-8"
        if rendering.gzipped:
            body = gzip.compress(body, QUICK, mtime=0)
            all_headers["content-encoding"] = "gzip"
    return Response(body, status, all_headers)


def interaction_response(answer: InteractionResponse, service_root: str, rendering: Rendering) -> Response:
    """Return what an interaction answered, with the headers that its version and place ask for.

    A minimal answer has everything but the body (`Prefer: return=minimal`).
    """
    headers: dict[str, str] = {}
    if answer.version is not None:
        resource_id, resource_type = answer.resource["id"], answer.resource["resourceType"]
        headers["etag"] = f'W/"{answer.version}"'
        place = f"{service_root}/{resource_type}/{resource_id}/_history/{answer.version}"
        headers["content-location"] = place
    if answer.location is not None:
        headers["location"] = f"{service_root}/{answer.location}"
    if answer.last_modified is not None:
        headers["last-modified"] = http_date(answer.last_modified)
    resource = None if rendering.minimal else answer.resource
    return fhir_response(resource, answer.status, rendering, headers)

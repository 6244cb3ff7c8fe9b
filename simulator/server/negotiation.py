"""Which format a consumer sends and wants, and how a resource becomes a response.

Source: specification, page "General API guidance", content negotiation and headers.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response

from simulator.domain.clock import http_date
from simulator.domain.refusals import UnsupportedFormat, shown
from simulator.fhir.search_parameters import Parameters, values_of
from simulator.interactions.interaction import InteractionResponse

JSON = "application/fhir+json"
FORMATS = {JSON: JSON, "json": JSON}
"""What `_format` may say, and the media type it means."""

ANYTHING = frozenset({"*/*", "application/*"})


def wanted_format(parameters: Parameters, headers: Headers) -> str:
    """Return the media type to answer in: `_format` over `Accept` over `Content-Type`, else JSON.

    Raises UnsupportedFormat where nothing that was asked for can be had.
    """
    asked = values_of(parameters, "_format")
    if asked:
        name = _media_type(asked[0])
        if name not in FORMATS:
            raise UnsupportedFormat(f"parameter _format: {shown(asked[0])} was sent; expected {JSON}")
        return FORMATS[name]
    accept = headers.get("accept", "")
    if accept.strip():
        return _accepted(accept)
    return sent_format(headers)


def sent_format(headers: Headers) -> str:
    """Return the media type of the request body, JSON where none is named; raise UnsupportedFormat."""
    value = headers.get("content-type", "")
    name, charset = _media_type(value), _charset(value)
    if name and name not in FORMATS:
        raise UnsupportedFormat(f"header Content-Type: {shown(value)} was sent; expected {JSON}")
    if charset not in ("", "utf-8"):
        raise UnsupportedFormat(f"header Content-Type: charset {shown(charset)} was sent; expected utf-8")
    return JSON


def _accepted(accept: str) -> str:
    for each in accept.split(","):
        name = _media_type(each)
        if name in ANYTHING:
            return JSON
        if name in FORMATS:
            return FORMATS[name]
    raise UnsupportedFormat(f"header Accept: {shown(accept)} was sent; expected {JSON}")


def _media_type(value: str) -> str:
    # A `+` that came unescaped in a query string is still a plus here: see read_query.
    return value.partition(";")[0].strip().lower()


def _charset(value: str) -> str:
    for parameter in value.split(";")[1:]:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset":
            return text.strip().strip('"').lower()
    return ""


def fhir_response(resource: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return a resource, an error's OperationOutcome included, as a response that nobody may store."""
    body = orjson.dumps(resource) if resource is not None else b""
    response = Response(body, status)
    response.headers["cache-control"] = "no-store"
    if body:
        response.headers["content-type"] = f"{JSON};charset=utf-8"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def interaction_response(answer: InteractionResponse, service_root: str, minimal: bool) -> Response:
    """Return what an interaction answered, with the headers that its version and place ask for.

    `minimal` leaves the body out and everything else as it was (`Prefer: return=minimal`).
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
    return fhir_response(None if minimal else answer.resource, answer.status, headers)


def wants_minimal(headers: Headers) -> bool:
    """Tell whether the consumer asked for no body."""
    return "return=minimal" in headers.get("prefer", "").replace(" ", "").lower()

"""The audit token: an unsigned JWT that says who asks, where they work and why.

Each of the ten claims is checked; the diagnostics name the claim. Its resources are base STU3 and need not
meet a GP Connect profile. Source: specification, pages "Cross-organisation audit and provenance" and
"Security".
"""

import base64
import binascii
from functools import lru_cache
from typing import Any

import orjson

from simulator.domain.clock import Instant
from simulator.domain.refusals import BadRequest, InvalidResource, shown
from simulator.fhir import urls
from simulator.fhir.reading import check_base
from simulator.fhir.resource import Json
from simulator.server.claims import KEPT, RESOURCE_CLAIMS, Claims
from simulator.server.header_fields import HeaderFields

LIFETIME = 300
"""Seconds from `iat` to `exp`."""

MILLISECONDS = 10**11
"""From here on a time is in milliseconds: as seconds it is of the year 5138."""

LONGEST = 32_000
"""How long a token may be: ten times a talkative one. Reading one is work done before anybody is known."""

SCOPES = ("organization/*.read", "organization/*.write", "patient/*.read", "patient/*.write")
HEADER = {"alg": "none", "typ": "JWT"}
USUAL_HEADER = base64.urlsafe_b64encode(orjson.dumps(HEADER)).decode().rstrip("=")
"""The header as most write it; any other way of writing it is read."""


def read_token(headers: HeaderFields) -> str:
    """Return the token of a request as it came; raise BadRequest where there is none, or more than one."""
    value = headers.get("authorization", "")
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        came = shown(value, 30) if value else "nothing"
        raise BadRequest(f"header Authorization: {came} was sent; expected `Bearer` and an audit token")
    if headers.repeats and len(headers.getlist("authorization")) > 1:
        raise BadRequest("header Authorization: came more than once; expected exactly one audit token")
    if len(token) > LONGEST:
        raise BadRequest(f"audit token: has {len(token)} characters; expected at most {LONGEST}")
    return token.strip()


def read_claims(token: str) -> Claims:
    """Return the claims in a token, unchecked; raise BadRequest where there is no reading it."""
    return Claims.read(_decoded(token))


def check_claims(claims: Claims, now: Instant) -> None:
    """Raise unless every claim is as it should be at a real instant.

    Raises BadRequest for anything wrong with a claim, InvalidResource where a claim's resource is of another
    type or not valid.
    """
    values = claims.values
    for name in ("iss", "sub", "aud"):
        _text(values, name)
    check_times(claims, now)
    reason = _text(values, "reason_for_request")
    if reason != "directcare":
        raise _wrong("reason_for_request", reason, "`directcare`")
    scope = _text(values, "requested_scope")
    if scope not in SCOPES:
        raise _wrong("requested_scope", scope, f"one of {', '.join(SCOPES)}")
    for name, resource_type in RESOURCE_CLAIMS.items():
        if values.get(name) is None:
            raise _missing(name, f"a {resource_type} resource")
        content = claims.resources[name]
        if content is None:
            raise InvalidResource(f"claim {name}: nests deeper than any resource does")
        _check_resource(name, resource_type, content)
    practitioner_id = values["requesting_practitioner"]["id"]
    if values["sub"] != practitioner_id:
        raise _wrong("sub", values["sub"], f"requesting_practitioner.id, which is {shown(practitioner_id)}")


def check_scope(claims: Claims, expected: str, interaction_name: str) -> None:
    """Raise BadRequest unless checked claims ask for exactly the scope that an interaction needs."""
    scope = claims.values["requested_scope"]
    if scope != expected:
        raise BadRequest(
            f"claim requested_scope: {shown(scope)} was sent; {interaction_name} expects {expected}"
        )


def _decoded(token: str) -> Json:
    """Return the claims of an unsigned token: three parts, the third empty."""
    if token.startswith(("b'", 'b"')):
        raise BadRequest("audit token: begins with b', as Python shows bytes; expected the text alone")
    parts = token.split(".")
    if len(parts) != 3:
        raise BadRequest(
            f"audit token: has {len(parts)} parts; expected `header.payload.` with the final dot"
        )
    if parts[2]:
        raise BadRequest("audit token: is signed; expected `alg` none and an empty third part")
    if parts[0] != USUAL_HEADER:
        header = _part(parts[0], "header")
        if header != HEADER:
            raise BadRequest(f"audit token header: {shown(header)} was sent; expected {HEADER}")
    return _part(parts[1], "payload")


def _part(text: str, name: str) -> Json:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(f"audit token {name}: {shown(text, 30)} is not base64url") from None
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"audit token {name}: is not JSON: {error.msg}") from None
    if not isinstance(value, dict):
        raise BadRequest(f"audit token {name}: {shown(value, 30)} was sent; expected a JSON object")
    return value


def _missing(name: str, expected: str) -> BadRequest:
    return BadRequest(f"claim {name}: is missing; expected {expected}")


def _wrong(name: str, value: Any, expected: str) -> BadRequest:
    return BadRequest(f"claim {name}: {shown(value)} was sent; expected {expected}")


def _text(claims: Json, name: str) -> str:
    value = claims.get(name)
    if value is None:
        raise _missing(name, "a text")
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, value, "a text that is not blank")
    return value


def _seconds(claims: Json, name: str) -> int:
    value = claims.get(name)
    if value is None:
        raise _missing(name, "seconds since 1970, a whole number")
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(name, value, "seconds since 1970, a whole number")
    return value


def check_times(claims: Claims, now: Instant) -> None:
    """Check `exp` against the clock and against `iat`; `iat` itself is not to be judged by a provider."""
    values = claims.values
    issued, expires = values.get("iat"), values.get("exp")
    if type(issued) is not int or type(expires) is not int:
        issued, expires = _seconds(values, "iat"), _seconds(values, "exp")
    for name, time in (("iat", issued), ("exp", expires)):
        if time >= MILLISECONDS:
            raise _wrong(name, time, "seconds since 1970: these look like milliseconds")
    if expires - issued != LIFETIME:
        raise _wrong("exp", expires, f"iat + {LIFETIME}, which is {issued + LIFETIME}")
    if expires <= now:
        raise BadRequest(
            f"claim exp: the token expired {now - expires} seconds ago; make one for each request"
        )


@lru_cache(maxsize=KEPT)
def _check_resource(name: str, resource_type: str, content: bytes) -> None:
    """Raise unless a claim's resource is valid; a desk sends the same in every token: verdicts are kept."""
    resource = orjson.loads(content)
    if not isinstance(resource, dict):
        raise _wrong(name, resource, f"a {resource_type} resource")
    try:
        check_base(resource, resource_type)
    except InvalidResource as refusal:
        raise InvalidResource(f"claim {name}: {refusal.diagnostics}") from None
    if resource_type == "Device":
        _has_elements(name, resource, ("identifier", "model", "version"))
        _has_one_with(name, "identifier", resource, ("system", "value"))
    elif resource_type == "Organization":
        _has_elements(name, resource, ("identifier", "name"))
        _has_one_with(name, "identifier", resource, ("system", "value"))
    else:
        _has_elements(name, resource, ("id", "name", "identifier"))
        _has_one_with(name, "name", resource, ("family", "given"))
        smartcards = [each for each in resource["identifier"] if each.get("system") == urls.SDS_USER_ID]
        if not smartcards:
            raise BadRequest(f"claim {name}.identifier: none has system {urls.SDS_USER_ID}; expected one")
        if not smartcards[0].get("value"):
            raise BadRequest(
                f"claim {name}.identifier: the one with system {urls.SDS_USER_ID} has no value; expected the"
                " smartcard's user id, or UNK"
            )


def _has_one_with(name: str, element: str, resource: Json, parts: tuple[str, str]) -> None:
    """Raise BadRequest unless one of a repeating element has both parts: the audit trail is told by them."""
    if not any(all(each.get(part) for part in parts) for each in resource[element]):
        raise BadRequest(f"claim {name}.{element}: none has {' and '.join(parts)}; expected one that has")


def _has_elements(name: str, resource: Json, elements: tuple[str, ...]) -> None:
    for element in elements:
        if element not in resource:
            raise BadRequest(f"claim {name}.{element}: is missing; expected at least one")

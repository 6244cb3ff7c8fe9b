"""The audit token: an unsigned JWT that says who asks, where they work and why.

Each of the ten claims is checked; the diagnostics name the claim. Its resources are base STU3 and need not
meet a GP Connect profile. Source: specification, pages "Cross-organisation audit and provenance" and
"Security".
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from starlette.datastructures import Headers

from simulator.domain.clock import Instant
from simulator.domain.refusals import BadRequest, InvalidResource, shown
from simulator.fhir import urls
from simulator.fhir.reading import check_base
from simulator.fhir.resource import Json
from simulator.server.audit_subjects import AUDITED

LIFETIME = 300
"""Seconds from `iat` to `exp`."""

LONGEST = 32_000
"""How long a token may be: ten times a talkative one. Reading one is work done before anybody is known."""

SCOPES = ("organization/*.read", "organization/*.write", "patient/*.read", "patient/*.write")
HEADER = {"alg": "none", "typ": "JWT"}
RESOURCE_CLAIMS = {
    "requesting_device": "Device",
    "requesting_organization": "Organization",
    "requesting_practitioner": "Practitioner",
}


@dataclass(frozen=True, slots=True)
class AuditToken:
    """What a token says: its claims. Only of checked claims is every property there."""

    claims: Json

    @property
    def scope(self) -> str:
        """Return the scope that was asked for."""
        return str(self.claims["requested_scope"])

    @property
    def user_id(self) -> str:
        """Return the user's id at the consumer."""
        return str(self.claims["sub"])

    @property
    def user_name(self) -> str:
        """Return the user's name, as far as it was sent."""
        name = self.claims["requesting_practitioner"]["name"][0]
        return " ".join([*name.get("prefix", []), *name.get("given", []), name.get("family", "")]).strip()

    @property
    def sds_user_id(self) -> str:
        """Return the user's id on the smartcard, empty where none was sent."""
        return _identifier(self.claims["requesting_practitioner"], urls.SDS_USER_ID)

    @property
    def user_role(self) -> str:
        """Return the user's role profile id, empty where none was sent."""
        return _identifier(self.claims["requesting_practitioner"], urls.SDS_ROLE_PROFILE_ID)

    @property
    def organisation(self) -> str:
        """Return the ODS code of the user's organisation, or whatever identifies it."""
        organization = self.claims["requesting_organization"]
        return _identifier(organization, urls.ODS_ORGANIZATION_CODE) or _identifier(organization, None)

    @property
    def device(self) -> str:
        """Return the user's device or system: model, version and identifier."""
        device = self.claims["requesting_device"]
        return f"{device['model']} {device['version']} {_identifier(device, None)}"


def _identifier(resource: Json, system: str | None) -> str:
    """Return the value of a resource's first identifier of a system, or of any."""
    values = (
        str(each.get("value", ""))
        for each in resource.get("identifier", [])
        if system is None or each.get("system") == system
    )
    return next(values, "")


class Asker(NamedTuple):
    """Who asks, for the audit trail; what could not be read is empty."""

    user_id: str
    sds_user_id: str
    user_name: str
    user_role: str
    organisation: str
    device: str


def who_asks(claims: Json) -> Asker:
    """Return who asks, as far as unchecked claims say; nothing in them makes it raise."""
    token = AuditToken(claims)
    return Asker(
        user_id=_said(lambda: token.user_id),
        sds_user_id=_said(lambda: token.sds_user_id),
        user_name=_said(lambda: token.user_name),
        user_role=_said(lambda: token.user_role),
        organisation=_said(lambda: token.organisation),
        device=_said(lambda: token.device),
    )


def _said(read: Callable[[], str]) -> str:
    """Return what a property says, cut to the length kept, or nothing where claims are of another shape."""
    try:
        return read()[:AUDITED]
    except (LookupError, TypeError, AttributeError, RecursionError):
        return ""


def read_claims(headers: Headers) -> Json:
    """Return the claims in a request's token, unchecked; raise BadRequest where there is no reading it."""
    return _decoded(_bearer(headers))


def read_audit_token(claims: Json, now: Instant) -> AuditToken:
    """Return the token of a request at a real instant, its claims checked.

    Raises BadRequest for anything wrong with a claim, InvalidResource where a claim's resource is of another
    type or not valid.
    """
    for name in ("iss", "sub", "aud"):
        _text(claims, name)
    _check_times(claims, now)
    reason = _text(claims, "reason_for_request")
    if reason != "directcare":
        raise _wrong("reason_for_request", reason, "`directcare`")
    scope = _text(claims, "requested_scope")
    if scope not in SCOPES:
        raise _wrong("requested_scope", scope, f"one of {', '.join(SCOPES)}")
    for name, resource_type in RESOURCE_CLAIMS.items():
        if claims.get(name) is None:
            raise _missing(name, f"a {resource_type} resource")
        _check_resource(name, resource_type, _content(claims, name))
    _check_practitioner(claims)
    return AuditToken(claims)


def check_scope(token: AuditToken, expected: str, interaction_name: str) -> None:
    """Raise BadRequest unless the token asks for exactly the scope that an interaction needs."""
    if token.scope != expected:
        raise BadRequest(
            f"claim requested_scope: {shown(token.scope)} was sent; {interaction_name} expects {expected}"
        )


def _bearer(headers: Headers) -> str:
    value = headers.get("authorization", "")
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        came = shown(value, 30) if value else "nothing"
        raise BadRequest(f"header Authorization: {came} was sent; expected `Bearer` and an audit token")
    if len(token) > LONGEST:
        raise BadRequest(f"audit token: has {len(token)} characters; expected at most {LONGEST}")
    return token.strip()


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
    header = _part(parts[0], "header")
    if header != HEADER:
        raise BadRequest(f"audit token header: {shown(header)} was sent; expected {HEADER}")
    return _part(parts[1], "payload")


def _part(text: str, name: str) -> Json:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(f"audit token {name}: is not base64url") from None
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"audit token {name}: is not JSON: {error.msg}") from None
    if not isinstance(value, dict):
        raise BadRequest(f"audit token {name}: is not a JSON object")
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


def _check_times(claims: Json, now: Instant) -> None:
    """Check `exp` against the clock and against `iat`; `iat` itself is not to be judged by a provider."""
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    if expires - issued != LIFETIME:
        raise _wrong("exp", expires, f"iat + {LIFETIME}, which is {issued + LIFETIME}")
    if expires <= now:
        raise BadRequest(
            f"claim exp: the token expired {now - expires} seconds ago; make one for each request"
        )


def _content(claims: Json, name: str) -> bytes:
    try:
        return orjson.dumps(claims[name])
    except orjson.JSONEncodeError:
        raise InvalidResource(f"claim {name}: nests deeper than any resource does") from None


@lru_cache(maxsize=1024)
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
    elif resource_type == "Organization":
        _has_elements(name, resource, ("identifier", "name"))
    else:
        _has_elements(name, resource, ("id", "name", "identifier"))
        if not any(each.get("system") == urls.SDS_USER_ID for each in resource["identifier"]):
            raise BadRequest(f"claim {name}.identifier: none has system {urls.SDS_USER_ID}; expected one")


def _has_elements(name: str, resource: Json, elements: tuple[str, ...]) -> None:
    for element in elements:
        if element not in resource:
            raise BadRequest(f"claim {name}.{element}: is missing; expected at least one")


def _check_practitioner(claims: Json) -> None:
    practitioner_id = claims["requesting_practitioner"]["id"]
    if claims["sub"] != practitioner_id:
        raise _wrong("sub", claims["sub"], f"requesting_practitioner.id, which is {shown(practitioner_id)}")

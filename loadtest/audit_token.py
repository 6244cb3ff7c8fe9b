"""The consumer's audit token: the unsigned JWT that goes with every request.

Source: page *Cross-organisation audit and provenance*: ten claims, `exp` = `iat` + 300 s, a new token for
each request, algorithm `none`, an empty third part (so the token ends with a full stop).
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from loadtest.practices import ConsumerOrganisation

LIFETIME_SECONDS = 300
_ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
_SDS_USER = "https://fhir.nhs.uk/Id/sds-user-id"
_SDS_ROLE = "https://fhir.nhs.uk/Id/sds-role-profile-id"
_DEVICE_VERSION = "1.2.7"
_ISSUER = "https://consumer.load-lab.example"


@dataclass(frozen=True, slots=True)
class EndUser:
    """The person at the consumer system: local id and name. No two clients of a run share one."""

    id: str
    family: str = "Okonkwo"
    given: str = "Ruth"
    prefix: str = "Ms"


def audit_token(audience: str, scope: str, consumer: ConsumerOrganisation, user: EndUser, now: int) -> str:
    """A token for one request to the service root `audience`, issued at `now` (Unix seconds, UTC)."""
    claims = _claims(audience, scope, consumer, user) | {"exp": now + LIFETIME_SECONDS, "iat": now}
    return f"{_HEADER}.{_base64url(orjson.dumps(claims))}."


@lru_cache(maxsize=4096)
def _claims(audience: str, scope: str, consumer: ConsumerOrganisation, user: EndUser) -> dict[str, Any]:
    """The claims, in order, with times still to be filled in: a desk's are otherwise always the same."""
    return {
        "iss": _ISSUER,
        "sub": user.id,
        "aud": audience,
        "exp": 0,
        "iat": 0,
        "reason_for_request": "directcare",
        "requested_scope": scope,
        "requesting_device": {
            "resourceType": "Device",
            "identifier": [{"system": f"{_ISSUER}/Id/device", "value": "gpload"}],
            "model": "gpload",
            "version": _DEVICE_VERSION,
        },
        "requesting_organization": {
            "resourceType": "Organization",
            "identifier": [{"system": _ODS_CODE, "value": consumer.ods_code}],
            "name": organisation_name(consumer),
        },
        "requesting_practitioner": {
            "resourceType": "Practitioner",
            "id": user.id,
            "identifier": [
                {"system": _SDS_USER, "value": "UNK"},
                {"system": _SDS_ROLE, "value": "UNK"},
                {"system": f"{_ISSUER}/Id/user", "value": user.id},
            ],
            "name": [{"family": user.family, "given": [user.given], "prefix": [user.prefix]}],
        },
    }


def _base64url(part: bytes) -> str:
    """A part of a token (RFC 7515, section 2): no padding."""
    return urlsafe_b64encode(part).decode().rstrip("=")


_HEADER = _base64url(b'{"alg":"none","typ":"JWT"}')


def organisation_name(consumer: ConsumerOrganisation) -> str:
    """The display name of the consumer organisation, which the practices list does not carry."""
    return f"Load lab consumer {consumer.ods_code}"

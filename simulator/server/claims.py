"""The claims of an audit token as they came, and who they say asks.

Source: specification, page "Cross-organisation audit and provenance".
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, Self

import orjson

from simulator.fhir import urls
from simulator.fhir.resource import Json
from simulator.server.audit_subjects import AUDITED

RESOURCE_CLAIMS = {
    "requesting_device": "Device",
    "requesting_organization": "Organization",
    "requesting_practitioner": "Practitioner",
}
KEPT = 1024
"""Of how many resources, of each kind, what was found out is kept."""


class Asker(NamedTuple):
    """Who asks, for the audit trail; what could not be read is empty.

    The user's id at the consumer, on the smartcard, name and role profile id; the ODS code of the user's
    organisation, or whatever identifies it; the device or system: model, version and identifier.
    """

    user_id: str
    sds_user_id: str
    user_name: str
    user_role: str
    organisation: str
    device: str


NOBODY = Asker("", "", "", "", "", "")


class Claims:
    """The claims of a token, unchecked, those that are resources as bytes, and who they say asks.

    A desk sends the same resources in every token: what is found out of them is kept by their bytes.
    """

    __slots__ = ("asker", "resources", "values")

    def __init__(self, values: Json, resources: dict[str, bytes | None], asker: Asker) -> None:
        """Take claims by name, and what is known of them."""
        self.values = values
        self.resources = resources
        self.asker = asker

    @classmethod
    def read(cls, values: Json) -> Self:
        """Return claims by name with what is to be read in them."""
        resources = {name: _content(values.get(name)) for name in RESOURCE_CLAIMS}
        return cls(values, resources, _who_asks(values, resources))


def _content(value: Any) -> bytes | None:
    """Return a claim as bytes; None where it nests too deep to be written again."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return None


def _who_asks(values: Json, resources: dict[str, bytes | None]) -> Asker:
    """Return who asks, as far as unchecked claims say; nothing in them makes it raise."""
    return Asker(
        _said(lambda: str(values["sub"])),
        *_who(resources["requesting_practitioner"]),
        _where(resources["requesting_organization"]),
        _with_what(resources["requesting_device"]),
    )


@lru_cache(maxsize=KEPT)
def _who(content: bytes | None) -> tuple[str, str, str]:
    """Return a practitioner's smartcard id, name and role profile id."""
    practitioner = _loaded(content)
    return (
        _said(lambda: _identifier(practitioner, urls.SDS_USER_ID)),
        _said(lambda: _name(practitioner)),
        _said(lambda: _identifier(practitioner, urls.SDS_ROLE_PROFILE_ID)),
    )


@lru_cache(maxsize=KEPT)
def _where(content: bytes | None) -> str:
    """Return the ODS code of an organisation, or whatever identifies it."""
    organization = _loaded(content)
    return _said(
        lambda: _identifier(organization, urls.ODS_ORGANIZATION_CODE) or _identifier(organization, None)
    )


@lru_cache(maxsize=KEPT)
def _with_what(content: bytes | None) -> str:
    """Return a device's model, version and identifier."""
    device = _loaded(content)
    return _said(lambda: f"{device['model']} {device['version']} {_identifier(device, None)}")


def _loaded(content: bytes | None) -> Any:
    return None if content is None else orjson.loads(content)


def _name(practitioner: Json) -> str:
    name = practitioner["name"][0]
    return " ".join([*name.get("prefix", []), *name.get("given", []), name.get("family", "")]).strip()


def _identifier(resource: Json, system: str | None) -> str:
    """Return the value of a resource's first identifier of a system, or of any; empty where it has none."""
    values = (
        str(each.get("value", ""))
        for each in resource.get("identifier", [])
        if system is None or each.get("system") == system
    )
    return next(values, "")


def _said(read: Callable[[], str]) -> str:
    """Return what is read, cut to the length kept, or nothing where claims are of another shape."""
    try:
        return read()[:AUDITED]
    except (LookupError, TypeError, AttributeError, RecursionError):
        return ""

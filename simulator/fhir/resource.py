"""What every resource has in common: its JSON shape, meta, coded values and references."""

import re
from typing import Any

import orjson

from simulator.domain.refusals import InvalidResource, Refusal, shown

Json = dict[str, Any]

_RELATIVE = re.compile(r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})\Z")
_OUR_ID = re.compile(r"[1-9][0-9]{0,17}\Z")


def written(resource: Json) -> bytes:
    """Return a resource as JSON."""
    return orjson.dumps(resource)


def meta(profile: str, version: int) -> Json:
    """Return `meta` of a resource: its version and the one profile it follows."""
    return {"versionId": str(version), "profile": [profile]}


def coding(system: str, code: str, display: str) -> Json:
    """Return a CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


def reference(resource_type: str, resource_id: int) -> Json:
    """Return a relative reference, the only kind GP Connect allows."""
    return {"reference": f"{resource_type}/{resource_id}"}


def our_id(text: str) -> int | None:
    """Return a logical id as the number it is here, or None where it cannot be one of ours."""
    return int(text) if _OUR_ID.match(text) else None


def read_reference(value: Any, where: str, unknown: type[Refusal] = InvalidResource) -> tuple[str, int]:
    """Return the type and id that a reference element names.

    Raises InvalidResource for an absolute or malformed reference, and `unknown` where the id is well formed
    but cannot be one of ours. `where` is the element's path, for the diagnostics.
    """
    text = value.get("reference") if isinstance(value, dict) else None
    match = _RELATIVE.match(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidResource(f"{where}.reference: {shown(text)} was sent; expected relative, as `Type/id`")
    number = our_id(match["id"])
    if number is None:
        raise unknown(f"{where}.reference: {text} does not exist at this practice")
    return match["type"], number


def extension_values(resource: Json, url: str, key: str) -> list[Any]:
    """Return the values under `key` of a resource's extensions with a URL; None for one that lacks it."""
    return [each.get(key) for each in resource.get("extension", []) if each.get("url") == url]


def without_nothing(elements: Json) -> Json:
    """Leave out elements that have no value: FHIR has no nulls and no empty lists."""
    return {name: value for name, value in elements.items() if value or value not in (None, "", [], {})}

"""FHIR XML of any JSON value, spoilt ones too: not the simulator's own writer, and without judgement."""

from typing import Any
from xml.sax.saxutils import quoteattr

from tests.fuzz.spoiled_json import RAW_CLOSE, RAW_OPEN

FHIR = "http://hl7.org/fhir"


def xml_text(resource: Any) -> bytes:
    """Return a value as FHIR XML has it, as far as it can be written at all."""
    name = _resource_name(resource)
    children = _children(resource) if isinstance(resource, dict) else _element("value", resource)
    text = f'<{name} xmlns="{FHIR}">{children}</{name}>'
    return text.encode("utf-8", "surrogatepass")


def _resource_name(resource: Any) -> str:
    return str(resource.get("resourceType", "Appointment")) if isinstance(resource, dict) else "Appointment"


def _children(value: dict[str, Any]) -> str:
    return "".join(
        _element(name, each)
        for name, each in value.items()
        if name != "resourceType" and not name.startswith("_")
    )


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if not isinstance(value, dict):
        return f"<{name}{'' if value is None else f' value={_attribute(value)}'}/>"
    if "resourceType" in value:
        inner = _resource_name(value)
        return f"<{name}><{inner}>{_children(value)}</{inner}></{name}>"
    if name != "extension":
        return f"<{name}>{_children(value)}</{name}>"
    rest = {key: each for key, each in value.items() if key != "url"}
    return f"<extension url={_attribute(value.get('url', ''))}>{_children(rest)}</extension>"


def _attribute(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    quoted = quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
    return quoted.replace(RAW_OPEN, "").replace(RAW_CLOSE, "")

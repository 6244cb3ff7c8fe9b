"""FHIR XML: the same resources as in JSON, in the other clothes.

Reading refuses a DTD before anything else, so there are no entities, external or growing. Names, order and
types come from the STU3 models; what they do not know is passed on, for the check of the base to name.
Source: FHIR STU3, page "XML Representation of Resources".
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from simulator.domain.refusals import BadRequest, InvalidResource, shown
from simulator.fhir.models import Element, Model, attributes_of, elements_of, is_resource_type, stu3_model
from simulator.fhir.reading import DEEPEST, NO_ELEMENT
from simulator.fhir.resource import Json

FHIR = "http://hl7.org/fhir"
NARRATIVE = "{http://www.w3.org/1999/xhtml}div"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
UNKNOWN = Element(repeats=True)

_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
"""The encoding in an XML declaration."""


def read_xml(body: bytes) -> Json:
    """Return the resource in an XML request body, as JSON has it.

    Raises BadRequest for what is no XML, not in UTF-8, or has a DTD, and InvalidResource for what JSON could
    not even say: another namespace, an element twice, text between elements, endless depth.
    """
    if not body.strip():
        raise BadRequest("body: is empty; expected a FHIR resource in XML")
    _check_encoding(body)
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise BadRequest("body: has a DTD, which FHIR XML never has") from None
    except (ParseError, ValueError, LookupError) as error:
        raise BadRequest(f"body: is not XML: {error}") from None
    return _read_resource(root, _name(root), 0)


def _check_encoding(body: bytes) -> None:
    """Raise BadRequest for XML that is not in UTF-8, or says so: the parser would believe its declaration.

    Source: specification, page "General API guidance", content types.
    """
    declared = _ENCODING.match(body)
    if declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        came = shown(declared[1].decode("latin-1"))
        raise BadRequest(f"body: its XML declaration says encoding {came}; expected UTF-8")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"body: is not in UTF-8: {error.reason} at byte {error.start}") from None
    if "\0" in text:
        raise BadRequest("body: is not in UTF-8: it has null characters, as UTF-16 has")


def write_xml(resource: Json) -> bytes:
    """Return a resource as XML."""
    return (DECLARATION + "".join(_resource_text(resource, f' xmlns="{FHIR}"'))).encode()


def _read_resource(node: Node, path: str, depth: int) -> Json:
    name = _name(node)
    if not node.tag.startswith(f"{{{FHIR}}}"):
        space = node.tag.rpartition("}")[0].lstrip("{")
        raise InvalidResource(f"{path}: is in namespace {shown(space)}; expected {FHIR}")
    if not is_resource_type(name):
        return {"resourceType": name}
    return {"resourceType": name} | _read_parts(node, stu3_model(name), path, depth)


def _read_parts(node: Node, model: Model, path: str, depth: int) -> Json:
    """Return the attributes and children of an element as a JSON object."""
    if depth > DEEPEST:
        raise InvalidResource(f"{path}: nests deeper than {DEEPEST} levels")
    attributes = attributes_of(model)
    known = elements_of(model)
    parts = _read_attributes(node, attributes)
    _check_no_text(node, path)
    for child in node:
        name = _name(child)
        element = UNKNOWN if name in attributes else known.get(name, UNKNOWN)
        if name in parts and not element.repeats:
            raise InvalidResource(f"{path}.{name}: came more than once; expected it once")
        value, extras = _read_value(child, element, f"{path}.{name}", depth + 1)
        if element is UNKNOWN:
            parts[name] = value
        elif element.repeats:
            parts.setdefault(name, []).append(value)
        elif value is not None:
            parts[name] = value
        if extras and not element.repeats:
            parts[f"_{name}"] = extras
    return parts


def _check_no_text(node: Node, path: str) -> None:
    """Raise InvalidResource for text in an element or between its children: FHIR has attributes for it."""
    for text in (node.text, *(child.tail for child in node)):
        if text is not None and text.strip():
            raise InvalidResource(
                f"{path}: has the text {shown(text.strip())} in it; expected elements alone"
            )


def _read_attributes(node: Node, expected: frozenset[str]) -> Json:
    """Return an element's attributes; one that FHIR does not have there goes by a name that no element has.

    Attributes of other namespaces, as `xsi:schemaLocation`, say nothing.
    """
    return {
        name if name in expected else f"@{name}": value
        for name, value in node.attrib.items()
        if not name.startswith("{")
    }


def _read_value(node: Node, element: Element, path: str, depth: int) -> tuple[Any, Json]:
    """Return an element's value, and the id and extensions of a primitive, which JSON keeps apart."""
    if element.any_resource:
        if len(node) != 1:
            raise InvalidResource(f"{path}: holds {len(node)} resources; expected exactly 1")
        return _read_resource(node[0], path, depth), {}
    if element.model is not None:
        return _read_parts(node, element.model, path, depth), {}
    if node.tag == NARRATIVE:
        # Narrative is not kept, so what it says does not matter.
        return '<div xmlns="http://www.w3.org/1999/xhtml"/>', {}
    if element is UNKNOWN:
        return node.get("value", ""), {}
    if node.text is not None and node.text.strip():
        sent = shown(node.text.strip())
        raise InvalidResource(f"{path}: has the text {sent} in it; expected it in the attribute `value`")
    extras = _read_attributes(node, frozenset({"id", "value"}))
    text = extras.pop("value", None)
    unknown = [*(extras.keys() - {"id"}), *(_name(child) for child in node if _name(child) != "extension")]
    if unknown:
        raise InvalidResource(f"{path}.{unknown[0]}: {NO_ELEMENT}")
    model = stu3_model("Extension")
    extensions = [_read_parts(child, model, f"{path}.extension", depth + 1) for child in node]
    if extensions:
        extras["extension"] = extensions
    if text is None and not extras:
        text = ""
    return _read_primitive(text, element.primitive), extras


def _read_primitive(text: str | None, kind: type) -> Any:
    """Return a primitive as JSON has it; a text that is no number or boolean stays, to be refused by name."""
    if kind is bool and text in ("true", "false"):
        return text == "true"
    if kind is int and text is not None and re.fullmatch("-?[0-9]{1,11}", text):
        return int(text)
    return text


def _name(node: Node) -> str:
    """Return the name of an element, with its namespace where that is not FHIR's."""
    tag = str(node.tag)
    return "div" if tag == NARRATIVE else tag.removeprefix(f"{{{FHIR}}}")


def _resource_text(resource: Json, attributes: str = "") -> Iterator[str]:
    name = resource["resourceType"]
    yield f"<{name}{attributes}>"
    yield from _parts_text(resource, stu3_model(name))
    yield f"</{name}>"


def _parts_text(value: Json, model: Model) -> Iterator[str]:
    """Yield the children of an element in the order that XML has: a consumer's JSON may have any."""
    attributes = attributes_of(model)
    for name, element in elements_of(model).items():
        if name in attributes or (name not in value and f"_{name}" not in value):
            continue
        each = value.get(name)
        if isinstance(each, list):
            for one in each:
                yield from _element_text(name, one, element, {})
        else:
            yield from _element_text(name, each, element, value.get(f"_{name}", {}))


def _element_text(name: str, value: Any, element: Element, extras: Json) -> Iterator[str]:
    if element.any_resource:
        yield f"<{name}>"
        yield from _resource_text(value)
        yield f"</{name}>"
        return
    if element.model is not None:
        content, model, attributes = value, element.model, _attributes_text(value, element.model)
    else:
        content, model, attributes = extras, stu3_model("Element"), _attributes_text(extras, None)
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            attributes += f" value={_quoted(text)}"
    children = "".join(_parts_text(content, model))
    yield f"<{name}{attributes}>{children}</{name}>" if children else f"<{name}{attributes}/>"


def _attributes_text(value: Json, model: Model | None) -> str:
    names = attributes_of(model) if model is not None else {"id"}
    return "".join(f" {name}={_quoted(value[name])}" for name in sorted(names & value.keys()))


def _quoted(text: str) -> str:
    """Return a text as an attribute's value, its line ends and tabs kept."""
    return quoteattr(text, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})

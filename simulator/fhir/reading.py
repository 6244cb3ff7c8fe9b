"""Reading a resource that was sent: JSON, then the base shape by the STU3 models.

A profile's own rules come after, from `profiles`.
"""

import re
from typing import Any

import orjson
from pydantic import ValidationError

from simulator.domain.refusals import BadRequest, InvalidResource, shown
from simulator.fhir.models import stu3_model
from simulator.fhir.resource import Json

NO_ELEMENT = "is not an element of STU3; leave it out"
OF_DSTU2 = frozenset({"practitionerRole"})
"""Elements of the version of FHIR before STU3 that are met in the field."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What no FHIR text has, because XML could not hold it."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

NO_OBJECT = "root"
"""What the models call the place of a value that should have been an object."""

DEEPEST = 30
"""How deep a resource may nest: twice what an appointment with everything in it needs."""


_JSON_NAMES = {
    list: "an array", str: "a text", int: "a number", float: "a number", bool: "a boolean", type(None): "null"
}  # fmt: skip
"""What JSON calls the values that are no object."""


def read_json(body: bytes) -> Json:
    """Return the JSON object in a request body; raise BadRequest where there is none."""
    if not body.strip():
        raise BadRequest("body: is empty; expected a FHIR resource in JSON")
    try:
        resource = orjson.loads(body.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        _check_text(body)
        raise BadRequest(
            f"body: is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    if not isinstance(resource, dict):
        raise BadRequest(f"body: is {_JSON_NAMES[type(resource)]}; expected an object, a FHIR resource")
    return resource


def _check_text(body: bytes) -> None:
    """Raise BadRequest for a body that is no text in UTF-8: where its JSON goes wrong would mislead."""
    if body.startswith(b"\x1f\x8b"):
        raise BadRequest("body: begins as gzip does; expected JSON, or the header Content-Encoding: gzip")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"body: is not in UTF-8: {error.reason} at byte {error.start}") from None


def check_base(resource: Json, resource_type: str) -> None:
    """Raise InvalidResource unless an object is an STU3 resource of a type, as far as the base goes."""
    came = resource.get("resourceType")
    if came != resource_type:
        said = "is missing" if came is None else f"{shown(came)} was sent"
        raise InvalidResource(f"resourceType: {said}; expected {resource_type}")
    _check_filled(resource, resource_type, 0)
    try:
        stu3_model(resource_type).model_validate(resource)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
        where = first["loc"]
        if where[-1:] == (NO_OBJECT,) and first["type"] != "extra_forbidden":
            where = where[:-1]
        raise InvalidResource(f"{_path(resource_type, where)}: {_reason(first)}") from None
    except KeyError as error:
        unknown = str(error.args[0]).removeprefix("STU3.").removesuffix("Type")
        raise InvalidResource(
            f"{resource_type}: holds a resource of type {unknown}, which is not of STU3"
        ) from None


Place = str | tuple["Place", str | int]
"""Where an element stands: the resource's type, or the parent's place and a name or number in it."""


def _check_filled(value: Any, place: Place, depth: int) -> None:
    """Raise InvalidResource for what FHIR's JSON never has: null, empty values, endless depth.

    Nor does an element's name have an underscore inside; the models would take their own names for elements.
    """
    if depth > DEEPEST:
        raise InvalidResource(f"{_spelt(place)}: nests deeper than {DEEPEST} levels")
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise InvalidResource(
                f"{_spelt(place)}: has a control character; a FHIR text has none but tab and line ends"
            )
        if value.isspace():
            raise InvalidResource(
                f"{_spelt(place)}: {shown(value)} was sent; expected a text that is not blank"
            )
    elif isinstance(value, dict):
        if not isinstance(value.get("resourceType", ""), str):
            raise InvalidResource(
                f"{_spelt(place)}.resourceType: {shown(value['resourceType'])} was sent; expected a text"
            )
        for name, each in value.items():
            if "_" in name:
                _check_name(name, each, place)
            _check_filled(each, (place, name), depth + 1)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            _check_filled(each, (place, number), depth + 1)
    if value is None or value == {} or value == []:
        raise InvalidResource(
            f"{_spelt(place)}: is {'null' if value is None else 'empty'}; leave the element out"
        )


def _check_name(name: str, value: Any, place: Place) -> None:
    if "_" in name[1:]:
        raise InvalidResource(f"{_spelt(place)}.{name}: {NO_ELEMENT}")
    if not isinstance(value, dict | list):
        raise InvalidResource(f"{_spelt(place)}.{name}: {shown(value)} was sent; expected an object")


def _spelt(place: Place) -> str:
    """Spell a place out, as `Appointment.slot[0]`: only what is refused needs it."""
    if isinstance(place, str):
        return place
    parent, step = place
    return _spelt(parent) + (f"[{step}]" if isinstance(step, int) else f".{step}")


def _path(resource_type: str, location: tuple[int | str, ...]) -> str:
    return resource_type + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


_FORMS = {
    "Instant": "yyyy-mm-ddThh:mm:ss+hh:mm",
    "DateTime": "yyyy-mm-ddThh:mm:ss+hh:mm",
    "Date": "yyyy-mm-dd",
}
"""How to say the form of the primitives that people get wrong."""


def _reason(error: Any) -> str:
    """Say a model's complaint the way a person in the field would."""
    if error["type"] == "extra_forbidden":
        return f"{NO_ELEMENT} (DSTU2 had it)" if error["loc"][-1] in OF_DSTU2 else NO_ELEMENT
    if error["type"].endswith("missing"):
        return "is missing; STU3 requires it"
    came = f"{shown(error['input'])} was sent; "
    if error["loc"][-1] == "family" and isinstance(error["input"], list):
        return f"{came}expected one text (DSTU2 had a list)"
    if error["type"] == "json_invalid" or error["loc"][-1:] == (NO_OBJECT,):
        return f"{came}expected an object"
    if error["type"] == "string_too_long":
        return f"{came}expected at most {error['ctx']['max_length']} characters"
    if error["type"] == "string_pattern_mismatch":
        return f"{came}expected a text that is not blank, in the form its type has"
    message = str(error["msg"]).removeprefix("Value error, ")
    primitive, of_wrong_form, _ = message.partition(" value string does not match spec regex")
    if of_wrong_form:
        return f"{came}expected {_FORMS.get(primitive, f'the form of a {primitive.lower()}')}"
    if message.startswith("Input should be "):
        return came + message.replace("Input should be", "expected", 1)
    return shown(message, 200).strip("'\"")

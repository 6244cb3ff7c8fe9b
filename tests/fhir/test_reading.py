"""Reading what was sent: JSON, then the base shape of STU3."""

from typing import Any

import pytest

from simulator.domain.refusals import BadRequest, InvalidResource
from simulator.fhir.models import is_resource_type, stu3_model
from simulator.fhir.reading import DEEPEST, check_base, read_json
from tests.practice_client import Json

DEVICE: Json = {"resourceType": "Device", "model": "Desk"}


def test_a_json_object_is_read() -> None:
    assert read_json(b' {"resourceType": "Device"} ') == {"resourceType": "Device"}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b"{", r"line 1, column 2"),
        (b"[1]", "an array"),
        (b"1", "a number"),
        (b"false", "a boolean"),
    ],
)
def test_anything_else_is_malformed(body: bytes, word: str) -> None:
    with pytest.raises(BadRequest, match=word):
        read_json(body)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "Device.colour: is not an element of STU3; leave it out"),
        ({"root": 1}, "Device.root: is not an element of STU3; leave it out"),
        ({"meta": {"root": "x"}}, "Device.meta.root: is not an element of STU3; leave it out"),
        ({"resource_type": "Device"}, "Device.resource_type: is not an element of STU3; leave it out"),
        ({"model__ext": {"id": "x"}}, "Device.model__ext: is not an element of STU3; leave it out"),
        ({"model": None}, "Device.model: is null; leave the element out"),
        ({"_model": 5}, "Device._model: 5 was sent; expected an object"),
        (
            {"contained": [{"resourceType": 5}]},
            "Device.contained[0].resourceType: 5 was sent; expected a text",
        ),
        (
            {"model": "a\x00b"},
            "Device.model: has a control character; a FHIR text has none but tab and line ends",
        ),
        ({"identifier": []}, "Device.identifier: is empty; leave the element out"),
        ({"identifier": [{}]}, "Device.identifier[0]: is empty; leave the element out"),
        ({"model": 5}, "Device.model: 5 was sent; expected a valid string"),
        (
            {"model": ""},
            "Device.model: '' was sent; expected a text that is not blank, in the form its type has",
        ),
        ({"id": "x" * 256}, f"Device.id: '{'x' * 78}… was sent; expected at most 255 characters"),
        ({"meta": ["x"]}, "Device.meta: ['x'] was sent; expected an object"),
        ({"identifier": [["x"]]}, "Device.identifier[0]: ['x'] was sent; expected an object"),
        (
            {"udi": {"deviceIdentifier": [1]}},
            "Device.udi.deviceIdentifier: [1] was sent; expected a valid string",
        ),
        ({"identifier": "x"}, "Device.identifier: 'x' was sent; expected a valid list"),
        ({"identifier": ["x"]}, "Device.identifier[0]: 'x' was sent; expected an object"),
        (
            {"manufactureDate": "soon"},
            "Device.manufactureDate: 'soon' was sent; expected yyyy-mm-ddThh:mm:ss+hh:mm",
        ),
        (
            {"contained": [{"resourceType": "Gadget"}]},
            "Device: holds a resource of type Gadget, which is not of STU3",
        ),
        ({"resourceType": "device"}, "resourceType: 'device' was sent; expected Device"),
        ({"resourceType": None}, "resourceType: is missing; expected Device"),
    ],
)
def test_a_complaint_names_element_what_came_and_what_is_expected(change: Json, message: str) -> None:
    with pytest.raises(InvalidResource) as refusal:
        check_base(DEVICE | change, "Device")
    assert refusal.value.diagnostics == message


@pytest.mark.parametrize(
    ("appointment", "missing"),
    [({}, "participant"), ({"participant": [{"required": "required"}]}, "participant[0].status")],
)
def test_what_the_base_requires_is_said_to_be_missing(appointment: Json, missing: str) -> None:
    with pytest.raises(InvalidResource) as refusal:
        check_base({"resourceType": "Appointment", "status": "booked", **appointment}, "Appointment")
    assert refusal.value.diagnostics == f"Appointment.{missing}: is missing; STU3 requires it"


def test_an_unknown_element_is_named_before_what_is_missing() -> None:
    with pytest.raises(InvalidResource, match=r"Appointment\.particpant: is not an element"):
        check_base({"resourceType": "Appointment", "status": "booked", "particpant": [1]}, "Appointment")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(InvalidResource, match=r"Appointment\.participant: is missing"):
        check_base({"resourceType": "Appointment", "status": "booked"}, "Appointment")


@pytest.mark.parametrize(("depth", "refused"), [(DEEPEST - 1, False), (DEEPEST + 1, True)])
def test_a_resource_nests_so_deep_and_no_deeper(depth: int, refused: bool) -> None:
    nested: Any = {"url": "x:y", "valueString": "z"}
    for _ in range((depth - 2) // 2):
        nested = {"url": "x:y", "extension": [nested]}
    device = DEVICE | {"extension": [nested]}
    if refused:
        with pytest.raises(InvalidResource, match="nests deeper than 30 levels"):
            check_base(device, "Device")
    else:
        check_base(device, "Device")


@pytest.mark.parametrize("name", ["Appointment", "Observation", "Bundle", "ReferralRequest"])
def test_fhir_has_these_types(name: str) -> None:
    assert is_resource_type(name)
    assert stu3_model(name)


@pytest.mark.parametrize(
    "name", ["", "appointment", "APPOINTMENT", "Nope", "Extension", "HumanName", "$op", "a.b", "x1"]
)
def test_fhir_has_no_resource_of_these_names(name: str) -> None:
    assert not is_resource_type(name)


def test_a_byte_order_mark_before_the_body_is_no_part_of_it() -> None:
    assert read_json(b'\xef\xbb\xbf{"resourceType": "Appointment"}') == {"resourceType": "Appointment"}

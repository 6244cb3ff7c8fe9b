"""References, ids and the shape of what is rendered."""

import pytest

from simulator.domain.refusals import InvalidResource, ReferenceNotFound
from simulator.fhir.resource import Json, extension_values, our_id, read_reference, without_nothing


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("42", 42), ("9" * 18, int("9" * 18))])
def test_an_id_of_ours_is_a_number(text: str, number: int) -> None:
    assert our_id(text) == number


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "+1", "1.0", "1e3", "a", "1\n", "\u0661", "9" * 19])
def test_anything_else_is_no_id_of_ours(text: str) -> None:
    assert our_id(text) is None


def test_a_relative_reference_names_type_and_id() -> None:
    assert read_reference({"reference": "Slot/7"}, "here") == ("Slot", 7)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "Slot/7",
        {},
        {"reference": None},
        {"reference": 7},
        {"reference": "Slot"},
        {"reference": "Slot/"},
        {"reference": "/Slot/7"},
        {"reference": "slot/7"},
        {"reference": "#org1"},
        {"reference": "Slot/7/_history/1"},
        {"reference": "Slot/7\n"},
        {"reference": "Slot/" + "7" * 65},
        {"reference": "https://provider.example.nhs.uk/Slot/7"},
        {"reference": "urn:uuid:c8b7a1d2-00aa-4000-8000-0000000000ff"},
    ],
)
def test_a_reference_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(InvalidResource, match=r"here\.reference: .* expected relative, as `Type/id`"):
        read_reference(value, "here")


def test_an_id_that_cannot_be_ours_leads_nowhere() -> None:
    with pytest.raises(ReferenceNotFound, match="Slot/s-7 does not exist"):
        read_reference({"reference": "Slot/s-7"}, "here", ReferenceNotFound)


def test_values_are_those_of_the_extensions_with_the_url() -> None:
    resource = {"extension": [{"url": "a", "valueCode": "1"}, {"url": "b", "valueCode": "2"}, {"url": "a"}]}
    assert extension_values(resource, "a", "valueCode") == ["1", None]
    assert extension_values({}, "a", "valueCode") == []


def test_elements_without_value_are_left_out_and_zero_and_false_are_not() -> None:
    sent: Json = {"a": None, "b": "", "c": [], "d": {}, "e": 0, "f": False, "g": "x"}
    assert without_nothing(sent) == {"e": 0, "f": False, "g": "x"}

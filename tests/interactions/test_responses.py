"""Every answer is STU3, meets its profile, says nothing unlisted, and is the same in both formats."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import fromstring

import pytest
from fhir.resources.STU3.bundle import Bundle

from simulator.fhir.answer_profiles import ANSWERS
from simulator.fhir.models import Model, attributes_of, elements_of, stu3_model
from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS, render_operation_outcome
from simulator.fhir.profile_check import Rule, Slice, check_profile
from simulator.fhir.profiles import ORGANIZATION
from simulator.fhir.xml import FHIR, read_xml
from simulator.interactions.interaction import Format
from simulator.interactions.registry import INTERACTIONS
from tests.interactions.conftest import Answers
from tests.practice_client import (
    Json,
    PracticeClient,
    assert_common_headers,
    assert_references_are_relative,
    resource_of,
    resources,
)

NAMES = [each.name for each in INTERACTIONS]
SINGLE = ("read_", "book_", "amend_", "cancel_")
TIMES = re.compile(r'"(?:start|end|created)": "([^"]*T[^"]*)"')
COMMON = {"resourceType", "id", "meta", "meta.versionId", "meta.profile", "extension"}


def answer(answers: Answers, name: str) -> Json:
    return dict(answers[name, Format.JSON].json())


def whole(resource: Json) -> list[Json]:
    """Return a resource, and the resources of a bundle."""
    return [resource, *resources(resource)]


def empties(value: Any) -> bool:
    """Tell whether there is a null or an empty value anywhere."""
    if isinstance(value, dict):
        return not value or any(map(empties, value.values()))
    if isinstance(value, list):
        return not value or any(map(empties, value))
    return value is None or value == ""


def listed(rules: tuple[Rule, ...], slices: tuple[Slice, ...], start: str = "") -> Iterator[str]:
    """Yield every path that a profile knows, and what is within what its slices know."""
    for rule in rules:
        steps = rule.path.split(".")
        yield from (start + ".".join(steps[:end]) for end in range(1, len(steps) + 1))
    for piece in slices:
        at = f"{start}{piece.element}({piece.url})" if piece.by == "url" else f"{start}{piece.element}"
        yield from (at, f"{at}.{piece.by}", f"{at}.{piece.value or 'extension'}")
        yield from listed(piece.rules, piece.slices, f"{at}.")


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Yield the path of every element, an extension by its URL; codings are checked whole."""
    if isinstance(value, list):
        for each in value:
            yield from paths(each, f"{at}({each['url']})" if isinstance(each, dict) and "url" in each else at)
    else:
        if at:
            yield at
        if isinstance(value, dict) and not at.endswith("coding"):
            for name, each in value.items():
                yield from paths(each, f"{at}.{name}" if at else name)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_valid_stu3(answers: Answers, name: str) -> None:
    resource = answer(answers, name)
    stu3_model(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_meets_its_profiles(answers: Answers, name: str) -> None:
    for resource in whole(answer(answers, name)):
        check_profile(resource, ANSWERS[resource["resourceType"]])
        for contained in resource.get("contained", []):
            check_profile(contained, ORGANIZATION)


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_says_nothing_that_its_profile_does_not_list(answers: Answers, name: str) -> None:
    for resource in whole(answer(answers, name)):
        profile = ANSWERS[resource["resourceType"]]
        known = COMMON | set(listed(profile.rules, profile.slices))
        said = {name: value for name, value in resource.items() if name != "contained"}
        if resource["resourceType"] == "Bundle":
            said["entry"] = [{"resource": {}}]
        if "participant" in said:
            said["participant"] = [
                {key: value for key, value in each.items() if key != "type"} for each in said["participant"]
            ]
        assert set(paths(said)) <= known


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_uk_times_relative_references_and_nothing_empty(answers: Answers, name: str) -> None:
    resource = answer(answers, name)
    if name != "read_metadata":
        assert_references_are_relative(resource)
    assert not empties(resource)
    for moment in TIMES.findall(json.dumps(resource)):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[01]:00", moment), moment


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("name", NAMES)
def test_every_answer_may_not_be_stored_and_names_its_format(
    answers: Answers, name: str, spoken: Format
) -> None:
    assert_common_headers(answers[name, spoken], spoken)
    assert answers[name, spoken].status_code == (201 if name == "book_appointment" else 200)


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("name", NAMES)
def test_a_single_resource_carries_its_version(answers: Answers, name: str, spoken: Format) -> None:
    response = answers[name, spoken]
    if name.startswith(SINGLE) and name != "read_metadata":
        resource = resource_of(response)
        version = resource["meta"]["versionId"]
        assert response.headers["etag"] == f'W/"{version}"'
        place = f"/{resource['resourceType']}/{resource['id']}/_history/{version}"
        assert response.headers["content-location"].endswith(f"/gpconnect{place}")
    else:
        assert "etag" not in response.headers


@pytest.mark.parametrize("name", NAMES)
def test_xml_says_what_json_says(answers: Answers, name: str) -> None:
    assert read_xml(answers[name, Format.XML].content) == answer(answers, name)


def assert_in_order(node: Node, model: Model) -> None:
    """Assert that an element's children stand in the order of the schema, in FHIR's namespace."""
    known = elements_of(model)
    order = [name for name in known if name not in attributes_of(model)]
    names = [child.tag.removeprefix(f"{{{FHIR}}}") for child in node]
    assert names == sorted(names, key=order.index), names
    for name, child in zip(names, node, strict=True):
        if known[name].any_resource:
            (held,) = child
            assert_in_order(held, stu3_model(held.tag.removeprefix(f"{{{FHIR}}}")))
        elif known[name].model is not None:
            assert_in_order(child, known[name].model or Bundle)


@pytest.mark.parametrize("name", NAMES)
def test_xml_has_the_order_of_the_schema(answers: Answers, name: str) -> None:
    root = fromstring(answers[name, Format.XML].content)
    assert_in_order(root, stu3_model(root.tag.removeprefix(f"{{{FHIR}}}")))


def test_a_whole_search_of_two_weeks_is_valid_stu3(visitor: PracticeClient) -> None:
    bundle = visitor.search(0, 14)
    Bundle.model_validate(bundle)
    for resource in whole(bundle):
        check_profile(resource, ANSWERS[resource["resourceType"]])


@pytest.mark.parametrize("form", [*WIRE_FORMS.values(), UNEXPECTED], ids=lambda form: form.spine_code)
def test_every_refusal_is_valid_stu3_and_meets_its_profile(form: Any) -> None:
    outcome = render_operation_outcome(form, "what was wrong")
    stu3_model("OperationOutcome").model_validate(outcome)
    check_profile(outcome, ANSWERS["OperationOutcome"])

"""Every answer is STU3, meets its profile where we have it, and keeps the rules that all share."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.STU3.bundle import Bundle

from simulator.fhir import profiles
from simulator.fhir.operation_outcome import WIRE_FORMS, render_operation_outcome
from simulator.fhir.reading import stu3_model
from simulator.interactions.registry import INTERACTIONS
from tests.conftest import STOPPED, a_consumer, serving
from tests.interactions.every_response import every_response
from tests.practice_client import Json, PracticeClient, assert_references_are_relative, resources

PROFILES = {"Appointment": profiles.APPOINTMENT, "Organization": profiles.ORGANIZATION}
NAMES = [each.name for each in INTERACTIONS if each.respond is not None]
TIMES = re.compile(r'"(?:start|end|created)": "([^"]*T[^"]*)"')


@pytest.fixture(scope="module")
def answers(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Return one answer of each interaction, from a database of their own."""
    path = Path(shutil.copy(template_database, tmp_path_factory.mktemp("answers") / "practices.db"))
    with serving(path) as http:
        return every_response(a_consumer(http, STOPPED, 0))


def parts(answer: Json) -> list[Json]:
    """Return a resource, or the resources of a bundle, and what they contain."""
    whole = resources(answer) if answer["resourceType"] == "Bundle" else [answer]
    return whole + [each for resource in whole for each in resource.get("contained", [])]


def empties(value: Any) -> bool:
    """Tell whether there is a null or an empty value anywhere."""
    if isinstance(value, dict):
        return not value or any(map(empties, value.values()))
    if isinstance(value, list):
        return not value or any(map(empties, value))
    return value is None or value == ""


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_valid_stu3(answers: Json, name: str) -> None:
    stu3_model(answers[name]["resourceType"]).model_validate(answers[name])


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_meets_its_profiles(answers: Json, name: str) -> None:
    for resource in parts(answers[name]):
        if resource["resourceType"] in PROFILES:
            profiles.check_profile(resource, PROFILES[resource["resourceType"]])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "read_metadata"])
def test_every_resource_has_id_version_and_profile(answers: Json, name: str) -> None:
    for resource in parts(answers[name]):
        assert resource["id"]
        (profile,) = resource["meta"]["profile"]
        assert profile.startswith("https://fhir.nhs.uk/STU3/StructureDefinition/")
        assert resource["id"] == "org1" or resource["meta"]["versionId"]


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_has_uk_times_relative_references_and_nothing_empty(answers: Json, name: str) -> None:
    if name != "read_metadata":
        assert_references_are_relative(answers[name])
    assert not empties(answers[name])
    for moment in TIMES.findall(json.dumps(answers[name])):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[01]:00", moment), moment


def test_a_whole_search_of_two_weeks_is_valid_stu3(visitor: PracticeClient) -> None:
    Bundle.model_validate(visitor.search(0, 14))


@pytest.mark.parametrize("refusal", list(WIRE_FORMS), ids=lambda refusal: refusal.__name__)
def test_every_refusal_is_valid_stu3(refusal: Any) -> None:
    outcome = render_operation_outcome(WIRE_FORMS[refusal], "what was wrong")
    stu3_model("OperationOutcome").model_validate(outcome)

from typing import Any

import orjson
import pytest

from loadtest.practices import PracticesError, read_practices, to_json
from tests.loadtest.fake_provider import PATIENTS, practices


def test_a_practices_list_gives_what_a_consumer_needs() -> None:
    (practice,) = read_practices(orjson.dumps(practices()), "practices.json")

    assert practice.service_root == "https://gp.example/A20047/STU3/1/gpconnect"
    assert practice.consumer.organisation_type == "urgent-care"
    assert practice.nhs_numbers == tuple(PATIENTS)


def test_a_practice_survives_being_written_and_read() -> None:
    read = read_practices(orjson.dumps(practices()), "a")

    assert read_practices(orjson.dumps([to_json(practice) for practice in read]), "b") == read


def _without(path: str) -> Any:
    listed = practices()
    entry: Any = listed[0]
    *way, key = path.split(".")
    for step in way:
        entry = entry[step]
    del entry[key]
    return listed


def _with(key: str, value: Any) -> Any:
    return [practices()[0] | {key: value}]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (_without("asid"), "p.json: practices[0].asid: missing"),
        (_without("consumer.ods_code"), "p.json: practices[0].consumer.ods_code: missing"),
        (_without("consumer"), "p.json: practices[0].consumer: expected an object, found nothing"),
        (_with("name", 7), "p.json: practices[0].name: expected text, found a number"),
        (_with("patients", {}), "p.json: practices[0].patients: expected a list, found an object"),
        (
            _with("patients", [{"nhs_number": ""}]),
            "p.json: practices[0].patients[0].nhs_number: expected text, found empty text",
        ),
        (
            _with("service_root", "gp.example/A1"),
            "p.json: practices[0].service_root: expected an http or https URL, found 'gp.example/A1'",
        ),
        (practices() * 2, "p.json: practices[1].ods_code: A20047 is there already"),
        ([], "p.json: the list of practices is empty"),
        ({}, "p.json: expected a list of practices, found an object"),
    ],
)
def test_a_wrong_practices_list_is_told_by_its_key(content: Any, complaint: str) -> None:
    with pytest.raises(PracticesError) as caught:
        read_practices(orjson.dumps(content), "p.json")

    assert str(caught.value) == complaint


def test_a_practices_list_that_is_not_json_says_so() -> None:
    with pytest.raises(PracticesError, match=r"p\.json: not JSON"):
        read_practices(b"ods_code,name", "p.json")

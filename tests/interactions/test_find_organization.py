"""Find an organisation by ODS code: a practice knows itself, nobody else."""

import pytest

from simulator.fhir import urls
from tests.practice_client import Json, PracticeClient, assert_operation_outcome, assert_searchset

ODS = urls.ODS_ORGANIZATION_CODE


def found(consumer: PracticeClient, query: str) -> list[Json]:
    return assert_searchset(consumer.send("find_organization", query=query))


def test_the_practice_is_found_by_its_own_code(visitor: PracticeClient) -> None:
    ods_code = visitor.practice["ods_code"]
    (organization,) = found(visitor, f"identifier={ODS}%7C{ods_code}")
    assert organization["meta"] == {"versionId": "1", "profile": [urls.ORGANIZATION]}
    assert organization["identifier"] == [{"system": ODS, "value": ods_code}]
    assert organization["name"] == visitor.practice["name"]
    assert organization["telecom"] and organization["address"]


def test_what_must_not_be_populated_is_not(visitor: PracticeClient) -> None:
    (organization,) = found(visitor, f"identifier={ODS}%7C{visitor.practice['ods_code']}")
    assert not {"contact", "endpoint", "text"} & organization.keys()
    assert {each["url"] for each in organization["extension"]} == {urls.MAIN_LOCATION}


@pytest.mark.parametrize("ods_code", ["Z9A0A", "X12345", "INVOC1", "ABC", "12345678"])
def test_any_other_code_is_an_empty_bundle(visitor: PracticeClient, ods_code: str) -> None:
    response = visitor.send("find_organization", query=f"identifier={ODS}%7C{ods_code}")
    assert assert_searchset(response) == []
    assert "entry" not in response.json()


@pytest.mark.parametrize("ods_code", ["z90001", "unknownORG", "Z9", "Z9 001", "Z90001234", "Z9000é"])
def test_a_value_that_no_code_can_be_is_refused(visitor: PracticeClient, ods_code: str) -> None:
    response = visitor.send("find_organization", query=f"identifier={ODS}|{ods_code}")
    assert_operation_outcome(response, 400, "INVALID_IDENTIFIER_VALUE", "parameter identifier", "ODS code")


@pytest.mark.parametrize("extra", ["&_count=1", "&_sort=name&name=x"])
def test_unknown_parameters_are_ignored(visitor: PracticeClient, extra: str) -> None:
    assert len(found(visitor, f"identifier={ODS}|{visitor.practice['ods_code']}{extra}")) == 1


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "is missing"),
        (f"Identifier={ODS}|Z90001", "is missing"),
        (f"identifier={ODS}|Z90001&identifier={ODS}|Z90001", "came 2 times"),
        (f"identifier={ODS}|Z90001&identifier={ODS}|Z9A0A", "came 2 times"),
    ],
)
def test_an_identifier_is_needed_exactly_once(visitor: PracticeClient, query: str, word: str) -> None:
    response = visitor.send("find_organization", query=query)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "parameter identifier", word, ODS)


@pytest.mark.parametrize("value", ["Z90001", "|Z90001", f"{ODS}|", ODS, "", "|", f"{ODS}| "])
def test_an_identifier_without_system_or_value_is_refused(visitor: PracticeClient, value: str) -> None:
    response = visitor.send("find_organization", query=f"identifier={value}")
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "parameter identifier", f"{ODS}|[value]")


@pytest.mark.parametrize("system", ["https://fhir.nhs.uk/Id/ods-site-code", urls.NHS_NUMBER, "x"])
def test_another_identifier_system_is_refused(visitor: PracticeClient, system: str) -> None:
    response = visitor.send("find_organization", query=f"identifier={system}|Z90001")
    assert_operation_outcome(response, 400, "INVALID_IDENTIFIER_SYSTEM", system, ODS)

"""Find a practitioner by SDS user id."""

import pytest

from simulator.fhir import urls
from tests.diary import Diary
from tests.practice_client import Json, PracticeClient, assert_operation_outcome, assert_searchset

SDS = urls.SDS_USER_ID


def found(consumer: PracticeClient, query: str) -> list[Json]:
    return assert_searchset(consumer.send("find_practitioner", query=query))


@pytest.fixture
def user_id(diary: Diary) -> str:
    """Return the SDS user id of the practice's first practitioner."""
    row = diary.connection.execute("select sds_user_id from practitioners where id = 1").fetchone()
    return str(row[0])


def test_a_practitioner_is_found_with_everything_held(consumer: PracticeClient, user_id: str) -> None:
    (practitioner,) = found(consumer, f"identifier={SDS}%7C{user_id}")
    assert practitioner["meta"] == {"versionId": "1", "profile": [urls.PRACTITIONER]}
    assert [each["value"] for each in practitioner["identifier"] if each["system"] == SDS] == [user_id]
    (name,) = practitioner["name"]
    assert name["family"] and name["given"]
    assert practitioner["gender"] in ("male", "female")


@pytest.mark.parametrize("profiles", [(), ("111",), ("111", "222")])
def test_a_practitioner_has_as_many_role_profiles_as_are_known(
    consumer: PracticeClient, diary: Diary, user_id: str, profiles: tuple[str, ...]
) -> None:
    diary.update("practitioners", 1, sds_role_profile_ids="\n".join(profiles))
    (practitioner,) = found(consumer, f"identifier={SDS}%7C{user_id}")
    came = [each["value"] for each in practitioner["identifier"] if each["system"] != SDS]
    assert came == list(profiles)


def test_what_must_not_be_populated_is_not(consumer: PracticeClient, user_id: str) -> None:
    (practitioner,) = found(consumer, f"identifier={SDS}%7C{user_id}")
    forbidden = {"telecom", "address", "birthDate", "photo", "qualification", "communication", "text"}
    assert not forbidden & practitioner.keys()


def test_languages_come_as_nhs_communication(consumer: PracticeClient, diary: Diary, user_id: str) -> None:
    diary.update("practitioners", 1, languages="cy\nen")
    (practitioner,) = found(consumer, f"identifier={SDS}%7C{user_id}")
    spoken = [each["extension"][0]["valueCodeableConcept"]["coding"][0]["display"]
              for each in practitioner["extension"]]  # fmt: skip
    assert spoken == ["Welsh", "English"]


@pytest.mark.parametrize("value", ["unknownSDSUserID", "999999999999", "UNK", "G0000000"])
def test_an_id_that_nobody_has_is_an_empty_bundle(visitor: PracticeClient, value: str) -> None:
    response = visitor.send("find_practitioner", query=f"identifier={SDS}%7C{value}")
    assert assert_searchset(response) == []
    assert "entry" not in response.json()


def test_another_practice_s_practitioner_is_not_found(neighbour: PracticeClient, user_id: str) -> None:
    assert found(neighbour, f"identifier={SDS}%7C{user_id}") == []


@pytest.mark.parametrize("before", ["_count=1&_sort=name&", ""])
def test_unknown_parameters_are_ignored(consumer: PracticeClient, user_id: str, before: str) -> None:
    assert len(found(consumer, f"{before}identifier={SDS}%7C{user_id}&name=x")) == 1


@pytest.mark.parametrize("value", ["a b", "55-1", "x" * 33, "ünï", "1\n"])
def test_a_value_that_no_user_id_can_be_is_refused(visitor: PracticeClient, value: str) -> None:
    response = visitor.send("find_practitioner", query=f"identifier={SDS}|{value}".replace("\n", "%0A"))
    assert_operation_outcome(
        response, 400, "INVALID_IDENTIFIER_VALUE", "parameter identifier", "SDS user id; expected at most 32"
    )


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "is missing"),
        (f"Identifier={SDS}|1", "is missing"),
        (f"identifier={SDS}|1&identifier={SDS}|1", "came 2 times"),
        (f"identifier={SDS}|1&identifier={SDS}|2", "came 2 times"),
    ],
)
def test_an_identifier_is_needed_exactly_once(visitor: PracticeClient, query: str, word: str) -> None:
    response = visitor.send("find_practitioner", query=query)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "parameter identifier", word, SDS)


@pytest.mark.parametrize("value", ["1", "|1", f"{SDS}|", SDS, "", "|", f"{SDS}| "])
def test_an_identifier_without_system_or_value_is_refused(visitor: PracticeClient, value: str) -> None:
    response = visitor.send("find_practitioner", query=f"identifier={value}")
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "parameter identifier", f"{SDS}|[value]")


@pytest.mark.parametrize("system", [urls.NHS_NUMBER, urls.SDS_ROLE_PROFILE_ID, SDS.upper(), "x"])
def test_another_identifier_system_is_refused(visitor: PracticeClient, system: str) -> None:
    response = visitor.send("find_practitioner", query=f"identifier={system}|1")
    assert_operation_outcome(response, 400, "INVALID_IDENTIFIER_SYSTEM", system, SDS)


def test_a_system_of_before_1_0_is_refused_as_such(visitor: PracticeClient) -> None:
    response = visitor.send("find_practitioner", query="identifier=http://fhir.nhs.net/sds-user-id|1")
    assert_operation_outcome(response, 400, "INVALID_IDENTIFIER_SYSTEM", SDS, "before GP Connect 1.0")

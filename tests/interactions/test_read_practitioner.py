"""Read a practitioner."""

import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.diary import Diary
from tests.interactions.unknown_ids import UNKNOWN_IDS
from tests.practice_client import PracticeClient, assert_common_headers, assert_operation_outcome


def test_a_practitioner_is_read_as_found(visitor: PracticeClient) -> None:
    response = visitor.send("read_practitioner", resource_id="1")
    assert response.status_code == 200
    assert_common_headers(response)
    (identifier, *_) = response.json()["identifier"]
    query = f"identifier={urls.SDS_USER_ID}%7C{identifier['value']}"
    (entry,) = visitor.send("find_practitioner", query=query).json()["entry"]
    assert response.json() == entry["resource"]


def test_the_version_is_in_the_etag(consumer: PracticeClient, diary: Diary) -> None:
    diary.update("practitioners", 1, version=7)
    response = consumer.send("read_practitioner", resource_id="1")
    assert response.headers["etag"] == 'W/"7"'
    assert response.json()["meta"]["versionId"] == "7"
    assert response.headers["content-location"].endswith("/Practitioner/1/_history/7")


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("unknown", UNKNOWN_IDS)
def test_an_id_that_no_practitioner_has_is_not_found(
    visitor: PracticeClient, unknown: str, spoken: Format
) -> None:
    response = visitor.send("read_practitioner", resource_id=unknown, headers={"Accept": spoken})
    word = "Practitioner/"
    assert_operation_outcome(response, 404, "PRACTITIONER_NOT_FOUND", word, in_format=spoken)


def test_another_practice_s_practitioner_is_not_found(neighbour: PracticeClient) -> None:
    response = neighbour.send("read_practitioner", resource_id="1")
    assert_operation_outcome(response, 404, "PRACTITIONER_NOT_FOUND", "Practitioner/1")

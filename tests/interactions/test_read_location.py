"""Read a location: one of the practice's surgeries."""

import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.diary import Diary
from tests.interactions.unknown_ids import UNKNOWN_IDS
from tests.practice_client import BY_NAME, PracticeClient, assert_common_headers, assert_operation_outcome


@pytest.mark.parametrize("location_id", ["1", "2", "3"])
def test_a_surgery_is_read_with_everything_held(visitor: PracticeClient, location_id: str) -> None:
    response = visitor.send("read_location", resource_id=location_id)
    assert response.status_code == 200
    assert_common_headers(response)
    location = response.json()
    assert location["id"] == location_id
    assert location["meta"] == {"versionId": "1", "profile": [urls.LOCATION]}
    assert location["name"] and location["telecom"]
    assert location["address"]["line"] and location["address"]["postalCode"]
    assert location["managingOrganization"] == {"reference": "Organization/1"}
    assert not {"endpoint", "mode", "identifier"} & location.keys()


def test_a_surgery_is_read_as_a_search_shows_it(visitor: PracticeClient) -> None:
    bundle = visitor.search(1, 8, "_include:recurse=Schedule:actor:Location")
    shown = [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "Location"]
    assert shown
    for location in shown:
        assert visitor.send("read_location", resource_id=location["id"]).json() == location


def test_the_version_is_in_the_etag(consumer: PracticeClient, diary: Diary) -> None:
    diary.update("locations", 1, version=2)
    response = consumer.send("read_location", resource_id="1")
    assert response.headers["etag"] == 'W/"2"'
    assert response.json()["meta"]["versionId"] == "2"


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("unknown", UNKNOWN_IDS)
def test_an_id_that_no_surgery_has_is_not_found(
    visitor: PracticeClient, unknown: str, spoken: Format
) -> None:
    response = visitor.send("read_location", resource_id=unknown, headers={"Accept": spoken})
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", "Location/", in_format=spoken)


def test_another_practice_s_surgery_is_not_found(neighbour: PracticeClient) -> None:
    response = neighbour.send("read_location", resource_id="1")
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", "Location/1")


@pytest.mark.parametrize("name", ["find_patient", "find_practitioner", "read_organization", "read_metadata"])
def test_the_interaction_id_of_another_interaction_is_refused(visitor: PracticeClient, name: str) -> None:
    response = visitor.send("read_location", resource_id="1", headers={"Ssp-InteractionID": BY_NAME[name].id})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "Ssp-InteractionID", "rest:read:location-1")

"""Read an organisation: the practice itself."""

import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.diary import Diary
from tests.interactions.unknown_ids import UNKNOWN_IDS
from tests.practice_client import PracticeClient, assert_common_headers, assert_operation_outcome


def test_the_practice_is_read_as_found(visitor: PracticeClient) -> None:
    response = visitor.send("read_organization", resource_id="1")
    assert response.status_code == 200
    assert_common_headers(response)
    query = f"identifier={urls.ODS_ORGANIZATION_CODE}%7C{visitor.practice['ods_code']}"
    (entry,) = visitor.send("find_organization", query=query).json()["entry"]
    assert response.json() == entry["resource"]


def test_the_version_is_in_the_etag(consumer: PracticeClient, diary: Diary) -> None:
    diary.update("organizations", 1, version=3)
    response = consumer.send("read_organization", resource_id="1")
    assert response.headers["etag"] == 'W/"3"'
    assert response.json()["meta"]["versionId"] == "3"


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("unknown", [*UNKNOWN_IDS, "2", "Z90001"])
def test_any_other_id_is_not_found(visitor: PracticeClient, unknown: str, spoken: Format) -> None:
    response = visitor.send("read_organization", resource_id=unknown, headers={"Accept": spoken})
    assert_operation_outcome(response, 404, "ORGANISATION_NOT_FOUND", "Organization/", in_format=spoken)


@pytest.mark.parametrize(
    "path", ["/Organizations/1", "/Organization!/1", "/Organization2/1", "/organizations/1"]
)
def test_a_misspelt_type_leads_nowhere(visitor: PracticeClient, path: str) -> None:
    response = visitor.send("read_organization", path=path)
    assert_operation_outcome(response, 404, "NO_RECORD_FOUND", path)

"""Read a patient: only one whom GP Connect may show."""

import pytest

from seed_data import named_cases
from simulator.interactions.interaction import Format
from tests.diary import Diary
from tests.interactions.unknown_ids import UNKNOWN_IDS
from tests.practice_client import PracticeClient, assert_common_headers, assert_operation_outcome


def test_a_patient_is_read_as_found(visitor: PracticeClient) -> None:
    for known in visitor.practice["patients"][:10]:
        (entry,) = visitor.find_patient(known["nhs_number"]).json()["entry"]
        response = visitor.send("read_patient", resource_id=entry["resource"]["id"])
        assert response.status_code == 200
        assert_common_headers(response)
        assert response.json() == entry["resource"]


def test_the_version_is_in_the_etag(consumer: PracticeClient, diary: Diary) -> None:
    diary.update("patients", 1, version=9)
    response = consumer.send("read_patient", resource_id="1")
    assert response.headers["etag"] == 'W/"9"'
    assert response.json()["meta"]["versionId"] == "9"
    assert response.headers["content-location"].endswith("/Patient/1/_history/9")


@pytest.mark.parametrize("case", [named_cases.SENSITIVE, named_cases.DECEASED, named_cases.INACTIVE])
def test_a_patient_who_may_not_be_shown_is_not_found(
    consumer: PracticeClient, diary: Diary, case: str
) -> None:
    patient_id = diary.named_case("Z90001", case)
    response = consumer.send("read_patient", resource_id=patient_id)
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND", f"Patient/{patient_id}")


def test_a_patient_whose_number_was_never_verified_is_not_found(
    consumer: PracticeClient, diary: Diary
) -> None:
    diary.update("patients", 1, verified=0)
    response = consumer.send("read_patient", resource_id="1")
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND", "Patient/1")


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize("unknown", UNKNOWN_IDS)
def test_an_id_that_no_patient_has_is_not_found(
    visitor: PracticeClient, unknown: str, spoken: Format
) -> None:
    response = visitor.send("read_patient", resource_id=unknown, headers={"Accept": spoken})
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND", "Patient/", in_format=spoken)


def test_another_practice_s_patient_is_not_found(neighbour: PracticeClient) -> None:
    response = neighbour.send("read_patient", resource_id="1")
    assert_operation_outcome(response, 404, "PATIENT_NOT_FOUND", "Patient/1")

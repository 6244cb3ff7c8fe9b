"""Register whom the practice knows already: active, lapsed, deceased or never verified."""

import pytest

from seed_data import named_cases
from simulator.fhir import urls
from tests.diary import Diary
from tests.interactions.registrations import ADA, ada, parameters, phone, registered
from tests.practice_client import Json, PracticeClient, assert_operation_outcome

pytestmark = pytest.mark.usefixtures("ada_on_record")


def details(patient: Json) -> dict[str, Json]:
    """Return the parts of the registration details, which stand there exactly once."""
    (found,) = [each for each in patient["extension"] if each["url"] == urls.REGISTRATION_DETAILS]
    return {part["url"]: part for part in found["extension"]}


def found(consumer: PracticeClient, number: str = ADA) -> Json:
    (entry,) = consumer.find_patient(number).json()["entry"]
    return dict(entry["resource"])


def telecom(patient: Json) -> set[tuple[str, str]]:
    return {(each["system"], each["use"]) for each in patient.get("telecom", [])}


def test_the_same_patient_again_is_a_duplicate(consumer: PracticeClient) -> None:
    patient_id = registered(consumer)["id"]
    response = consumer.send("register_patient", body=parameters(ada()))
    assert_operation_outcome(response, 409, "DUPLICATE_REJECTED", f"Patient/{patient_id}", ADA)


@pytest.mark.parametrize("case", [named_cases.NO_APPOINTMENTS, named_cases.TEMPORARY])
def test_an_active_patient_of_any_type_is_a_duplicate(
    consumer: PracticeClient, diary: Diary, case: str
) -> None:
    number = diary.nhs_number(diary.named_case("Z90001", case))
    known = found(consumer, number)
    body = ada(number, name=known["name"], birthDate=known["birthDate"], gender=known["gender"])
    response = consumer.send("register_patient", body=parameters(body))
    assert_operation_outcome(response, 409, "DUPLICATE_REJECTED", f"Patient/{known['id']}")


def test_each_practice_registers_for_itself(consumer: PracticeClient, neighbour: PracticeClient) -> None:
    registered(consumer)
    elsewhere = registered(neighbour)
    assert elsewhere["managingOrganization"] == {"reference": "Organization/2"}


def lapsed(diary: Diary, **state: object) -> int:
    """Make Ada a patient of the practice whose registration lapsed; return her id."""
    columns = {"nhs_number": ADA, "given": "Ada", "family": "Lark", "birth_date": "1980-02-03", "active": 0}
    diary.update("patients", 1, **(columns | state))
    return 1


def test_a_lapsed_patient_is_made_active_again_as_temporary(consumer: PracticeClient, diary: Diary) -> None:
    lapsed(diary, registration_type="R", preferred_location_id=2, usual_practitioner_id=3, version=4)
    patient = registered(consumer, ada(telecom=[phone("mobile")]))
    assert (patient["id"], patient["meta"]["versionId"], patient["active"]) == ("1", "5", True)
    parts = details(patient)
    assert parts["registrationType"]["valueCodeableConcept"]["coding"][0]["code"] == "T"
    assert parts["registrationPeriod"]["valuePeriod"]["start"] == "2026-03-16"
    assert parts["preferredBranchSurgery"]["valueReference"] == {"reference": "Location/2"}
    assert patient["generalPractitioner"] == [{"reference": "Practitioner/3"}]
    assert ("phone", "mobile") in telecom(patient)
    assert found(consumer) == patient


def test_a_lapsed_patient_who_was_never_verified_is_verified(consumer: PracticeClient, diary: Diary) -> None:
    lapsed(diary, verified=0)
    assert registered(consumer)["id"] == "1"
    assert (
        found(consumer)["identifier"][0]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "01"
    )


def test_a_lapsed_patient_whom_the_national_record_does_not_confirm_is_refused(
    consumer: PracticeClient, diary: Diary
) -> None:
    lapsed(diary, verified=0, birth_date="1950-07-08")
    response = consumer.send("register_patient", body=parameters(ada()))
    assert_operation_outcome(response, 400, "INVALID_PATIENT_DEMOGRAPHICS", "Patient/1")


@pytest.mark.parametrize("active", [0, 1])
def test_a_patient_whom_the_practice_has_as_deceased_is_refused(
    consumer: PracticeClient, diary: Diary, active: int
) -> None:
    lapsed(diary, deceased_on="2025-12-24", active=active)
    response = consumer.send("register_patient", body=parameters(ada()))
    assert_operation_outcome(response, 400, "INVALID_PATIENT_DEMOGRAPHICS", "the practice")


@pytest.mark.parametrize("active", [0, 1])
def test_a_patient_whom_the_practice_keeps_sensitive_is_refused_and_stays_hidden(
    consumer: PracticeClient, diary: Diary, active: int
) -> None:
    lapsed(diary, sensitive=1, active=active)
    response = consumer.send("register_patient", body=parameters(ada()))
    assert_operation_outcome(response, 400, "INVALID_PATIENT_DEMOGRAPHICS")
    assert "entry" not in consumer.find_patient(ADA).json()


def test_a_sensitive_lapsed_patient_stays_hidden_by_the_national_record(
    consumer: PracticeClient, diary: Diary
) -> None:
    lapsed(diary, sensitive=1)
    diary.national_record(ADA, sensitive=1)
    response = consumer.send("register_patient", body=parameters(ada()))
    assert_operation_outcome(response, 400, "INVALID_PATIENT_DEMOGRAPHICS")

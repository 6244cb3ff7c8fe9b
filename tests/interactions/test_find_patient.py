"""Find a patient: by NHS number, and only one whom GP Connect may show."""

import pytest

from seed_data import named_cases
from simulator.fhir import urls
from tests.diary import Diary
from tests.practice_client import Json, PracticeClient, assert_operation_outcome, assert_searchset

NHS = urls.NHS_NUMBER


def found(consumer: PracticeClient, nhs_number: str) -> list[Json]:
    return assert_searchset(consumer.find_patient(nhs_number))


def extensions(resource: Json, url: str) -> list[Json]:
    return [each for each in resource.get("extension", []) if each["url"] == url]


def test_an_ordinary_patient_is_found_with_everything_held(visitor: PracticeClient) -> None:
    for known in visitor.practice["patients"]:
        (patient,) = found(visitor, known["nhs_number"])
        assert patient["resourceType"] == "Patient"
        assert patient["meta"] == {"versionId": "1", "profile": [urls.PATIENT]}
        (identifier,) = patient["identifier"]
        assert (identifier["system"], identifier["value"]) == (NHS, known["nhs_number"])
        assert identifier["extension"][0]["url"] == urls.VERIFICATION_STATUS
        assert identifier["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "01"
        (official,) = [name for name in patient["name"] if name["use"] == "official"]
        assert (official["family"], official["given"]) == (known["family"], [known["given"]])
        assert patient["birthDate"] == known["birth_date"]
        assert patient["gender"] in ("male", "female", "other", "unknown")
        assert patient["active"] is True
        assert patient["managingOrganization"] == {"reference": "Organization/1"}
        assert all(each["use"] and each["system"] and each["value"] for each in patient.get("telecom", []))
        assert all(each["use"] == "home" and "state" not in each for each in patient.get("address", []))


def test_a_contact_carries_its_relationship_as_text_only(visitor: PracticeClient) -> None:
    contacts = [
        contact
        for known in visitor.practice["patients"]
        for patient in found(visitor, known["nhs_number"])
        for contact in patient.get("contact", [])
    ]
    assert contacts
    for contact in contacts:
        assert all(each.keys() == {"text"} for each in contact["relationship"])
        assert contact["name"]["use"]
        assert all(each["use"] and each["system"] and each["value"] for each in contact["telecom"])


def test_what_must_not_be_populated_is_not(visitor: PracticeClient) -> None:
    forbidden = {"maritalStatus", "multipleBirthBoolean", "photo", "animal", "communication", "text"}
    for known in visitor.practice["patients"]:
        (patient,) = found(visitor, known["nhs_number"])
        assert not forbidden & patient.keys()
        urls_used = {each["url"] for each in patient["extension"]}
        assert urls_used <= {urls.REGISTRATION_DETAILS, urls.NHS_COMMUNICATION}


def test_a_preferred_branch_is_a_location_of_the_practice(consumer: PracticeClient, diary: Diary) -> None:
    patient_id = diary.named_case("Z90001", named_cases.PREFERRED_BRANCH)
    (patient,) = found(consumer, diary.nhs_number(patient_id))
    (details,) = extensions(patient, urls.REGISTRATION_DETAILS)
    parts = {each["url"]: each for each in details["extension"]}
    assert parts["preferredBranchSurgery"]["valueReference"] == {"reference": "Location/3"}
    assert "registrationStatus" not in parts


def test_a_temporary_patient_is_found_with_type_and_period(consumer: PracticeClient, diary: Diary) -> None:
    patient_id = diary.named_case("Z90001", named_cases.TEMPORARY)
    (patient,) = found(consumer, diary.nhs_number(patient_id))
    (details,) = extensions(patient, urls.REGISTRATION_DETAILS)
    parts = {each["url"]: each for each in details["extension"]}
    assert parts["registrationType"]["valueCodeableConcept"]["coding"][0]["code"] == "T"
    assert parts["registrationPeriod"]["valuePeriod"].keys() == {"start", "end"}


def test_a_language_comes_with_whether_an_interpreter_is_needed(
    consumer: PracticeClient, diary: Diary
) -> None:
    diary.update("patients", 1, language="pl", interpreter_required=1)
    (patient,) = found(consumer, diary.nhs_number(1))
    (communication,) = extensions(patient, urls.NHS_COMMUNICATION)
    parts = {each["url"]: each for each in communication["extension"]}
    assert parts["language"]["valueCodeableConcept"]["coding"][0]["code"] == "pl"
    assert parts["interpreterRequired"]["valueBoolean"] is True


@pytest.mark.parametrize(
    "case",
    [
        named_cases.SENSITIVE,
        named_cases.DECEASED,
        named_cases.INACTIVE,
        named_cases.UNVERIFIABLE,
    ],
)
def test_a_patient_who_may_not_be_shown_is_an_empty_bundle(
    consumer: PracticeClient, diary: Diary, case: str
) -> None:
    nhs_number = diary.nhs_number(diary.named_case("Z90001", case))
    response = consumer.find_patient(nhs_number)
    assert assert_searchset(response) == []
    assert "entry" not in response.json()


@pytest.mark.parametrize("nhs_number", ["9999999999", "9876543210"])
def test_a_number_that_nobody_here_has_is_an_empty_bundle(visitor: PracticeClient, nhs_number: str) -> None:
    assert found(visitor, nhs_number) == []


@pytest.mark.parametrize(
    "nhs_number",
    [
        "123456789",
        "99900000180",
        "999000001X",
        "9990000019",
        "9990000018 ",
        "999 000 0018",
        "nhs",
        "٩٩٩٠٠٠٠٠١٨",
    ],
)
def test_a_malformed_nhs_number_is_refused(visitor: PracticeClient, nhs_number: str) -> None:
    response = visitor.find_patient(nhs_number)
    assert_operation_outcome(response, 400, "INVALID_NHS_NUMBER", "parameter identifier", "ten digits")


@pytest.mark.parametrize("bar", ["|", "%7C", "%7c"])
def test_the_bar_may_be_encoded_or_raw(visitor: PracticeClient, bar: str) -> None:
    nhs_number = visitor.practice["patients"][0]["nhs_number"]
    response = visitor.send("find_patient", query=f"identifier={NHS}{bar}{nhs_number}")
    assert len(assert_searchset(response)) == 1


def test_unknown_parameters_are_ignored(visitor: PracticeClient) -> None:
    nhs_number = visitor.practice["patients"][0]["nhs_number"]
    response = visitor.send("find_patient", query=f"_count=1&identifier={NHS}|{nhs_number}&_sort=name&x")
    assert len(assert_searchset(response)) == 1


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "is missing"),
        (f"Identifier={NHS}|9990000018", "is missing"),
        (f"identifiers={NHS}|9990000018", "is missing"),
        (f"identifier={NHS}|9990000018&identifier={NHS}|9990000018", "came 2 times"),
        (f"identifier={NHS}|9990000018&identifier={NHS}|9990000026", "came 2 times"),
    ],
)
def test_an_identifier_is_needed_exactly_once(visitor: PracticeClient, query: str, word: str) -> None:
    response = visitor.send("find_patient", query=query)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "parameter identifier", word, NHS)


@pytest.mark.parametrize(
    "value", ["9990000018", "|9990000018", f"{NHS}|", NHS, "", "|", f"{NHS}| ", " |9990000018"]
)
def test_an_identifier_without_system_or_value_is_refused(visitor: PracticeClient, value: str) -> None:
    response = visitor.send("find_patient", query=f"identifier={value}")
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "parameter identifier", f"{NHS}|[value]")


@pytest.mark.parametrize(
    "system", [urls.ODS_ORGANIZATION_CODE, "http://fhir.nhs.net/Id/nhs-number", NHS.upper(), "x"]
)
def test_an_identifier_system_that_is_not_the_nhs_number_is_refused(
    visitor: PracticeClient, system: str
) -> None:
    response = visitor.send("find_patient", query=f"identifier={system}|9990000018")
    assert_operation_outcome(response, 400, "INVALID_IDENTIFIER_SYSTEM", system, NHS)

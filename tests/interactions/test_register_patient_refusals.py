"""Registrations that are refused: what is wrong with the body, and what the national record says."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from tests.diary import Diary
from tests.interactions.registrations import (
    ADA,
    ada,
    address,
    communication,
    nhs_number,
    parameters,
    phone,
)
from tests.practice_client import Json, PracticeClient, assert_operation_outcome

DEMOGRAPHICS = "INVALID_PATIENT_DEMOGRAPHICS"
pytestmark = pytest.mark.usefixtures("ada_on_record")

OFFICIAL = {"use": "official", "family": "Lark", "given": ["Ada"]}


@pytest.fixture(params=list(Format), ids=lambda spoken: spoken.name)
def speaker(request: pytest.FixtureRequest, consumer: PracticeClient) -> PracticeClient:
    """Return the correct consumer, speaking one format after the other."""
    return replace(consumer, format=request.param)


def two_languages() -> Json:
    """Return the extension that names a language, with two of them in it."""
    german, polish = communication("de", None), communication("pl", None)
    return {**german, "extension": [*german["extension"], *polish["extension"]]}


def verified_as(code: str) -> Json:
    """Return the extension that says how an NHS number was verified."""
    return {"url": urls.VERIFICATION_STATUS, "valueCodeableConcept": {"coding": [{"code": code}]}}


def refused(speaker: PracticeClient, body: Json, status: int, code: str, *words: str) -> None:
    response = speaker.send("register_patient", body=body)
    assert_operation_outcome(response, status, code, *words, in_format=speaker.format)


@pytest.mark.parametrize(
    ("patient", "word"),
    [
        (ada(birthDate=None), "Patient.birthDate"),
        (ada(name=None), "Patient.name"),
        (ada(name=[OFFICIAL | {"use": "anonymous"}]), "Patient.name"),
        (ada(name=[{"family": "Lark", "given": ["Ada"]}]), "Patient.name"),
        (ada(name=[{"use": "official", "given": ["Ada"]}]), "Patient.name.family"),
        (ada(name=[OFFICIAL, OFFICIAL]), "has 2 with use official"),
        (ada(name=[OFFICIAL | {"family": "Sparrow"}]), "Patient.name.family: 'Sparrow' was sent"),
        (ada(identifier=[nhs_number(), {"value": "7"}]), "Patient.identifier[1].system"),
        (ada(identifier=[{"value": ADA}]), "Patient.identifier[0].system"),
        (ada(identifier=[nhs_number(), nhs_number("9434765919")]), "has 2 NHS numbers"),
    ],
)
def test_minimum_details_that_are_missing_or_wrong_are_a_bad_request(
    speaker: PracticeClient, patient: Json, word: str
) -> None:
    refused(speaker, parameters(patient), 400, "BAD_REQUEST", word)


def test_two_patients_are_a_bad_request(speaker: PracticeClient) -> None:
    refused(speaker, parameters(ada(), ada()), 400, "BAD_REQUEST", "registerPatient came 2 times")


@pytest.mark.parametrize("use", ["home", "work", "mobile", "temp"])
def test_two_telephones_of_one_use_are_a_bad_request(speaker: PracticeClient, use: str) -> None:
    body = parameters(ada(telecom=[phone(use, "01632 960001"), phone(use, "01632 960002")]))
    refused(speaker, body, 400, "BAD_REQUEST", "Patient.telecom[1].use", use)


@pytest.mark.parametrize(
    "value", ["34555##4", "hello", "999999999", "9000000008", "90000000090", " 9876543210", "9876543211"]
)
def test_a_number_that_is_no_nhs_number_is_refused(speaker: PracticeClient, value: str) -> None:
    refused(speaker, parameters(ada(value)), 400, "INVALID_NHS_NUMBER", "Patient.identifier")


@pytest.mark.parametrize(
    ("identifier", "came"),
    [
        (None, "has none of system"),
        ([{"system": "urn:other", "value": "7"}], "has none of system"),
        ([{"system": urls.NHS_NUMBER}], "has one without value of system"),
    ],
    ids=["none", "of another system", "without value"],
)
def test_no_nhs_number_is_refused(speaker: PracticeClient, identifier: list[Json] | None, came: str) -> None:
    said = f"Patient.identifier: {came} {urls.NHS_NUMBER}; expected exactly 1"
    refused(speaker, parameters(ada(identifier=identifier)), 400, "INVALID_NHS_NUMBER", said)


MUST_NOT: dict[str, Any] = {
    "active": True,
    "multipleBirthBoolean": False,
    "multipleBirthInteger": 2,
    "generalPractitioner": [{"display": "Dr Jones"}],
    "managingOrganization": {"display": "The practice"},
    "contact": [{"name": {"use": "official", "family": "Wren"}}],
    "maritalStatus": {"text": "Married"},
    "animal": {"species": {"text": "Cat"}},
    "communication": [{"language": {"text": "German"}}],
    "photo": [{"title": "A face"}],
    "deceasedBoolean": False,
    "deceasedDateTime": "2026-03-01T09:00:00+00:00",
    "link": [{"other": {"reference": "Patient/1"}, "type": "refer"}],
    "contained": [{"resourceType": "Organization", "name": "X"}],
    "implicitRules": "https://rules.example.nhs.uk",
    "language": "en",
    "modifierExtension": [{"url": "urn:x", "valueString": "x"}],
}


@pytest.mark.parametrize("element", list(MUST_NOT))
def test_anything_else_must_not_be_sent(speaker: PracticeClient, element: str) -> None:
    body = parameters(ada(**{element: MUST_NOT[element]}))
    refused(speaker, body, 422, "INVALID_RESOURCE", f"Patient.{element}")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"address": [address("work")]}, "Patient.address[0].use"),
        ({"address": [address("old")]}, "Patient.address[0].use"),
        ({"address": [{"city": "Leeds"}]}, "Patient.address[0].use: nothing was sent"),
        ({"address": [address("home"), address("home")]}, "came more than once"),
        ({"address": [address("temp"), address("temp")]}, "came more than once"),
        ({"extension": [communication("de"), communication("pl")]}, "came 2 times"),
        ({"extension": [communication("xx")]}, "CareConnect-HumanLanguage-1"),
        ({"extension": [{"url": urls.NHS_COMMUNICATION, "extension": [
            {"url": "interpreterRequired", "valueBoolean": True}]}]}, "language: nothing was sent"),
        ({"extension": [{"url": urls.REGISTRATION_DETAILS, "extension": [
            {"url": "registrationType", "valueCodeableConcept": {"text": "T"}}]}]}, "RegistrationDetails-1"),
        ({"telecom": [{"system": "phone", "value": "1", "use": "old"}]}, "Patient.telecom[0]"),
        ({"telecom": [{"system": "phone", "value": "1"}]}, "use nothing; expected email or phone"),
        ({"telecom": [{"system": "fax", "value": "1", "use": "home"}]}, "'fax'"),
        ({"telecom": [{"system": "phone", "use": "home"}]}, "telecom[0].value: is missing"),
        ({"telecom": [{"value": "1", "use": "home"}]}, "telecom[0].system: is missing"),
        ({"name": [{"use": "official", "family": "Lark"}]}, "Patient.name.given"),
        ({"birthDate": "1980"}, "yyyy-mm-dd"),
        ({"birthDate": "1980-02"}, "yyyy-mm-dd"),
        ({"birthDate": "1980-02-30"}, "birthDate: '1980-02-30'"),
        ({"birthDate": "soon"}, "yyyy-mm-dd"),
        ({"gender": "Female"}, "Patient.gender: 'Female'"),
        ({"address": [address("home") | {"state": "Yorkshire"}]}, "address[0].state: GP Connect does not"),
        ({"identifier": [nhs_number() | {"use": "official"}]}, "identifier[0].use: GP Connect does not"),
        ({"identifier": [nhs_number() | {"period": {"start": "2020"}}]}, "identifier[0].period: GP Connect"),
        ({"extension": [two_languages()]}, "Patient.extension[0].extension(language): came 2 times"),
        ({"extension": [{**communication("de", None), "extension": [
            *communication("de", None)["extension"], {"url": "interpreterRequired", "valueString": "yes"}]}]},
         "has valueString; expected valueBoolean"),
        ({"extension": [{**communication("de", None), "extension": [
            *communication("de", None)["extension"], {"url": "modeOfCommunication", "valueString": "x"}]}]},
         "has valueString; expected valueCodeableConcept"),
        ({"identifier": [nhs_number() | {"extension": [{"url": urls.VERIFICATION_STATUS}]}]},
         "valueCodeableConcept: is missing"),
        ({"identifier": [nhs_number() | {"extension": [verified_as("99")]}]}, "'99'"),
        ({"id": "x" * 65}, "Patient.id"),
        ({"name": [OFFICIAL, {"family": "Lark"}]}, "Patient.name[1].use"),
        ({"deceasedDateTime": "2017-09-05T10:00:00"}, "deceasedDateTime"),
    ],
)  # fmt: skip
def test_an_element_that_breaks_the_rules_is_an_invalid_resource(
    speaker: PracticeClient, changes: Json, word: str
) -> None:
    refused(speaker, parameters(ada(**changes)), 422, "INVALID_RESOURCE", word)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"resourceType": "Parameters"}, "nothing was sent; expected 1, registerPatient"),
        ({"resourceType": "Parameters", "parameter": [{"name": "other", "resource": ada()}]},
         "['other'] was sent"),
        ({"resourceType": "Parameters", "parameter": [
            {"name": "registerPatient", "resource": ada()}, {"name": "more", "valueString": "x"}]},
         "['registerPatient', 'more'] was sent"),
        ({"resourceType": "Parameters", "parameter": [{"name": "registerPatient", "valueString": "x"}]},
         "resource: is missing"),
        (parameters({"resourceType": "Organization", "name": "X"}), "'Organization' was sent; expected P"),
        (ada(), "'Patient' was sent; expected Parameters"),
    ],
)  # fmt: skip
def test_what_is_no_registration_is_an_invalid_resource(
    speaker: PracticeClient, body: Json, word: str
) -> None:
    refused(speaker, body, 422, "INVALID_RESOURCE", word)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (parameters(ada() | {"invalidField": "x"}), "invalidField: is not an element"),
        (parameters(ada() | {"resourceType": "InvalidResourceType"}), "InvalidResourceType"),
        (parameters(ada()) | {"resourceType": "InvalidResourceType"}, "InvalidResourceType"),
        (parameters(ada()) | {"invalidField": "x"}, "Parameters.invalidField: is not an element"),
        (parameters(ada(_birthDate={"extension": [{"url": "urn:x", "valueString": "x"}]})), "_birthDate"),
    ],
)
def test_what_fhir_does_not_know_is_an_invalid_resource(
    consumer: PracticeClient, body: Json, word: str
) -> None:
    refused(consumer, body, 422, "INVALID_RESOURCE", word)


@pytest.mark.parametrize(
    ("record", "status", "code", "word"),
    [
        ({"deceased_on": "2026-01-02"}, 400, "INVALID_PATIENT_DEMOGRAPHICS", "deceased"),
        ({"sensitive": 1}, 400, "INVALID_PATIENT_DEMOGRAPHICS", "cannot be shared"),
        ({"invalid": 1}, 400, "INVALID_NHS_NUMBER", "flagged invalid"),
        ({"superseded_by": "9434765919"}, 400, "INVALID_NHS_NUMBER", "superseded by 9434765919"),
        ({"birth_date": "1970-01-03"}, 400, DEMOGRAPHICS, "does not confirm"),
        ({"birth_date": "1980-03-03", "family": "Wren"}, 400, DEMOGRAPHICS, "does not confirm"),
        ({"birth_date": "1980-03-03", "given": "Beth"}, 400, DEMOGRAPHICS, "does not confirm"),
        ({"family": "Larkin"}, 400, "BAD_REQUEST", "Patient.name.family"),
        ({"superseded_by": "9434765919", "birth_date": "1901-01-01", "family": "Wren"},
         400, "INVALID_NHS_NUMBER", "is superseded on the national record"),
        ({"invalid": 1, "sensitive": 1, "deceased_on": "2026-01-02"}, 400, "INVALID_NHS_NUMBER", "invalid"),
    ],
)  # fmt: skip
def test_the_national_record_decides(
    speaker: PracticeClient, diary: Diary, record: Json, status: int, code: str, word: str
) -> None:
    diary.national_record(ADA, **record)
    refused(speaker, parameters(ada()), status, code, ADA if code != "BAD_REQUEST" else "Patient", word)


@pytest.mark.parametrize("day", ["1980-02-04", "1980-03-03", "1979-02-03"])
def test_two_of_three_parts_of_the_birth_date_are_enough_with_the_names(
    consumer: PracticeClient, diary: Diary, day: str
) -> None:
    diary.national_record(ADA, birth_date=day, given="ANNA", family="LARK")
    assert consumer.send("register_patient", body=parameters(ada())).status_code == 200


def test_who_is_not_on_the_national_record_is_refused(speaker: PracticeClient) -> None:
    body = parameters(ada("9434765919", meta=None))
    refused(speaker, body, 400, "INVALID_PATIENT_DEMOGRAPHICS", "9434765919", "not on the national record")


def test_a_superseded_number_is_refused_though_an_active_patient_has_it(
    consumer: PracticeClient, diary: Diary
) -> None:
    diary.national_record(diary.nhs_number(1), superseded_by=ADA)
    body = parameters(ada(diary.nhs_number(1)))
    refused(consumer, body, 400, "INVALID_NHS_NUMBER", "superseded")


@pytest.mark.parametrize("body", [b"", b"{", b"<Parameters", b"[]"])
def test_a_body_that_cannot_be_read_is_a_bad_request(speaker: PracticeClient, body: bytes) -> None:
    response = speaker.send("register_patient", body=body)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "body", in_format=speaker.format)


def test_a_scope_to_read_is_not_enough(consumer: PracticeClient) -> None:
    response = consumer.send(
        "register_patient", body=parameters(ada()), claims=consumer.claims("patient/*.read")
    )
    assert_operation_outcome(response, 400, "BAD_REQUEST", "requested_scope", "patient/*.write")


@pytest.mark.parametrize("path", ["/Patient/$gpc.registerpatien", "/Patient/$gpc.registerpati"])
def test_another_operation_is_not_there(consumer: PracticeClient, path: str) -> None:
    response = consumer.send("register_patient", path=path, body=parameters(ada()))
    assert_operation_outcome(response, 501, "NOT_IMPLEMENTED", path)

"""Rendering what few have: little known of a patient, no main surgery, operations to declare."""

from datetime import date

from simulator.domain.organization import Address, Organization
from simulator.domain.patient import Contact, Patient
from simulator.domain.practitioner import JOB_ROLES, Practitioner
from simulator.fhir import urls
from simulator.fhir.capability_statement import Declared, render_capability_statement
from simulator.fhir.languages import HUMAN_LANGUAGES, communication_extension
from simulator.fhir.models import stu3_model
from simulator.fhir.organization import render_organization
from simulator.fhir.patient import REGISTRATION_TYPES, render_patient
from simulator.fhir.practitioner import render_practitioner
from simulator.fhir.schedule import practitioner_role_extension

NOWHERE = Address((), "", "", "ZZ99 1AA")
BARE = Patient(1, 1, "9990000018", "", "Ada", "Lark", "female", date(1980, 2, 3), None, None, None, None)


def test_of_a_patient_of_whom_little_is_known_nothing_is_made_up() -> None:
    resource = render_patient(BARE)
    stu3_model("Patient").model_validate(resource)
    assert not {"telecom", "address", "contact", "generalPractitioner"} & resource.keys()
    assert resource["name"] == [{"use": "official", "text": "Ada Lark", "family": "Lark", "given": ["Ada"]}]
    (details,) = resource["extension"]
    assert [part["url"] for part in details["extension"]] == ["registrationType"]


def test_of_a_patient_of_whom_much_is_known_all_is_shown() -> None:
    known = BARE._replace(
        prefix="Ms",
        address=NOWHERE,
        phone="01632 960001",
        mobile="07700 900001",
        email="ada@example.org",
        registration_type="T",
        registered_on=date(2026, 1, 2),
        registered_until=date(2026, 4, 2),
        preferred_location_id=3,
        usual_practitioner_id=4,
        contact=Contact("Mother", "Eve", "Lark", "01632 960002"),
    )
    resource = render_patient(known)
    stu3_model("Patient").model_validate(resource)
    assert [(each["system"], each["use"]) for each in resource["telecom"]] == [
        ("phone", "home"),
        ("phone", "mobile"),
        ("email", "home"),
    ]
    assert resource["generalPractitioner"] == [{"reference": "Practitioner/4"}]
    assert resource["contact"][0]["relationship"] == [{"text": "Mother"}]
    assert "gender" not in resource["contact"][0]
    assert [part["url"] for part in resource["extension"][0]["extension"]] == [
        "registrationPeriod",
        "registrationType",
        "preferredBranchSurgery",
    ]


def test_an_unverified_number_says_so() -> None:
    unverified = BARE._replace(verified=False)
    (identifier,) = render_patient(unverified)["identifier"]
    assert identifier["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "02"


def test_a_practice_without_main_surgery_names_none() -> None:
    practice = Organization(
        1, "Z9A0A", "Mill Surgery", "200000100001", "Z9A0A-800001", NOWHERE, "01632 960000"
    )
    assert "extension" not in render_organization(practice)
    stu3_model("Organization").model_validate(render_organization(practice))


def test_a_practitioner_s_languages_and_roles_are_shown() -> None:
    clinician = Practitioner(
        1, 1, "555000000001", ("111", "222"), "", "Ola", "Nowak", "male", "R0260", ("pl", "en")
    )
    resource = render_practitioner(clinician)
    stu3_model("Practitioner").model_validate(resource)
    systems = [each["system"] for each in resource["identifier"]]
    assert systems == [urls.SDS_USER_ID, urls.SDS_ROLE_PROFILE_ID, urls.SDS_ROLE_PROFILE_ID]
    assert [each["url"] for each in resource["extension"]] == [urls.NHS_COMMUNICATION] * 2
    assert "prefix" not in resource["name"][0]


def test_every_role_language_and_registration_has_a_display() -> None:
    for role in JOB_ROLES:
        (coding,) = practitioner_role_extension(role)["valueCodeableConcept"]["coding"]
        assert coding == {"system": urls.SDS_JOB_ROLES, "code": role, "display": JOB_ROLES[role]}
    for language in HUMAN_LANGUAGES:
        assert [part["url"] for part in communication_extension(language)["extension"]] == ["language"]
    assert set(REGISTRATION_TYPES) == {"R", "E", "IN", "T", "P", "O", "S"}


def test_an_operation_is_declared_with_its_definition() -> None:
    declared = [
        Declared("POST", ("Patient", "$gpc.registerpatient"), (), ()),
        Declared("GET", ("Patient", "{id}"), (), ()),
        Declared("GET", ("metadata",), (), ()),
    ]
    statement = render_capability_statement(declared, "1.0")
    stu3_model("CapabilityStatement").model_validate(statement)
    (rest,) = statement["rest"]
    assert rest["operation"] == [
        {"name": "gpc.registerpatient", "definition": {"reference": urls.REGISTER_PATIENT_OPERATION}},
        {
            "name": "gpc.getstructuredrecord",
            "definition": {"reference": urls.STRUCTURED_RECORD_OPERATION},
        },
    ]
    assert rest["resource"] == [{"type": "Patient", "interaction": [{"code": "read"}]}]

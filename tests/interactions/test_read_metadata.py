"""The capability statement says what is there, as the registry has it."""

import pytest

from simulator import __version__
from simulator.interactions.registry import INTERACTIONS
from tests.practice_client import Json, PracticeClient, assert_common_headers

PREFIX = "https://fhir.nhs.uk/STU3/StructureDefinition/"
OPERATIONS = "https://fhir.nhs.uk/STU3/OperationDefinition/"


def statement(visitor: PracticeClient) -> Json:
    response = visitor.send("read_metadata")
    assert response.status_code == 200
    assert_common_headers(response)
    return dict(response.json())


def resource(visitor: PracticeClient, resource_type: str) -> Json:
    (rest,) = statement(visitor)["rest"]
    (found,) = [each for each in rest["resource"] if each["type"] == resource_type]
    return dict(found)


def codes(entry: Json) -> set[str]:
    return {each["code"] for each in entry["interaction"]}


def test_the_statement_names_version_1_2_7_and_the_software(visitor: PracticeClient) -> None:
    found = statement(visitor)
    assert found["resourceType"] == "CapabilityStatement"
    assert (found["version"], found["name"], found["status"]) == ("1.2.7", "GP Connect", "active")
    assert (found["kind"], found["fhirVersion"], found["acceptUnknown"]) == ("capability", "3.0.1", "both")
    assert found["date"] == "2020-01-15"
    assert found["software"]["version"] == __version__
    assert found["software"]["name"] and found["software"]["releaseDate"]
    assert "implementation" not in found
    assert found["publisher"] and found["contact"] and found["copyright"] and "1.2.7" in found["description"]


def test_the_server_declares_cors_and_both_formats(visitor: PracticeClient) -> None:
    found = statement(visitor)
    assert found["format"] == ["application/fhir+json", "application/fhir+xml"]
    assert found["rest"][0]["mode"] == "server"
    assert found["rest"][0]["security"]["cors"] is True


@pytest.mark.parametrize(
    "name",
    [
        "CareConnect-GPC-Patient-1",
        "CareConnect-GPC-Organization-1",
        "CareConnect-GPC-Practitioner-1",
        "CareConnect-GPC-PractitionerRole-1",
        "CareConnect-GPC-Location-1",
        "GPConnect-OperationOutcome-1",
        "GPConnect-Appointment-1",
        "GPConnect-Schedule-1",
        "GPConnect-Slot-1",
        "CareConnect-GPC-AllergyIntolerance-1",
        "CareConnect-GPC-Medication-1",
        "CareConnect-GPC-MedicationStatement-1",
        "CareConnect-GPC-MedicationRequest-1",
        "CareConnect-GPC-List-1",
        "GPConnect-StructuredRecord-Bundle-1",
    ],
)
def test_each_profile_of_the_template_is_listed_once(visitor: PracticeClient, name: str) -> None:
    listed = [each["reference"] for each in statement(visitor)["profile"]]
    assert listed.count(PREFIX + name) == 1
    assert len(listed) == 15


def test_both_operations_of_the_template_are_declared_by_reference(visitor: PracticeClient) -> None:
    (rest,) = statement(visitor)["rest"]
    assert {each["name"]: each["definition"] for each in rest["operation"]} == {
        "gpc.registerpatient": {"reference": f"{OPERATIONS}GPConnect-RegisterPatient-Operation-1"},
        "gpc.getstructuredrecord": {
            "reference": f"{OPERATIONS}GPConnect-GetStructuredRecord-Operation-1/_history/1.12"
        },
    }


def test_slots_are_searched_with_four_parameters_and_four_includes(visitor: PracticeClient) -> None:
    slot = resource(visitor, "Slot")
    assert codes(slot) == {"search-type"}
    assert {each["name"]: each["type"] for each in slot["searchParam"]} == {
        "start": "date",
        "end": "date",
        "status": "token",
        "searchFilter": "token",
    }
    assert set(slot["searchInclude"]) == {
        "Slot:schedule",
        "Schedule:actor:Location",
        "Schedule:actor:Practitioner",
        "Location:managingOrganization",
    }


def test_appointments_are_read_created_updated_and_searched_by_start(visitor: PracticeClient) -> None:
    appointment = resource(visitor, "Appointment")
    assert codes(appointment) == {"read", "create", "update", "search-type"}
    assert appointment["updateCreate"] is False
    assert {"name": "start", "type": "date"} in appointment["searchParam"]


@pytest.mark.parametrize("resource_type", ["Patient", "Practitioner", "Organization"])
def test_people_and_organisations_are_read_and_found_by_identifier(
    visitor: PracticeClient, resource_type: str
) -> None:
    declared = resource(visitor, resource_type)
    assert codes(declared) == {"read", "search-type"}
    assert declared["searchParam"] == [{"name": "identifier", "type": "token"}]


def test_locations_are_only_read(visitor: PracticeClient) -> None:
    declared = resource(visitor, "Location")
    assert codes(declared) == {"read"}
    assert "searchParam" not in declared


def test_what_is_not_there_is_not_declared(visitor: PracticeClient) -> None:
    there = {each.segments[0] for each in INTERACTIONS} - {"metadata"}
    (rest,) = statement(visitor)["rest"]
    assert [each["type"] for each in rest["resource"]] == list(dict.fromkeys(
        each["type"] for each in rest["resource"]
    ))  # fmt: skip
    assert {each["type"] for each in rest["resource"]} == there

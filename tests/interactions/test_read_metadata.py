"""The capability statement says what is there, as the registry has it."""

from simulator import __version__
from simulator.interactions.registry import INTERACTIONS
from tests.practice_client import Json, PracticeClient, assert_common_headers


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


def test_the_server_declares_cors_and_json(visitor: PracticeClient) -> None:
    found = statement(visitor)
    assert "application/fhir+json" in found["format"]
    assert found["rest"][0]["mode"] == "server"
    assert found["rest"][0]["security"]["cors"] is True


def test_the_profiles_of_the_resources_are_listed(visitor: PracticeClient) -> None:
    names = {each["reference"].rpartition("/")[2] for each in statement(visitor)["profile"]}
    assert names >= {
        "CareConnect-GPC-Patient-1",
        "CareConnect-GPC-Organization-1",
        "CareConnect-GPC-Practitioner-1",
        "CareConnect-GPC-Location-1",
        "GPConnect-OperationOutcome-1",
        "GPConnect-Appointment-1",
        "GPConnect-Schedule-1",
        "GPConnect-Slot-1",
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


def test_patients_are_found_by_identifier(visitor: PracticeClient) -> None:
    patient = resource(visitor, "Patient")
    assert "search-type" in codes(patient)
    assert patient["searchParam"] == [{"name": "identifier", "type": "token"}]


def test_what_is_not_there_is_not_declared(visitor: PracticeClient) -> None:
    there = {each.segments[0] for each in INTERACTIONS if each.respond is not None} - {"metadata"}
    (rest,) = statement(visitor)["rest"]
    assert {each["type"] for each in rest["resource"]} - {"Appointment"} == there - {"Appointment"}
    operations = [each for each in INTERACTIONS if each.respond and each.segments[-1].startswith("$")]
    assert len(rest.get("operation", [])) == len(operations)

"""The Organisation Data Service: an organisation by its ODS code, in the shape that consumers read."""

import json
from pathlib import Path
from xml.etree import ElementTree

import httpx2
import pytest

from simulator.fhir.models import stu3_model
from simulator.fhir.xml import read_xml
from tests.diary import Diary
from tests.practice_client import Json

SNAPSHOT = Path(__file__).parent / "snapshots" / "ods_organization.json"


def organization(http: httpx2.Client, ods_code: str) -> Json:
    """Return an organisation."""
    response = http.get(f"/STU3/Organization/{ods_code}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_an_organisation_is_as_its_snapshot_has_it(http: httpx2.Client, pytestconfig: pytest.Config) -> None:
    text = json.dumps(organization(http, "Z90001"), indent=2) + "\n"
    if pytestconfig.getoption("--update-snapshots"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")


def test_single_values_stand_alone_where_fhir_has_lists(http: httpx2.Client) -> None:
    found = organization(http, "Z90001")
    assert found["id"] == found["identifier"]["value"] == "Z90001"
    assert isinstance(found["type"]["coding"]["display"], str)
    assert isinstance(found["meta"]["profile"], str)
    assert isinstance(found["address"]["line"], list)
    assert found["address"].keys() == {"line", "city", "district", "postalCode", "country"}


def roles(found: Json) -> dict[str, bool]:
    """Return the roles of an organisation, and which is primary."""
    parts = [each["extension"] for each in found["extension"] if "OrganizationRole" in each["url"]]
    return {role["valueCoding"]["display"]: primary["valueBoolean"] for role, primary, *_ in parts}


def test_a_practice_is_a_prescribing_cost_centre_and_a_gp_practice(http: httpx2.Client) -> None:
    assert roles(organization(http, "Z90001")) == {"PRESCRIBING COST CENTRE": True, "GP PRACTICE": False}


@pytest.mark.parametrize(
    ("ods_code", "name", "role"),
    [
        ("Z9U01", "KELVER VALE NHS 111", "INDEPENDENT SECTOR HEALTHCARE PROVIDER"),
        ("Z9S04", "KELVER DIGITAL", "APPLICATION SERVICE PROVIDER"),
        ("Z98001", None, "PRESCRIBING COST CENTRE"),
        ("Z99001", None, "PRESCRIBING COST CENTRE"),
    ],
    ids=["consumer", "supplier", "practice elsewhere", "practice that is switched off"],
)
def test_everybody_whom_the_data_name_is_listed(
    http: httpx2.Client, ods_code: str, name: str | None, role: str
) -> None:
    found = organization(http, ods_code)
    assert name in (None, found["name"])
    assert roles(found)[role]


def test_an_organisation_without_an_address_has_no_empty_parts_of_one(http: httpx2.Client) -> None:
    http.put("/control/directory/systems/200000777777", json={"ods_code": "A99999", "name": "Elsewhere"})
    found = organization(http, "A99999")
    assert (found["name"], found["address"]) == ("ELSEWHERE", {"country": "ENGLAND"})


@pytest.mark.parametrize("ods_code", ["Z90099", "z90001", "%20", "Z90001%00"])
def test_a_code_that_nobody_has_is_not_found(http: httpx2.Client, ods_code: str) -> None:
    response = http.get(f"/STU3/Organization/{ods_code}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/fhir+json;charset=utf-8"
    outcome = response.json()
    (issue,) = outcome["issue"]
    (coding,) = issue["details"]["coding"]
    assert outcome["meta"]["profile"] == [
        "https://fhir.nhs.uk/STU3/StructureDefinition/Spine-OperationOutcome-1"
    ]
    assert (issue["severity"], issue["code"]) == ("error", "not-found")
    assert (coding["code"], coding["display"]) == ("NO_RECORD_FOUND", "No record found")


@pytest.mark.parametrize(
    ("query", "accept"),
    [("", "application/fhir+xml"), ("?_format=xml", "*/*"), ("?_format=application/fhir%2Bxml", "")],
)  # fmt: skip
@pytest.mark.parametrize(("ods_code", "status"), [("Z90001", 200), ("Z90099", 404)])
def test_xml_is_fhirs_own(http: httpx2.Client, query: str, accept: str, ods_code: str, status: int) -> None:
    response = http.get(f"/STU3/Organization/{ods_code}{query}", headers={"Accept": accept})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/fhir+xml;charset=utf-8"
    assert ElementTree.fromstring(response.content).tag.startswith("{http://hl7.org/fhir}")
    resource = read_xml(response.content)
    stu3_model(resource["resourceType"]).model_validate(resource)


def test_json_goes_before_xml_where_either_will_do(http: httpx2.Client) -> None:
    headers = {"Accept": "application/fhir+xml, application/fhir+json"}
    assert http.get("/STU3/Organization/Z90001", headers=headers).json()["id"] == "Z90001"
    assert http.get(
        "/STU3/Organization/Z90001?_format=json", headers={"Accept": "application/fhir+xml"}
    ).json()


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "PATCH"])
def test_organisations_are_only_read(http: httpx2.Client, verb: str) -> None:
    response = http.request(verb, "/STU3/Organization/Z90001")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert response.json()["issue"][0]["code"] == "not-supported"


def test_a_look_up_is_audited(http: httpx2.Client, diary: Diary) -> None:
    organization(http, "Z90001")
    http.get("/STU3/Organization/Z90099")
    http.get("/control/transactions")
    found, missed = diary.audited()
    assert (found.surface, found.record, found.status) == ("directory", "GET /STU3/Organization/Z90001", 200)
    assert (missed.status, missed.code) == (404, "NO_RECORD_FOUND")

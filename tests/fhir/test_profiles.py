"""The tables: what may be sent, and what may stand in an answer, each rule of which can be broken."""

import copy
from typing import Any

import pytest

from simulator.domain.refusals import InvalidResource
from simulator.fhir import profiles, urls
from simulator.fhir.answer_profiles import ANSWERS
from simulator.fhir.profile_check import check_profile
from simulator.fhir.profiles import ORGANIZATION
from tests.practice_client import Json

BOOKER: Json = {
    "resourceType": "Organization",
    "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": "Z9U01"}],
    "name": "Fellside Urgent Care",
    "telecom": [{"system": "phone", "value": "01632 960500", "use": "work"}],
}
SLOT: Json = {
    "resourceType": "Slot",
    "id": "7",
    "meta": {"versionId": "1", "profile": [urls.SLOT]},
    "extension": [{"url": urls.DELIVERY_CHANNEL, "valueCode": "Telephone"}],
    "serviceType": [{"text": "Minor illness"}],
    "schedule": {"reference": "Schedule/4"},
    "status": "free",
    "start": "2026-07-01T09:00:00+01:00",
    "end": "2026-07-01T09:10:00+01:00",
}


def complaint(resource: Json, profile: Any) -> str:
    with pytest.raises(InvalidResource) as refusal:
        check_profile(resource, profile)
    return refusal.value.diagnostics


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": None}, "Organization.name: is missing"),
        ({"identifier": [{"system": urls.ODS_ORGANIZATION_CODE}]}, "Organization.identifier[0].value: is mi"),
        ({"identifier": BOOKER["identifier"] * 2}, "came 2 times; expected 0 to 1"),
        (
            {"identifier": [BOOKER["identifier"][0] | {"use": "usual"}]},
            "Organization.identifier[0].use: GP C",
        ),
        ({"telecom": [{"value": "1"}]}, "Organization.telecom[0].system: is missing"),
        ({"telecom": [{"system": "phone", "value": "1", "use": "home"}]}, "'home' was sent"),
        ({"address": [{"state": "Yorkshire"}]}, "Organization.address[0].state: GP Connect does not allow"),
        ({"contained": [{"resourceType": "Location"}]}, "Organization.contained: GP Connect does not allow"),
        ({"type": [{"text": "a"}, {"text": "b"}]}, "Organization.type: came 2 times"),
    ],
)
def test_a_booking_organisation_that_breaks_a_rule_is_refused(change: Json, said: str) -> None:
    broken = {name: value for name, value in (BOOKER | change).items() if value is not None}
    assert said in complaint(broken, ORGANIZATION)


def test_identifiers_of_other_systems_are_open() -> None:
    other = {"use": "usual", "value": "7"}
    check_profile(BOOKER | {"identifier": [other, *BOOKER["identifier"]]}, ORGANIZATION)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("id",), None, "Slot.id: is missing"),
        (("id",), "a_b", "expected a logical id"),
        (("meta", "versionId"), None, "Slot.meta.versionId: is missing"),
        (("meta", "profile"), [urls.SCHEDULE], "expected https://fhir.nhs.uk"),
        (("extension",), None, "came 0 times; expected exactly 1"),
        (("extension", 0, "valueCode"), "Pigeon", "'Pigeon' was sent; expected one of In-person"),
        (("serviceType",), None, "Slot.serviceType: is missing"),
        (("schedule", "reference"), "https://x.nhs.uk/Schedule/4", "expected a relative reference"),
        (("status",), "Free", "'Free' was sent"),
        (("start",), "2026-07-01T08:00:00Z", "expected UK local time"),
        (("start",), "2026-07-01T09:00:00.5+01:00", "expected UK local time"),
        (("comment",), "x", "Slot.comment: GP Connect does not allow"),
        (("specialty",), [{"text": "x"}], "Slot.specialty: GP Connect does not allow"),
    ],
)
def test_an_answer_that_breaks_a_rule_is_found(path: tuple[Any, ...], value: Any, said: str) -> None:
    check_profile(SLOT, ANSWERS["Slot"])
    broken: Any = copy.deepcopy(SLOT)
    place = broken
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    assert said in complaint(broken, ANSWERS["Slot"])


ROLE = {"system": urls.SDS_JOB_ROLES, "code": "R0260", "display": "General Medical Practitioner"}


@pytest.mark.parametrize(
    "change",
    [{"code": "R9999"}, {"display": "Doctor"}, {"system": "urn:x"}, {"version": "1"}],
    ids=lambda change: next(iter(change)),
)
def test_a_coding_must_be_of_its_value_set_whole(change: Json) -> None:
    schedule: Json = {
        "resourceType": "Schedule",
        "id": "1",
        "meta": {"versionId": "1", "profile": [urls.SCHEDULE]},
        "extension": [{"url": urls.PRACTITIONER_ROLE, "valueCodeableConcept": {"coding": [ROLE]}}],
        "actor": [{"reference": "Location/1"}],
        "planningHorizon": {"start": "2026-03-17T09:00:00+00:00", "end": "2026-03-17T12:00:00+00:00"},
    }
    check_profile(schedule, ANSWERS["Schedule"])
    schedule["extension"][0]["valueCodeableConcept"]["coding"] = [ROLE | change]
    assert f"expected a coding of {urls.SDS_JOB_ROLES}" in complaint(schedule, ANSWERS["Schedule"])


def test_parts_of_an_extension_are_checked_by_their_own_rules() -> None:
    status = {"system": urls.VERIFICATION_STATUSES, "code": "01", "display": "Number present and verified"}
    number: Json = {
        "extension": [{"url": urls.VERIFICATION_STATUS, "valueCodeableConcept": {"coding": [status]}}],
        "system": urls.NHS_NUMBER,
        "value": "9990000018",
    }
    kind = {"system": urls.REGISTRATION_TYPES, "code": "T", "display": "Temporary"}
    patient: Json = {
        "resourceType": "Patient",
        "id": "1",
        "meta": {"versionId": "1", "profile": [urls.PATIENT]},
        "extension": [
            {
                "url": urls.REGISTRATION_DETAILS,
                "extension": [{"url": "registrationType", "valueCodeableConcept": {"coding": [kind]}}],
            }
        ],
        "identifier": [number],
        "active": True,
        "name": [{"use": "official", "family": "Lark"}],
        "birthDate": "1980-02-03",
        "managingOrganization": {"reference": "Organization/1"},
    }
    check_profile(patient, ANSWERS["Patient"])
    second_name = patient | {"name": patient["name"] * 2}
    assert "Patient.name(official): came 2 times" in complaint(second_name, ANSWERS["Patient"])
    unverified = patient | {"identifier": [{"system": urls.NHS_NUMBER, "value": "9990000018"}]}
    assert f"Patient.identifier[0].extension({urls.VERIFICATION_STATUS}): came 0" in complaint(
        unverified, ANSWERS["Patient"]
    )
    kind["code"] = "X"
    assert "extension[0].extension[0].valueCodeableConcept.coding" in complaint(patient, ANSWERS["Patient"])


def test_every_type_that_is_answered_with_has_its_table() -> None:
    assert set(ANSWERS) == {
        "Appointment", "Slot", "Schedule", "Patient", "Practitioner", "Organization", "Location",
        "OperationOutcome", "Bundle", "CapabilityStatement",
    }  # fmt: skip
    assert profiles.check_profile is check_profile

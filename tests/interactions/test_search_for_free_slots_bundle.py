"""What comes with the slots of a search, and how each resource looks."""

import re
from itertools import chain, combinations

import pytest

from simulator.domain.availability import ROLES_ALLOWED
from simulator.fhir import urls
from tests.diary import CLOCKS_GO_FORWARD, QUIET_DAY, Diary
from tests.practice_client import Json, PracticeClient, assert_searchset

PRACTITIONERS = "_include:recurse=Schedule:actor:Practitioner"
LOCATIONS = "_include:recurse=Schedule:actor:Location"
ORGANIZATIONS = "_include:recurse=Location:managingOrganization"
EVERYTHING = (PRACTITIONERS, LOCATIONS, ORGANIZATIONS)
INCLUDES = list(chain.from_iterable(combinations(EVERYTHING, size) for size in range(4)))
UK_TIME = re.compile(r"2026-\d\d-\d\dT\d\d:\d\d:00\+0[01]:00")


def found(consumer: PracticeClient, *extra: str, first: int = 1, last: int = 8) -> dict[str, list[Json]]:
    """Return the resources of a search, by type."""
    response = consumer.send("search_for_free_slots", query=consumer.slot_query(first, last, *extra))
    by_type: dict[str, list[Json]] = {}
    for resource in assert_searchset(response):
        by_type.setdefault(resource["resourceType"], []).append(resource)
    return by_type


def named(resources: list[Json], resource_type: str) -> set[str]:
    """Return the references to resources of a type."""
    return {f"{resource_type}/{each['id']}" for each in resources}


@pytest.mark.parametrize("includes", INCLUDES, ids=len)
def test_each_include_brings_its_type_and_the_organisation_always_comes(
    visitor: PracticeClient, includes: tuple[str, ...]
) -> None:
    expected = {"Slot", "Schedule", "Organization"}
    expected |= {"Practitioner"} if PRACTITIONERS in includes else set()
    expected |= {"Location"} if LOCATIONS in includes else set()
    assert found(visitor, *includes).keys() == expected


def test_includes_may_be_encoded(visitor: PracticeClient) -> None:
    encoded = [each.replace(":", "%3A") for each in EVERYTHING]
    assert found(visitor, *encoded) == found(visitor, *EVERYTHING)


def test_nothing_comes_that_belongs_to_no_slot(visitor: PracticeClient) -> None:
    resources = found(visitor, *EVERYTHING)
    actors = {actor["reference"] for each in resources["Schedule"] for actor in each["actor"]}
    assert named(resources["Schedule"], "Schedule") == {s["schedule"]["reference"] for s in resources["Slot"]}
    assert (
        named(resources["Practitioner"], "Practitioner") | named(resources["Location"], "Location") == actors
    )
    assert {each["managingOrganization"]["reference"] for each in resources["Location"]} == named(
        resources["Organization"], "Organization"
    )


def test_no_slots_bring_nothing_at_all(visitor: PracticeClient) -> None:
    assert found(visitor, *EVERYTHING, first=6, last=6) == {}


def test_slots_come_in_order_of_time(visitor: PracticeClient) -> None:
    starts = [each["start"] for each in found(visitor)["Slot"]]
    assert starts == sorted(starts)
    assert len(starts) > 50


def test_a_slot_has_channel_type_schedule_and_uk_times(visitor: PracticeClient) -> None:
    for slot in found(visitor, last=14)["Slot"]:
        assert slot["meta"]["profile"] == [urls.SLOT] and slot["meta"]["versionId"]
        assert slot["extension"][0]["url"] == urls.DELIVERY_CHANNEL
        assert slot["extension"][0]["valueCode"] in ("In-person", "Telephone", "Video")
        assert slot["serviceType"][0]["text"]
        assert slot["status"] == "free"
        assert UK_TIME.fullmatch(slot["start"]) and UK_TIME.fullmatch(slot["end"])
        assert slot["start"] < slot["end"]
        assert not {"specialty", "comment", "serviceCategory", "appointmentType"} & slot.keys()


def test_a_schedule_has_one_role_first_and_a_location(visitor: PracticeClient) -> None:
    for schedule in found(visitor, last=14)["Schedule"]:
        assert schedule["meta"]["profile"] == [urls.SCHEDULE] and schedule["meta"]["versionId"]
        assert [each["url"] for each in schedule["extension"]] == [urls.PRACTITIONER_ROLE]
        (coding,) = schedule["extension"][0]["valueCodeableConcept"]["coding"]
        assert coding["system"] == urls.SDS_JOB_ROLES and coding["display"]
        assert coding["code"] in ROLES_ALLOWED
        assert schedule["serviceCategory"]["text"]
        assert any(actor["reference"].startswith("Location/") for actor in schedule["actor"])
        horizon = schedule["planningHorizon"]
        assert UK_TIME.fullmatch(horizon["start"]) and UK_TIME.fullmatch(horizon["end"])
        assert not {"active", "serviceType", "specialty", "comment"} & schedule.keys()


def test_practitioners_locations_and_practice_are_populated(visitor: PracticeClient) -> None:
    resources = found(visitor, *EVERYTHING)
    for practitioner in resources["Practitioner"]:
        assert practitioner["meta"]["profile"] == [urls.PRACTITIONER]
        assert practitioner["identifier"][0]["system"] == urls.SDS_USER_ID
        assert practitioner["name"][0]["family"] and practitioner["gender"]
        assert not {"telecom", "address", "birthDate", "photo", "qualification"} & practitioner.keys()
    for location in resources["Location"]:
        assert location["meta"]["profile"] == [urls.LOCATION]
        assert location["name"] and location["address"]["postalCode"] and location["telecom"]
        assert not {"endpoint", "mode"} & location.keys()
    (organization,) = resources["Organization"]
    assert organization["meta"]["profile"] == [urls.ORGANIZATION]
    (identifier,) = organization["identifier"]
    assert identifier == {"system": urls.ODS_ORGANIZATION_CODE, "value": visitor.practice["ods_code"]}
    assert organization["name"] == visitor.practice["name"]
    assert organization["address"] and organization["telecom"]
    assert not {"contact", "endpoint"} & organization.keys()


def test_a_schedule_without_practitioner_has_a_location_only(consumer: PracticeClient, diary: Diary) -> None:
    diary.slot(schedule_id=diary.schedule(practitioner_id=None))
    resources = found(consumer, *EVERYTHING, first=6, last=6)
    assert "Practitioner" not in resources
    assert resources["Schedule"][0]["actor"] == [{"reference": "Location/1"}]


def test_times_change_their_offset_with_the_clocks(consumer: PracticeClient, diary: Diary) -> None:
    diary.slot(f"{CLOCKS_GO_FORWARD}T00:50:00+00:00")
    diary.slot(f"{CLOCKS_GO_FORWARD}T02:00:00+01:00")
    slots = found(consumer, first=13, last=13)["Slot"]
    assert [(each["start"], each["end"]) for each in slots] == [
        (f"{CLOCKS_GO_FORWARD}T00:50:00+00:00", f"{CLOCKS_GO_FORWARD}T02:00:00+01:00"),
        (f"{CLOCKS_GO_FORWARD}T02:00:00+01:00", f"{CLOCKS_GO_FORWARD}T02:10:00+01:00"),
    ]


def test_a_slot_that_was_booked_and_freed_has_a_higher_version(
    consumer: PracticeClient, diary: Diary
) -> None:
    diary.slot(f"{QUIET_DAY}T10:00:00+00:00")
    (before,) = consumer.free_slots(6, 6)
    consumer.cancel(consumer.booked(before))
    (after,) = consumer.free_slots(6, 6)
    assert int(after["meta"]["versionId"]) > int(before["meta"]["versionId"])
    assert after | {"meta": before["meta"]} == before

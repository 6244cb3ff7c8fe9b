"""Booking, as a consumer sees it: what comes back, and what becomes of the slots."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from simulator.domain.slot import SlotStatus
from simulator.fhir import urls
from simulator.store.slots import Slots, SlotsAsked
from tests.diary import CLOCKS_GO_FORWARD, QUIET_DAY, Diary
from tests.practice_client import (
    Json,
    PracticeClient,
    assert_common_headers,
    assert_operation_outcome,
    assert_references_are_relative,
)


def extension(resource: Json, url: str) -> Json:
    (found,) = [each for each in resource["extension"] if each["url"] == url]
    return dict(found)


def status_and_version(diary: Diary, slot_id: str) -> tuple[str, int]:
    row = diary.connection.execute("select status, version from slots where id = ?", (slot_id,)).fetchone()
    return tuple(row)


def test_a_free_slot_can_be_booked_and_then_is_gone(consumer: PracticeClient) -> None:
    slot = consumer.free_slots()[0]
    appointment = consumer.booked(slot)
    assert appointment["slot"] == [{"reference": f"Slot/{slot['id']}"}]
    assert slot["id"] not in {each["id"] for each in consumer.free_slots()}


def test_what_was_sent_comes_back_with_what_the_diary_knows(consumer: PracticeClient) -> None:
    bundle = consumer.search()
    slot = consumer.free_slots()[0]
    (schedule,) = [
        entry["resource"]
        for entry in bundle["entry"]
        if slot["schedule"]["reference"] == f"Schedule/{entry['resource']['id']}"
    ]
    sent = consumer.booking(slot)
    came = consumer.book(sent).json()
    kept = ("contained", "status", "description", "comment", "start", "end", "slot", "created", "participant")
    assert {name: came[name] for name in kept} == {name: sent[name] for name in kept}
    assert came["meta"] == {"versionId": "1", "profile": [urls.APPOINTMENT]}
    assert came["serviceType"] == slot["serviceType"]
    assert came["serviceCategory"] == schedule["serviceCategory"]
    assert extension(came, urls.DELIVERY_CHANNEL) == slot["extension"][0]
    assert extension(came, urls.PRACTITIONER_ROLE) == schedule["extension"][0]
    assert extension(came, urls.BOOKING_ORGANISATION)["valueReference"] == {"reference": "#org1"}
    assert not {"reason", "specialty"} & came.keys()
    assert_references_are_relative(came)


def test_a_booking_answers_201_with_place_and_version(consumer: PracticeClient) -> None:
    response = consumer.book(consumer.booking(consumer.free_slots()[0]))
    assert response.status_code == 201
    assert_common_headers(response)
    place = f"{consumer.practice['service_root']}/Appointment/{response.json()['id']}/_history/1"
    assert response.headers["location"] == place
    assert response.headers["content-location"] == place
    assert response.headers["etag"] == 'W/"1"'
    assert response.headers["last-modified"] == "Mon, 16 Mar 2026 07:30:00 GMT"


@pytest.mark.parametrize("prefer", ["return=minimal", "return=minimal; wait=10", "Return=Minimal"])
def test_a_minimal_answer_has_no_body_and_the_same_headers(consumer: PracticeClient, prefer: str) -> None:
    body = consumer.booking(consumer.free_slots()[0])
    response = consumer.send("book_appointment", body=body, headers={"Prefer": prefer})
    assert (response.status_code, response.content) == (201, b"")
    assert "content-type" not in response.headers
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["etag"] == 'W/"1"'
    appointment_id = response.headers["location"].split("/")[-3]
    read = consumer.send("read_appointment", resource_id=appointment_id)
    assert read.json()["description"] == body["description"]


def test_the_whole_appointment_comes_where_it_is_preferred(consumer: PracticeClient) -> None:
    body = consumer.booking(consumer.free_slots()[0])
    response = consumer.send("book_appointment", body=body, headers={"Prefer": "return=representation"})
    assert response.json()["resourceType"] == "Appointment"


def test_a_refusal_keeps_its_body_where_a_minimal_answer_is_preferred(consumer: PracticeClient) -> None:
    response = consumer.send("book_appointment", body={}, headers={"Prefer": "return=minimal"})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE")


def test_a_slot_taken_by_someone_else_is_refused_as_duplicate(consumer: PracticeClient) -> None:
    slot = consumer.free_slots()[0]
    booking = consumer.booking(slot)
    rival = consumer.booking(slot, patient_id=consumer.a_patient_id(1))
    assert consumer.book(booking).status_code == 201
    assert_operation_outcome(
        consumer.book(rival), 409, "DUPLICATE_REJECTED", f"Slot/{slot['id']}", "no longer free"
    )


def test_the_same_booking_sent_twice_is_refused_the_second_time(consumer: PracticeClient) -> None:
    booking = consumer.booking(consumer.free_slots()[0])
    assert [consumer.book(booking).status_code for _ in range(3)] == [201, 409, 409]


def test_a_booked_slot_is_busy_a_version_higher(consumer: PracticeClient, diary: Diary) -> None:
    slot_id = diary.slot()
    (slot,) = consumer.free_slots(6, 6)
    assert status_and_version(diary, slot_id) == ("free", 1)
    consumer.booked(slot)
    assert status_and_version(diary, slot_id) == ("busy", 2)


def test_adjacent_slots_are_booked_as_one(consumer: PracticeClient) -> None:
    one, other = consumer.adjacent_slots()
    appointment = consumer.booked(one, other)
    assert (appointment["start"], appointment["end"]) == (one["start"], other["end"])
    assert [each["reference"] for each in appointment["slot"]] == [f"Slot/{one['id']}", f"Slot/{other['id']}"]
    left = {each["id"] for each in consumer.free_slots(0, 14)}
    assert not {one["id"], other["id"]} & left


def test_slots_may_be_named_in_any_order(consumer: PracticeClient) -> None:
    one, other = consumer.adjacent_slots()
    booking = consumer.booking(one, other)
    booking["slot"].reverse()
    response = consumer.book(booking)
    assert response.status_code == 201
    assert [each["reference"] for each in response.json()["slot"]] == [
        f"Slot/{one['id']}",
        f"Slot/{other['id']}",
    ]


def test_a_booking_of_several_slots_is_all_or_nothing(consumer: PracticeClient, diary: Diary) -> None:
    one, other = consumer.adjacent_slots()
    both = consumer.booking(one, other)
    consumer.booked(other)
    before = diary.connection.execute("select count(*) from appointments").fetchone()
    assert_operation_outcome(consumer.book(both), 409, "DUPLICATE_REJECTED", f"Slot/{other['id']}")
    assert diary.connection.execute("select count(*) from appointments").fetchone() == before
    assert one["id"] in {each["id"] for each in consumer.free_slots(0, 14)}
    assert consumer.book(consumer.booking(one)).status_code == 201


@pytest.mark.parametrize(
    "refused", [{"description": "x" * 101}, {"status": "pending"}, {"end": "2026-03-17T09:00:00Z"}]
)
def test_a_refused_booking_changes_nothing(consumer: PracticeClient, diary: Diary, refused: Json) -> None:
    slot_id = diary.slot()
    (slot,) = consumer.free_slots(6, 6)
    assert consumer.book(consumer.booking(slot) | refused).status_code == 422
    assert status_and_version(diary, slot_id) == ("free", 1)


@pytest.mark.parametrize(
    "form", ["2026-03-29T03:30:00+01:00", "2026-03-29T02:30:00+00:00", "2026-03-29T02:30:00Z"]
)
def test_times_are_compared_as_moments_and_answered_in_uk_time(
    consumer: PracticeClient, diary: Diary, form: str
) -> None:
    diary.slot(f"{CLOCKS_GO_FORWARD}T02:30:00+00:00")
    (slot,) = consumer.free_slots(13, 13)
    created = "2026-07-01T09:00:00Z"
    response = consumer.book(consumer.booking(slot) | {"start": form, "created": created})
    assert response.status_code == 201, response.text
    came = response.json()
    assert (came["start"], came["end"]) == ("2026-03-29T03:30:00+01:00", "2026-03-29T03:40:00+01:00")
    assert came["created"] == "2026-07-01T10:00:00+01:00"


def test_the_slots_decide_on_type_category_channel_and_role(consumer: PracticeClient) -> None:
    slot = consumer.free_slots()[0]
    booking = consumer.booking(slot) | {
        "serviceCategory": {"text": "Mine"},
        "serviceType": [{"text": "Mine too"}],
    }
    booking["extension"].append({"url": urls.DELIVERY_CHANNEL, "valueCode": "Video"})
    came = consumer.book(booking).json()
    assert came["serviceType"] == slot["serviceType"]
    assert came["serviceCategory"]["text"] != "Mine"
    assert extension(came, urls.DELIVERY_CHANNEL) == slot["extension"][0]


@pytest.mark.parametrize(("minutes", "status"), [(-1, 422), (0, 201), (1, 422)])
def test_a_length_in_minutes_is_that_of_the_slots(
    consumer: PracticeClient, minutes: int, status: int
) -> None:
    slot = consumer.free_slots()[0]
    due = datetime.fromisoformat(slot["end"]) - datetime.fromisoformat(slot["start"])
    length = int(due.total_seconds()) // 60
    response = consumer.book(consumer.booking(slot) | {"minutesDuration": length + minutes})
    if status == 201:
        assert response.status_code == 201, response.text
    else:
        said = f"Appointment.minutesDuration: {length + minutes} was sent; expected {length}"
        assert_operation_outcome(response, status, "INVALID_RESOURCE", said)


def test_participants_keep_what_was_said_of_them(consumer: PracticeClient) -> None:
    slot = consumer.free_slots()[0]
    booking = consumer.booking(slot)
    system = "http://hl7.org/fhir/v3/ParticipationType"
    booking["participant"][0] |= {
        "type": [{"coding": [{"system": system, "code": "SBJ"}]}],
        "required": "required",
    }
    booking["participant"][1]["status"] = "tentative"
    came = consumer.book(booking).json()
    assert came["participant"] == booking["participant"]
    assert consumer.send("read_appointment", resource_id=came["id"]).json() == came


def test_identifiers_and_priority_are_kept(consumer: PracticeClient) -> None:
    identifier = [{"system": "https://consumer.example.nhs.uk/Id/booking", "value": "B-1"}]
    booking = consumer.booking(consumer.free_slots()[0]) | {"identifier": identifier, "priority": 9}
    came = consumer.book(booking).json()
    assert (came["identifier"], came["priority"]) == (identifier, 9)
    assert consumer.send("read_appointment", resource_id=came["id"]).json() == came


def test_a_practitioner_need_not_take_part(consumer: PracticeClient) -> None:
    booking = consumer.booking(consumer.free_slots()[0])
    booking["participant"] = booking["participant"][:2]
    came = consumer.book(booking)
    assert came.status_code == 201
    assert len(came.json()["participant"]) == 2


def test_a_patient_of_the_quiet_day_is_seen_on_it(consumer: PracticeClient, diary: Diary) -> None:
    diary.slot()
    (slot,) = consumer.free_slots(6, 6)
    assert consumer.booked(slot)["start"] == f"{QUIET_DAY}T10:00:00+00:00"


def heedless_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rules see every slot as free, as code that is wrong might."""
    asked_for = Slots.asked_for

    def every_slot_free(self: Slots, organization_id: int, slot_ids: Sequence[int]) -> SlotsAsked:
        asked = asked_for(self, organization_id, slot_ids)
        return asked._replace(slots=[slot._replace(status=SlotStatus.FREE) for slot in asked.slots])

    monkeypatch.setattr(Slots, "asked_for", every_slot_free)


def test_the_conditional_update_refuses_where_the_check_was_wrong(
    consumer: PracticeClient, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = consumer.booking(consumer.free_slots()[0])
    consumer.book(booking)
    before = diary.connection.execute("select count(*) from appointments").fetchone()
    heedless_rules(monkeypatch)
    assert_operation_outcome(consumer.book(booking), 409, "DUPLICATE_REJECTED", "no longer free")
    assert diary.connection.execute("select count(*) from appointments").fetchone() == before


def test_the_unique_index_refuses_where_check_and_update_are_wrong(
    consumer: PracticeClient, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = consumer.booking(consumer.free_slots()[0])
    consumer.book(booking)
    before = diary.connection.execute("select count(*) from appointments").fetchone()
    heedless_rules(monkeypatch)
    monkeypatch.setattr(Slots, "take", lambda self, slot_ids: True)
    assert_operation_outcome(consumer.book(booking), 409, "DUPLICATE_REJECTED", "no longer free")
    assert diary.connection.execute("select count(*) from appointments").fetchone() == before

"""When slots may be booked: together, by whom, how early and how late, and how many."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.fhir import urls
from tests.diary import QUIET_DAY, Diary
from tests.practice_client import Json, PracticeClient, assert_operation_outcome

HOUR = f"{QUIET_DAY}T10"


@pytest.fixture
def pattern(consumer: PracticeClient) -> Json:
    """Return a correct booking, with who and where the diary's schedules are, for other slots and times."""
    booking = consumer.booking(consumer.free_slots()[0])
    actors = (booking["participant"][0]["actor"]["reference"], "Location/1", "Practitioner/1")
    participants = [{"actor": {"reference": actor}, "status": "accepted"} for actor in actors]
    return booking | {"participant": participants}


def booking_of(pattern: Json, *slot_ids: str, start: str = ":00", end: str = ":10") -> Json:
    """Return a booking of slots on the quiet day, from and to a minute of its hour."""
    return pattern | {
        "slot": [{"reference": f"Slot/{slot_id}"} for slot_id in slot_ids],
        "start": f"{HOUR}{start}:00+00:00",
        "end": f"{HOUR}{end}:00+00:00",
    }


def by(booking: Json, ods_code: str = "Z9U01", organisation_type: str | None = None) -> Json:
    """Return a booking as another organisation makes it."""
    organization: Json = booking["contained"][0] | {
        "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": ods_code}]
    }
    if organisation_type:
        coding = {"system": urls.ORGANISATION_TYPES, "code": organisation_type, "display": "Type"}
        organization["type"] = [{"coding": [coding]}]
    return booking | {"contained": [organization]}


def pair(diary: Diary, second: str = ":10", **other: Any) -> tuple[str, str]:
    """Return two slots of one session that follow each other, the second changed where that is said."""
    schedule_id, profile_id = diary.schedule(), diary.access_profile()
    same: Json = {"schedule_id": schedule_id, "profile_id": profile_id}
    one = diary.slot(f"{HOUR}:00:00+00:00", **same)
    return one, diary.slot(f"{HOUR}{second}:00+00:00", **(same | other))


def test_slots_alike_that_meet_exactly_are_booked_together(
    consumer: PracticeClient, diary: Diary, pattern: Json
) -> None:
    response = consumer.book(booking_of(pattern, *pair(diary), end=":20"))
    assert response.status_code == 201, response.text


def test_three_slots_may_follow_each_other(consumer: PracticeClient, diary: Diary, pattern: Json) -> None:
    schedule_id = diary.schedule()
    slots = [diary.slot(f"{HOUR}:{m}:00+00:00", schedule_id=schedule_id) for m in ("00", "10", "20")]
    assert consumer.book(booking_of(pattern, *slots, end=":30")).status_code == 201


@pytest.mark.parametrize("second", [":11", ":20", ":09", ":00"])
def test_slots_with_a_gap_or_an_overlap_are_not_booked_together(
    consumer: PracticeClient, diary: Diary, pattern: Json, second: str
) -> None:
    response = consumer.book(booking_of(pattern, *pair(diary, second), end=":30"))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "not adjacent")


def test_slots_of_two_schedules_are_not_booked_together(
    consumer: PracticeClient, diary: Diary, pattern: Json
) -> None:
    slots = pair(diary, schedule_id=diary.schedule())
    response = consumer.book(booking_of(pattern, *slots, end=":20"))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "differ in Schedule, ", "expected the same")


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"channel": "Video"}, "delivery channel, 'In-person' and 'Video'; expected the same"),
        ({"service_type_id": 2}, "serviceType, '"),
    ],
)
def test_slots_of_two_kinds_are_not_booked_together(
    consumer: PracticeClient, diary: Diary, pattern: Json, other: Json, word: str
) -> None:
    response = consumer.book(booking_of(pattern, *pair(diary, **other), end=":20"))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", f"differ in {word}")


def test_every_pair_must_follow_not_only_the_first(
    consumer: PracticeClient, diary: Diary, pattern: Json
) -> None:
    schedule_id = diary.schedule()
    slots = [diary.slot(f"{HOUR}:{m}:00+00:00", schedule_id=schedule_id) for m in ("00", "10", "30")]
    response = consumer.book(booking_of(pattern, *slots, end=":40"))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", f"Slot/{slots[1]} and Slot/{slots[2]}")


def test_the_earlier_of_two_slots_may_not_be_taken(
    consumer: PracticeClient, diary: Diary, pattern: Json
) -> None:
    one, other = pair(diary)
    diary.update("slots", one, status="busy")
    response = consumer.book(booking_of(pattern, one, other, end=":20"))
    assert_operation_outcome(response, 409, "DUPLICATE_REJECTED", f"Slot/{one} ")
    assert f"Slot/{other}" not in response.text


@pytest.mark.parametrize(
    ("start", "end", "word"),
    [
        (":01", ":10", "Appointment.start"),
        (":00", ":11", "Appointment.end"),
        (":00", ":20", "Appointment.end"),
    ],
)
def test_times_must_be_those_of_the_slot(
    consumer: PracticeClient, diary: Diary, pattern: Json, start: str, end: str, word: str
) -> None:
    response = consumer.book(booking_of(pattern, diary.slot(), start=start, end=end))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", word, "not that of the slots", f"{HOUR}:")


def test_the_end_of_several_slots_is_that_of_the_last(
    consumer: PracticeClient, diary: Diary, pattern: Json
) -> None:
    response = consumer.book(booking_of(pattern, *pair(diary), end=":10"))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "Appointment.end", f"{HOUR}:20:00+00:00")


@pytest.mark.parametrize(("moment", "status"), [("09:59:59", 201), ("10:00:00", 422), ("10:00:01", 422)])
def test_a_slot_is_booked_before_it_begins_or_not_at_all(
    consumer_at: Callable[[str], PracticeClient], diary: Diary, pattern: Json, moment: str, status: int
) -> None:
    late = consumer_at(f"{QUIET_DAY}T{moment}+00:00")
    response = late.book(booking_of(pattern, diary.slot()))
    if status == 201:
        assert response.status_code == 201
    else:
        assert_operation_outcome(response, 422, "INVALID_RESOURCE", "Appointment.start", "in the past")


def test_a_slot_of_the_practice_s_own_cannot_be_booked(
    consumer: PracticeClient, diary: Diary, pattern: Json
) -> None:
    response = consumer.book(booking_of(pattern, diary.slot(open_to_all=False)))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "not made it GP Connect bookable")


def test_a_slot_of_another_practice_cannot_be_booked(
    neighbour: PracticeClient, diary: Diary, pattern: Json
) -> None:
    body = booking_of(neighbour.booking(neighbour.free_slots()[0]), diary.slot())
    assert_operation_outcome(neighbour.book(body), 422, "INVALID_RESOURCE", "does not exist at this practice")


@pytest.mark.parametrize("role", ["R1110", "R1070"])
def test_a_slot_whose_role_gp_connect_does_not_allow_cannot_be_booked(
    consumer: PracticeClient, diary: Diary, pattern: Json, role: str
) -> None:
    slot_id = diary.slot(schedule_id=diary.schedule(role))
    response = consumer.book(booking_of(pattern, slot_id))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", f"Slot/{slot_id}", "practitioner role")


@pytest.mark.parametrize(
    ("restriction", "ods_code", "organisation_type", "open_to_them"),
    [
        ({}, "Z9U02", None, True),
        ({"types": "urgent-care"}, "Z9U02", "urgent-care", True),
        ({"types": "urgent-care"}, "Z9U02", "gp-practice", False),
        ({"types": "urgent-care"}, "Z9U02", None, False),
        ({"codes": "Z9U01"}, "Z9U01", None, True),
        ({"codes": "Z9U01"}, "Z9U02", None, False),
        ({"types": "urgent-care", "codes": "Z9U01"}, "Z9U01", "urgent-care", True),
        ({"types": "urgent-care", "codes": "Z9U01"}, "Z9U02", "urgent-care", False),
        ({"types": "urgent-care", "codes": "Z9U01"}, "Z9U01", None, False),
    ],
)
def test_a_slot_is_booked_by_whom_it_is_open_to(
    consumer: PracticeClient,
    diary: Diary,
    pattern: Json,
    restriction: Json,
    ods_code: str,
    organisation_type: str | None,
    open_to_them: bool,
) -> None:
    slot_id = diary.slot(profile_id=diary.access_profile(**restriction))
    response = consumer.book(by(booking_of(pattern, slot_id), ods_code, organisation_type))
    if open_to_them:
        assert response.status_code == 201
    else:
        assert_operation_outcome(response, 422, "INVALID_RESOURCE", "not open to", ods_code)


@pytest.mark.parametrize(
    ("codings", "status"),
    [
        ([("urn:local", "walk-in"), (urls.ORGANISATION_TYPES, "urgent-care")], 201),
        ([(urls.ORGANISATION_TYPES, "urgent-care"), ("urn:local", "walk-in")], 201),
        ([("urn:local", "urgent-care"), (urls.ORGANISATION_TYPES, "gp-practice")], 422),
    ],
)
def test_of_several_codings_of_an_organisation_s_type_gp_connect_s_own_counts(
    consumer: PracticeClient, diary: Diary, pattern: Json, codings: list[tuple[str, str]], status: int
) -> None:
    slot_id = diary.slot(profile_id=diary.access_profile(types="urgent-care"))
    body = booking_of(pattern, slot_id)
    concept = {"coding": [{"system": system, "code": code} for system, code in codings]}
    body["contained"][0]["type"] = [concept]
    response = consumer.book(body)
    assert response.status_code == status, response.text
    assert status != 201 or response.json()["contained"][0]["type"] == [concept]


@pytest.mark.parametrize(("moment", "status"), [("07:59:59", 201), ("08:00:00", 422), ("09:30:00", 422)])
def test_an_embargo_holds_for_booking_as_for_search(
    consumer_at: Callable[[str], PracticeClient], diary: Diary, pattern: Json, moment: str, status: int
) -> None:
    slot_id = diary.slot(profile_id=diary.access_profile(embargo_minutes=120))
    response = consumer_at(f"{QUIET_DAY}T{moment}+00:00").book(booking_of(pattern, slot_id))
    assert response.status_code == status
    if status == 422:
        assert_operation_outcome(response, 422, "INVALID_RESOURCE", "bookings close 120 minutes before")


@pytest.mark.parametrize(("moment", "status"), [("09:59:59", 422), ("10:00:00", 201)])
def test_a_window_holds_for_booking_as_for_search(
    consumer_at: Callable[[str], PracticeClient], diary: Diary, pattern: Json, moment: str, status: int
) -> None:
    slot_id = diary.slot(profile_id=diary.access_profile(window_days=3))
    response = consumer_at(f"2026-03-19T{moment}+00:00").book(booking_of(pattern, slot_id))
    assert response.status_code == status
    if status == 422:
        assert_operation_outcome(response, 422, "INVALID_RESOURCE", "bookings open 3 days before")


class TestTheLimitOfAnOrganisation:
    """A limit is of the slots of one schedule, under one access profile, that one organisation may hold."""

    @pytest.fixture
    def slots(self, diary: Diary) -> list[str]:
        """Return three slots of a session of which an organisation may hold two."""
        same: Json = {"schedule_id": diary.schedule(), "profile_id": diary.access_profile(limit=2)}
        return [diary.slot(f"{HOUR}:{minute}:00+00:00", **same) for minute in ("00", "10", "20")]

    def one(self, pattern: Json, slots: list[str], place: int) -> Json:
        """Return a booking of one of the slots."""
        return booking_of(pattern, slots[place], start=f":{place}0", end=f":{place + 1}0")

    def test_is_reached_by_single_bookings(
        self, consumer: PracticeClient, pattern: Json, slots: list[str]
    ) -> None:
        assert [consumer.book(self.one(pattern, slots, n)).status_code for n in (0, 1)] == [201, 201]
        response = consumer.book(self.one(pattern, slots, 2))
        assert_operation_outcome(response, 422, "INVALID_RESOURCE", "Z9U01", "may hold 2", "holds 2")

    def test_is_broken_by_one_booking_of_several_slots(
        self, consumer: PracticeClient, pattern: Json, slots: list[str]
    ) -> None:
        response = consumer.book(booking_of(pattern, *slots, end=":30"))
        assert_operation_outcome(response, 422, "INVALID_RESOURCE", "may hold 2", "holds 0; 3 more")
        assert consumer.book(booking_of(pattern, *slots[:2], end=":20")).status_code == 201

    def test_leaves_another_organisation_free(
        self, consumer: PracticeClient, pattern: Json, slots: list[str]
    ) -> None:
        assert consumer.book(booking_of(pattern, *slots[:2], end=":20")).status_code == 201
        assert consumer.book(by(self.one(pattern, slots, 2), "Z9U02")).status_code == 201

    def test_counts_nothing_that_was_cancelled(
        self, consumer: PracticeClient, pattern: Json, slots: list[str]
    ) -> None:
        booked = consumer.book(booking_of(pattern, *slots[:2], end=":20")).json()
        assert consumer.cancel(booked).status_code == 200
        assert consumer.book(booking_of(pattern, *slots[1:], start=":10", end=":30")).status_code == 201

    def test_is_of_one_schedule_only(
        self, consumer: PracticeClient, diary: Diary, pattern: Json, slots: list[str]
    ) -> None:
        profile_id = diary.connection.execute("select max(id) from access_profiles").fetchone()[0]
        elsewhere = diary.slot(f"{HOUR}:30:00+00:00", profile_id=profile_id)
        assert consumer.book(booking_of(pattern, *slots[:2], end=":20")).status_code == 201
        assert consumer.book(booking_of(pattern, elsewhere, start=":30", end=":40")).status_code == 201

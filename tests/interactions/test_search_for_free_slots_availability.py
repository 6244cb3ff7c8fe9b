"""Which slots a search shows: inside the period, open to the searcher, neither too early nor too late."""

from collections.abc import Callable

import pytest

from simulator.domain.availability import ROLES_ALLOWED
from simulator.domain.practitioner import JOB_ROLES
from simulator.fhir import urls
from tests.diary import CLOCKS_GO_FORWARD, QUIET_DAY, Diary
from tests.practice_client import Json, PracticeClient, assert_searchset

A_TYPE = f"searchFilter={urls.ORGANISATION_TYPES}%7Curgent-care"
A_CODE = f"searchFilter={urls.ODS_ORGANIZATION_CODE}%7CZ9U01"
BY_TYPE: Json = {"types": "urgent-care"}
BY_CODE: Json = {"codes": "Z9U01"}


def seen(consumer: PracticeClient, start: str, end: str, *extra: str) -> set[str]:
    """Return the ids of the slots that a search shows; `+` is encoded here."""
    period = f"start=ge{start}&end=le{end}".replace("+", "%2B")
    response = consumer.send(
        "search_for_free_slots", query="&".join(["status=free&_include=Slot:schedule", period, *extra])
    )
    return {each["id"] for each in assert_searchset(response) if each["resourceType"] == "Slot"}


def on_quiet_day(consumer: PracticeClient, *extra: str) -> set[str]:
    return seen(consumer, QUIET_DAY, QUIET_DAY, *extra)


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ((), {"open"}),
        ((A_TYPE,), {"open", "type"}),
        ((A_CODE,), {"open", "code"}),
        ((A_TYPE, A_CODE), {"open", "type", "code", "both"}),
    ],
    ids=["none", "type only", "code only", "type and code"],
)
def test_the_table_of_organisation_filters_holds(
    consumer: PracticeClient, diary: Diary, filters: tuple[str, ...], shown: set[str]
) -> None:
    slots = {
        "open": diary.slot(profile_id=diary.access_profile()),
        "type": diary.slot(profile_id=diary.access_profile(**BY_TYPE)),
        "code": diary.slot(profile_id=diary.access_profile(**BY_CODE)),
        "both": diary.slot(profile_id=diary.access_profile(**BY_TYPE, **BY_CODE)),
        "another type": diary.slot(profile_id=diary.access_profile(types="gp-practice")),
        "another code": diary.slot(profile_id=diary.access_profile(codes="Z9U02")),
    }
    assert on_quiet_day(consumer, *filters) == {slots[name] for name in shown}


def test_a_restriction_may_name_several_and_filters_may_repeat(
    consumer: PracticeClient, diary: Diary
) -> None:
    several = diary.slot(
        profile_id=diary.access_profile(types="gp-practice\nurgent-care", codes="A1A1A\nZ9U01")
    )
    other = diary.slot(profile_id=diary.access_profile(types="gp-practice"))
    assert on_quiet_day(consumer, A_TYPE, A_CODE) == {several}
    another_type = f"searchFilter={urls.ORGANISATION_TYPES}|gp-practice"
    assert on_quiet_day(consumer, A_TYPE, another_type, A_CODE) == {several, other}


def test_an_unknown_organisation_type_meets_no_restriction_and_is_no_error(
    consumer: PracticeClient, diary: Diary
) -> None:
    anyone = diary.slot()
    diary.slot(profile_id=diary.access_profile(**BY_TYPE))
    assert on_quiet_day(consumer, f"searchFilter={urls.ORGANISATION_TYPES}|pharmacy") == {anyone}


def test_only_slots_that_the_practice_opened_are_shown(consumer: PracticeClient, diary: Diary) -> None:
    diary.slot(open_to_all=False)
    assert on_quiet_day(consumer) == set()


def test_only_free_slots_are_shown(consumer: PracticeClient, diary: Diary) -> None:
    diary.slot(status="busy")
    assert on_quiet_day(consumer) == set()


@pytest.mark.parametrize("role", sorted(JOB_ROLES))
def test_only_roles_that_gp_connect_allows_are_shown(
    consumer: PracticeClient, diary: Diary, role: str
) -> None:
    slot_id = diary.slot(schedule_id=diary.schedule(role))
    assert on_quiet_day(consumer) == ({slot_id} if role in ROLES_ALLOWED else set())


def test_a_physiotherapist_s_slots_stay_invisible(consumer: PracticeClient, diary: Diary) -> None:
    slot_id = diary.slot(schedule_id=diary.schedule("R1110"))
    assert slot_id not in on_quiet_day(consumer)


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("T10:00:00", "T10:10:00", True),
        ("T10:00:01", "T10:10:00", False),
        ("T10:00:00", "T10:09:59", False),
        ("T09:59:59", "T10:10:01", True),
        ("T10:05:00", "T11:00:00", False),
        ("T10:10:00", "T11:00:00", False),
        ("T09:00:00", "T10:00:00", False),
    ],
)
def test_a_slot_must_lie_wholly_inside_the_period(
    consumer: PracticeClient, diary: Diary, start: str, end: str, inside: bool
) -> None:
    slot_id = diary.slot(f"{QUIET_DAY}T10:00:00+00:00")
    shown = seen(consumer, f"{QUIET_DAY}{start}+00:00", f"{QUIET_DAY}{end}+00:00")
    assert shown == ({slot_id} if inside else set())


def test_a_slot_across_midnight_is_inside_neither_day(consumer: PracticeClient, diary: Diary) -> None:
    slot_id = diary.slot("2026-03-21T23:55:00+00:00")
    assert slot_id not in seen(consumer, QUIET_DAY, QUIET_DAY)
    assert slot_id not in seen(consumer, "2026-03-21", "2026-03-21")
    assert slot_id in seen(consumer, "2026-03-21", QUIET_DAY)


def test_a_date_covers_its_whole_day(consumer: PracticeClient, diary: Diary) -> None:
    first = diary.slot(f"{QUIET_DAY}T00:00:00+00:00")
    last = diary.slot(f"{QUIET_DAY}T23:50:00+00:00")
    assert on_quiet_day(consumer) == {first, last}
    assert seen(consumer, QUIET_DAY, f"{QUIET_DAY}T23:59:59+00:00") == {first}
    assert seen(consumer, f"{QUIET_DAY}T00:00:01+00:00", QUIET_DAY) == {last}


def test_the_day_of_the_change_of_clocks_has_twenty_three_hours(
    consumer: PracticeClient, diary: Diary
) -> None:
    before = diary.slot("2026-03-28T23:50:00+00:00")
    first = diary.slot(f"{CLOCKS_GO_FORWARD}T00:00:00+00:00")
    last = diary.slot(f"{CLOCKS_GO_FORWARD}T22:50:00+00:00")
    after = diary.slot(f"{CLOCKS_GO_FORWARD}T23:00:00+00:00")
    assert seen(consumer, CLOCKS_GO_FORWARD, CLOCKS_GO_FORWARD) == {first, last}
    assert {before, after} <= seen(consumer, "2026-03-28", "2026-03-30")


def test_both_offsets_name_the_same_moment(consumer: PracticeClient, diary: Diary) -> None:
    slot_id = diary.slot(f"{CLOCKS_GO_FORWARD}T10:00:00+01:00")
    for start, end in (("T10:00:00+01:00", "T10:10:00+01:00"), ("T09:00:00+00:00", "T09:10:00+00:00")):
        assert seen(consumer, CLOCKS_GO_FORWARD + start, CLOCKS_GO_FORWARD + end) == {slot_id}


@pytest.mark.parametrize(
    ("moment", "shown"), [("07:59:59", True), ("08:00:00", False), ("08:00:01", False), ("10:30:00", False)]
)
def test_an_embargo_hides_a_slot_when_its_start_is_near(
    consumer_at: Callable[[str], PracticeClient], diary: Diary, moment: str, shown: bool
) -> None:
    slot_id = diary.slot(profile_id=diary.access_profile(embargo_minutes=120))
    visitor = consumer_at(f"{QUIET_DAY}T{moment}+00:00")
    assert on_quiet_day(visitor) == ({slot_id} if shown else set())


@pytest.mark.parametrize(
    ("moment", "shown"),
    [("2026-03-19T09:59:59", False), ("2026-03-19T10:00:00", True), ("2026-03-20T00:00:00", True)],
)
def test_a_booking_window_hides_a_slot_until_it_is_near(
    consumer_at: Callable[[str], PracticeClient], diary: Diary, moment: str, shown: bool
) -> None:
    slot_id = diary.slot(profile_id=diary.access_profile(window_days=3))
    visitor = consumer_at(f"{moment}+00:00")
    assert on_quiet_day(visitor) == ({slot_id} if shown else set())


@pytest.mark.parametrize(("moment", "shown"), [("09:59:59", True), ("10:00:00", False), ("10:00:01", False)])
def test_a_slot_that_has_begun_is_not_shown(
    consumer_at: Callable[[str], PracticeClient], diary: Diary, moment: str, shown: bool
) -> None:
    slot_id = diary.slot()
    visitor = consumer_at(f"{QUIET_DAY}T{moment}+00:00")
    assert on_quiet_day(visitor) == ({slot_id} if shown else set())


def test_another_practice_s_slots_are_not_shown(neighbour: PracticeClient, diary: Diary) -> None:
    diary.slot()
    assert on_quiet_day(neighbour) == set()


def test_what_an_organisation_may_hold_no_more_of_is_hidden_from_it_alone(
    consumer: PracticeClient, diary: Diary
) -> None:
    profile_id, schedule_id = diary.access_profile(limit=2), diary.schedule()
    hours = [f"{QUIET_DAY}T{hour}:00:00+00:00" for hour in ("09", "10", "11")]
    limited = [diary.slot(hour, schedule_id=schedule_id, profile_id=profile_id) for hour in hours]
    elsewhere = diary.slot(profile_id=profile_id)
    others = f"searchFilter={urls.ODS_ORGANIZATION_CODE}%7CZ9U02"
    slots = {each["id"]: each for each in consumer.free_slots(6, 6)}
    consumer.booked(slots[limited[0]])
    assert on_quiet_day(consumer, A_CODE) == {*limited[1:], elsewhere}
    second = consumer.booked(slots[limited[1]])
    assert on_quiet_day(consumer, A_CODE) == {elsewhere}
    assert on_quiet_day(consumer, others) == on_quiet_day(consumer) == {limited[2], elsewhere}
    consumer.cancel(second)
    assert on_quiet_day(consumer, A_CODE) == {*limited[1:], elsewhere}

"""Booking: every rule, on values alone. The wire tests have each rule too; these have the corners."""

from dataclasses import replace

import pytest

from simulator.domain.appointment import AppointmentStatus
from simulator.domain.availability import ROLES_ALLOWED, AccessProfile
from simulator.domain.booking import book, check_texts, no_longer_free
from simulator.domain.practitioner import JOB_ROLES
from simulator.domain.refusals import DuplicateRejected, InvalidResource
from simulator.domain.slot import SlotStatus
from tests.domain.samples import BOOKING, DIARY, NOW, PROFILE, SCHEDULE, SLOT, START, TEN_MINUTES


def test_a_booking_becomes_an_appointment_of_the_slots() -> None:
    made = book(BOOKING, DIARY, organization_id=1, now=NOW)
    assert (made.id, made.version, made.status) == (0, 1, AppointmentStatus.BOOKED)
    assert (made.start, made.end, made.last_updated) == (START, START + TEN_MINUTES, NOW)
    assert (made.service_type, made.service_category) == (SLOT.service_type, SCHEDULE.service_category)
    assert (made.delivery_channel, made.practitioner_role) == (SLOT.delivery_channel, "R0260")
    assert made.patient_id == 1


def test_a_diary_without_the_schedule_books_nothing() -> None:
    with pytest.raises(InvalidResource, match="practitioner role"):
        book(BOOKING, DIARY._replace(schedule=None), 1, NOW)


@pytest.mark.parametrize("role", sorted(JOB_ROLES))
def test_a_role_is_booked_if_gp_connect_allows_it(role: str) -> None:
    diary = DIARY._replace(schedule=SCHEDULE._replace(practitioner_role=role))
    if role in ROLES_ALLOWED:
        assert book(BOOKING, diary, 1, NOW).practitioner_role == role
    else:
        with pytest.raises(InvalidResource, match="practitioner role"):
            book(BOOKING, diary, 1, NOW)


def test_twenty_roles_are_allowed() -> None:
    assert len(ROLES_ALLOWED) == 20


def test_taken_slots_are_named_and_free_ones_are_not() -> None:
    later = SLOT._replace(id=12, start=SLOT.end, end=SLOT.end + TEN_MINUTES, status=SlotStatus.BUSY)
    diary = DIARY._replace(slots=(SLOT, later))
    booking = BOOKING._replace(slot_ids=(11, 12), end=later.end)
    with pytest.raises(DuplicateRejected, match=r"Slot/12 is no longer free") as refusal:
        book(booking, diary, 1, NOW)
    assert "Slot/11" not in refusal.value.diagnostics


def test_several_taken_slots_are_all_named() -> None:
    assert "Slot/11, Slot/12" in no_longer_free((SLOT, SLOT._replace(id=12))).diagnostics


@pytest.mark.parametrize(
    ("held", "asked", "refused"), [(0, 1, False), (1, 1, False), (2, 1, True), (1, 2, True)]
)
def test_a_limit_counts_what_is_held_and_what_is_asked(held: int, asked: int, refused: bool) -> None:
    slots = [
        SLOT._replace(id=n, start=START + n * TEN_MINUTES, end=START + (n + 1) * TEN_MINUTES)
        for n in range(asked)
    ]
    diary = DIARY._replace(
        slots=slots,
        access_profiles={5: replace(PROFILE, limit_per_organisation=2)},
        slots_held=lambda schedule_id, profile_id: held if (schedule_id, profile_id) == (7, 5) else 99,
    )
    booking = BOOKING._replace(slot_ids=tuple(range(asked)), end=slots[-1].end)
    if refused:
        said = f"may hold 2 slots of Schedule/7 and holds {held}; {asked} more were asked for"
        with pytest.raises(InvalidResource, match=said):
            book(booking, diary, 1, NOW)
    else:
        assert len(book(booking, diary, 1, NOW).slot_ids) == asked


def test_slots_of_two_access_profiles_may_be_booked_together_if_both_are_open() -> None:
    later = SLOT._replace(id=12, start=SLOT.end, end=SLOT.end + TEN_MINUTES, access_profile_id=6)
    booking = BOOKING._replace(slot_ids=(11, 12), end=later.end)
    both_open = DIARY._replace(slots=(SLOT, later), access_profiles={5: PROFILE, 6: AccessProfile(6, "Open")})
    assert book(booking, both_open, 1, NOW).slot_ids == (11, 12)
    one_closed = both_open._replace(
        access_profiles={5: PROFILE, 6: AccessProfile(6, "X", ods_codes=frozenset({"A1A1A"}))}
    )
    with pytest.raises(InvalidResource, match="Slot/12"):
        book(booking, one_closed, 1, NOW)
    one_limited = both_open._replace(
        access_profiles={5: PROFILE, 6: AccessProfile(6, "Few", limit_per_organisation=1)},
        slots_held=lambda schedule_id, profile_id: 1,
    )
    with pytest.raises(InvalidResource, match=r"Slot/12.*may hold 1 slots"):
        book(booking, one_limited, 1, NOW)


@pytest.mark.parametrize(
    ("description", "comment", "element"),
    [("x" * 101, None, "description"), ("x", "y" * 501, "comment"), ("x" * 101, "y" * 501, "description")],
)
def test_a_text_over_its_limit_is_refused(description: str, comment: str | None, element: str) -> None:
    with pytest.raises(InvalidResource, match=f"Appointment.{element}"):
        check_texts(description, comment)


def test_texts_at_their_limits_are_kept() -> None:
    check_texts("x" * 100, "y" * 500)
    check_texts("x", None)

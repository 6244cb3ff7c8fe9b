"""Booking: every rule of turning a request into an appointment.

Source: specification, pages "Book an appointment" and "Slot availability management".
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from simulator.domain.appointment import (
    COMMENT_LIMIT,
    DESCRIPTION_LIMIT,
    Appointment,
    AppointmentStatus,
    BookingOrganisation,
    Participant,
)
from simulator.domain.availability import ROLES_ALLOWED, AccessProfile, Searcher, admits, opening
from simulator.domain.clock import Instant, uk_local
from simulator.domain.refusals import DuplicateRejected, InvalidResource, shown
from simulator.domain.schedule import Schedule
from simulator.domain.slot import Slot, SlotStatus

SHOWN = 5
"""How many slots a diagnostic names."""


class Booking(NamedTuple):
    """What a consumer asks for. `start_sent` and `end_sent` are the texts, for diagnostics."""

    slot_ids: tuple[int, ...]
    start: Instant
    end: Instant
    start_sent: str
    end_sent: str
    created: Instant
    description: str
    comment: str | None
    participants: tuple[Participant, ...]
    booking_organisation: BookingOrganisation
    identifiers: tuple[tuple[str, str], ...] = ()
    priority: int | None = None
    minutes_duration: int | None = None


class Diary(NamedTuple):
    """What the practice's diary says of the slots asked for, read under the write lock.

    `slots` are in order of time; `access_profiles` are by id; `slots_held` counts the slots of a schedule,
    under an access profile, that the booking organisation holds already.
    """

    slots: Sequence[Slot]
    schedule: Schedule | None
    access_profiles: dict[int, AccessProfile]
    slots_held: Callable[[int, int], int]


def book(booking: Booking, diary: Diary, organization_id: int, now: Instant) -> Appointment:
    """Return the appointment that a booking makes, with id 0; raise a refusal where a rule is broken.

    Raises InvalidResource (unknown slot, times, texts, adjacency, availability, the past) and
    DuplicateRejected (a slot is no longer free).
    """
    check_texts(booking.description, booking.comment)
    _slots_exist(booking, diary.slots)
    _in_the_future(booking, now)
    _slots_follow_each_other(diary.slots)
    _times_match(booking, diary.slots)
    _still_free(diary.slots)
    _open_to_the_organisation(booking, diary, now)
    first = diary.slots[0]
    schedule = diary.schedule
    if schedule is None or schedule.practitioner_role not in ROLES_ALLOWED:
        raise _not_bookable(first, "its schedule has no practitioner role that GP Connect allows")
    _participants_match(booking, schedule)
    return Appointment(
        id=0,
        organization_id=organization_id,
        status=AppointmentStatus.BOOKED,
        start=first.start,
        end=diary.slots[-1].end,
        created=booking.created,
        description=booking.description,
        comment=booking.comment,
        slot_ids=tuple([slot.id for slot in diary.slots]),
        participants=booking.participants,
        service_type=first.service_type,
        service_category=schedule.service_category,
        delivery_channel=first.delivery_channel,
        practitioner_role=schedule.practitioner_role,
        booking_organisation=booking.booking_organisation,
        identifiers=booking.identifiers,
        priority=booking.priority,
        version=1,
        last_updated=now,
    )


def check_texts(description: str, comment: str | None) -> None:
    """Raise InvalidResource where a text is longer than is kept: nothing is ever truncated."""
    for element, text, limit in (
        ("description", description, DESCRIPTION_LIMIT),
        ("comment", comment or "", COMMENT_LIMIT),
    ):
        if len(text) > limit:
            raise InvalidResource(
                f"Appointment.{element}: has {len(text)} characters; at most {limit} are allowed"
            )


def no_longer_free(slots: Sequence[Slot]) -> DuplicateRejected:
    """Return the refusal of a booking whose slots somebody else has taken."""
    names = ", ".join(f"Slot/{slot.id}" for slot in slots)
    return DuplicateRejected(f"Appointment.slot: {names} is no longer free; search again and choose another")


def _slots_exist(booking: Booking, slots: Sequence[Slot]) -> None:
    asked = set(booking.slot_ids)
    missing = asked.difference([slot.id for slot in slots])
    if missing:
        names = ", ".join(f"Slot/{slot_id}" for slot_id in sorted(missing)[:SHOWN])
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise InvalidResource(
            f"Appointment.slot: {names}{more} does not exist at this practice; expected slots of a search"
        )
    if len(asked) != len(booking.slot_ids):
        twice = next(slot_id for slot_id in booking.slot_ids if booking.slot_ids.count(slot_id) > 1)
        raise InvalidResource(f"Appointment.slot: names Slot/{twice} more than once; expected each slot once")


def _in_the_future(booking: Booking, now: Instant) -> None:
    if booking.start <= now:
        raise InvalidResource(
            f"Appointment.start: {booking.start_sent} is in the past; expected after {uk_local(now)}"
        )


def _slots_follow_each_other(slots: Sequence[Slot]) -> None:
    for earlier, later in pairwise(slots):
        pair = f"Appointment.slot: Slot/{earlier.id} and Slot/{later.id}"
        if earlier.end != later.start:
            raise InvalidResource(
                f"{pair} are not adjacent: one ends {uk_local(earlier.end)},"
                f" the next starts {uk_local(later.start)}"
            )
        for one, other, name in (
            (earlier.schedule_id, later.schedule_id, "Schedule"),
            (str(earlier.delivery_channel), str(later.delivery_channel), "delivery channel"),
            (earlier.service_type, later.service_type, "serviceType"),
        ):
            if one != other:
                raise InvalidResource(
                    f"{pair} differ in {name}, {shown(one)} and {shown(other)};"
                    " expected the same of slots booked together"
                )


def _times_match(booking: Booking, slots: Sequence[Slot]) -> None:
    for element, sent, came, due in (
        ("start", booking.start_sent, booking.start, slots[0].start),
        ("end", booking.end_sent, booking.end, slots[-1].end),
    ):
        if came != due:
            raise InvalidResource(
                f"Appointment.{element}: {shown(sent)} is not that of the slots; expected {uk_local(due)}"
            )
    minutes = (booking.end - booking.start) // 60
    if booking.minutes_duration not in (None, minutes):
        raise InvalidResource(
            f"Appointment.minutesDuration: {booking.minutes_duration} was sent; expected {minutes}, as from"
            " start to end"
        )


def _participants_match(booking: Booking, schedule: Schedule) -> None:
    """Raise InvalidResource where a patient would be sent elsewhere, or to somebody else, than the slots say.

    Source: specification, page "Book an appointment": the location where it takes place, and who sees the
    patient.
    """
    due = {"Location": schedule.location_id, "Practitioner": schedule.practitioner_id}
    for participant in booking.participants:
        if participant.kind in due and participant.id != due[participant.kind]:
            named = due[participant.kind]
            expected = "none" if named is None else f"{participant.kind}/{named}"
            raise InvalidResource(
                f"Appointment.participant.actor: {participant.kind}/{participant.id} was sent;"
                f" expected {expected}, the {participant.kind} of Schedule/{schedule.id}"
            )


def _still_free(slots: Sequence[Slot]) -> None:
    taken = [slot for slot in slots if slot.status is not SlotStatus.FREE]
    if taken:
        raise no_longer_free(taken)


def _not_bookable(slot: Slot, why: str) -> InvalidResource:
    return InvalidResource(f"Appointment.slot: Slot/{slot.id} cannot be booked through GP Connect: {why}")


@lru_cache(maxsize=256)
def _searcher(organisation_type: str | None, ods_code: str) -> Searcher:
    types = frozenset({organisation_type}) if organisation_type else frozenset[str]()
    return Searcher(types, frozenset({ods_code}))


def _open_to_the_organisation(booking: Booking, diary: Diary, now: Instant) -> None:
    booker = booking.booking_organisation
    searcher = _searcher(booker.organisation_type, booker.ods_code)
    for slot in diary.slots:
        if slot.access_profile_id is None:
            raise _not_bookable(slot, "the practice has not made it GP Connect bookable")
        profile = diary.access_profiles[slot.access_profile_id]
        if not admits(profile, searcher):
            raise _not_bookable(
                slot,
                f"it is not open to organisation {booker.ods_code}"
                f" of type {booker.organisation_type or '(none sent)'}, as"
                " Appointment.contained[0].identifier and type say",
            )
        bounds = opening(profile, now)
        if slot.start < bounds.earliest:
            raise _not_bookable(slot, f"bookings close {profile.embargo_minutes} minutes before it starts")
        if slot.start > bounds.latest:
            raise _not_bookable(slot, f"bookings open {profile.window_days} days before it starts")
    _within_the_limit(booker, diary)


def _within_the_limit(booker: BookingOrganisation, diary: Diary) -> None:
    if all(profile.limit_per_organisation is None for profile in diary.access_profiles.values()):
        return
    asked: dict[tuple[int, int], list[Slot]] = {}
    for slot in diary.slots:
        asked.setdefault((slot.schedule_id, slot.access_profile_id or 0), []).append(slot)
    for (schedule_id, profile_id), slots in asked.items():
        limit = diary.access_profiles[profile_id].limit_per_organisation
        if limit is None:
            continue
        held = diary.slots_held(schedule_id, profile_id)
        if held + len(slots) > limit:
            raise _not_bookable(
                slots[0],
                f"organisation {booker.ods_code} may hold {limit} slots of Schedule/{schedule_id}"
                f" and holds {held}; {len(slots)} more were asked for",
            )

"""Clinics beside the template week: those that are named cases, and those that a profile asks for daily.

None of them draws on chance: with or without them the rest of a practice's diary is the same.
"""

from collections.abc import Sequence

from seed_data.access_plans import EMBARGOED_CLINIC, AccessPlan, DailyClinics
from seed_data.named_cases import EMBARGOED, ROLE_NOT_ALLOWED
from seed_data.practices import Site
from seed_data.reference import GP, Reference
from seed_data.week_templates import Session
from simulator.domain.practitioner import Practitioner
from simulator.domain.slot import DeliveryChannel

HOUR = 3_600
NOON = 12 * HOUR
CLINIC_SLOTS = 6
CLINIC_MINUTES = 10
WRONG_ROLE = "R1070"
"""The role that the misconfigured clinic carries: of the SDS, but not of those that GP Connect allows."""

CHANNELS = (DeliveryChannel.IN_PERSON, DeliveryChannel.TELEPHONE, DeliveryChannel.VIDEO)


def filler_of(sessions: Sequence[Session], lead: int) -> int | None:
    """Return who is fully booked in some weeks: the last who may be booked at all, and never the lead GP."""
    bookable = {session.practitioner_id for session in sessions if session.is_bookable_by_others} - {lead}
    return max(bookable, default=None)


def give_filler_a_slot(sessions: Sequence[Session], filler: int | None, access_profile_id: int) -> None:
    """Open one slot of a clinician who has none that others may book: a full week needs some."""
    theirs = [session for session in sessions if session.practitioner_id == filler]
    if theirs and not any(any(session.access) for session in theirs):
        theirs[0].access[0] = access_profile_id


def named_clinics(
    sessions: Sequence[Session], site: Site, lead: int, plans: Sequence[AccessPlan], reference: Reference
) -> list[Session]:
    """Return the clinics of a practice that are named cases, in the half-days that its lead GP has free.

    One's role is not allowed although its slots are open; the other's slots can be seen only from some days
    to some hours before. The practice books none of them for itself.
    """
    held: dict[int, list[Session]] = {}
    for session in sessions:
        if session.practitioner_id == lead:
            held.setdefault(session.weekday, []).append(session)
    free = [(weekday, theirs[0].starts[0] < NOON) for weekday, theirs in held.items() if len(theirs) == 1]
    profiles = dict(zip((plan.name for plan in plans), site.access, strict=True))
    open_to_all = next((plan for plan in plans if plan.is_open_to_all), plans[0])
    wanted = (
        (ROLE_NOT_ALLOWED, "Minor illness clinic", WRONG_ROLE, profiles[open_to_all.name].id),
        (EMBARGOED, "Embargoed clinic", "R0260", profiles[EMBARGOED_CLINIC.name].id),
    )
    type_id = reference.slot_type_ids[GP, DeliveryChannel.IN_PERSON][0]
    return [
        _clinic(
            weekday, lead, role, site.locations[0].id, category, (14 if morning_taken else 9) * HOUR,
            CLINIC_SLOTS, CLINIC_MINUTES, (type_id, DeliveryChannel.IN_PERSON), access, case,
        )
        for (weekday, morning_taken), (case, category, role, access) in zip(free, wanted, strict=False)
    ]  # fmt: skip


def daily_clinics(
    site: Site, staff: Sequence[Practitioner], clinics: Sequence[DailyClinics], plans: Sequence[AccessPlan],
    reference: Reference,
) -> list[Session]:  # fmt: skip
    """Return the clinics that a profile asks for daily: one a clinician, at each surgery in turn."""
    profiles = dict(zip((plan.name for plan in plans), site.access, strict=True))
    planned = [clinic for clinic in clinics for _ in range(clinic.clinicians)]
    return [
        _clinic(
            0, who.id, who.job_role, site.locations[n % len(site.locations)].id, "Daily clinic",
            clinic.first_slot * 60, clinic.slots, clinic.minutes,
            (reference.slot_type_ids[GP, CHANNELS[n % 3]][0], CHANNELS[n % 3]), profiles[clinic.access].id,
        )
        for n, (who, clinic) in enumerate(zip(staff, planned, strict=True))
    ]  # fmt: skip


def _clinic(
    weekday: int, practitioner_id: int, role: str, location_id: int, category: str, start: int, count: int,
    minutes: int, kind: tuple[int, DeliveryChannel], access: int, case: str | None = None,
) -> Session:  # fmt: skip
    """Return a session of slots that are all alike, open and never booked by the practice itself."""
    return Session(
        weekday=weekday,
        practitioner_id=practitioner_id,
        job_role=role,
        kind=GP,
        location_id=location_id,
        category=category,
        starts=[start + n * minutes * 60 for n in range(count)],
        minutes=minutes,
        types=[kind] * count,
        access=[access] * count,
        kept=set(range(count)),
        case=case,
    )

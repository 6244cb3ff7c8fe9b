"""The week that a practice's diary repeats, whole: its surgeries, its named clinics and its daily clinics.

It follows from the practice and the profile alone, so that a diary can be carried on later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seed_data.access import open_slots
from seed_data.chance import chance_for
from seed_data.clinics import daily_clinics, filler_of, give_filler_a_slot, named_clinics
from seed_data.lists import list_size
from seed_data.named_cases import FULLY_BOOKED
from seed_data.practices import Site, chance_key, number_of
from seed_data.profile import Bookings, Profile
from seed_data.reference import Reference
from seed_data.week_templates import Session, TemplateSlot, week_of_sessions
from seed_data.working_days import Day
from simulator.domain.practitioner import Practitioner

WEEKS_BETWEEN = 4
"""Of so many weeks one is fully booked at one clinician, beginning with the first whole week."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A session made ready: its slots, and for each how likely it is to be filled when its day comes.

    `certain` are the slots that are booked whatever chance says; `case` is the named case that the
    session's schedules are.
    """

    session: Session
    slots: list[TemplateSlot]
    fills: list[float]
    case: str | None = None
    certain: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PracticeWeek:
    """A practice's sessions, ready to be put on days.

    By weekday the `weekly` ones, and the same as they are in a `full` week; `daily` ones are held every day,
    weekends and bank holidays too.
    """

    weekly: dict[int, list[Stamp]]
    full: dict[int, list[Stamp]]
    daily: list[Stamp]

    def on(self, day: Day) -> list[Stamp]:
        """Return the sessions of a day."""
        if not day.is_working:
            return self.daily
        weekly = self.full if is_full_week(day) else self.weekly
        return weekly.get(day.weekday, []) + self.daily


def is_full_week(day: Day) -> bool:
    """Tell whether a day is in a week when one clinician is fully booked: one of four, from the first on."""
    first_monday = 7 - (day.weekday - day.ahead) % 7
    weeks = (day.ahead - first_monday) // 7
    return weeks >= 0 and weeks % WEEKS_BETWEEN == 0


def practice_week(
    site: Site, practitioners: Sequence[Practitioner], profile: Profile, reference: Reference
) -> PracticeWeek:
    """Return the week of a practice. The last of its practitioners are those of the daily clinics."""
    plans = profile.daily_clinics if site.organization.id == 1 else ()
    ordinary = len(practitioners) - sum(plan.clinicians for plan in plans)
    chance = chance_for(profile.seed, chance_key(site.organization), "week")
    sessions = week_of_sessions(site, practitioners[:ordinary], reference, chance)
    filler = filler_of(sessions, practitioners[0].id)
    number = number_of(site.organization)
    listed = list_size(profile.seed, number, reference) if profile.lists else None
    open_slots(sessions, profile.access, site.access, chance, filler, listed)
    give_filler_a_slot(sessions, filler, site.access[0].id)
    sessions += named_clinics(sessions, site, practitioners[0].id, profile.access, reference)
    weekly = stamps_of(sessions, profile.bookings)
    return PracticeWeek(
        weekly,
        {weekday: _filled(stamps, filler) for weekday, stamps in weekly.items()},
        [
            _stamp(session, profile.bookings)
            for session in daily_clinics(site, practitioners[ordinary:], plans, profile.access, reference)
        ],
    )


def stamps_of(sessions: Sequence[Session], bookings: Bookings) -> dict[int, list[Stamp]]:
    """Return a template week's sessions by weekday, ready to be put on days."""
    stamps: dict[int, list[Stamp]] = {}
    for session in sessions:
        stamps.setdefault(session.weekday, []).append(_stamp(session, bookings))
    return stamps


def _stamp(session: Session, bookings: Bookings) -> Stamp:
    fills = [
        0.0 if n in session.kept else bookings.filled if access is None else bookings.filled_of_bookable
        for n, access in enumerate(session.access)
    ]
    return Stamp(session, session.slots(), fills, session.case)


def _filled(stamps: list[Stamp], filler: int | None) -> list[Stamp]:
    """Return a day's sessions with every bookable slot of one clinician booked; whose sessions come first.

    First, so that there are patients left to book them for.
    """
    theirs = [
        Stamp(stamp.session, stamp.slots, stamp.fills, FULLY_BOOKED, certain)
        for stamp in stamps
        if stamp.session.practitioner_id == filler
        and (certain := tuple(n for n, access in enumerate(stamp.session.access) if access is not None))
    ]
    whose = {id(stamp.session) for stamp in theirs}
    return theirs + [stamp for stamp in stamps if id(stamp.session) not in whose]

"""Diaries of practices, from the first day on or carried on later: the same either way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from seed_data.chance import chance_for
from seed_data.diaries import Callers, Diary, DiaryWriter, FirstIds, booked_ahead
from seed_data.named_cases import MANY_APPOINTMENTS, ONE_CANCELLED, ORDINARY_BOOKERS
from seed_data.practice_weeks import practice_week
from seed_data.practices import Site, chance_key
from seed_data.profile import Profile
from seed_data.reference import Reference
from seed_data.working_days import Day, diary_days
from simulator.domain.clock import start_of_day
from simulator.domain.practitioner import Practitioner


@dataclass(frozen=True, slots=True)
class Staffed:
    """A practice with its practitioners, and whom it books for."""

    site: Site
    practitioners: Sequence[Practitioner]
    callers: Callers


class PracticeDiaries:
    """What the diaries of all practices of a database have in common: profile, first day, bookings made."""

    def __init__(self, profile: Profile, reference: Reference, first_day: date, days: int) -> None:
        self._profile, self._reference, self._first_day = profile, reference, first_day
        self._days = diary_days(first_day, days)
        self._ahead = booked_ahead(reference.lead_times, days)

    def days_after(self, day: date | None) -> list[Day]:
        """Return the days after one, or every day."""
        return [each for each in self._days if day is None or each.day > day]

    def write(self, practice: Staffed, ids: FirstIds, days: Sequence[Day]) -> Diary:
        """Return a practice's diary on some of the days; `ids` is brought up to date as ids are given."""
        site, profile = practice.site, self._profile
        week = practice_week(site, practice.practitioners, profile, self._reference)
        writer = DiaryWriter(
            site.organization.id,
            practice.callers,
            profile.bookings,
            profile.lists.bookings_made if profile.lists else 1,
            self._reference.reasons,
            start_of_day(self._first_day),
            ids,
            partial(chance_for, profile.seed, chance_key(site.organization), "bookings"),
        )
        return writer.write([day for day in days if day.is_working or week.daily], week, self._ahead)


def callers_of(born: Mapping[int, date], cases: Mapping[str, int], today: date) -> Callers:
    """Return whom a practice books for: everyone but the cases that are about appointments or absence.

    `born` has dates of birth by patient id.
    """
    left_out = {id_ for case, id_ in cases.items() if case not in ORDINARY_BOOKERS}
    return Callers(
        {id_: _cards(birth_date, today) for id_, birth_date in born.items() if id_ not in left_out},
        often=cases.get(MANY_APPOINTMENTS),
        cancelled=cases.get(ONE_CANCELLED),
    )


def _cards(birth_date: date, today: date) -> int:
    """Return how often a patient comes, as cards among those drawn: the old and the very young come more."""
    age = (today - birth_date).days // 365
    return 3 if age >= 65 else 2 if age < 5 else 1

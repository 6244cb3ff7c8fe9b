"""What a search shows of a practice's diary, each resource of it rendered once.

A search then only chooses and joins: what it costs is given by the days it covers and by what it returns.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Self

from simulator.domain.availability import LATEST_INSTANT, ROLES_ALLOWED, AccessProfile, Opening
from simulator.domain.clock import Instant
from simulator.domain.organization import Organization
from simulator.domain.schedule import Schedule
from simulator.domain.slot import Slot, SlotStatus
from simulator.fhir.location import render_location
from simulator.fhir.organization import render_organization
from simulator.fhir.pieces import Pieces, entry, schedule_entry
from simulator.fhir.practitioner import render_practitioner
from simulator.fhir.resource import written
from simulator.fhir.searchset import write_searchset
from simulator.interactions.diary_day import DiaryDay, Session, Shown
from simulator.store.database import Store, Transaction

MOST_BOOKERS = 100
"""Of how many organisations it is kept which limits they have reached."""


class Sitting:
    """A schedule: who sits where; it is put into pieces when it is first shown."""

    __slots__ = ("_schedule", "location_id", "pieces", "practitioner_id")

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self.pieces: Pieces = ()
        self.practitioner_id = schedule.practitioner_id
        self.location_id = schedule.location_id

    def put_together(self) -> Pieces:
        """Return the schedule as an entry of a Bundle, and keep it as `pieces`."""
        self.pieces = schedule_entry(self._schedule)
        return self.pieces


class BookableDiary:
    """The free slots of one practice that GP Connect can book, with all that may come with them."""

    def __init__(
        self,
        profiles: Sequence[AccessProfile],
        schedules: dict[int, Sitting],
        practitioners: dict[int, bytes],
        locations: dict[int, bytes],
        organization: bytes,
    ) -> None:
        """Begin without slots; the dictionaries are by id, in its order; texts are entries of a Bundle."""
        self.profiles = profiles
        self._limits = {
            each.id: each.limit_per_organisation
            for each in profiles
            if each.limit_per_organisation is not None
        }
        self._schedules = schedules
        self._practitioners = practitioners
        self._locations = locations
        self._organization = organization
        self._days: list[DiaryDay] = []
        self._full: dict[str, frozenset[Session]] = {}

    @classmethod
    def read(cls, organization: Organization, transaction: Transaction, now: Instant) -> Self:
        """Return a practice's diary from an instant on."""
        profiles = transaction.practices.access_profiles(organization.id)
        everything = [Opening(profile.id, now, LATEST_INSTANT) for profile in profiles]
        slots = transaction.slots.free(everything, now, LATEST_INSTANT)
        schedules = [
            schedule
            for schedule in transaction.slots.schedules({slot.schedule_id for slot in slots})
            if schedule.practitioner_role in ROLES_ALLOWED
        ]
        practitioner_ids = {each.practitioner_id for each in schedules if each.practitioner_id is not None}
        diary = cls(
            profiles,
            {each.id: Sitting(each) for each in schedules},
            {
                each.id: entry(written(render_practitioner(each)))
                for each in transaction.practices.practitioners(organization.id, practitioner_ids)
            },
            {
                each.id: entry(written(render_location(each)))
                for each in transaction.practices.locations(organization.id)
            },
            entry(written(render_organization(organization))),
        )
        diary.mend(slots)
        return diary

    def __len__(self) -> int:
        """Return how many slots are kept."""
        return sum(len(day.slots) for day in self._days)

    def knows(self, slots: Iterable[Slot]) -> bool:
        """Tell whether the schedules of slots are kept: they may have been full when the diary was read."""
        return all(slot.schedule_id in self._schedules for slot in slots)

    def mend(self, slots: Iterable[Slot]) -> None:
        """Take in slots as they are now."""
        self._full.clear()
        for slot in slots:
            if slot.access_profile_id is not None and slot.schedule_id in self._schedules:
                day = self._day(slot.start)
                day.remove(slot)
                if slot.status is SlotStatus.FREE:
                    day.add(slot)

    def _day(self, start: Instant) -> DiaryDay:
        place = bisect_right(self._days, start, key=_begin)
        if place and start < self._days[place - 1].next:
            return self._days[place - 1]
        day = DiaryDay(start)
        self._days.insert(place, day)
        return day

    def full(self, ods_codes: Collection[str], store: Store) -> frozenset[Session]:
        """Return the sessions of which one of some organisations holds as many slots as it may."""
        if not self._limits:
            return frozenset()
        unknown = [ods_code for ods_code in ods_codes if ods_code not in self._full]
        if unknown:
            if len(self._full) + len(unknown) > MOST_BOOKERS:
                self._full.clear()
            with store.reading() as transaction:
                for ods_code in ods_codes:
                    self._full[ods_code] = self._full_for(ods_code, transaction)
        return frozenset().union(*(self._full[ods_code] for ods_code in ods_codes))

    def _full_for(self, ods_code: str, transaction: Transaction) -> frozenset[Session]:
        limits = self._limits
        slots = chain.from_iterable(day.slots for day in self._days)
        sessions = {
            (slot.schedule_id, slot.access_profile_id or 0)
            for slot in slots
            if slot.access_profile_id in limits
        }
        held = transaction.appointments.held_in({schedule_id for schedule_id, _ in sessions}, ods_code)
        return frozenset(each for each in sessions if held.get(each, 0) >= limits[each[1]])

    def searchset(
        self,
        openings: Sequence[Opening],
        start: Instant,
        end: Instant,
        full: frozenset[Session],
        practitioners: bool,
        locations: bool,
    ) -> bytes:
        """Return a Bundle, as JSON, of slots and their schedules, and what else is asked for, each once.

        The slots are those of the openings that lie wholly between two instants, in order of time, but for
        those of full sessions. The organisation comes whenever there are slots.
        """
        entries: list[bytes] = []
        schedule_ids: set[int] = set()
        for shown in self._shown(openings, start, end, full):
            entries += shown.pieces
            schedule_ids |= shown.schedule_ids
        sittings = [self._schedules[each] for each in sorted(schedule_ids)]
        for sitting in sittings:
            entries += sitting.pieces or sitting.put_together()
        if practitioners:
            there = {each.practitioner_id for each in sittings}
            entries += [
                text for practitioner_id, text in self._practitioners.items() if practitioner_id in there
            ]
        if locations:
            where = {each.location_id for each in sittings}
            entries += [text for location_id, text in self._locations.items() if location_id in where]
        if entries:
            entries.append(self._organization)
        return write_searchset(entries)

    def _shown(
        self, openings: Sequence[Opening], start: Instant, end: Instant, full: frozenset[Session]
    ) -> Iterator[Shown]:
        """Yield what each day shows; what is open is looked at anew only where that can have changed."""
        first = max(bisect_right(self._days, start, key=_begin) - 1, 0)
        seen: tuple[int, ...] | None = None
        same_until = 0
        for day in self._days[first : bisect_left(self._days, end, key=_begin)]:
            if seen is None or day.end > same_until:
                seen = day.seen(openings)
                if seen is not None:
                    bounds = [bound for each in openings for bound in each[1:] if bound >= day.end]
                    same_until = min(bounds, default=LATEST_INSTANT)
            in_part = seen is None or start > day.begin or end < day.end
            if seen is None or in_part or (full and day.has_any_of(full)):
                yield day.part(openings, start, end, full)
            else:
                yield day.whole(seen)


_begin: Callable[[DiaryDay], Instant] = attrgetter("begin")

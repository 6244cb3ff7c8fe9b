"""What a search shows of a practice's diary, each resource of it written once.

A search then only chooses and joins: what it costs is given by the slots of its period.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Self

from simulator.domain.availability import ROLES_ALLOWED, AccessProfile, Stretch, access_rules
from simulator.domain.clock import Instant
from simulator.domain.organization import Organization
from simulator.domain.slot import Slot, SlotStatus
from simulator.fhir.entries import entry
from simulator.fhir.location import render_location
from simulator.fhir.organization import render_organization
from simulator.fhir.practitioner import render_practitioner
from simulator.fhir.resource import written
from simulator.fhir.searchset import write_searchset
from simulator.interactions.diary_slots import DiarySlots, Session
from simulator.interactions.sittings import Sittings
from simulator.store.database import Store, Transaction

ANYBODY = ""
"""What stands in place of an ODS code where a session is full for every organisation."""


class BookableDiary:
    """The free slots of one practice that GP Connect can book, with all that may come with them.

    Access profiles have numbers, from 0, in order of id.
    """

    def __init__(
        self,
        profiles: Sequence[AccessProfile],
        free: Iterable[Slot],
        sittings: Sittings,
        organization: bytes,
    ) -> None:
        """Take in profiles in order of id, slots in order of time, the practice as an entry of a Bundle."""
        self._profile_ids = [each.id for each in profiles]
        self._numbers: dict[int | None, int] = {
            profile_id: number for number, profile_id in enumerate(self._profile_ids)
        }
        self.rules = access_rules(
            tuple(replace(each, id=number, name="") for number, each in enumerate(profiles))
        )
        self._limits = {
            each.id: each.limit_per_organisation
            for each in self.rules.profiles
            if each.limit_per_organisation is not None
        }
        self._sittings = sittings
        self._organization = organization
        self._slots = DiarySlots(list(filter(self._can_be_shown, free)), sittings.numbers, self._numbers)
        self._full: dict[str, set[Session]] | None = None

    @classmethod
    def read(cls, organization: Organization, transaction: Transaction, now: Instant) -> Self:
        """Return a practice's diary from an instant on."""
        slots = transaction.slots.bookable(organization.id, now)
        schedules = [
            schedule
            for schedule in transaction.slots.schedules({slot.schedule_id for slot in slots})
            if schedule.practitioner_role in ROLES_ALLOWED
        ]
        practitioner_ids = {each.practitioner_id for each in schedules if each.practitioner_id is not None}
        practitioners = {
            each.id: entry(written(render_practitioner(each)))
            for each in transaction.practices.practitioners(organization.id, practitioner_ids)
        }
        locations = {
            each.id: entry(written(render_location(each)))
            for each in transaction.practices.locations(organization.id)
        }
        return cls(
            transaction.practices.access_profiles(organization.id),
            slots,
            Sittings(schedules, practitioners, locations),
            entry(written(render_organization(organization))),
        )

    def __len__(self) -> int:
        """Return how many slots are kept."""
        return len(self._slots)

    @property
    def size(self) -> int:
        """Return how many bytes of text are kept."""
        return self._slots.size + self._sittings.size + len(self._organization)

    def knows(self, slots: Iterable[Slot]) -> bool:
        """Tell whether the schedules of slots are kept: they may have been full when the diary was read."""
        return all(slot.schedule_id in self._sittings.numbers for slot in slots)

    def mend(self, slots: Iterable[Slot]) -> None:
        """Take in slots as they are now; they may have been there before."""
        for slot in slots:
            self._slots.remove(slot)
            if not self._can_be_shown(slot):
                continue
            if self._numbers[slot.access_profile_id] in self._limits:
                self._full = None
            if slot.status is SlotStatus.FREE:
                self._slots.add(slot)

    def _can_be_shown(self, slot: Slot) -> bool:
        return slot.schedule_id in self._sittings.numbers and slot.access_profile_id in self._numbers

    def full(self, ods_codes: Collection[str], store: Store) -> set[Session]:
        """Return the sessions of which one of some organisations holds as many slots as it may."""
        if not self._limits or not ods_codes:
            return set()
        if self._full is None:
            self._full = self._look_up_full(store)
        anybody = self._full[ANYBODY]
        return anybody.union(*(self._full.get(ods_code, ()) for ods_code in ods_codes))

    def _look_up_full(self, store: Store) -> dict[str, set[Session]]:
        """Return, by ODS code, the sessions of which organisations hold as many slots as they may."""
        schedule_ids, profile_ids = self._sittings.schedule_ids, self._profile_ids
        sessions = {
            (schedule_ids[sitting], profile_ids[profile]): (sitting, profile)
            for sitting, profile in self._slots.sessions(self._limits)
        }
        closed = {session for session in sessions.values() if self._limits[session[1]] <= 0}
        full = defaultdict(set, {ANYBODY: closed})
        held = store.glance().slots.held({schedule_id for schedule_id, _ in sessions})
        for schedule_id, profile_id, ods_code, number in held:
            session = sessions.get((schedule_id, profile_id))
            if session and number >= self._limits[session[1]]:
                full[ods_code].add(session)
        return full

    def searchset(
        self,
        start: Instant,
        end: Instant,
        stretches: Iterable[Stretch],
        full: Collection[Session],
        practitioners: bool,
        locations: bool,
    ) -> bytes:
        """Return a Bundle, as JSON, of slots and their schedules, and what else is asked for, each once.

        The slots are those, in order of time, that lie wholly in a period, of which the stretches say what is
        open, but for those of full sessions. The organisation comes whenever there are slots.
        """
        entries, sittings = self._slots.shown(start, end, stretches, full)
        if entries:
            entries += self._sittings.entries(sittings, practitioners, locations)
            entries.append(self._organization)
        return write_searchset(entries)

"""One day of a practice's diary as searches show it.

Whoever sees the same access profiles sees the same slots of a day, so their JSON is joined once for all of
them, until one of the slots is taken or let go.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from simulator.domain.availability import Opening
from simulator.domain.clock import Instant, end_of_day, start_of_day, uk_date
from simulator.domain.slot import Slot
from simulator.fhir.resource import written
from simulator.fhir.searchset import joined_entries
from simulator.fhir.slot import render_slot

Session = tuple[int, int]
"""A schedule and an access profile: what a limit for each organisation is counted in."""

in_order_of_time: Callable[[Slot], tuple[Instant, int]] = attrgetter("start", "id")


class Shown(NamedTuple):
    """Some slots as JSON, joined as entries of a Bundle, and the schedules they are of."""

    text: bytes
    schedule_ids: frozenset[int]


NOTHING = Shown(b"", frozenset())


class DiaryDay:
    """The free slots of one UK day that GP Connect can book, in order of time."""

    def __init__(self, any_start: Instant) -> None:
        """Begin without slots; `any_start` is within the day."""
        day = uk_date(any_start)
        self.begin = start_of_day(day)
        self.next = self.end = end_of_day(day)
        self.slots: list[Slot] = []
        self._texts: dict[int, bytes] = {}
        self._shown: dict[tuple[int, ...], Shown] = {}
        self._sessions: frozenset[Session] = frozenset()

    def add(self, slot: Slot) -> None:
        """Put a slot in; it is not there yet."""
        insort(self.slots, slot, key=in_order_of_time)
        # A session late in the evening can end on the day after.
        self.end = max(self.end, slot.end)
        self._changed()

    def remove(self, slot: Slot) -> None:
        """Take a slot out, if it is there, as it was or in a later version."""
        place = bisect_left(self.slots, in_order_of_time(slot), key=in_order_of_time)
        if place < len(self.slots) and self.slots[place].id == slot.id:
            del self.slots[place]
            self._texts.pop(slot.id, None)
            self._changed()

    def _changed(self) -> None:
        self._shown.clear()
        self._sessions = frozenset((each.schedule_id, each.access_profile_id or 0) for each in self.slots)

    def shown(
        self, openings: Iterable[Opening], start: Instant, end: Instant, full: Collection[Session]
    ) -> Shown:
        """Return the slots of the openings wholly between two instants, but for those of full sessions."""
        wholly: list[int] = []
        day_begins, day_ends = self.begin, self.end
        in_part = start > day_begins or end < day_ends or not self._sessions.isdisjoint(full)
        for access_profile_id, earliest, latest in openings:
            if earliest <= day_begins and latest >= day_ends:
                wholly.append(access_profile_id)
            elif earliest < day_ends and latest >= day_begins:
                in_part = True
        if in_part:
            return self._join(self._some(openings, start, end, full))
        seen = tuple(wholly)
        found = self._shown.get(seen)
        if found is None:
            found = self._join([slot for slot in self.slots if slot.access_profile_id in seen])
            self._shown[seen] = found
        return found

    def _some(
        self, openings: Iterable[Opening], start: Instant, end: Instant, full: Collection[Session]
    ) -> list[Slot]:
        bounds = {each.access_profile_id: (max(each.earliest, start), each.latest) for each in openings}
        nowhere = (end, start)
        found = []
        for slot in self.slots:
            profile_id = slot.access_profile_id or 0
            earliest, latest = bounds.get(profile_id, nowhere)
            is_open = earliest <= slot.start <= latest and slot.end <= end
            if is_open and (slot.schedule_id, profile_id) not in full:
                found.append(slot)
        return found

    def _join(self, slots: Sequence[Slot]) -> Shown:
        if not slots:
            return NOTHING
        for slot in slots:
            if slot.id not in self._texts:
                self._texts[slot.id] = written(render_slot(slot))
        return Shown(
            joined_entries([self._texts[slot.id] for slot in slots]),
            frozenset(slot.schedule_id for slot in slots),
        )

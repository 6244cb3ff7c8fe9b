"""One day of a practice's diary as searches show it.

Whoever sees the same access profiles sees the same slots of a day, so these are put together once for all of
them, until one of the slots is taken or let go.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from simulator.domain.availability import Opening
from simulator.domain.clock import Instant, end_of_day, start_of_day, uk_date
from simulator.domain.slot import Slot
from simulator.fhir.pieces import slot_entry

Session = tuple[int, int]
"""A schedule and an access profile: what a limit for each organisation is counted in."""

in_order_of_time: Callable[[Slot], tuple[Instant, int]] = attrgetter("start", "id")


class Shown(NamedTuple):
    """Some slots as entries of a Bundle, in pieces, and the schedules they are of."""

    pieces: tuple[bytes, ...]
    schedule_ids: frozenset[int]


class DiaryDay:
    """The free slots of one UK day that GP Connect can book, in order of time."""

    def __init__(self, any_start: Instant) -> None:
        """Begin without slots; `any_start` is within the day."""
        day = uk_date(any_start)
        self.begin = start_of_day(day)
        self.next = self.end = end_of_day(day)
        self.slots: list[Slot] = []
        self._shown: dict[tuple[int, ...], Shown] = {}

    def add(self, slot: Slot) -> None:
        """Put a slot in; it is not there yet."""
        insort(self.slots, slot, key=in_order_of_time)
        # A session late in the evening can end on the day after.
        self.end = max(self.end, slot.end)
        self._shown.clear()

    def remove(self, slot: Slot) -> None:
        """Take a slot out, if it is there, as it was or in a later version."""
        place = bisect_left(self.slots, in_order_of_time(slot), key=in_order_of_time)
        if place < len(self.slots) and self.slots[place].id == slot.id:
            del self.slots[place]
            self._shown.clear()

    def has_any_of(self, sessions: Collection[Session]) -> bool:
        """Tell whether a slot is of one of some sessions."""
        return any((slot.schedule_id, slot.access_profile_id or 0) in sessions for slot in self.slots)

    def seen(self, openings: Iterable[Opening]) -> tuple[int, ...] | None:
        """Return the access profiles that are open all day; None where one is open for a part of it."""
        wholly: list[int] = []
        for access_profile_id, earliest, latest in openings:
            if earliest <= self.begin and latest >= self.end:
                wholly.append(access_profile_id)
            elif earliest < self.end and latest >= self.begin:
                return None
        return tuple(wholly)

    def whole(self, seen: tuple[int, ...]) -> Shown:
        """Return all slots of some access profiles."""
        found = self._shown.get(seen)
        if found is None:
            found = _shown([slot for slot in self.slots if slot.access_profile_id in seen])
            self._shown[seen] = found
        return found

    def part(
        self, openings: Iterable[Opening], start: Instant, end: Instant, full: Collection[Session]
    ) -> Shown:
        """Return the slots of the openings wholly between two instants, but for those of full sessions."""
        return _shown(self._some(openings, start, end, full))

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


def _shown(slots: Sequence[Slot]) -> Shown:
    return Shown(
        tuple(chain.from_iterable(map(slot_entry, slots))), frozenset(slot.schedule_id for slot in slots)
    )

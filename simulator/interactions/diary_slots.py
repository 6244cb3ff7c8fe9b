"""The slots of a practice's diary as searches go through them: one column for each thing that they ask.

A search looks at all slots of its period, and at little of each. Columns hold that little close together, and
what a search needs is cut out of each at once. What a slot looks like is written once, whoever is shown it.
"""

import operator
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, MutableSequence, Sequence
from functools import lru_cache
from itertools import compress
from typing import Any

from simulator.domain.availability import Stretch
from simulator.domain.clock import Instant
from simulator.domain.slot import Slot
from simulator.fhir.entries import slot_entry

Session = tuple[int, int]
"""A sitting and an access profile, by number: what a limit for each organisation is counted in."""


class DiarySlots:
    """Free slots that GP Connect can book, in order of time; those that start together in order of id."""

    def __init__(
        self, slots: Sequence[Slot], sittings: Mapping[int, int], profiles: Mapping[int | None, int]
    ) -> None:
        """Begin with some slots, in order; the mappings give schedules and access profiles their numbers."""
        self._sitting_of, self._profile_of = sittings, profiles
        self._starts = array("q", [slot.start for slot in slots])
        self._ends = array("q", [slot.end for slot in slots])
        self._ids = array("q", [slot.id for slot in slots])
        self._sittings = [sittings[slot.schedule_id] for slot in slots]
        # Of each slot the number as a character: what is open is then told of all by one translation.
        self._profiles = "".join([chr(profiles[slot.access_profile_id]) for slot in slots])
        self._entries = [slot_entry(slot) for slot in slots]
        self._longest = max((slot.end - slot.start for slot in slots), default=0)
        self.size = sum(map(len, self._entries))

    def __len__(self) -> int:
        """Return how many slots there are."""
        return len(self._ids)

    def add(self, slot: Slot) -> None:
        """Put a slot in; it is not there yet."""
        place, entry = self._place(slot), slot_entry(slot)
        profile = chr(self._profile_of[slot.access_profile_id])
        self._starts.insert(place, slot.start)
        self._ends.insert(place, slot.end)
        self._ids.insert(place, slot.id)
        self._sittings.insert(place, self._sitting_of[slot.schedule_id])
        self._profiles = self._profiles[:place] + profile + self._profiles[place:]
        self._entries.insert(place, entry)
        self._longest = max(self._longest, slot.end - slot.start)
        self.size += len(entry)

    def remove(self, slot: Slot) -> None:
        """Take a slot out, if it is there, as it was or in a later version."""
        place = self._place(slot)
        if place == len(self) or self._ids[place] != slot.id:
            return
        self.size -= len(self._entries[place])
        columns: tuple[MutableSequence[Any], ...] = (
            self._starts, self._ends, self._ids, self._sittings, self._entries,
        )  # fmt: skip
        for column in columns:
            del column[place]
        self._profiles = self._profiles[:place] + self._profiles[place + 1 :]

    def _place(self, slot: Slot) -> int:
        """Return where a slot is, or would be."""
        place = bisect_left(self._starts, slot.start)
        while place < len(self) and self._starts[place] == slot.start and self._ids[place] < slot.id:
            place += 1
        return place

    def sessions(self, profiles: Collection[int]) -> set[Session]:
        """Return the sessions of some access profiles."""
        every = zip(self._sittings, map(ord, self._profiles), strict=True)
        return {session for session in every if session[1] in profiles}

    def shown(
        self, start: Instant, end: Instant, stretches: Iterable[Stretch], full: Collection[Session]
    ) -> tuple[list[bytes], set[int]]:
        """Return the open slots of a period, as entries of a Bundle, and the sittings that they are of.

        The stretches are those of the period; slots of full sessions are left out.
        """
        first = last = bisect_left(self._starts, start)
        opened = ""
        for until, profiles in stretches:
            begin, last = last, bisect_left(self._starts, until, last)
            opened += self._profiles[begin:last].translate(_choice(profiles))
        is_open = bytearray(opened.encode())
        place = last
        while place > first and self._starts[place - 1] + self._longest > end:
            place -= 1
            is_open[place - first] &= self._ends[place] <= end
        sittings = self._sittings[first:last]
        if full:
            sessions = zip(sittings, map(ord, self._profiles[first:last]), strict=True)
            is_open = bytearray(map(operator.gt, is_open, map(full.__contains__, sessions)))
        return list(compress(self._entries[first:last], is_open)), set(compress(sittings, is_open))


@lru_cache(maxsize=1024)
def _choice(profiles: frozenset[int]) -> Mapping[int, str]:
    """Return what makes of the number of an access profile a 1 where it is one of some, else a 0."""
    return defaultdict(lambda: "\0", dict.fromkeys(profiles, "\1"))

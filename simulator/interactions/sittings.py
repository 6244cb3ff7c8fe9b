"""The schedules of a practice's diary, with who sits and where, as entries of a Bundle.

They have numbers, from 0, in order of id, and so have the practitioners and locations: what comes with the
slots of a search is found in sets of small numbers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from simulator.domain.schedule import Schedule
from simulator.fhir.entries import schedule_entry


class Sittings:
    """Schedules in order of id; one whose practitioner or location is unknown comes without."""

    def __init__(
        self,
        schedules: Sequence[Schedule],
        practitioners: Mapping[int, bytes],
        locations: Mapping[int, bytes],
    ) -> None:
        """Take in schedules, and entries of practitioners and locations by id; all in order of id."""
        self.schedule_ids = [each.id for each in schedules]
        self.numbers = {schedule_id: number for number, schedule_id in enumerate(self.schedule_ids)}
        self._entries = [schedule_entry(each) for each in schedules]
        self._practitioners = [*practitioners.values(), b""]
        self._locations = [*locations.values(), b""]
        self._who = _places((each.practitioner_id for each in schedules), practitioners)
        self._where = _places((each.location_id for each in schedules), locations)
        self.size = sum(map(len, (*self._entries, *self._practitioners, *self._locations)))

    def entries(self, numbers: Collection[int], practitioners: bool, locations: bool) -> list[bytes]:
        """Return entries of schedules and, as wanted, of their practitioners and locations, each once."""
        ordered = sorted(numbers)
        found = [self._entries[number] for number in ordered]
        if practitioners:
            there = {self._who[number] for number in ordered}
            found += [self._practitioners[place] for place in sorted(there)]
        if locations:
            there = {self._where[number] for number in ordered}
            found += [self._locations[place] for place in sorted(there)]
        return found


def _places(ids: Iterable[int | None], among: Mapping[int, bytes]) -> list[int]:
    """Return where each of some ids stands among all; behind the last where it is none of them."""
    places = {each: place for place, each in enumerate(among)}
    return [len(among) if each is None else places.get(each, len(among)) for each in ids]

"""What a seeding made, in numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from seed_data.access_plans import AccessPlan
from seed_data.diaries import NOT_GP_CONNECT, Diary


@dataclass(frozen=True, slots=True)
class SlotsOfKind:
    """How many slots there are under an access profile, or under none."""

    kind: str
    free: int
    booked: int


@dataclass(frozen=True, slots=True)
class SeedSummary:
    """The finished database: counts, size in bytes, and the seconds it took.

    `practices` are those where GP Connect is on; `people` are on the national record.
    """

    path: Path
    profile: str
    seed: int
    first_day: date
    last_day: date
    practices: int
    switched_off: int
    surgeries: int
    practitioners: int
    patients: int
    people: int
    schedules: int
    slots: int
    kinds: tuple[SlotsOfKind, ...]
    appointments: int
    size: int
    seconds: float

    @property
    def bytes_per_slot(self) -> float:
        """Return the size of the whole file over the number of slots; 0 where there are none."""
        return self.size / self.slots if self.slots else 0.0

    @property
    def slots_per_second(self) -> float:
        """Return the rate of the whole seeding."""
        return self.slots / self.seconds if self.seconds else 0.0


class SlotCount:
    """Counts slots of all practices by kind, as their diaries are made."""

    def __init__(self, plans: Sequence[AccessPlan]) -> None:
        self._names = ["Not GP Connect bookable", *(plan.name for plan in plans)]
        self._total: Counter[int] = Counter()
        self._booked: Counter[int] = Counter()

    def add(self, diary: Diary, first_profile_id: int) -> None:
        """Count a practice's diary; its access profiles are numbered from `first_profile_id`."""
        for counts, of_diary in ((self._total, diary.total), (self._booked, diary.booked)):
            for profile_id, number in of_diary.items():
                kind = 0 if profile_id == NOT_GP_CONNECT else profile_id - first_profile_id + 1
                counts[kind] += number

    def kinds(self) -> tuple[SlotsOfKind, ...]:
        """Return the counts, slots that are not GP Connect bookable first, then as the profile has them."""
        return tuple(
            SlotsOfKind(name, self._total[kind] - self._booked[kind], self._booked[kind])
            for kind, name in enumerate(self._names)
        )

    def slots(self) -> int:
        """Return how many slots there are in all."""
        return self._total.total()

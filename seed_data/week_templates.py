"""The week a practice's diary repeats: who holds which surgery where, its slots, and who may book them.

A template week is made once for a practice and then stamped on every working week, as practices do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from seed_data.chance import Chance, pick
from seed_data.practices import Site
from seed_data.reference import GP, PARTS, Pattern, Reference, SessionTime
from simulator.domain.availability import ROLES_ALLOWED
from simulator.domain.practitioner import Practitioner
from simulator.domain.slot import DeliveryChannel

LEAD_GP = Pattern(full_days=3, half_days=2)
"""The first GP of a practice is there every working day, so that no day is without a bookable surgery."""

BREAK_MINUTES = 20
LONG_SURGERY = 150
MAIN_SITE_SHARE = 0.6

TemplateSlot = tuple[int, int, int, str, int | None]
"""Seconds after midnight, minutes, slot type id, delivery channel, access profile id or None."""


@dataclass(slots=True)
class Session:
    """One clinician's surgery on one weekday. `access` has the access profile of each slot, None for most.

    `kept` are the slots that the practice itself never books. Times are seconds after midnight. `case` says
    which named case its schedules are, None for most.
    """

    weekday: int
    practitioner_id: int
    job_role: str
    kind: str
    location_id: int
    category: str
    starts: list[int]
    minutes: int
    types: list[tuple[int, DeliveryChannel]]
    access: list[int | None]
    kept: set[int] = field(default_factory=set)
    case: str | None = None

    @property
    def end(self) -> int:
        """Return when the last slot ends."""
        return self.starts[-1] + self.minutes * 60

    @property
    def is_bookable_by_others(self) -> bool:
        """Tell whether its slots may be marked GP Connect bookable: the job role must be of the value set."""
        return self.job_role in ROLES_ALLOWED

    def slots(self) -> list[TemplateSlot]:
        """Return its slots, in order."""
        return [
            (start, self.minutes, type_id, channel.value, access)
            for start, (type_id, channel), access in zip(self.starts, self.types, self.access, strict=True)
        ]

    def follow_on(self, first: int, count: int) -> bool:
        """Tell whether `count` slots from `first` are unassigned, alike and without a gap."""
        last = first + count - 1
        return (
            last < len(self.starts)
            and self.starts[last] - self.starts[first] == (count - 1) * self.minutes * 60
            and all(
                self.types[n] == self.types[first] and self.access[n] is None for n in range(first, last + 1)
            )
        )


def week_of_sessions(
    site: Site, practitioners: Sequence[Practitioner], reference: Reference, chance: Chance
) -> list[Session]:
    """Return a practice's sessions of one week, none yet open to outside organisations, in order of time."""
    loads = dict.fromkeys(reference.weekdays, 0.0)
    gp_minutes = reference.slot_minutes[GP].draw(chance)
    sessions: list[Session] = []
    for n, practitioner in enumerate(practitioners):
        kind = reference.kinds[practitioner.job_role]
        pattern = LEAD_GP if n == 0 else reference.patterns[kind].draw(chance)
        times = {part: reference.session_times[part].draw(chance) for part in PARTS}
        minutes = gp_minutes if kind == GP else reference.slot_minutes[kind].draw(chance)
        for weekday, parts in _attendance(pattern, loads, reference, chance):
            here = site.locations[0] if chance.random() < MAIN_SITE_SHARE else pick(chance, site.locations)
            sessions.extend(
                _session(weekday, part, practitioner, kind, here.id, times[part], minutes, reference, chance)
                for part in parts
            )
    return sorted(sessions, key=lambda session: (session.weekday, session.starts[0], session.practitioner_id))


def _attendance(
    pattern: Pattern, loads: dict[int, float], reference: Reference, chance: Chance
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the weekdays of one clinician, with the parts of each: first those with fewest for their weight.

    `loads` counts the practice's half-days by weekday so far, and is brought up to date.
    """
    weights = reference.weekdays
    most_wanted = sorted(weights, key=lambda day: (loads[day] + 2 * chance.random()) / weights[day])
    attended: list[tuple[int, tuple[str, ...]]] = []
    for n, weekday in enumerate(most_wanted[: pattern.full_days + pattern.half_days]):
        half = (PARTS[0],) if chance.random() < 0.7 else (PARTS[1],)
        parts = PARTS if n < pattern.full_days else half
        loads[weekday] += len(parts)
        attended.append((weekday, parts))
    return attended


def _session(
    weekday: int, part: str, practitioner: Practitioner, kind: str, location_id: int, time: SessionTime,
    minutes: int, reference: Reference, chance: Chance,
) -> Session:  # fmt: skip
    count = time.minutes // minutes
    pause_after = count // 2 if time.minutes >= LONG_SURGERY and part == PARTS[0] else count
    starts = [
        (time.start + n * minutes + (BREAK_MINUTES if n >= pause_after else 0)) * 60 for n in range(count)
    ]
    return Session(
        weekday=weekday,
        practitioner_id=practitioner.id,
        job_role=practitioner.job_role,
        kind=kind,
        location_id=location_id,
        category=pick(chance, reference.session_names[kind, part]),
        starts=starts,
        minutes=minutes,
        types=_types(kind, count, reference, chance),
        access=[None] * count,
    )


def _types(kind: str, count: int, reference: Reference, chance: Chance) -> list[tuple[int, DeliveryChannel]]:
    """Return the slot type id and channel of each slot of a session: a channel's slots stand together.

    Of each channel the first half is of one slot type and the rest of another, where the kind has several.
    """
    channels: list[DeliveryChannel] = sorted(
        reference.channels[kind].spread(chance, count), key=_ORDER[chance.random() < 0.5].index
    )
    types: list[tuple[int, DeliveryChannel]] = []
    for channel in dict.fromkeys(channels):
        ids = reference.slot_type_ids[kind, channel]
        number = channels.count(channel)
        first, second = pick(chance, ids), pick(chance, ids)
        types += [(first if n < (number + 1) // 2 else second, channel) for n in range(number)]
    return types


_ORDER = (
    (DeliveryChannel.IN_PERSON, DeliveryChannel.TELEPHONE, DeliveryChannel.VIDEO),
    (DeliveryChannel.TELEPHONE, DeliveryChannel.VIDEO, DeliveryChannel.IN_PERSON),
)

"""Which slots an outside organisation may see and book.

A practice marks a slot "GP Connect bookable" by giving it an access profile; the profile may restrict it to
organisation types, to ODS codes, or both, set how early and how late it may be booked, and limit how many one
organisation may hold. Source: specification, page "Slot availability management".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from simulator.domain.clock import DAY, Instant

ROLES_ALLOWED = frozenset(
    "R0260 R0270 R0410 R0600 R0610 R0620 R0680 R0690 R0700 R0790 "
    "R1290 R1300 R1310 R1330 R1450 R1480 R1550 R1590 R6200 R6300".split()
)
"""The job roles a schedule may carry through GP Connect (value set GPConnect-PractitionerRole-1)."""


@dataclass(frozen=True, slots=True)
class AccessProfile:
    """How a practice lets outside organisations at some of its slots.

    `window_days`: how many days ahead a slot may be booked (None: no limit). `embargo_minutes`: how close to
    its start it may still be booked. `limit_per_organisation`: how many slots of one schedule one
    organisation may hold (None: no limit).
    """

    id: int
    name: str
    organisation_types: frozenset[str] = frozenset()
    ods_codes: frozenset[str] = frozenset()
    window_days: int | None = None
    embargo_minutes: int = 0
    limit_per_organisation: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AccessRules:
    """What the access profiles of a practice say, their ids being numbers from 0.

    Practices whose profiles say the same have one and the same object: what follows from it is found once for
    all of them.
    """

    profiles: tuple[AccessProfile, ...]


@lru_cache(maxsize=1024)
def access_rules(profiles: tuple[AccessProfile, ...]) -> AccessRules:
    """Return the rules that some access profiles make; those that say the same have to be equal."""
    return AccessRules(profiles)


@dataclass(frozen=True, slots=True)
class Searcher:
    """Whom a search is made for: what its `searchFilter` parameters, or a booking's organisation, said."""

    organisation_types: frozenset[str] = frozenset()
    ods_codes: frozenset[str] = frozenset()


class Opening(NamedTuple):
    """The slots of one access profile that are open: those that start from `earliest` to `latest`."""

    access_profile_id: int
    earliest: Instant
    latest: Instant


class Stretch(NamedTuple):
    """A stretch of time, up to an instant that is not in it, and the access profiles open in all of it."""

    until: Instant
    access_profile_ids: frozenset[int]


LATEST_INSTANT: Instant = 253_370_764_800


def admits(profile: AccessProfile, searcher: Searcher) -> bool:
    """Tell whether a profile's restrictions let a searcher in.

    Each restriction must be met by a filter that was sent: a slot restricted both ways needs both.
    """
    by_type = not profile.organisation_types or bool(profile.organisation_types & searcher.organisation_types)
    by_code = not profile.ods_codes or bool(profile.ods_codes & searcher.ods_codes)
    return by_type and by_code


def opening(profile: AccessProfile, now: Instant) -> Opening:
    """Return the starts that a profile's embargo and booking window leave open at an instant.

    A slot that has begun is never open: the specification lets a provider show it, but nobody could book it.
    """
    earliest = now + 1 + profile.embargo_minutes * 60
    latest = LATEST_INSTANT if profile.window_days is None else now + profile.window_days * DAY
    return Opening(profile.id, earliest, latest)


def openings(profiles: Iterable[AccessProfile], searcher: Searcher, now: Instant) -> tuple[Opening, ...]:
    """Return what a searcher may see of a practice's slots at an instant, one opening a profile."""
    return tuple(opening(profile, now) for profile in profiles if admits(profile, searcher))


def stretches(found: Sequence[Opening], start: Instant, end: Instant) -> tuple[Stretch, ...]:
    """Return a period in stretches, in order of time: what is open changes from each to the next."""
    cuts = {end}
    for _, earliest, latest in found:
        if start < earliest < end:
            cuts.add(earliest)
        if start <= latest < end:
            cuts.add(latest + 1)
    divided = []
    begin = start
    for until in sorted(cuts):
        wholly = (each for each, earliest, latest in found if earliest <= begin and latest + 1 >= until)
        divided.append(Stretch(until, frozenset(wholly)))
        begin = until
    return tuple(divided)

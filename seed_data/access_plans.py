"""What a profile declares of slots for outside organisations: access profiles, and daily clinics."""

import re
from dataclasses import dataclass, fields

from seed_data.declared import Declared
from simulator.domain.ods_code import is_ods_code

ORGANISATION_TYPES = ("gp-practice", "urgent-care")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class AccessPlan:
    """An access profile that every practice has, and how many slots a working day it gets, in runs.

    With `per_patients` it is so many slots for each whole `per_patients` of a practice's list, and for one at
    least.
    """

    name: str
    slots_a_day: int
    run: int
    organisation_types: frozenset[str]
    ods_codes: frozenset[str]
    window_days: int | None
    embargo_minutes: int
    limit_per_organisation: int | None
    per_patients: int | None = None

    def slots_for(self, list_size: int | None) -> int:
        """Return how many slots a working day a practice gives; None where all have lists of one size."""
        if self.per_patients is None or list_size is None:
            return self.slots_a_day
        return self.slots_a_day * max(1, list_size // self.per_patients)

    @property
    def is_open_to_all(self) -> bool:
        """Tell whether every organisation may book, at any time."""
        restricted = self.organisation_types or self.ods_codes or self.embargo_minutes
        return not restricted and self.window_days is None and self.limit_per_organisation is None


EMBARGOED_CLINIC = AccessPlan("Embargoed clinic", 0, 1, frozenset(), frozenset(), 7, 2 * 24 * 60, None)
"""What every practice has beside what its profile declares, for the clinic that is a named case."""


@dataclass(frozen=True, slots=True)
class DailyClinics:
    """Clinics that the first practice holds every day of the week, by clinicians who do nothing else.

    `first_slot` is in minutes after midnight; all slots are under the access profile named `access`, and the
    practice never books them itself.
    """

    clinicians: int
    first_slot: int
    slots: int
    minutes: int
    access: str


def read_access(top: Declared, has_lists: bool = False) -> tuple[AccessPlan, ...]:
    """Return the access profiles that a declaration asks for, and the one that every practice has.

    Only one whose practices have lists may give slots by their size.
    """
    keys = (
        "name", "slots_a_day", "run", "organisation_types", "ods_codes", "window_days", "embargo_minutes",
        "limit_per_organisation", *(("per_patients",) if has_lists else ()),
    )  # fmt: skip
    names: list[str] = [EMBARGOED_CLINIC.name]
    plans = []
    for entry in top.tables("access", keys):
        name = entry.text("name", "a text", bool)
        if name in names:
            raise entry.refuse("name", name, "a name that no other access profile has")
        names.append(name)
        plans.append(_access_plan(name, entry))
    return (*plans, EMBARGOED_CLINIC)


def _access_plan(name: str, entry: Declared) -> AccessPlan:
    return AccessPlan(
        name=name,
        slots_a_day=entry.whole("slots_a_day", 0, 1_000),
        run=entry.whole("run", 1, 12),
        organisation_types=entry.texts(
            "organisation_types", " or ".join(ORGANISATION_TYPES), ORGANISATION_TYPES.__contains__
        ),
        ods_codes=entry.texts("ods_codes", "an ODS code", is_ods_code),
        window_days=entry.whole_or_none("window_days", 0, 1_000),
        embargo_minutes=entry.whole_or_none("embargo_minutes", 0, 100_000) or 0,
        limit_per_organisation=entry.whole_or_none("limit_per_organisation", 1, 1_000),
        per_patients=entry.whole_or_none("per_patients", 100, 100_000),
    )


def read_daily_clinics(top: Declared, names: list[str]) -> tuple[DailyClinics, ...]:
    """Return the daily clinics that a declaration asks for; `names` are those of its access profiles."""
    keys = [field.name for field in fields(DailyClinics)]
    clinics = []
    for entry in top.tables("daily_clinics", keys, may_be_absent=True):
        time = entry.text("first_slot", "a time, hh:mm", lambda text: bool(_TIME.fullmatch(text)))
        first_slot = int(time[:2]) * 60 + int(time[3:])
        minutes = entry.whole("minutes", 5, 120)
        clinics.append(
            DailyClinics(
                clinicians=entry.whole("clinicians", 1, 50),
                first_slot=first_slot,
                slots=entry.whole("slots", 1, (24 * 60 - first_slot) // minutes),
                minutes=minutes,
                access=entry.text("access", " or ".join(names), names.__contains__),
            )
        )
    return tuple(clinics)

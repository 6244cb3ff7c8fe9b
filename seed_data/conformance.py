"""What a profile declares for a run of the published conformance suite: who is who at the first practice.

The suite knows patients and practitioners by keys of its own; which record stands for which key is noted when
the database is made, and written later as the mapping files that the suite reads.
"""

from dataclasses import dataclass

from seed_data.declared import Declared
from seed_data.named_cases import (
    DECEASED,
    INACTIVE,
    NO_APPOINTMENTS,
    NOT_ON_NATIONAL_RECORD,
    SENSITIVE,
    SUPERSEDED,
)
from simulator.domain.ods_code import is_ods_code

ORDINARY = "ordinary"
NOBODY_AT_ALL = "nobody"
MAPPED_CASES = (
    ORDINARY,
    NO_APPOINTMENTS,
    SENSITIVE,
    SUPERSEDED,
    NOT_ON_NATIONAL_RECORD,
    DECEASED,
    INACTIVE,
    NOBODY_AT_ALL,
)
MOST_ROLE_PROFILES = 2


@dataclass(frozen=True, slots=True)
class MappedPatient:
    """A patient of the practice under test, by the suite's key.

    `case` is one of `MAPPED_CASES`; `contact` says whether somebody is named as contact, None leaves it to
    chance.
    """

    key: str
    case: str
    contact: bool | None


@dataclass(frozen=True, slots=True)
class MappedPractitioner:
    """A practitioner of the practice under test, by the suite's key, with so many SDS role profiles."""

    key: str
    role_profiles: int


@dataclass(frozen=True, slots=True)
class Conformance:
    """The people of a conformance run, an organisation that asks and one that does not exist (ODS codes)."""

    requesting_organisation: str
    unknown_organisation: str
    patients: tuple[MappedPatient, ...]
    practitioners: tuple[MappedPractitioner, ...]


def read_conformance(top: Declared) -> Conformance:
    """Return what a declaration says under `conformance`; raise ProfileInvalid where that is not right."""
    table = top.table(
        "conformance", ("requesting_organisation", "unknown_organisation", "patients", "practitioners")
    )
    return Conformance(
        table.text("requesting_organisation", "an ODS code", is_ods_code),
        table.text("unknown_organisation", "an ODS code", is_ods_code),
        tuple(
            MappedPatient(
                _key(entry, "patient"),
                entry.text("case", " or ".join(MAPPED_CASES), MAPPED_CASES.__contains__),
                entry.yes_or_none("contact"),
            )
            for entry in _unlike(table.tables("patients", ("key", "case", "contact")))
        ),
        tuple(
            MappedPractitioner(
                _key(entry, "practitioner"), entry.whole("role_profiles", 0, MOST_ROLE_PROFILES)
            )
            for entry in _unlike(table.tables("practitioners", ("key", "role_profiles")))
        ),
    )


def _key(entry: Declared, beginning: str) -> str:
    return entry.text(
        "key", f"a text that begins with {beginning!r}", lambda text: text.startswith(beginning)
    )


def _unlike(entries: list[Declared]) -> list[Declared]:
    """Return entries as they are; raise ProfileInvalid where two have one key."""
    keys: set[object] = set()
    for entry in entries:
        key = entry.values.get("key")
        if key in keys:
            raise entry.refuse("key", key, "a key that no other entry has")
        keys.add(str(key))
    return entries

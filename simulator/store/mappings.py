"""What a run of the published conformance suite must be told: which of our records its keys stand for.

Seeding notes them in `about` under `mapping:<file>:<key>`; only a profile that declares them has any.
"""

import sqlite3

from simulator.domain.national_record import NationalRecord
from simulator.store.national_record import national_record_of

PATIENTS, ORGANISATIONS, PRACTITIONERS, LOCATIONS = (
    "NHSNoMap", "ODSCodeMap", "PractitionerCodeMap", "LocationLogicalIdentifierMap",
)  # fmt: skip


def mapping_key(file: str, key: str) -> str:
    """Return the key under which is noted what a key of one of the suite's files stands for."""
    return f"mapping:{file}:{key}"


def mappings(connection: sqlite3.Connection, file: str) -> list[tuple[str, str]]:
    """Return the suite's keys and our values for one of its files, in the order they were declared in."""
    beginning = mapping_key(file, "")
    rows = connection.execute(
        "select substr(key, ?), value from about where key >= ? and key < ? order by rowid",
        (len(beginning) + 1, beginning, f"{beginning[:-1]};"),
    )
    return rows.fetchall()


def registration_candidates(connection: sqlite3.Connection) -> list[NationalRecord]:
    """Return who can be registered: on the national record, alive, without a flag, and no practice's patient.

    Only women and men, by NHS number: the suite's file can say no other gender.
    """
    rows = connection.execute(
        "select * from national_record where deceased_on is null and not sensitive and not invalid"
        " and superseded_by is null and gender in ('female', 'male')"
        " and nhs_number not in (select nhs_number from patients) order by nhs_number"
    )
    return [national_record_of(row) for row in rows]

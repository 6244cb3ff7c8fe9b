"""The named cases of a database: what people look for by what is special about it, and where to find it.

Seeding notes them in `about`: a patient's id under `named_case:<ODS code>:<case>`, an NHS number on the
national record under `named_person:...`, the ids of a series of schedules under `named_schedule:...`, an ODS
code under `named_practice:...`; and what to call a case under `case_label:<case>`.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.domain.clock import Instant, uk_local

PATIENT, PERSON, SCHEDULE, PRACTICE = "named_case", "named_person", "named_schedule", "named_practice"
LABEL = "case_label"


def note_key(kind: str, ods_code: str, case: str) -> str:
    """Return the key under which a case at a practice is noted; `kind` is PATIENT, PERSON and so on."""
    return f"{kind}:{ods_code}:{case}"


@dataclass(frozen=True, slots=True)
class NamedCase:
    """One case at a practice, ready to be shown.

    `label` says in words what is special. `what` is "Patient", "Person" (on the national record, not of the
    practice), "Schedule" or "Practice"; `identifier` is the NHS number, schedule id or ODS code to use.
    `detail` is what else a person needs: name and date of birth, or clinician and time.
    """

    label: str
    ods_code: str
    what: str
    identifier: str
    detail: str


def named_cases(connection: sqlite3.Connection, ods_code: str, now: Instant) -> list[NamedCase]:
    """Return a practice's named cases, in the order that they were noted in.

    Of a series of schedules it is the first that is not over at `now`, or the last of all.
    """
    return list(_cases(connection, ods_code, now))


def _cases(connection: sqlite3.Connection, ods_code: str, now: Instant) -> Iterator[NamedCase]:
    labels = dict(_notes(connection, f"{LABEL}:"))
    for kind, what in (
        (PRACTICE, "Practice"),
        (PATIENT, "Patient"),
        (PERSON, "Person"),
        (SCHEDULE, "Schedule"),
    ):
        for case, value in _notes(connection, note_key(kind, ods_code, "")):
            identifier, detail = _shown(connection, kind, value, now)
            yield NamedCase(labels.get(case, case), ods_code, what, identifier, detail)


def _notes(connection: sqlite3.Connection, beginning: str) -> list[tuple[str, str]]:
    """Return the notes whose keys begin so, in the order that they were written, without that beginning."""
    rows = connection.execute(
        "select substr(key, ?), value from about where key >= ? and key < ? order by rowid",
        (len(beginning) + 1, beginning, f"{beginning[:-1]};"),
    )
    return rows.fetchall()


def _shown(connection: sqlite3.Connection, kind: str, value: str, now: Instant) -> tuple[str, str]:
    """Return the identifier and the detail of a noted value."""
    if kind == PRACTICE:
        (name,) = connection.execute("select name from organizations where ods_code = ?", (value,)).fetchone()
        return value, name
    if kind == SCHEDULE:
        return _schedule(connection, [int(id_) for id_ in value.split()], now)
    table, key = ("patients", "id") if kind == PATIENT else ("national_record", "nhs_number")
    number, given, family, birth_date = connection.execute(
        f"select nhs_number, given, family, birth_date from {table} where {key} = ?", (value,)
    ).fetchone()
    return number, f"{given} {family}, born {birth_date}"


def _schedule(connection: sqlite3.Connection, ids: list[int], now: Instant) -> tuple[str, str]:
    rows = connection.execute(
        "select s.id, s.start, s.end, s.service_category, p.prefix || ' ' || p.given || ' ' || p.family"
        " from schedules s left join practitioners p on p.id = s.practitioner_id"
        f" where s.id in ({', '.join('?' * len(ids))}) order by s.start",
        ids,
    ).fetchall()
    id_, start, _, category, clinician = next((row for row in rows if row[2] > now), rows[-1])
    return str(id_), f"{category}, {clinician}, {uk_local(start)[:16].replace('T', ' ')}"

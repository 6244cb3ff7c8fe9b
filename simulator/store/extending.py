"""Adding diary to a database that may be in use: what is there, and rows in short writings."""

import sqlite3
from collections.abc import Iterable
from datetime import date

from simulator.domain.practitioner import Practitioner
from simulator.store.named_cases import PATIENT, note_key
from simulator.store.practices import practitioner_of
from simulator.store.schema import Row, insert_statement

COUNTED = ("schedules", "slots", "appointments")


class DiaryTail:
    """The diaries of a database, as far as carrying them on needs to know; used inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._executemany = connection.executemany

    def practitioners(self, organization_id: int) -> list[Practitioner]:
        """Return every practitioner of a practice, in order of id."""
        rows = self._execute(
            "select * from practitioners where organization_id = ? order by id", (organization_id,)
        )
        return [practitioner_of(row) for row in rows]

    def born(self, organization_id: int, nhs_numbers: Iterable[str], last_id: int) -> dict[int, date]:
        """Return dates of birth by patient id: of a practice's patients up to `last_id`, but not of some."""
        left_out = set(nhs_numbers)
        rows = self._execute(
            "select id, birth_date, nhs_number from patients"
            " where organization_id = ? and id <= ? order by id",
            (organization_id, last_id),
        )
        return {id_: date.fromisoformat(birth) for id_, birth, number in rows if number not in left_out}

    def cases(self, ods_code: str) -> dict[str, int]:
        """Return the ids of a practice's patients that are named cases, by case."""
        beginning = note_key(PATIENT, ods_code, "")
        rows = self._execute(
            "select substr(key, ?), value from about where key >= ? and key < ?",
            (len(beginning) + 1, beginning, f"{beginning[:-1]};"),
        )
        return {case: int(id_) for case, id_ in rows}

    def next_ids(self) -> tuple[int, ...]:
        """Return the next id to give to a schedule, a slot and an appointment."""
        return tuple(
            self._execute(f"select coalesce(max(id), 0) + 1 from {table}").fetchone()[0] for table in COUNTED
        )

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows of a table, each with all its columns."""
        self._executemany(insert_statement(table), rows)

    def note(self, key: str) -> str | None:
        """Return a note of `about`."""
        row = self._execute("select value from about where key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def write_note(self, key: str, value: str) -> None:
        """Write or replace a note; one that is replaced keeps its place in the order."""
        self._execute(
            "insert into about (key, value) values (?, ?)"
            " on conflict (key) do update set value = excluded.value",
            (key, value),
        )

    def forget_note(self, key: str) -> None:
        """Remove a note."""
        self._execute("delete from about where key = ?", (key,))

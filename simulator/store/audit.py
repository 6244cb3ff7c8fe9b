"""The audit trail: one row a request, each chained to the one before, never changed, never switched off.

All surfaces and all processes share one chain: a row gets its number and its hash under the write lock. The
database itself refuses to change or delete a row, or to add one that does not follow the last.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from simulator.domain.audit import AuditEvent, Surface
from simulator.domain.clock import Instant
from simulator.store.audit_chain import BEGINNING, chained, event_of
from simulator.store.schema import Row, insert_statement

_INSERT = insert_statement("audit")

_NUMBER_OF = (
    "(patient_id, ods_code) in (select cast(patients.id as text), organizations.ods_code from patients"
    " join organizations on organizations.id = patients.organization_id where patients.nhs_number = ?)"
)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the trail: its sequence number, what it records, and its place in the chain."""

    sequence: int
    event: AuditEvent
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Sought:
    """Which rows are looked for; None is any.

    `patient` is a logical id; by `nhs_number` rows are found too that know the patient by logical id alone.
    `record` also finds what was refused about that record. `changes` leaves only rows that made something.
    """

    trace_id: str | None = None
    interaction: str | None = None
    surface: Surface | None = None
    ods_code: str | None = None
    patient_id: str | None = None
    nhs_number: str | None = None
    record: str | None = None
    since: Instant | None = None
    changes: bool = False

    def conditions(self) -> Iterator[tuple[str, tuple[object, ...]]]:
        """Yield what must hold, as SQL, each with its values."""
        for column in ("trace_id", "interaction", "surface", "ods_code", "patient_id"):
            value = getattr(self, column)
            if value is not None:
                yield f"{column} = ?", (value,)
        if self.nhs_number is not None:
            yield f"(nhs_number = ? or {_NUMBER_OF})", (self.nhs_number, self.nhs_number)
        if self.record is not None:
            about = f"{self.record} "
            yield "(record = ? or substr(record, 1, ?) = ?)", (self.record, len(about), about)
        if self.since is not None:
            yield "at >= ?", (self.since,)
        if self.changes:
            yield "version is not null", ()


class Audit:
    """What a transaction sees of the audit trail."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._executemany = connection.executemany
        self._last: tuple[int, bytes] | None = None
        self._held: list[AuditEvent] | None = None

    def record(self, events: Iterable[AuditEvent]) -> None:
        """Add events at the end of the chain, in the transaction that is open or in one of their own."""
        added = list(events)
        if self._held is not None:
            self._held += added
            return
        if not added:
            return
        if self._connection.in_transaction:
            self._follow(added)
            return
        with self._writing():
            self._follow(added)

    def hold(self) -> None:
        """Hold what is recorded from now on in this transaction, to add it all at once at its end."""
        self._held = []

    @property
    def number_held(self) -> int:
        """Return how many events are held."""
        return len(self._held or ())

    def add_held(self) -> None:
        """Add what is held, in the transaction that is open; nothing is held any longer."""
        held, self._held = self._held, None
        if held:
            self._follow(held)

    def drop_held(self) -> None:
        """Forget what is held: of what it is about nothing is written."""
        self._held = None

    def _follow(self, events: Sequence[AuditEvent]) -> None:
        """Add events after the row that was added last by this connection, if that is still the chain's head.

        The database itself refuses what does not follow: another process has added a row meanwhile, or the
        last was undone.
        """
        rows = chained(events, *(self._last or self.head()))
        try:
            self._executemany(_INSERT, rows)
        except sqlite3.IntegrityError:
            if self._last is None:
                raise
            rows = chained(events, *self.head())
            self._executemany(_INSERT, rows)
        self._last = rows[-1][0], rows[-1][-1]

    def head(self) -> tuple[int, bytes]:
        """Return the sequence number and the hash of the last row: how many there are, and what proves it."""
        row = self._execute("select sequence, hash from audit order by sequence desc limit 1").fetchone()
        return row or (0, BEGINNING)

    def all(self) -> Iterator[tuple[int, AuditEvent]]:
        """Return every event with its sequence number, in order."""
        rows = self._execute("select * from audit order by sequence")
        return ((row[0], event_of(row)) for row in rows)

    def find(self, sought: Sought, limit: int) -> list[AuditRow]:
        """Return the last rows that are sought, `limit` at most, in order."""
        conditions = list(sought.conditions())
        where = " and ".join(condition for condition, _ in conditions) or "true"
        values = [value for _, each in conditions for value in each]
        rows = self._execute(
            f"select * from audit where {where} order by sequence desc limit ?", (*values, limit)
        )
        return [_audit_row(row) for row in rows][::-1]

    def provenance(self, record: str) -> list[AuditRow]:
        """Return who made each version of a record that came of the API, `Appointment/7`, in order.

        A row of the trail is the provenance of what it made: it is written in the same transaction, keeps
        the user's details as they were then, and stands in the chain.
        """
        rows = self._execute(
            "select * from audit where record = ? and version is not null order by sequence", (record,)
        )
        return [_audit_row(row) for row in rows]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the write lock: nobody may add a row between finding the head and following it."""
        if self._connection.in_transaction:
            yield
            return
        self._execute("begin immediate")
        try:
            yield
            self._execute("commit")
        finally:
            if self._connection.in_transaction:
                self._execute("rollback")


def _audit_row(row: Row) -> AuditRow:
    return AuditRow(row[0], event_of(row), row[-2], row[-1])

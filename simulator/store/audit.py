"""The audit trail: one row a request, never changed, never switched off."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import astuple

from simulator.domain.audit import AuditEvent
from simulator.store.schema import insert_statement


class Audit:
    """What a transaction sees of the audit trail."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._executemany = connection.executemany

    def record(self, events: Iterable[AuditEvent]) -> None:
        """Add events; each gets the next sequence number."""
        self._executemany(insert_statement("audit"), ((None, *astuple(event)) for event in events))

    def all(self) -> Iterator[tuple[int, AuditEvent]]:
        """Return every event with its sequence number, in order."""
        rows = self._execute("select * from audit order by sequence")
        return ((row[0], AuditEvent(*row[1:])) for row in rows)

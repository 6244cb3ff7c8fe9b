"""How each audit row is chained to the one before it, so that anybody can prove that none was touched.

The last two columns of a row are `previous`, the hash of the row before it (32 zero bytes for the first), and
`hash`, its own: the SHA-256 of `previous` followed by the canonical bytes of all the other columns. Those are
the columns in the order of the table, `sequence` first, as a JSON array in UTF-8, with no white space between
its parts and nothing escaped that need not be. Sequence numbers begin at 1 and have no gaps. In
`docs/audit.md` are ten lines of Python that verify a database by this alone.

No chain can show by itself that its end was cut off, or that all of it was made anew: a count and a head that
were noted elsewhere can.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from simulator.domain.audit import AuditEvent, Surface
from simulator.store.schema import TABLES, Row

BEGINNING = bytes(32)
"""What the first row has for the hash of the one before it."""

EVENT_COLUMNS = tuple(TABLES["audit"])[1:-2]
"""The columns that an event fills; `sequence` goes before them, `previous` and `hash` after."""


def link(previous: bytes, columns: Sequence[Any]) -> bytes:
    """Return the hash of a row: `columns` are all but its last two.

    Raises TypeError for values that no row was ever written with.
    """
    return hashlib.sha256(previous + orjson.dumps(columns)).digest()


def chained(events: Iterable[AuditEvent], sequence: int, head: bytes) -> list[Row]:
    """Return events as rows that follow the row with a sequence number and a hash."""
    rows: list[Row] = []
    for event in events:
        sequence += 1
        columns = (sequence, event[0], event[1].value, *event[2:])
        try:
            digest = link(head, columns)
        except orjson.JSONEncodeError:
            # Half a surrogate pair cannot be stored, and one odd request must not keep a batch from it.
            columns = tuple(_storable(value) for value in columns)
            digest = link(head, columns)
        rows.append((*columns, head, digest))
        head = digest
    return rows


def _storable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def event_of(row: Row) -> AuditEvent:
    """Return the event that a row holds."""
    values = dict(zip(EVENT_COLUMNS, row[1:-2], strict=True))
    return AuditEvent(**values | {"surface": Surface(values["surface"])})

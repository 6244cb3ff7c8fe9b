"""Audit chains to tamper with: databases that hold nothing else."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from simulator.domain.audit import AuditEvent, Surface
from simulator.store.audit_verification import BrokenChain, ChainReader, Head
from simulator.store.database import Store
from simulator.store.loading import Loading
from simulator.store.schema import TABLES, TRIGGERS

COLUMNS = tuple(TABLES["audit"])


def an_event(number: int) -> AuditEvent:
    """Return an event that has something in every column."""
    return AuditEvent(
        at=1_773_646_200 + number, trace_id=f"trace-{number}", interaction="read", ods_code="Z90001",
        sender_asid="200000000359", receiver_asid="918999198993", user_id=f"user-{number % 3}",
        user_name="Ms Zoë Okafor", user_role="112233445566", organisation="Z88001", device='Desk "12"',
        record=f"Appointment/{number}", status=200, code="", surface=Surface.PROXY, sds_user_id="UNK",
        patient_id=str(number % 5), nhs_number="9990000018", version=1, request_bytes=7, response_bytes=0,
        microseconds=900,
    )  # fmt: skip


def make_chain(path: Path, rows: int) -> None:
    """Make a database with an audit trail of so many rows and nothing else."""
    with Loading(path):
        pass
    with closing(Store(path)) as store, store.writing() as transaction:
        transaction.audit.record(map(an_event, range(rows)))


def copied(chain: Path, name: str = "tampered.db") -> Path:
    """Return a copy of a database, in the place of the one before."""
    for suffix in ("-wal", "-shm"):
        chain.with_name(name + suffix).unlink(missing_ok=True)
    return Path(shutil.copy(chain, chain.with_name(name)))


def unguarded(path: Path) -> sqlite3.Connection:
    """Open a database with the triggers gone, as whoever owns the file can."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma synchronous = off")
    for trigger in TRIGGERS:
        connection.execute(f"drop trigger {trigger.split()[2]}")
    return connection


def content(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Return every row as the types and bytes of its values: text that is none cannot be read otherwise."""
    columns = ", ".join(f"typeof({column}) || hex({column})" for column in COLUMNS)
    return connection.execute(f"select {columns} from audit order by sequence").fetchall()


def verdict(path: Path) -> Head | str:
    """Return a chain's head, or what is wrong with it."""
    with closing(ChainReader(path)) as reader:
        try:
            return list(reader.verified())[-1]
        except BrokenChain as fault:
            return str(fault)

"""What a reading or a writing sees of the database."""

import sqlite3
from dataclasses import dataclass

from simulator.store.appointments import Appointments
from simulator.store.audit import Audit
from simulator.store.directory import Directory
from simulator.store.national_record import People
from simulator.store.patients import Patients
from simulator.store.practice_changes import PracticeChanges
from simulator.store.practices import Practices
from simulator.store.slots import Slots


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a reading or a writing sees: the tables, by noun."""

    practices: Practices
    patients: Patients
    slots: Slots
    appointments: Appointments
    people: People
    audit: Audit
    directory: Directory
    changes: PracticeChanges


def transaction_on(connection: sqlite3.Connection) -> Transaction:
    """Return the tables as seen through a connection."""
    return Transaction(
        Practices(connection),
        Patients(connection),
        Slots(connection),
        Appointments(connection),
        People(connection),
        Audit(connection),
        Directory(connection),
        PracticeChanges(connection),
    )

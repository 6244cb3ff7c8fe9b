"""A practice's diary that tests write into: sessions and slots in just the state that a rule is about.

The seeded practices are closed at weekends, so what a test puts on a Sunday stands there alone.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.domain.audit import AuditEvent
from simulator.store.audit import Audit
from simulator.store.schema import TABLES, insert_statement

QUIET_DAY = "2026-03-22"
"""A Sunday of the seeded diary, six days from the tests' today."""

CLOCKS_GO_FORWARD = "2026-03-29"
"""The Sunday on which 01:00 becomes 02:00."""


def instant(moment: str) -> int:
    """Return an ISO 8601 moment with its offset as an instant."""
    return int(datetime.fromisoformat(moment).timestamp())


@dataclass
class Diary:
    """Writes into the diary of one practice, by default the first; each row is committed at once."""

    connection: sqlite3.Connection
    organization_id: int = 1

    def add(self, table: str, *values: Any) -> int:
        """Add a row after the last one, and return its id."""
        (row_id,) = self.connection.execute(f"select coalesce(max(id), 0) + 1 from {table}").fetchone()
        self.connection.execute(insert_statement(table), (row_id, *values))
        return int(row_id)

    def update(self, table: str, row_id: Any, **values: Any) -> None:
        """Change columns of a row."""
        columns = ", ".join(f"{name} = ?" for name in values)
        self.connection.execute(f"update {table} set {columns} where id = ?", (*values.values(), row_id))

    def access_profile(
        self,
        types: str = "",
        codes: str = "",
        window_days: int | None = None,
        embargo_minutes: int = 0,
        limit: int | None = None,
    ) -> int:
        """Add an access profile; `types` and `codes` are separated by line ends."""
        return self.add(
            "access_profiles", self.organization_id, "Test", types, codes, window_days, embargo_minutes, limit
        )

    def schedule(
        self, role: str = "R0260", day: str = QUIET_DAY, practitioner_id: int | None = 1, location_id: int = 1
    ) -> int:
        """Add a session of a whole day."""
        start, end = instant(f"{day}T00:00:00+00:00"), instant(f"{day}T23:00:00+00:00")
        return self.add(
            "schedules", self.organization_id, location_id, practitioner_id, role, "Test", start, end, 1
        )

    def slot(
        self,
        start: str = f"{QUIET_DAY}T10:00:00+00:00",
        minutes: int = 10,
        schedule_id: int | None = None,
        profile_id: int | None = None,
        open_to_all: bool = True,
        status: str = "free",
        channel: str = "In-person",
        service_type_id: int = 1,
    ) -> str:
        """Add a slot, by default one that all may book, and return its logical id.

        Without a schedule it gets one of its own; `open_to_all` False keeps it to the practice.
        """
        if profile_id is None and open_to_all:
            profile_id = self.access_profile()
        schedule_id = self.schedule(day=start[:10]) if schedule_id is None else schedule_id
        moment = instant(start)
        added = self.add(
            "slots", schedule_id, moment, minutes, status, service_type_id, channel, profile_id, 1
        )
        return str(added)

    def national_record(self, nhs_number: str, **known: Any) -> None:
        """Put a person on the national record: Ada Lark, born 3 February 1980, unless it says otherwise."""
        person = {
            "nhs_number": nhs_number, "prefix": "Ms", "given": "Ada", "family": "Lark", "gender": "female",
            "birth_date": "1980-02-03", "lines": "1 Mill Lane", "city": "Leeds", "district": "West Yorkshire",
            "postal_code": "ZZ99 1AA", "phone": "01632 960001", "ods_code": "Z90001", "sensitive": 0,
            "invalid": 0, "version": 1,
        } | known  # fmt: skip
        self.connection.execute("delete from national_record where nhs_number = ?", (nhs_number,))
        row = [person.get(column) for column in TABLES["national_record"]]
        self.connection.execute(insert_statement("national_record"), row)

    def audited(self) -> list[AuditEvent]:
        """Return what stands in the audit trail, in order."""
        return [event for _, event in Audit(self.connection).all()]

    def named_case(self, ods_code: str, case: str) -> int:
        """Return the id of the patient whom seeding made for a case."""
        key = f"named_case:{ods_code}:{case}"
        (patient_id,) = self.connection.execute("select value from about where key = ?", (key,)).fetchone()
        return int(patient_id)

    def nhs_number(self, patient_id: int) -> str:
        """Return a patient's NHS number."""
        (number,) = self.connection.execute(
            "select nhs_number from patients where id = ?", (patient_id,)
        ).fetchone()
        return str(number)

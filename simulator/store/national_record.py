"""The national record, which is seeded apart from the practices' own records and may disagree with them."""

import sqlite3
from datetime import date

from simulator.domain.national_record import NationalRecord
from simulator.domain.organization import Address
from simulator.store.practices import joined, parted
from simulator.store.schema import Row


def national_record_row(record: NationalRecord) -> Row:
    """Return a person as a row of `national_record`."""
    address = record.address
    where = (
        (joined(address.lines), address.city, address.district, address.postal_code)
        if address
        else (None, None, None, None)
    )
    return (
        record.nhs_number, record.prefix, record.given, record.family, record.gender,
        record.birth_date.isoformat(), *where, record.phone, record.ods_code,
        record.deceased_on.isoformat() if record.deceased_on else None, int(record.sensitive),
        int(record.invalid), record.superseded_by, record.version,
    )  # fmt: skip


def national_record_of(row: Row) -> NationalRecord:
    """Return a row of `national_record` as a person."""
    (
        nhs_number, prefix, given, family, gender, birth_date, lines, city, district, postal_code, phone,
        ods_code, deceased_on, sensitive, invalid, superseded_by, version,
    ) = row  # fmt: skip
    return NationalRecord(
        nhs_number, prefix, given, family, gender, date.fromisoformat(birth_date),
        Address(parted(lines), city or "", district or "", postal_code) if postal_code else None,
        phone, ods_code, date.fromisoformat(deceased_on) if deceased_on else None, bool(sensitive),
        bool(invalid), superseded_by, version,
    )  # fmt: skip


class People:
    """What a transaction sees of the national record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def trace(self, nhs_number: str) -> NationalRecord | None:
        """Return the person with an NHS number."""
        row = self._execute("select * from national_record where nhs_number = ?", (nhs_number,)).fetchone()
        return national_record_of(row) if row else None

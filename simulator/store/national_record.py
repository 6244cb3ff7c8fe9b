"""The national record, which is seeded apart from the practices' own records and may disagree with them."""

import sqlite3
from collections.abc import Iterator
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
        int(record.invalid), record.superseded_by, record.version, record.mobile, record.email,
        record.registered_on.isoformat() if record.registered_on else None, record.former_family,
        record.former_postal_code,
    )  # fmt: skip


def national_record_of(row: Row) -> NationalRecord:
    """Return a row of `national_record` as a person."""
    (
        nhs_number, prefix, given, family, gender, birth_date, lines, city, district, postal_code, phone,
        ods_code, deceased_on, sensitive, invalid, superseded_by, version, mobile, email, registered_on,
        former_family, former_postal_code,
    ) = row  # fmt: skip
    return NationalRecord(
        nhs_number, prefix, given, family, gender, date.fromisoformat(birth_date),
        Address(parted(lines), city or "", district or "", postal_code) if postal_code else None,
        phone, ods_code, date.fromisoformat(deceased_on) if deceased_on else None, bool(sensitive),
        bool(invalid), superseded_by, version, mobile, email,
        date.fromisoformat(registered_on) if registered_on else None, former_family, former_postal_code,
    )  # fmt: skip


LONGEST_CHAIN = 10
"""How many numbers may supersede each other; a chain that is longer leads nowhere, or in a circle."""


class People:
    """What a transaction sees of the national record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def trace(self, nhs_number: str) -> NationalRecord | None:
        """Return the person with an NHS number."""
        row = self._execute("select * from national_record where nhs_number = ?", (nhs_number,)).fetchone()
        return national_record_of(row) if row else None

    def current(self, nhs_number: str) -> NationalRecord | None:
        """Return the person whose number this is or was; None where it is nobody's, or invalid.

        A number that is superseded leads to the one that took its place.
        """
        record = self.trace(nhs_number)
        for _ in range(LONGEST_CHAIN):
            if record is None or record.invalid:
                return None
            if record.superseded_by is None:
                return record
            record = self.trace(record.superseded_by)
        return None

    def born(self, first: date, last: date, initials: str) -> Iterator[NationalRecord]:
        """Yield who was born between two days, and has, or had, a name that begins so, first or last.

        `initials` are small letters without accents; a name that begins with any other sign goes through.
        """
        rows = self._execute(
            "select * from national_record where birth_date between ?1 and ?2 and ("
            " instr(?3, lower(substr(family, 1, 1))) or instr(?3, lower(substr(given, 1, 1)))"
            " or instr(?3, lower(substr(former_family, 1, 1)))"
            " or family not glob '[A-Za-z]*' or given not glob '[A-Za-z]*'"
            " or former_family not glob '[A-Za-z]*')"
            " order by nhs_number",
            (first.isoformat(), last.isoformat(), initials),
        )
        return map(national_record_of, rows)

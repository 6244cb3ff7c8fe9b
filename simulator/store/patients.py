"""Patients, as a practice's own records have them."""

import json
import sqlite3
from datetime import date

from simulator.domain.organization import Address
from simulator.domain.patient import Contact, Patient
from simulator.store.practices import joined, parted
from simulator.store.schema import TABLES, Row, insert_statement

MAY_BE_SHOWN = "active and deceased_on is null and verified and not sensitive"
"""What `Patient.may_be_shown` says, in SQL: for where nothing else of a patient is wanted."""


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _address_text(address: Address | None) -> str | None:
    """Write an address that few patients have as one column."""
    if address is None:
        return None
    return json.dumps(
        [list(address.lines), address.city, address.district, address.postal_code, address.country]
    )


def _address_of(text: str | None) -> Address | None:
    if not text:
        return None
    lines, city, district, postal_code, country = json.loads(text)
    return Address(tuple(lines), city, district, postal_code, country)


def patient_row(patient: Patient) -> Row:
    """Return a patient as a row of `patients`."""
    address, contact = patient.address, patient.contact
    where = (
        (joined(address.lines), address.city, address.district, address.postal_code, address.country)
        if address
        else (None, None, None, None, None)
    )
    kin = (
        json.dumps([contact.relationship, contact.given, contact.family, contact.phone, contact.gender])
        if contact
        else None
    )
    return (
        patient.id, patient.organization_id, patient.nhs_number, patient.prefix, patient.given,
        patient.family, patient.gender, patient.birth_date.isoformat(), *where, patient.phone,
        patient.mobile, patient.email, patient.registration_type, _day(patient.registered_on),
        _day(patient.registered_until), patient.preferred_location_id, patient.usual_practitioner_id,
        patient.language, int(patient.interpreter_required), kin, int(patient.active),
        _day(patient.deceased_on), int(patient.sensitive), int(patient.verified),
        joined(patient.other_given),
        patient.work_phone, _address_text(patient.temporary_address), patient.temporary_phone,
        patient.email_use, patient.version,
    )  # fmt: skip


def patient_of(row: Row) -> Patient:
    """Return a row of `patients` as a patient."""
    (
        id_, organization_id, nhs_number, prefix, given, family, gender, birth_date, lines, city, district,
        postal_code, country, phone, mobile, email, registration_type, registered_on, registered_until,
        preferred, usual, language, interpreter, kin, active, deceased_on, sensitive, verified,
        other_given, work_phone, temporary_address, temporary_phone, email_use, version,
    ) = row  # fmt: skip
    address = (
        Address(parted(lines), city or "", district or "", postal_code or "", country) if country else None
    )
    return Patient(
        id_, organization_id, nhs_number, prefix, given, family, gender, date.fromisoformat(birth_date),
        address, phone, mobile, email, registration_type, _date(registered_on), _date(registered_until),
        preferred, usual, language, bool(interpreter), Contact(*json.loads(kin)) if kin else None,
        bool(active), _date(deceased_on), bool(sensitive), bool(verified), parted(other_given),
        work_phone, _address_of(temporary_address), temporary_phone, email_use, version,
    )  # fmt: skip


LOOKED_BEYOND = 50
"""Among how many more patients than are wanted, twice over, ordinary ones are looked for."""


class Patients:
    """What a transaction sees of patients."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def with_nhs_number(self, organization_id: int, nhs_number: str) -> Patient | None:
        """Return a practice's patient with an NHS number, whatever the patient's state."""
        row = self._execute(
            "select * from patients where organization_id = ? and nhs_number = ?",
            (organization_id, nhs_number),
        ).fetchone()
        return patient_of(row) if row else None

    def get(self, organization_id: int, patient_id: int) -> Patient | None:
        """Return a practice's patient, whatever the patient's state."""
        row = self._execute(
            "select * from patients where id = ? and organization_id = ?", (patient_id, organization_id)
        ).fetchone()
        return patient_of(row) if row else None

    def known(self, patient_id: int) -> bool:
        """Tell whether any practice has a patient with this logical id."""
        return self._execute("select 1 from patients where id = ?", (patient_id,)).fetchone() is not None

    def may_be_shown(self, organization_id: int, patient_id: int) -> bool:
        """Tell whether a practice has a patient whom GP Connect may show."""
        found = self._execute(
            f"select 1 from patients where id = ? and organization_id = ? and {MAY_BE_SHOWN}",
            (patient_id, organization_id),
        )
        return found.fetchone() is not None

    def store(self, patient: Patient) -> Patient:
        """Store a patient who is new (id 0) or whose record changes; return the patient with an id."""
        if patient.id:
            columns = list(TABLES["patients"])[1:]
            changes = ", ".join(f"{column} = ?" for column in columns)
            self._execute(
                f"update patients set {changes} where id = ?", (*patient_row(patient)[1:], patient.id)
            )
            return patient
        cursor = self._execute(insert_statement("patients"), (None, *patient_row(patient)[1:]))
        return patient._replace(id=int(cursor.lastrowid or 0))

    def verify(self, patient_id: int) -> Patient:
        """Mark a patient's NHS number as verified, unless somebody has; return the patient as stored now."""
        self._execute(
            "update patients set verified = 1, version = version + 1 where id = ? and not verified",
            (patient_id,),
        )
        row = self._execute("select * from patients where id = ?", (patient_id,)).fetchone()
        return patient_of(row)

    def first(self, organization_id: int, count: int) -> list[Patient]:
        """Return a practice's first ordinary patients: those that GP Connect may show.

        Seeding gives a practice's patients ids in a row. Only there is looked, so that the cost does not grow
        with the list: a practice of whose first patients few may be shown has fewer than `count` found.
        """
        rows = self._execute(
            "with lowest (id) as (select min(id) from patients where organization_id = ?1)"
            " select patients.* from lowest cross join patients"
            " on patients.id between lowest.id and lowest.id + ?2 * 2 + ?3"
            f" where +organization_id = ?1 and {MAY_BE_SHOWN}"
            " order by patients.id limit ?2",
            (organization_id, count, LOOKED_BEYOND),
        )
        return [patient_of(row) for row in rows]

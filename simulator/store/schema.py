"""The tables and indexes of the database, and the version they are of.

Rows stay narrow, because a country has ten million slots: times are whole seconds, a slot's length is
minutes, and the words a slot repeats stand once in `slot_types`.
"""

import sqlite3
from functools import cache
from typing import Any

import sqlite_utils

from simulator.store.practice_changes import NOTE_CHANGES, PRACTICE_CHANGES

SCHEMA_VERSION = 6
APPLICATION_ID = 0x47504353  # "GPCS", what `file` and `PRAGMA application_id` show

TABLES: dict[str, dict[str, type]] = {
    "about": {"key": str, "value": str},
    "organizations": {
        "id": int, "ods_code": str, "name": str, "asid": str, "party_key": str, "lines": str, "city": str,
        "district": str, "postal_code": str, "phone": str, "main_location_id": int, "enabled": int,
        "appointments_enabled": int, "version": int,
    },
    "consumers": {"asid": str, "ods_code": str, "name": str, "organisation_type": str},
    "locations": {
        "id": int, "organization_id": int, "name": str, "lines": str, "city": str, "district": str,
        "postal_code": str, "phone": str, "version": int,
    },
    "practitioners": {
        "id": int, "organization_id": int, "sds_user_id": str, "sds_role_profile_ids": str, "prefix": str,
        "given": str, "family": str, "gender": str, "job_role": str, "languages": str, "version": int,
    },
    "patients": {
        "id": int, "organization_id": int, "nhs_number": str, "prefix": str, "given": str, "family": str,
        "gender": str, "birth_date": str, "lines": str, "city": str, "district": str, "postal_code": str,
        "country": str, "phone": str, "mobile": str, "email": str, "registration_type": str,
        "registered_on": str, "registered_until": str, "preferred_location_id": int,
        "usual_practitioner_id": int, "language": str, "interpreter_required": int, "contact": str,
        "active": int, "deceased_on": str, "sensitive": int,
        "verified": int, "other_given": str, "work_phone": str, "temporary_address": str,
        "temporary_phone": str, "email_use": str, "version": int,
    },
    "national_record": {
        "nhs_number": str, "prefix": str, "given": str, "family": str, "gender": str, "birth_date": str,
        "lines": str, "city": str, "district": str, "postal_code": str, "phone": str, "ods_code": str,
        "deceased_on": str, "sensitive": int, "invalid": int, "superseded_by": str, "version": int,
        "mobile": str, "email": str, "registered_on": str, "former_family": str, "former_postal_code": str,
    },
    "access_profiles": {
        "id": int, "organization_id": int, "name": str, "organisation_types": str, "ods_codes": str,
        "window_days": int, "embargo_minutes": int, "limit_per_organisation": int,
    },
    "slot_types": {"id": int, "text": str},
    "schedules": {
        "id": int, "organization_id": int, "location_id": int, "practitioner_id": int,
        "practitioner_role": str, "service_category": str, "start": int, "end": int, "version": int,
    },
    "slots": {
        "id": int, "schedule_id": int, "start": int, "minutes": int, "status": str, "slot_type_id": int,
        "delivery_channel": str, "access_profile_id": int, "version": int,
    },
    "appointments": {
        "id": int, "organization_id": int, "patient_id": int, "location_id": int, "practitioner_id": int,
        "schedule_id": int, "status": str, "start": int, "end": int, "created": int, "description": str,
        "comment": str, "participants": str, "booking_ods_code": str, "booking_organisation_type": str,
        "booking_resource": str, "cancellation_reason": str, "identifiers": str, "priority": int,
        "version": int, "last_updated": int,
    },
    "appointment_slots": {"appointment_id": int, "slot_id": int, "live": int},
    "audit": {
        "sequence": int, "at": int, "surface": str, "trace_id": str, "interaction": str, "ods_code": str,
        "sender_asid": str, "receiver_asid": str, "user_id": str, "sds_user_id": str, "user_name": str,
        "user_role": str, "organisation": str, "device": str, "record": str, "patient_id": str,
        "nhs_number": str, "status": int, "code": str, "version": int, "request_bytes": int,
        "response_bytes": int, "microseconds": int, "previous": bytes, "hash": bytes,
    },
    "accredited_systems": {
        "asid": str, "ods_code": str, "party_key": str, "manufacturer_ods_code": str, "product_name": str,
        "interactions": str,
    },
    "endpoints": {"cpa_id": str, "ods_code": str, "party_key": str, "address": str, "interactions": str},
    "data_sharing_agreements": {"consumer_ods_code": str, "provider_ods_code": str},
    "listed_organizations": {
        "ods_code": str, "name": str, "role": str, "lines": str, "city": str, "district": str,
        "postal_code": str,
    },
    "directory_changes": {"id": int, "number": int},
}  # fmt: skip
"""Every table, its columns in order, and their types."""

PRIMARY_KEYS: dict[str, str | tuple[str, ...]] = {
    "about": "key",
    "consumers": "asid",
    "national_record": "nhs_number",
    "audit": "sequence",
    "appointment_slots": ("appointment_id", "slot_id"),
    "accredited_systems": "asid",
    "endpoints": "cpa_id",
    "data_sharing_agreements": ("consumer_ods_code", "provider_ods_code"),
    "listed_organizations": "ods_code",
}

WITHOUT_ROWID = frozenset({"appointment_slots"})
"""The tables that are their primary key and little else: one tree holds such a table, where two would."""

LIVE_SLOT_INDEX = "one_live_appointment_per_slot"

INDEXES = (
    "create unique index organizations_by_ods_code on organizations (ods_code)",
    "create unique index patients_by_nhs_number on patients (organization_id, nhs_number)",
    # Provenance: who made a version of a record. No more of the trail is indexed: trace ids, in their random
    # order, would cost twice as much as the rows, and a scan goes through a million in a sixth of a second.
    "create index provenance on audit (record) where version is not null",
    # A trace without an NHS number always has a date of birth.
    "create index people_by_birth_date on national_record (birth_date)",
    "create index practitioners_by_sds_user_id on practitioners (organization_id, sds_user_id)",
    "create index locations_by_organization on locations (organization_id)",
    "create index access_profiles_by_organization on access_profiles (organization_id)",
    # Search walks one access profile's free slots in order of start, and meets no slot it does not return.
    "create index free_slots on slots (access_profile_id, start)"
    " where status = 'free' and access_profile_id is not null",
    "create index appointments_by_patient on appointments (patient_id, start)",
    # Only outside organisations are counted against a schedule's limit, and only by what they hold: the cost
    # must not grow with what was cancelled.
    "create index appointments_by_booking_organisation on appointments (schedule_id, booking_ods_code)"
    " where booking_ods_code is not null and status <> 'cancelled'",
    f"create unique index {LIVE_SLOT_INDEX} on appointment_slots (slot_id) where live = 1",
    "create index accredited_systems_by_ods_code on accredited_systems (ods_code)",
    "create index endpoints_by_ods_code on endpoints (ods_code)",
    "create index endpoints_by_party_key on endpoints (party_key)",
)

_ONLY_GROWS = "begin select raise(abort, 'the audit trail only grows, and only at its end'); end"

TRIGGERS = (
    f"create trigger audit_rows_never_change before update on audit {_ONLY_GROWS}",
    f"create trigger audit_rows_never_go before delete on audit {_ONLY_GROWS}",
    # It also stops `insert or replace`, which deletes the row in its way without asking the trigger above.
    "create trigger audit_rows_follow_each_other before insert on audit"
    " when new.sequence is not (select coalesce(max(sequence), 0) + 1 from audit) or new.previous is not"
    f" coalesce((select hash from audit where sequence = new.sequence - 1), zeroblob(32)) {_ONLY_GROWS}",
)
"""What makes the database itself refuse to touch an audit row, or to add one out of order."""

COUNT_CHANGES = tuple(
    f"create trigger {table}_{verb} after {verb} on {table}"
    " begin update directory_changes set number = number + 1; end"
    for table in ("accredited_systems", "endpoints", "data_sharing_agreements")
    for verb in ("insert", "update", "delete")
)
"""What counts the changes of the directory: whoever keeps a copy sees by it that another process made one."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of an empty database; the indexes come after the rows, which is many times faster."""
    database = sqlite_utils.Database(connection)
    for name, columns in TABLES.items():
        statement = database.create_table_sql(name, columns, pk=PRIMARY_KEYS.get(name, "id"))
        connection.execute(
            f"{statement.rstrip().removesuffix(';')} without rowid" if name in WITHOUT_ROWID else statement
        )
    for statement in (PRACTICE_CHANGES, *TRIGGERS):
        connection.execute(statement)
    connection.execute("insert into directory_changes (id, number) values (1, 0)")
    connection.execute(f"pragma application_id = {APPLICATION_ID}")
    connection.execute(f"pragma user_version = {SCHEMA_VERSION}")


AFTER_ROWS = (*INDEXES, *COUNT_CHANGES, *NOTE_CHANGES, "analyze")
"""The statements that finish a database once its rows are there, the index of live slots among them."""


@cache
def insert_statement(table: str, rows: int = 1) -> str:
    """Return the statement that inserts one row of a table, or several, all columns in order."""
    columns = TABLES[table]
    names = ", ".join(f'"{column}"' for column in columns)
    row = f"({', '.join('?' * len(columns))})"
    return f"insert into {table} ({names}) values {', '.join([row] * rows)}"


Row = tuple[Any, ...]
"""One row, its values in the order of the table's columns."""

"""The list of appointments: the provider's own state, to hold against what clients saw."""

from collections.abc import Iterator

from simulator.domain.clock import uk_local
from simulator.fhir.resource import Json
from simulator.store.database import Transaction


def list_appointments(transaction: Transaction, ods_code: str | None = None) -> Iterator[Json]:
    """Yield every appointment, or those of one practice, in order of id.

    `booked_by` is the ODS code of the organisation that booked through GP Connect, None for the practice's
    own bookings. Ids are texts, as on the wire.
    """
    codes = {
        organization.id: organization.ods_code
        for organization in transaction.practices.all()
        if ods_code in (None, organization.ods_code)
    }
    if not codes:
        return
    for appointment in transaction.appointments.all(None if ods_code is None else min(codes)):
        booker = appointment.booking_organisation
        yield {
            "id": str(appointment.id),
            "practice": codes[appointment.organization_id],
            "status": str(appointment.status),
            "version": str(appointment.version),
            "start": uk_local(appointment.start),
            "end": uk_local(appointment.end),
            "slots": [str(slot_id) for slot_id in appointment.slot_ids],
            "patient": str(appointment.patient_id),
            "description": appointment.description,
            "booked_by": booker.ods_code if booker else None,
        }

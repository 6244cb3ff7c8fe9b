"""Read an appointment: one that is still to come, whoever booked it."""

from simulator.domain.amendment import check_future
from simulator.domain.appointment import Appointment
from simulator.domain.refusals import NoRecordFound
from simulator.fhir.appointment import render_appointment
from simulator.fhir.resource import our_id
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice
from simulator.store.database import Transaction


def read_appointment(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return an appointment with its version.

    Raises NoRecordFound, and InvalidResource for one in the past. Source: specification, page "Read an
    appointment".
    """
    appointment = found(request, practice, practice.store.glance())
    check_future(appointment, practice.clock.now())
    return appointment_response(appointment)


def found(request: InteractionRequest, practice: Practice, transaction: Transaction) -> Appointment:
    """Return the appointment that a request's path names; raise NoRecordFound where the practice has none."""
    number = our_id(request.resource_id)
    appointment = None if number is None else transaction.appointments.get(practice.organization.id, number)
    if appointment is None:
        raise NoRecordFound(f"Appointment/{request.resource_id}: does not exist at this practice")
    return appointment


def appointment_response(
    appointment: Appointment, status: int = 200, location: str | None = None
) -> InteractionResponse:
    """Return the answer that shows an appointment, as it is now."""
    return InteractionResponse(
        render_appointment(appointment),
        status,
        appointment.version,
        location,
        appointment.last_updated,
        appointment.patient_id,
        record=f"Appointment/{appointment.id}",
    )

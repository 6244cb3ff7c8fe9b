"""Cancel an appointment: its slots are free again at once."""

from simulator.domain.cancellation import cancel
from simulator.fhir.appointment_outline import read_sent
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice
from simulator.interactions.read_appointment import appointment_response, found


def cancel_appointment(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return the cancelled appointment, a version higher.

    Raises NoRecordFound, InvalidResource, InvalidParameter, VersionConflict and BadRequest. Source:
    specification, page "Cancel an appointment".
    """
    sent = read_sent(request.json)
    with practice.store.writing() as transaction:
        appointment = found(request, practice, transaction)
        cancelled = cancel(appointment, sent, request.if_match, practice.clock.now())
        transaction.appointments.change(cancelled)
        transaction.slots.release(cancelled.slot_ids)
        practice.audited(transaction, f"Appointment/{cancelled.id}", cancelled.version, cancelled.patient_id)
    return appointment_response(cancelled)

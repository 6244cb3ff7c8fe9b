"""Amend an appointment: its description and comment, nothing else."""

from simulator.domain.amendment import amend
from simulator.fhir.appointment_outline import read_sent
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice
from simulator.interactions.read_appointment import appointment_response, found


def amend_appointment(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return the amended appointment, a version higher.

    Raises NoRecordFound, InvalidResource, VersionConflict and BadRequest. Source: specification, page "Amend
    an appointment".
    """
    sent = read_sent(request.json)
    with practice.store.writing() as transaction:
        appointment = found(request, practice, transaction)
        amended = amend(appointment, sent, request.if_match, practice.clock.now())
        transaction.appointments.change(amended)
        practice.audited(transaction, f"Appointment/{amended.id}", amended.version, amended.patient_id)
    return appointment_response(amended)

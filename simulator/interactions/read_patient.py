"""Read a patient: one whom GP Connect may show."""

from simulator.domain.refusals import PatientNotFound
from simulator.fhir.patient import render_patient
from simulator.fhir.resource import our_id
from simulator.interactions.interaction import (
    InteractionRequest,
    InteractionResponse,
    Practice,
    read_response,
)


def read_patient(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a patient with its version.

    Raises PatientNotFound for a patient who is unknown, or whom GP Connect may not show. Source:
    specification, page "Read a patient".
    """
    number = our_id(request.resource_id)
    with practice.store.reading() as transaction:
        patient = None if number is None else transaction.patients.get(practice.organization.id, number)
    if patient is None or not patient.may_be_shown:
        raise PatientNotFound(f"Patient/{request.resource_id}: does not exist at this practice")
    return read_response(render_patient(patient))

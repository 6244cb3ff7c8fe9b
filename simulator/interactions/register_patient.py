"""Register a patient: a temporary registration, once the national record confirms the person."""

from simulator.domain.registration import check_national_record, check_nhs_number, register
from simulator.fhir import urls
from simulator.fhir.patient import render_patient
from simulator.fhir.registration import read_registration
from simulator.fhir.searchset import render_searchset
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice


def register_patient(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a Bundle of the patient who was registered, or made active again, as temporary.

    Raises InvalidResource, BadRequest, InvalidNhsNumber, InvalidPatientDemographics and DuplicateRejected.
    Source: specification, page "Register a patient".
    """
    registration = read_registration(request.resource)
    check_nhs_number(registration)
    record = check_national_record(registration, practice.trace(registration.nhs_number))
    organization_id = practice.organization.id
    with practice.store.writing() as transaction:
        local = transaction.patients.with_nhs_number(organization_id, registration.nhs_number)
        patient = register(registration, record, local, organization_id, practice.clock.today())
        patient = transaction.patients.store(patient)
        practice.audited(
            transaction, f"Patient/{patient.id}", patient.version, patient.id, patient.nhs_number
        )
    bundle = render_searchset([render_patient(patient)])
    return InteractionResponse(bundle | {"meta": {"profile": [urls.SEARCHSET]}})

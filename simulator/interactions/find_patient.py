"""Find a patient by NHS number: only one whom GP Connect may show."""

from simulator.domain.nhs_number import is_valid
from simulator.domain.patient import Patient
from simulator.domain.refusals import InvalidNhsNumber, shown
from simulator.domain.registration import may_verify
from simulator.fhir import urls
from simulator.fhir.patient import render_patient
from simulator.fhir.search_parameters import read_identifier
from simulator.fhir.searchset import render_searchset
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice


def find_patient(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a Bundle of the patient with an NHS number; empty where none may be shown.

    Raises InvalidNhsNumber and what reading the identifier raises. Source: specification, page "Find a
    patient".
    """
    nhs_number = read_identifier(request.parameters, urls.NHS_NUMBER)
    if not is_valid(nhs_number):
        raise InvalidNhsNumber(
            f"parameter identifier: {shown(nhs_number)} is not an NHS number;"
            " expected ten digits, the last a valid check digit"
        )
    with practice.store.reading() as transaction:
        patient = transaction.patients.with_nhs_number(practice.organization.id, nhs_number)
    if patient is not None and patient.active and not patient.verified:
        patient = _verified(patient, practice)
    found = [patient] if patient is not None and patient.may_be_shown else []
    bundle = render_searchset(render_patient(each) for each in found)
    return InteractionResponse(bundle, record=f"NHS number {nhs_number}")


def _verified(patient: Patient, practice: Practice) -> Patient:
    """Return a patient whose NHS number was never verified, verified if the national record allows it."""
    if not may_verify(patient, practice.trace(patient.nhs_number)):
        return patient
    with practice.store.writing() as transaction:
        return transaction.patients.verify(patient.id)

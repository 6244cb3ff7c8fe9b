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
    recorded = False
    if patient is not None and patient.active and not patient.verified:
        patient, recorded = _verified(patient, practice)
    found = [patient] if patient is not None and patient.may_be_shown else []
    bundle = render_searchset(render_patient(each) for each in found)
    about = found[0].id if found else None
    return InteractionResponse(bundle, patient_id=about, recorded=recorded)


def _verified(patient: Patient, practice: Practice) -> tuple[Patient, bool]:
    """Return a patient whose NHS number was never verified, verified if the national record allows it.

    Also return whether that was a change, recorded with it; somebody else may have made it meanwhile.
    """
    if not may_verify(patient, practice.trace(patient.nhs_number)):
        return patient, False
    with practice.store.writing() as transaction:
        before = transaction.patients.get(practice.organization.id, patient.id)
        verified = transaction.patients.verify(patient.id)
        changes = before is not None and not before.verified
        if changes:
            practice.audited(
                transaction, f"Patient/{verified.id}", verified.version, verified.id, verified.nhs_number
            )
    return verified, changes

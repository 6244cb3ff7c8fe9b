"""Retrieve a patient's appointments: every future one, whoever booked it, cancelled ones included."""

from datetime import date

from simulator.domain.clock import Instant
from simulator.domain.refusals import InvalidParameter, PatientNotFound, shown
from simulator.fhir.appointment import render_appointment
from simulator.fhir.entries import entry
from simulator.fhir.resource import our_id
from simulator.fhir.search_parameters import Parameters, read_bound, values_of
from simulator.fhir.searchset import write_searchset
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice


def retrieve_patient_appointments(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a Bundle of the patient's appointments that start in a period of days.

    Raises PatientNotFound and InvalidParameter. Source: specification, page "Retrieve a patient's
    appointments".
    """
    start, end = read_period(request.parameters, practice.clock.today())
    number = our_id(request.resource_id)
    with practice.store.reading() as transaction:
        if number is None or not transaction.patients.may_be_shown(practice.organization.id, number):
            raise PatientNotFound(f"Patient/{request.resource_id}: does not exist at this practice")
        appointments = transaction.appointments.of_patient(number, start, end)
    return InteractionResponse(write_searchset([entry(render_appointment(each)) for each in appointments]))


def read_period(parameters: Parameters, today: date) -> tuple[Instant, Instant]:
    """Return the period of the two `start` parameters, its last day included, from today at the earliest."""
    values = values_of(parameters, "start")
    lower = [value for value in values if value.startswith("ge")]
    upper = [value for value in values if value.startswith("le")]
    if len(values) != 2 or len(lower) != 1 or len(upper) != 1:
        raise InvalidParameter(
            f"parameter start: {shown(values or None)} was sent;"
            " expected two, `geyyyy-mm-dd` and `leyyyy-mm-dd`"
        )
    start = read_bound("start", lower[0], "ge", upper=False, with_time=False)
    end = read_bound("start", upper[0], "le", upper=True, with_time=False)
    if start.day < today:
        raise InvalidParameter(
            f"parameter start: {lower[0]} is in the past; expected ge{today.isoformat()} or later"
        )
    if end.day < start.day:
        raise InvalidParameter(f"parameter start: {upper[0]} is before {lower[0]}; expected a period")
    return start.instant, end.instant

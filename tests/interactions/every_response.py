"""One answer of every interaction, as tests of all responses want them."""

import httpx2

from simulator.fhir import urls
from tests.interactions.registrations import ada, address, communication, email, parameters, phone
from tests.practice_client import PracticeClient, resource_of

INCLUDES = (
    "_include:recurse=Schedule:actor:Practitioner",
    "_include:recurse=Schedule:actor:Location",
    "_include:recurse=Location:managingOrganization",
)


def every_response(consumer: PracticeClient, sds_user_id: str) -> dict[str, httpx2.Response]:
    """Return what each interaction answers, by name, in a run of bookings on one day.

    Ada Lark must be on the national record, and a practitioner have the SDS user id.
    """
    send, ods_code = consumer.send, consumer.practice["ods_code"]
    one, other = consumer.adjacent_slots()
    appointment = consumer.book(consumer.booking(one, other))
    booked = resource_of(appointment)
    there = {"resource_id": booked["id"]}
    read = send("read_appointment", **there)
    amended = send("amend_appointment", body=booked | {"description": "Earache & 'fever' <b>"}, **there)
    cancelled = consumer.cancel(resource_of(amended))
    consumer.booked(one)
    registration = ada(
        address=[address("home"), address("temp", "York")],
        telecom=[phone("temp"), email()],
        extension=[communication()],
    )
    return {
        "read_metadata": send("read_metadata"),
        "find_patient": consumer.find_patient(consumer.practice["patients"][0]["nhs_number"]),
        "read_patient": send("read_patient", resource_id=consumer.a_patient_id()),
        "register_patient": send("register_patient", body=parameters(registration)),
        "find_practitioner": send(
            "find_practitioner", query=f"identifier={urls.SDS_USER_ID}%7C{sds_user_id}"
        ),
        "read_practitioner": send("read_practitioner", resource_id="1"),
        "find_organization": send(
            "find_organization", query=f"identifier={urls.ODS_ORGANIZATION_CODE}%7C{ods_code}"
        ),
        "read_organization": send("read_organization", resource_id="1"),
        "read_location": send("read_location", resource_id="1"),
        "search_for_free_slots": send("search_for_free_slots", query=consumer.slot_query(1, 1, *INCLUDES)),
        "retrieve_patient_appointments": send(
            "retrieve_patient_appointments",
            resource_id=consumer.a_patient_id(),
            query="start=ge2026-03-16&start=le2026-04-30",
        ),
        "book_appointment": appointment,
        "read_appointment": read,
        "amend_appointment": amended,
        "cancel_appointment": cancelled,
    }

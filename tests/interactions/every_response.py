"""One answer of every interaction that is there, as tests of all responses want them."""

from tests.practice_client import Json, PracticeClient

INCLUDES = (
    "_include:recurse=Schedule:actor:Practitioner",
    "_include:recurse=Schedule:actor:Location",
    "_include:recurse=Location:managingOrganization",
)


def every_response(consumer: PracticeClient) -> dict[str, Json]:
    """Return what each interaction answers, by name, in a run of bookings on one day."""
    one, other = consumer.adjacent_slots()
    body = consumer.booking(one, other)
    booked = consumer.book(body).json()
    read = consumer.send("read_appointment", resource_id=booked["id"]).json()
    cancelled = consumer.cancel(booked).json()
    consumer.booked(one)
    patient_id = consumer.a_patient_id()
    period = "start=ge2026-03-16&start=le2026-04-30"
    return {
        "read_metadata": consumer.send("read_metadata").json(),
        "find_patient": consumer.find_patient(consumer.practice["patients"][0]["nhs_number"]).json(),
        "search_for_free_slots": consumer.search(1, 1, *INCLUDES),
        "book_appointment": booked,
        "read_appointment": read,
        "cancel_appointment": cancelled,
        "retrieve_patient_appointments": consumer.send(
            "retrieve_patient_appointments", resource_id=patient_id, query=period
        ).json(),
    }

"""Book an appointment: one slot, or several that follow each other, all or nothing."""

from simulator.domain.appointment import Appointment
from simulator.domain.booking import Booking, Diary, book, no_longer_free
from simulator.domain.refusals import ReferenceNotFound
from simulator.fhir.appointment_outline import read_booking
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice
from simulator.interactions.read_appointment import appointment_response
from simulator.store.appointments import SlotHeld
from simulator.store.database import Transaction


def book_appointment(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return the appointment that was made, with its place.

    Raises InvalidResource, ReferenceNotFound, DuplicateRejected and BadRequest. Source: specification, page
    "Book an appointment".
    """
    booking = read_booking(request.json)
    organization_id = practice.organization.id
    with practice.store.writing() as transaction:
        _check_participants(booking, organization_id, transaction)
        diary = _diary(booking, organization_id, transaction)
        appointment = book(booking, diary, organization_id, practice.clock.now())
        appointment = _store(appointment, diary, transaction)
        practice.audited(
            transaction,
            f"Appointment/{appointment.id}",
            appointment.version,
            appointment.patient_id,
            status=201,
        )
    place = f"Appointment/{appointment.id}/_history/{appointment.version}"
    return appointment_response(appointment, 201, place)


def _check_participants(booking: Booking, organization_id: int, transaction: Transaction) -> None:
    """Raise ReferenceNotFound unless the practice has every participant, and may show the patient."""
    missing = transaction.appointments.missing(organization_id, booking.participants)
    if missing is not None:
        raise ReferenceNotFound(
            f"Appointment.participant.actor.reference: {missing.kind}/{missing.id}"
            " does not exist at this practice"
        )


def _diary(booking: Booking, organization_id: int, transaction: Transaction) -> Diary:
    slots, schedule, access_profiles = transaction.slots.asked_for(organization_id, booking.slot_ids)
    return Diary(
        slots,
        schedule,
        access_profiles,
        lambda schedule_id, profile_id: transaction.appointments.slots_held(
            schedule_id, profile_id, booking.booking_organisation.ods_code
        ),
    )


def _store(appointment: Appointment, diary: Diary, transaction: Transaction) -> Appointment:
    """Take the slots and store the appointment; raise DuplicateRejected where somebody was first.

    Under the write lock nobody can be first. The conditional update and the unique index say so again.
    """
    if not transaction.slots.take(appointment.slot_ids):
        raise no_longer_free(diary.slots)
    try:
        return transaction.appointments.add(appointment, diary.slots[0].schedule_id)
    except SlotHeld:
        raise no_longer_free(diary.slots) from None

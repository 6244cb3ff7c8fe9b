"""A slot, a schedule, a booking and an appointment to change for the rule a test is about."""

from simulator.domain.amendment import Sent
from simulator.domain.appointment import Appointment, AppointmentStatus, BookingOrganisation, Participant
from simulator.domain.availability import AccessProfile
from simulator.domain.booking import Booking, Diary
from simulator.domain.schedule import Schedule
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus

NOW = 1_000_000
START = NOW + 86_400
TEN_MINUTES = 600

PARTICIPANTS = (Participant("Patient", 1), Participant("Location", 2), Participant("Practitioner", 3))
BOOKER = BookingOrganisation("Z9U01", "urgent-care", '{"resourceType":"Organization","id":"org1"}')
SCHEDULE = Schedule(7, 1, 2, 3, "R0260", "Surgery", START, START + 3600)
PROFILE = AccessProfile(5, "Open to all")
SLOT = Slot(
    11, 7, START, START + TEN_MINUTES, SlotStatus.FREE, "GP appointment", DeliveryChannel.IN_PERSON, 5
)
BOOKING = Booking(
    slot_ids=(11,),
    start=START,
    end=START + TEN_MINUTES,
    start_sent="the start",
    end_sent="the end",
    created=NOW,
    description="Earache",
    comment=None,
    participants=PARTICIPANTS,
    booking_organisation=BOOKER,
)
DIARY = Diary((SLOT,), SCHEDULE, {5: PROFILE}, lambda schedule_id, profile_id: 0)
APPOINTMENT = Appointment(
    id=21,
    organization_id=1,
    status=AppointmentStatus.BOOKED,
    start=START,
    end=START + TEN_MINUTES,
    created=NOW,
    description="Earache",
    comment="Afternoons",
    slot_ids=(11,),
    participants=PARTICIPANTS,
    service_type="GP appointment",
    service_category="Surgery",
    delivery_channel=DeliveryChannel.IN_PERSON,
    practitioner_role="R0260",
    booking_organisation=BOOKER,
    version=3,
    last_updated=NOW,
)
SENT = Sent(
    id="21",
    status="booked",
    start=START,
    end=START + TEN_MINUTES,
    created=NOW,
    description="Earache",
    comment="Afternoons",
    slot_ids=(11,),
    participants=PARTICIPANTS,
    booking_organisation=BOOKER,
    cancellation_reason=None,
)

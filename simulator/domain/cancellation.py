"""Cancellation: status and reason change, nothing else; the slots are free at once.

Source: specification, page "Cancel an appointment".
"""

from simulator.domain.amendment import Sent, check_open, check_unchanged, check_version
from simulator.domain.appointment import Appointment, AppointmentStatus
from simulator.domain.clock import Instant
from simulator.domain.refusals import InvalidParameter, InvalidResource, shown

MAY_CHANGE = frozenset({"status", "extension(cancellationReason)"})


def cancel(appointment: Appointment, sent: Sent, if_match: str | None, now: Instant) -> Appointment:
    """Return the appointment cancelled, a version higher; or raise a refusal.

    Raises InvalidResource (another change, no reason, cancelled already, in the past), InvalidParameter (a
    blank reason) and VersionConflict.
    """
    if sent.status != AppointmentStatus.CANCELLED:
        raise InvalidResource(f"Appointment.status: {shown(sent.status)} was sent; expected 'cancelled'")
    if sent.cancellation_reason is None:
        raise InvalidResource(
            "Appointment.extension: has no cancellation reason; expected one"
            " Extension-GPConnect-AppointmentCancellationReason-1 with a valueString"
        )
    if not sent.cancellation_reason.strip():
        raise InvalidParameter("Appointment.extension(cancellationReason): is blank; expected a reason")
    check_open(appointment, now)
    check_version(appointment, if_match)
    check_unchanged(appointment, sent, MAY_CHANGE)
    return appointment._replace(
        status=AppointmentStatus.CANCELLED,
        cancellation_reason=sent.cancellation_reason,
        version=appointment.version + 1,
        last_updated=now,
    )

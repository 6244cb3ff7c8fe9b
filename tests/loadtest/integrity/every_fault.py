"""Every fault that can be planted in a simulated day, by name, with the check that must find it."""

from __future__ import annotations

from tests.loadtest.integrity import planted_faults, planted_in_bookings
from tests.loadtest.integrity.planted_faults import Fault

FAULTS: dict[str, tuple[Fault, int]] = {
    fault.__name__: (fault, number)
    for fault, number in (
        (planted_faults.double_booking, 1),
        (planted_faults.false_refusal, 2),
        (planted_faults.stale_search, 3),
        (planted_in_bookings.torn_booking, 4),
        (planted_in_bookings.torn_without_answer, 4),
        (planted_in_bookings.leaked_slot, 4),
        (planted_in_bookings.consumed_twice, 5),
        (planted_in_bookings.not_risen, 5),
        (planted_in_bookings.gone_back, 5),
        (planted_faults.lost_booking, 6),
        (planted_faults.lost_cancellation, 6),
        (planted_faults.repeated_id, 7),
        (planted_faults.another_answer, 8),
    )
}

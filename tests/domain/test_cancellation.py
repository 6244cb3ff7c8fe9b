"""Cancelling: the order in which rules speak, and what a cancelled appointment is."""

from typing import Any

import pytest

from simulator.domain.appointment import AppointmentStatus
from simulator.domain.cancellation import cancel
from simulator.domain.refusals import InvalidParameter, InvalidResource, Refusal, VersionConflict
from tests.domain.samples import APPOINTMENT, NOW, SENT, START

CANCELLED = SENT._replace(status="cancelled", cancellation_reason="Better")


def test_a_cancelled_appointment_keeps_all_but_status_reason_and_version() -> None:
    assert cancel(APPOINTMENT, CANCELLED, 'W/"3"', NOW + 60) == APPOINTMENT._replace(
        status=AppointmentStatus.CANCELLED,
        cancellation_reason="Better",
        version=4,
        last_updated=NOW + 60,
    )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"status": "booked"}, InvalidResource),
        ({"cancellation_reason": None}, InvalidResource),
        ({"cancellation_reason": " \n"}, InvalidParameter),
        ({"description": "Other"}, InvalidResource),
        ({"comment": None}, InvalidResource),
    ],
)
def test_each_rule_has_its_refusal(change: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        cancel(APPOINTMENT, CANCELLED._replace(**change), None, NOW)


def test_a_version_that_moved_on_is_a_conflict_whatever_else_changed() -> None:
    with pytest.raises(VersionConflict):
        cancel(APPOINTMENT, CANCELLED._replace(description="Other"), 'W/"2"', NOW)


def test_the_past_speaks_before_the_version() -> None:
    with pytest.raises(InvalidResource, match="in the past"):
        cancel(APPOINTMENT, CANCELLED, 'W/"2"', START + 1)

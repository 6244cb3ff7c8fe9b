"""Who takes part in a booking, and where: the people and the place of the schedule, and nobody else."""

import pytest

from tests.diary import Diary
from tests.interactions.test_book_appointment_rules import booking_of, pattern
from tests.practice_client import Json, PracticeClient, assert_operation_outcome

__all__ = ["pattern"]


@pytest.mark.parametrize(
    ("number", "sent", "said"),
    [
        (1, "Location/2", "Location/2 was sent; expected Location/1, the Location of Schedule/"),
        (
            2,
            "Practitioner/2",
            "Practitioner/2 was sent; expected Practitioner/1, the Practitioner of Schedule/",
        ),
    ],
)
def test_a_booking_goes_where_and_to_whom_the_schedule_is(
    consumer: PracticeClient, diary: Diary, pattern: Json, number: int, sent: str, said: str
) -> None:
    pattern["participant"][number]["actor"]["reference"] = sent
    response = consumer.book(booking_of(pattern, diary.slot()))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", f"Appointment.participant.actor: {said}")


def test_a_clinician_may_be_left_out_and_none_be_named_where_none_sits(
    consumer: PracticeClient, diary: Diary, pattern: Json
) -> None:
    without = pattern | {"participant": pattern["participant"][:2]}
    assert consumer.book(booking_of(without, diary.slot())).status_code == 201
    unmanned = diary.slot(schedule_id=diary.schedule(practitioner_id=None))
    response = consumer.book(booking_of(pattern, unmanned))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "Practitioner/1 was sent; expected none")

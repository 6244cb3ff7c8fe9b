"""What a booking must say, element by element."""

import copy

import pytest

from seed_data import named_cases
from tests.diary import Diary
from tests.interactions.broken_bookings import BROKEN
from tests.practice_client import Json, PracticeClient, assert_operation_outcome


@pytest.fixture(scope="module")
def correct(visitor: PracticeClient) -> Json:
    """Return a booking that would be accepted, to be copied and spoilt."""
    return visitor.booking(visitor.free_slots()[0])


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_booking_with(visitor: PracticeClient, correct: Json, name: str) -> None:
    change, word = BROKEN[name]
    body = copy.deepcopy(correct)
    change(body)
    assert_operation_outcome(visitor.book(body), 422, "INVALID_RESOURCE", word)


@pytest.mark.parametrize(
    ("place", "reference"),
    [
        (0, "Patient/999999"),
        (0, "Patient/p-1"),
        (1, "Location/999999"),
        (1, "Location/L2"),
        (2, "Practitioner/999999"),
        (2, "Device/1"),
        (0, "Patient/61"),
        (1, "Location/4"),
    ],
)
def test_a_participant_whom_the_practice_does_not_have_is_a_dangling_reference(
    visitor: PracticeClient, place: int, reference: str
) -> None:
    body = visitor.booking(visitor.free_slots()[0])
    body["participant"][place]["actor"]["reference"] = reference
    assert_operation_outcome(visitor.book(body), 422, "REFERENCE_NOT_FOUND", reference, "participant")


@pytest.mark.parametrize("case", [named_cases.SENSITIVE, named_cases.DECEASED, named_cases.INACTIVE])
def test_a_patient_who_may_not_be_shown_is_a_dangling_reference(
    consumer: PracticeClient, diary: Diary, case: str
) -> None:
    patient_id = str(diary.named_case("Z90001", case))
    body = consumer.booking(consumer.free_slots()[0], patient_id=patient_id)
    assert_operation_outcome(consumer.book(body), 422, "REFERENCE_NOT_FOUND", f"Patient/{patient_id}")


@pytest.mark.parametrize(("name", "limit"), [("description", 100), ("comment", 500)])
@pytest.mark.parametrize("character", ["x", "é", "\N{FACE WITH TEARS OF JOY}"])
def test_a_text_at_its_limit_is_kept_and_over_it_is_refused(
    consumer: PracticeClient, name: str, limit: int, character: str
) -> None:
    body = consumer.booking(consumer.free_slots()[0])
    over = consumer.book(body | {name: character * (limit + 1)})
    assert_operation_outcome(over, 422, "INVALID_RESOURCE", f"Appointment.{name}", str(limit + 1), str(limit))
    came = consumer.book(body | {name: character * limit})
    assert came.status_code == 201
    assert came.json()[name] == character * limit


@pytest.mark.parametrize(
    "text", [" spaced ", "two\nlines", "tab\there", "<b>&amp;</b>", "Ünïcødé", "'; drop table--"]
)
def test_texts_come_back_as_they_were_sent(consumer: PracticeClient, text: str) -> None:
    body = consumer.booking(consumer.free_slots()[0]) | {"description": text, "comment": text}
    appointment_id = consumer.book(body).json()["id"]
    came = consumer.send("read_appointment", resource_id=appointment_id).json()
    assert (came["description"], came["comment"]) == (text, text)


def test_more_slots_than_any_session_has_are_refused_in_few_words(visitor: PracticeClient) -> None:
    body = visitor.booking(visitor.free_slots()[0])
    body["slot"] = [{"reference": f"Slot/{number}"} for number in range(900_001, 901_001)]
    response = visitor.book(body)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "Slot/900005 and 995 more")

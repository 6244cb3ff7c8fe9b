from typing import Any

from loadtest.ledger import Operation
from loadtest.report.contention import ATTEMPTS_DRAWN, SLOTS_SHOWN, Contention

LOST: dict[str, Any] = {"outcome": "refused", "status": 409, "code": "DUPLICATE_REJECTED"}


def booking(client: str, start: int, end: int, slot: str = "12", **more: Any) -> Operation:
    given: dict[str, Any] = {"outcome": "ok", "status": 201, "slots": (slot,), "phase": "hot"} | more
    return Operation("book_appointment", client, "t", "A", start=start, end=end, **({"phase": "hot"} | given))


def collected(*operations: Operation) -> Contention:
    contention = Contention()
    for operation in operations:
        contention.record(operation)
    return contention


def test_attempts_on_a_slot_are_counted_by_what_came_of_them() -> None:
    (slot,) = collected(
        booking("1", 0, 10),
        booking("2", 1, 12, **LOST),
        booking("3", 2, 12, **LOST),
        booking("4", 20, 22, outcome="refused", status=422, code="INVALID_RESOURCE"),
        booking("5", 30, 32, outcome="unknown", status=None, error="timeout"),
    ).most_contested()

    assert (slot.practice, slot.slot, slot.attempts, slot.most_at_once) == ("A", "12", 5, 3)
    assert (slot.won, slot.lost, slot.refused, slot.unknown) == (1, 2, 1, 1)


def test_a_slot_that_is_booked_again_and_again_by_one_at_a_time_is_not_contended() -> None:
    assert collected(booking("1", 0, 10), booking("2", 20, 30)).most_contested() == ()


def test_the_slots_most_wanted_at_the_same_time_come_first() -> None:
    quiet = [booking(str(client), 100 * client, 100 * client + 50, "quiet") for client in range(9)]
    quiet.append(booking("late", 10, 60, "quiet", **LOST))
    hot = [booking(str(client), client, 50, "hot", **({} if client == 0 else LOST)) for client in range(4)]

    assert [slot.slot for slot in collected(*quiet, *hot).most_contested()] == ["hot", "quiet"]


def test_a_list_of_contended_slots_is_short_however_many_there_were() -> None:
    pairs = [booking(str(client), client, 50, str(slot)) for slot in range(40) for client in range(2)]

    assert len(collected(*pairs).most_contested()) == SLOTS_SHOWN


def test_a_race_is_the_attempts_that_met_with_its_winner_and_the_rest_counted() -> None:
    crowd = [booking(f"late-{client}", 100 + client, 200, **LOST) for client in range(30)]
    race = collected(booking("early", 0, 9), *crowd, booking("winner", 140, 190)).a_race()

    assert race is not None
    assert len(race.attempts) == ATTEMPTS_DRAWN
    assert race.left_out == 31 - ATTEMPTS_DRAWN
    assert [attempt.client for attempt in race.attempts if attempt.ending == "won"] == ["winner"]
    assert [attempt.start for attempt in race.attempts] == sorted(attempt.start for attempt in race.attempts)


def test_where_nobody_met_there_was_no_race() -> None:
    assert collected(booking("1", 0, 10), booking("2", 20, 30)).a_race() is None
    assert collected().a_race() is None


def test_what_is_asked_before_and_after_the_load_is_no_contention() -> None:
    assert collected(booking("1", 0, 10, phase="planning"), booking("2", 1, 9)).most_contested() == ()


def test_several_slots_of_one_booking_are_each_wanted() -> None:
    both = booking("1", 0, 10, slots=("12", "13"))

    assert {slot.slot for slot in collected(both, booking("2", 1, 9, "13", **LOST)).most_contested()} == {
        "13"
    }

from dataclasses import replace

import pytest

from loadtest.appointments import Offer
from loadtest.chance import repeatable
from loadtest.contest import LEAD_SECONDS, Contests, contests_of, plan_rounds, round_interval
from loadtest.ledger import Operation

SECOND = 1_000_000_000


def _offers(*slots: str) -> list[Offer]:
    return [Offer(slot, "", "", f"Schedule/{slot}", None, None, "", "") for slot in slots]


def test_rounds_come_at_even_instants_after_time_to_start_the_generator() -> None:
    rounds = plan_rounds({"A": _offers("1", "2", "3", "4")}, 3, 0.5, repeatable(1), 100 * SECOND)

    assert [each.at - 100 * SECOND for each in rounds] == [
        int((LEAD_SECONDS + number * 0.5) * SECOND) for number in range(3)
    ]


def test_rounds_take_practices_in_turn_and_return_to_a_slot_only_after_the_others() -> None:
    offers = {"A": _offers("1", "2", "3"), "B": _offers("1", "2")}
    rounds = plan_rounds(offers, 10, 0.5, repeatable(1), 0)

    assert [each.practice for each in rounds[:4]] == ["A", "B", "A", "B"]
    assert len({(each.practice, each.offer.slot) for each in rounds[:5]}) == 5
    assert rounds[5:10] == tuple(replace(each, at=each.at + int(2.5 * SECOND)) for each in rounds[:5])


def test_too_few_free_slots_make_no_contest() -> None:
    with pytest.raises(
        ValueError, match="hot_slot needs free slots in 4 schedules at least; 2 have any on offer"
    ):
        plan_rounds({"A": _offers("1", "2")}, 10, 0.5, repeatable(1), 0)


def test_no_two_rounds_close_together_are_of_one_schedule() -> None:
    alike = [replace(offer, schedule="Schedule/1") for offer in _offers("5", "6", "7", "8", "9")]
    rounds = plan_rounds({"A": _offers("1", "2", "3", "4") + alike}, 8, 0.5, repeatable(1), 0)

    assert [each.offer.schedule for each in rounds].count("Schedule/1") == 2


def test_more_clients_get_more_time_for_a_round() -> None:
    assert round_interval(100) > round_interval(10) > 0.1


def _booking(start: int, slot: str, outcome: str = "ok") -> Operation:
    record = Operation(
        "book_appointment", "1-0", "t", "A", "hot_slot", start, start + 10, "ok", slots=(slot,)
    )
    return record if outcome == "ok" else replace(record, outcome="refused")


def test_winners_are_counted_round_by_round() -> None:
    contests = Contests([100, 200, 300], ["1", "2", "3"])
    for operation in (
        _booking(100, "1"),
        _booking(101, "1", "refused"),
        _booking(102, "1", "refused"),
        _booking(205, "2", "refused"),
        _booking(300, "3"),
        _booking(310, "3"),
        _booking(50, "1"),
        _booking(301, "9"),
        replace(_booking(302, "3"), interaction="cancel_appointment"),
    ):
        contests.record(operation)

    assert contests.summary() == {
        "rounds": 3,
        "one_winner": 1,
        "no_winner": 1,
        "several_winners": 1,
        "clients_per_round": 2.0,
    }


def test_wall_clock_instants_are_moved_to_the_clock_of_the_ledger() -> None:
    rounds = plan_rounds({"A": _offers("1", "2", "3", "4")}, 2, 1.0, repeatable(1), 50 * SECOND)
    contests = contests_of(rounds, wall_minus_monotonic=40 * SECOND)
    for each in rounds:
        contests.record(_booking(each.at - 40 * SECOND, each.offer.slot))

    assert contests.summary()["one_winner"] == 2


def test_no_contest_has_no_winner() -> None:
    assert Contests([], []).summary()["clients_per_round"] == 0.0

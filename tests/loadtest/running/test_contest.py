from dataclasses import replace

import pytest

from loadtest.appointments import Offer
from loadtest.chance import repeatable
from loadtest.ledger import Operation
from loadtest.running.contest import (
    ANSWERED_WITHIN_SECONDS,
    CLIENTS_PER_SLOT,
    LEAD_SECONDS,
    REUSED_AFTER_SECONDS,
    Contests,
    choose_contested,
    contests_of,
    plan_rounds,
    round_interval,
)
from loadtest.scenarios.session import CONNECTION_TIMEOUT, NETWORK_TIMEOUT

SECOND = 1_000_000_000


def _offers(*slots: str) -> list[Offer]:
    return [Offer(slot, "", "", f"Schedule/{slot}", None, None, "", "") for slot in slots]


def test_rounds_come_at_even_instants_after_the_phase_began() -> None:
    rounds = plan_rounds({"A": _offers("1", "2", "3", "4")}, 3, 0.5, repeatable(1))

    assert [each.at for each in rounds] == [
        int((LEAD_SECONDS + number * 0.5) * SECOND) for number in range(3)
    ]


def test_rounds_take_practices_in_turn_and_return_to_a_slot_only_after_the_others() -> None:
    offers = {"A": _offers("1", "2", "3"), "B": _offers("1", "2")}
    rounds = plan_rounds(offers, 10, 0.5, repeatable(1))

    assert [each.practice for each in rounds[:4]] == ["A", "B", "A", "B"]
    assert len({(each.practice, each.offer.slot) for each in rounds[:5]}) == 5
    assert [(each.practice, each.offer) for each in rounds[5:]] == [
        (each.practice, each.offer) for each in rounds[:5]
    ]


@pytest.mark.parametrize("wanted", [12, 60.0])
def test_a_slot_comes_back_only_when_its_winner_has_surely_cancelled(wanted: float) -> None:
    rounds = plan_rounds({"A": _offers("1", "2", "3", "4", "5")}, wanted, 0.5, repeatable(1))

    assert len(rounds) == 12
    assert (rounds[5].at - rounds[0].at) / SECOND >= REUSED_AFTER_SECONDS > ANSWERED_WITHIN_SECONDS
    assert CONNECTION_TIMEOUT + NETWORK_TIMEOUT <= ANSWERED_WITHIN_SECONDS, (
        "by then every client has given up"
    )


def test_a_load_too_short_to_come_back_to_a_slot_takes_each_once() -> None:
    rounds = plan_rounds({"A": _offers("1", "2", "3", "4", "5")}, 20.0, 0.5, repeatable(1))

    assert len({each.offer.slot for each in rounds}) == len(rounds) == 5
    assert rounds[1].at - rounds[0].at == SECOND // 2


def test_too_few_free_slots_make_no_contest() -> None:
    with pytest.raises(
        ValueError, match="hot_slot needs free slots in 4 schedules at least; 2 have any on offer"
    ):
        plan_rounds({"A": _offers("1", "2")}, 10, 0.5, repeatable(1))


def test_no_two_rounds_close_together_are_of_one_schedule() -> None:
    alike = [replace(offer, schedule="Schedule/1") for offer in _offers("5", "6", "7", "8", "9")]
    rounds = plan_rounds({"A": _offers("1", "2", "3", "4") + alike}, 8, 0.5, repeatable(1))

    assert [each.offer.schedule for each in rounds].count("Schedule/1") == 2


def test_more_clients_get_more_time_for_a_round() -> None:
    assert round_interval(100) > round_interval(10) > 0.1


def _booking(start: int, slot: str, outcome: str = "ok") -> Operation:
    record = Operation(
        "book_appointment", "1-0", "t", "A", "hot_slot", start, start + 10, "ok", slots=(slot,)
    )
    return record if outcome == "ok" else replace(record, outcome="refused")


def _lost(start: int, slot: str) -> Operation:
    return replace(_booking(start, slot, "refused"), status=409, code="DUPLICATE_REJECTED")


def _cancel(start: int, appointment: str) -> Operation:
    return Operation(
        "cancel_appointment", "1", "t", "A", "hot", start, start + 5, "ok", appointment=appointment
    )


def _ended(*operations: Operation) -> dict[str, float]:
    contests = Contests([100, 200, 300], ["1", "2", "3"])
    for operation in operations:
        contests.record(operation)
    return {name: count for name, count in contests.summary().items() if count}


def test_a_round_has_one_winner_and_clients_that_lost() -> None:
    ended = _ended(
        _booking(100, "1"), _lost(101, "1"), _lost(102, "1"), _booking(50, "1"), _booking(201, "9")
    )

    assert ended == {"rounds": 1, "one_winner": 1, "clients_per_round": 3.0}


def test_two_winners_at_once_are_several() -> None:
    first, second = (replace(_booking(at, "3"), appointment=str(at)) for at in (300, 305))

    assert _ended(first, second) == {"rounds": 1, "several_winners": 1, "clients_per_round": 2.0}
    assert _ended(first, second, _cancel(400, "300"))["several_winners"] == 1, "cancelled long after both"


def test_a_second_winner_whose_booking_may_have_come_after_a_cancel_won_again() -> None:
    first, second = (replace(_booking(at, "3"), appointment=str(at)) for at in (300, 320))

    assert _ended(first, second, _cancel(329, "300"))["won_again"] == 1
    assert _ended(_cancel(329, "300"), second, first)["won_again"] == 1, "in whatever order the ledgers come"


def test_a_round_without_a_winner_is_named_by_its_reason() -> None:
    refused = replace(_booking(100, "1", "refused"), status=422, code="INVALID_RESOURCE")
    unanswered = replace(_booking(201, "2"), outcome="unknown")

    assert _ended(refused, refused)["refused"] == 1
    assert _ended(_lost(200, "2"), unanswered)["unanswered"] == 1
    assert _ended(_lost(300, "3"), replace(refused, start=301, slots=("3",)))["no_winner"] == 1


def test_the_rounds_of_each_phase_are_counted_from_when_it_began() -> None:
    offers = {"A": _offers("1", "2", "3", "4")}
    phases = [
        (begins, plan_rounds(offers, 2, 1.0, repeatable(begins))) for begins in (50 * SECOND, 90 * SECOND)
    ]
    contests = contests_of(phases)
    for begins, rounds in phases:
        for each in rounds:
            contests.record(_booking(begins + each.at, each.offer.slot))

    assert (contests.summary()["rounds"], contests.summary()["one_winner"]) == (4, 4)


def test_churn_has_one_slot_for_every_few_clients_and_none_of_a_schedule_twice() -> None:
    offers = {"A": _offers("1", "2", "3"), "B": _offers("7", "8")}

    contested = choose_contested(offers, 4 * CLIENTS_PER_SLOT, repeatable(1))

    assert len({(each.practice, each.offer.schedule) for each in contested}) == len(contested) == 4
    assert {each.practice for each in contested} == {"A", "B"}
    assert len(choose_contested(offers, 1, repeatable(1))) == 1


def test_churn_without_a_free_slot_cannot_be() -> None:
    with pytest.raises(ValueError, match="churn needs a free slot"):
        choose_contested({"A": []}, 20, repeatable(1))


def test_no_contest_has_no_winner() -> None:
    assert Contests([], []).summary()["clients_per_round"] == 0.0

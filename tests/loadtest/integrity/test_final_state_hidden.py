"""Slots let go that a search does not show in the end: what may hide them, and what may not."""

from loadtest.integrity import CheckResult
from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check

NINE, TEN, NOON = "2026-11-24T09:00:00+00:00", "2026-11-24T10:00:00+00:00", "2026-11-24T12:00:00+00:00"


def _let_go(day: Day, *shown: str, **held: str) -> CheckResult:
    """Slot 12 is booked and given back, others are held to the end, and some are shown then."""
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    for appointment, slot in held.items():
        day.book(40, 50, slot, gives=appointment)
    kept = tuple(booked(appointment, slot) for appointment, slot in held.items())
    day.read_back(*shown, p1=(cancelled("901", "12"), *kept))
    return check(day.judged(), 6)


def test_a_slot_let_go_may_be_hidden_while_the_run_holds_another_of_its_schedule() -> None:
    day = Day()
    day.first_look_at(s12=("Schedule/1", NINE), s13=("Schedule/1", TEN))
    found = _let_go(day, a902="13")
    assert found.result == "passed"
    assert found.notes[0] == (
        "1 slot of practice A81001 that was let go is not shown, while the run holds another slot of the same"
        " schedule: a limit to one organisation would hide it"
    )


def test_a_slot_held_of_another_schedule_hides_nothing() -> None:
    day = Day()
    day.first_look_at(s12=("Schedule/1", NINE), s13=("Schedule/2", TEN))
    assert _let_go(day, a902="13").result == "unproven"


def test_a_slot_let_go_may_be_hidden_by_an_embargo_that_hides_a_later_untouched_one() -> None:
    day = Day()
    day.first_look_at(s12=("Schedule/1", NINE), s13=("Schedule/2", TEN), s14=("Schedule/2", NOON))
    found = _let_go(day, "14")
    assert found.result == "passed"
    assert "embargo" in found.notes[0]


def test_an_earlier_hidden_slot_or_one_a_limit_hides_is_no_sign_of_an_embargo() -> None:
    day = Day()
    day.first_look_at(
        s11=("Schedule/9", NINE), s12=("Schedule/1", TEN), s13=("Schedule/2", NOON), s14=("Schedule/2", NOON)
    )
    assert _let_go(day, a902="13").result == "unproven"

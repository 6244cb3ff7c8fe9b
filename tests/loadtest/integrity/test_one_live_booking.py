from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from loadtest.integrity.findings import SHOWN
from loadtest.ledger import READ_BACK
from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check, results


def test_two_acknowledged_bookings_of_one_slot_are_a_double_booking() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    one = day.book(0, 10, "12", patient="p1", gives="901")
    other = day.book(5, 15, "12", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    findings = day.judged()
    assert results(findings) == {1: "violated"}
    assert findings.violated
    (witness,) = check(findings, 1).violations
    assert witness.operations == (one, other)
    assert witness.seed == 42
    assert "slot 12 of practice A81001" in witness.summary
    assert "901" in witness.summary
    assert "902" in witness.summary


def test_proofs_of_different_slots_come_before_several_of_one() -> None:
    day = Day()
    day.first_look("12", "13", "14", p1=())
    held = []
    for number, slot in enumerate(["12"] * (SHOWN + 2) + ["13", "13", "14", "14"]):
        day.book(number, number + 1, slot, patient="p1", gives=str(900 + number))
        held.append(booked(str(900 + number), slot))
    day.read_back(p1=tuple(held))
    result = check(day.judged(), 1)

    first = [witness.summary.partition(" of ")[0] for witness in result.violations[:4]]
    assert first == ["slot 12", "slot 13", "slot 14", "slot 12"]
    assert (result.violation_count, len(result.violations)) == (SHOWN + 3, SHOWN)


def test_a_slot_booked_cancelled_and_booked_again_was_never_held_twice() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.cancel(20, 30, "901")
    day.book(40, 50, "12", patient="p2", gives="902")
    day.read_back(p1=(cancelled("901", "12"),), p2=(booked("902", "12"),))
    findings = day.judged()
    assert results(findings) == {}
    assert not findings.violated
    assert not findings.unproven
    assert check(findings, 1).examined == 2
    assert findings.operations == 9


def test_a_cancellation_in_flight_beside_the_next_booking_may_have_come_first() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(20, 30, "12", patient="p2", gives="902")
    day.cancel(30, 40, "901")
    day.read_back(p1=(cancelled("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {}


def test_a_cancellation_asked_for_after_the_second_answer_excuses_nothing() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(20, 30, "12", patient="p2", gives="902")
    day.cancel(31, 40, "901")
    day.read_back(p1=(cancelled("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {1: "violated"}


def test_a_short_booking_inside_the_hold_of_another_is_a_double_booking() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(20, 30, "12", patient="p2", gives="902")
    day.cancel(40, 50, "902")
    day.read_back(p1=(booked("901", "12"),), p2=(cancelled("902", "12"),))
    assert results(day.judged()) == {1: "violated"}


def test_the_third_booking_is_held_against_the_longest_of_those_before_it() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=(), p3=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(20, 30, "12", patient="p2", gives="902")
    day.cancel(40, 50, "902")
    day.book(60, 70, "12", patient="p3", gives="903")
    day.read_back(p1=(booked("901", "12"),), p2=(cancelled("902", "12"),), p3=(booked("903", "12"),))
    findings = day.judged()
    assert results(findings) == {1: "violated"}
    assert check(findings, 1).violation_count == 2


def test_bookings_of_several_slots_that_share_two_are_one_double_booking() -> None:
    day = Day()
    day.first_look("12", "13", "14", p1=(), p2=())
    day.book(0, 10, "12", "13", "14", patient="p1", gives="901")
    day.book(5, 15, "13", "14", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12", "13", "14"),), p2=(booked("902", "13", "14"),))
    findings = day.judged()
    assert results(findings) == {1: "violated"}
    assert check(findings, 1).violation_count == 1


def test_the_same_logical_id_at_two_practices_is_two_slots() -> None:
    day, elsewhere = Day(), Day(practice="B82002")
    for at, patient in ((day, "p1"), (elsewhere, "p1")):
        at.first_look("12", p1=())
        at.book(0, 10, "12", patient=patient, gives="901")
        at.read_back(p1=(booked("901", "12"),))
    day.operations += elsewhere.operations
    assert results(day.judged()) == {}


def test_a_booking_answered_twice_with_one_appointment_is_one_booking() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.book(20, 30, "12", gives="901")
    day.read_back(p1=(booked("901", "12"),))
    assert results(day.judged()) == {}


def test_a_lost_booking_is_not_a_double_booking_as_well() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(20, 30, "12", patient="p2", gives="902")
    day.read_back(p1=(), p2=(booked("902", "12"),))
    assert results(day.judged()) == {6: "violated"}


Request = tuple[int, int]
BookingAndCancellation = tuple[Request, Request]


@st.composite
def bookings_and_cancellations(draw: st.DrawFn) -> list[BookingAndCancellation]:
    """Bookings of one slot, each with an acknowledged cancellation asked for after its answer."""
    spans = []
    for _ in range(draw(st.integers(2, 4))):
        start = draw(st.integers(0, 12))
        length, gap, other = (draw(st.integers(0, 6)) for _ in range(3))
        end = start + length
        spans.append(((start, end), (end + gap, end + gap + other)))
    return spans


def _one_after_the_other(order: tuple[BookingAndCancellation, ...]) -> bool:
    now = 0
    for (start, end), (cancel_start, cancel_end) in order:
        taken = max(now, start)
        now = max(taken, cancel_start)
        if taken > end or now > cancel_end:
            return False
    return True


@given(bookings_and_cancellations())
def test_the_judge_agrees_with_trying_every_order(spans: list[BookingAndCancellation]) -> None:
    day = Day()
    for number, (booking, cancellation) in enumerate(spans):
        day.book(*booking, "12", patient=f"p{number}", gives=f"90{number}")
        day.cancel(*cancellation, f"90{number}")
        day.retrieve(500, 510, f"p{number}", cancelled(f"90{number}", "12"), phase=READ_BACK)
    possible = any(_one_after_the_other(order) for order in permutations(spans))
    assert results(day.judged()) == ({} if possible else {1: "violated"})

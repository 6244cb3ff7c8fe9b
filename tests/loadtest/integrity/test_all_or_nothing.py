from dataclasses import replace

import pytest

from loadtest.ledger import READ_BACK
from tests.loadtest.integrity.recorded_day import MS, Day, booked, cancelled, check, results

NINE, TEN, ELEVEN = "2026-11-24T09:00:00+00:00", "2026-11-24T10:00:00+00:00", "2026-11-24T11:00:00+00:00"


def test_an_answer_that_shows_part_of_the_slots_asked_for_is_a_torn_booking() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    booking = day.book(0, 10, "12", "13", shows=booked("901", "12", patient="p1"), gives="901")
    day.read_back("13", p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {4: "violated"}
    (witness,) = check(findings, 4).violations
    assert witness.operations == (booking,)
    assert "slot 12 and 13 and is shown on 12" in witness.summary


def test_a_read_that_shows_part_of_the_slots_asked_for_is_a_torn_booking() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    booking = day.book(0, 10, "12", "13", gives="901")
    read = day.read(20, 30, "901", booked("901", "13"))
    day.read_back("12", p1=(booked("901", "13"),))
    findings = day.judged()
    assert results(findings) == {4: "violated"}
    (witness,) = check(findings, 4).violations
    assert witness.operations == (booking, read)


def test_an_appointment_on_another_slot_than_was_asked_for_is_a_violation() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", gives="901")
    day.read_back("12", p1=(booked("901", "13"),))
    assert results(day.judged()) == {4: "violated"}


def test_whether_a_slot_that_was_shown_and_not_asked_for_is_held_is_unproven() -> None:
    day = Day()
    day.first_look("12", "13", p1=(), p2=())
    day.book(0, 10, "12", gives="901")
    day.book(20, 30, "13", patient="p2", gives="902")
    day.read_back("12", p1=(booked("901", "13"),), p2=(booked("902", "13"),))
    assert results(day.judged()) == {1: "unproven", 4: "violated"}


def test_slots_in_another_order_are_the_same_slots() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", "13", gives="901", shows=booked("901", "13", "12", patient="p1"))
    day.read_back(p1=(booked("901", "12", "13"),))
    findings = day.judged()
    assert results(findings) == {}
    assert check(findings, 4).examined == 1


@pytest.mark.parametrize("slots", [("12",), ("12", "13")])
def test_an_appointment_that_is_never_shown_with_its_slots_is_unproven(slots: tuple[str, ...]) -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, *slots, gives="901", shows=booked("901"))
    day.read_back(*{"12", "13"}.difference(slots), p1=(booked("901"),))
    findings = day.judged()
    assert results(findings) == {4: "unproven"}
    assert "never shown with any" in check(findings, 4).doubts[0]


def test_an_unanswered_booking_recognised_with_part_of_its_slots_is_torn() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    booking = day.book_unanswered(0, 10, "12", "13")
    day.read_back("13", p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {4: "violated"}
    (witness,) = check(findings, 4).violations
    assert witness.operations[0] == booking
    assert "on slot 12 and 13, without an answer, and is shown on 12" in witness.summary


def test_an_acknowledged_booking_without_an_id_is_recognised_torn_too() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", "13")
    day.read_back("13", p1=(booked("901", "12"),))
    assert results(day.judged()) == {4: "violated"}


def test_part_of_the_slots_may_be_a_booking_from_outside_where_others_write_to_the_provider() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book_unanswered(0, 10, "12", "13")
    day.read_back("13", p1=(booked("901", "12"),))
    findings = day.judged(shared=True)
    assert results(findings) == {4: "unproven", 6: "unproven"}
    assert "unless someone outside the run made it" in check(findings, 4).doubts[0]


def test_part_of_the_slots_may_be_a_booking_from_outside_where_another_trace_of_one_is_seen() -> None:
    day = Day()
    day.first_look("12", "13", "14", p1=(), p2=())
    day.book_unanswered(0, 10, "12", "13")
    day.read_back("13", p1=(booked("901", "12"),), p2=(booked("902", "14"),))
    assert results(day.judged()) == {4: "unproven", 6: "unproven"}


@pytest.mark.parametrize("patient", ["p1", "p2"])
def test_an_appointment_is_not_torn_where_a_booking_of_its_own_explains_it(patient: str) -> None:
    day = Day()
    day.first_look("12", "13", p1=(), p2=())
    day.book_unanswered(0, 10, "12", "13", patient="p1")
    day.book_unanswered(0, 10, "12", patient=patient)
    day.read_back("13", **{"p1": (), "p2": (), patient: (booked("901", "12"),)})
    assert results(day.judged()) == {}


def test_an_appointment_first_seen_before_the_booking_began_is_not_what_it_made() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.retrieve(0, 10, "p1", booked("700", "12"))
    day.book_unanswered(20, 30, "12", "13")
    day.read_back("13", p1=(booked("700", "12"),))
    assert results(day.judged()) == {6: "unproven"}


def test_a_torn_booking_that_was_cancelled_again_is_still_torn() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", "13", gives="901")
    day.retrieve(20, 30, "p1", booked("901", "12"))
    day.cancel(40, 50, "901")
    day.read_back("12", "13", p1=(cancelled("901", "12"),))
    assert results(day.judged()) == {4: "violated"}


def test_a_slot_that_a_torn_booking_left_out_may_be_shown_free_and_booked_by_others() -> None:
    day = Day()
    day.first_look("12", "13", p1=(), p2=())
    day.book(0, 10, "12", "13", gives="901", shows=booked("901", "12"))
    day.search(20, 30, "13")
    day.book(40, 50, "13", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "13"),))
    assert results(day.judged()) == {4: "violated"}


def test_a_slot_that_a_torn_booking_still_holds_is_held() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", "13", gives="901", shows=booked("901", "12"))
    day.search(20, 30, "12")
    day.read_back("13", p1=(booked("901", "12"),))
    assert results(day.judged()) == {3: "violated", 4: "violated"}


def test_a_refused_booking_of_two_slots_found_on_one_of_them_took_it() -> None:
    day = Day()
    day.first_look("12", "13", p1=(), p9=())
    day.book(0, 10, "13", gives="901")
    refusal = day.refused(20, 30, "12", "13")
    day.read_back(p1=(booked("901", "13"),), p9=(booked("902", "12"),))
    findings = day.judged()
    assert results(findings) == {4: "violated"}
    assert refusal in check(findings, 4).violations[0].operations
    assert (
        "on slot 12 and 13, which was refused, and is shown on 12" in check(findings, 4).violations[0].summary
    )


def test_a_refused_booking_found_on_all_its_slots_is_whole_and_perhaps_from_outside() -> None:
    day = Day()
    day.first_look("12", "13", p9=())
    day.book_unanswered(0, 30, "12", "13", patient="p1")
    day.refused(20, 30, "12", "13")
    day.read_back(p9=(booked("902", "12", "13"),), p1=())
    assert results(day.judged()) == {6: "unproven"}


def test_one_booking_explains_one_torn_appointment() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book_unanswered(0, 10, "12", "13")
    day.read_back(p1=(booked("901", "12"), booked("902", "13")))
    findings = day.judged()
    assert results(findings) == {4: "unproven", 6: "unproven"}
    assert check(findings, 4).doubt_count == 1


def _refused_beside_a_booking(*shown: str, kept: bool = False) -> Day:
    """Slot 13 is booked and slots 12 and 13 refused; `shown` are free in the end."""
    day = Day()
    day.first_look_at(s11=("Schedule/1", NINE), s12=("Schedule/1", TEN), s13=("Schedule/1", ELEVEN))
    day.book(0, 10, "13", gives="901")
    day.refused(20, 30, "12", "13")
    if not kept:
        day.cancel(40, 50, "901")
    day.read_back(*shown, p1=(booked("901", "13") if kept else cancelled("901", "13"),))
    return day


def test_a_refused_booking_of_two_slots_that_leaves_one_of_them_taken_is_a_violation() -> None:
    findings = _refused_beside_a_booking("11", "13").judged()
    assert results(findings) == {4: "violated"}
    (witness,) = check(findings, 4).violations
    assert [o.outcome for o in witness.operations] == ["refused", "ok"]
    assert witness.operations[1].phase == READ_BACK
    assert "slot 12" in witness.summary and "is gone since" in witness.summary


def test_a_refused_booking_of_two_slots_that_leaves_both_free_is_right() -> None:
    findings = _refused_beside_a_booking("11", "12", "13").judged()
    assert results(findings) == {}
    assert check(findings, 4).examined == 2


def test_a_slot_gone_since_a_refusal_may_be_hidden_while_the_run_holds_another_of_its_schedule() -> None:
    findings = _refused_beside_a_booking("11", kept=True).judged()
    assert results(findings) == {}
    assert "a limit to one organisation" in check(findings, 4).notes[0]


def test_a_slot_gone_since_a_refusal_may_be_embargoed_where_no_earlier_one_is_shown() -> None:
    findings = _refused_beside_a_booking("13").judged()
    assert results(findings) == {4: "unproven"}
    assert "hidden by a rule of the practice" in check(findings, 4).doubts[0]


def test_a_slot_gone_since_a_refusal_may_be_embargoed_like_a_later_one_that_nobody_touched() -> None:
    day = Day()
    day.first_look_at(s12=("Schedule/1", NINE), s13=("Schedule/1", TEN), s14=("Schedule/2", ELEVEN))
    day.book(0, 10, "13", gives="901")
    day.refused(20, 30, "12", "13")
    day.cancel(40, 50, "901")
    day.read_back(p1=(cancelled("901", "13"),))
    findings = day.judged()
    assert results(findings) == {}
    assert "an embargo" in check(findings, 4).notes[0]


def test_a_slot_gone_since_a_refusal_is_unproven_where_others_write_to_the_provider() -> None:
    findings = _refused_beside_a_booking("11", "13").judged(shared=True)
    assert results(findings) == {4: "unproven"}
    assert "booked by someone outside the run" in check(findings, 4).doubts[0]


def test_a_slot_gone_since_a_refusal_is_unproven_where_a_trace_of_someone_outside_is_seen() -> None:
    day = _refused_beside_a_booking("11", "13")
    day.retrieve(10_040, 10_050, "p2", booked("700", "77"), phase=READ_BACK)
    assert results(day.judged()) == {4: "unproven", 6: "unproven"}


def test_a_slot_may_be_gone_while_the_refusal_was_still_to_come() -> None:
    day = _refused_beside_a_booking("11", "13")
    day.operations = [replace(o, end=10_000 * MS) if o.outcome == "refused" else o for o in day.operations]
    assert results(day.judged()) == {}


def test_a_slot_that_was_seen_after_the_refusal_was_not_taken_by_it() -> None:
    day = _refused_beside_a_booking("11", "13")
    day.search(60, 70, "11", "12", "13")
    assert results(day.judged()) == {}


def test_a_slot_that_someone_booked_once_may_have_been_lost_by_that() -> None:
    day = _refused_beside_a_booking("11", "13")
    day.book(60, 70, "12", gives="902")
    day.cancel(80, 90, "902")
    day.retrieve(10_040, 10_050, "p1", cancelled("901", "13"), cancelled("902", "12"), phase=READ_BACK)
    assert results(day.judged()) == {6: "unproven"}

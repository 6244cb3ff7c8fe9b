import pytest

from loadtest.ledger import READ_BACK, AppointmentSeen
from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check, results


def test_an_acknowledged_booking_that_is_not_there_in_the_end_is_lost() -> None:
    day = Day()
    day.first_look("12", p1=())
    booking = day.book(0, 10, "12", gives="901")
    day.read_back("12", p1=())
    findings = day.judged()
    assert results(findings) == {6: "violated"}
    (witness,) = check(findings, 6).violations
    assert witness.operations[0] == booking
    assert witness.operations[1].phase == READ_BACK
    assert "lost booking" in witness.summary


def test_bookings_and_cancellations_that_are_read_back_as_made_are_right() -> None:
    day = Day()
    day.first_look("12", "13", "14", p1=(), p2=())
    day.book(0, 10, "12", "13", gives="901")
    day.book(0, 10, "14", patient="p2", gives="902")
    day.cancel(20, 30, "902")
    day.read_back("14", p1=(booked("901", "13", "12"),), p2=(cancelled("902", "14"),))
    findings = day.judged()
    assert results(findings) == {}
    assert check(findings, 6).examined == 2


def test_an_acknowledged_cancellation_that_did_not_hold_is_a_violation() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    day.read_back(p1=(booked("901", "12", version="2"),))
    findings = day.judged()
    assert results(findings) == {6: "violated"}
    assert [o.interaction for o in check(findings, 6).violations[0].operations] == [
        "cancel_appointment",
        "retrieve_patient_appointments",
    ]


@pytest.mark.parametrize("end", [booked("901", "12"), cancelled("901", "12")])
def test_an_unanswered_cancellation_may_or_may_not_have_held(end: AppointmentSeen) -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901", "unknown")
    day.read_back(*(("12",) if end.status == "cancelled" else ()), p1=(end,))
    assert results(day.judged()) == {}


def test_one_appointment_acknowledged_to_two_patients_is_a_violation() -> None:
    day = Day()
    day.first_look("12", "13", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(0, 10, "13", patient="p2", gives="901")
    day.read_back(p1=(booked("901", "12"),), p2=())
    findings = day.judged()
    assert results(findings) == {6: "violated"}
    assert "two different bookings" in check(findings, 6).violations[0].summary


def test_an_acknowledged_booking_without_an_id_that_is_not_there_is_lost() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12")
    day.read_back("12", p1=())
    assert results(day.judged()) == {6: "violated"}


def test_what_was_not_read_back_is_unproven() -> None:
    day = Day()
    day.first_look("12", "13", "14", p1=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(0, 10, "13", patient="p2")
    day.book_unanswered(0, 10, "14", patient="p3")
    day.retrieve(10_000, 10_010, "p1", phase=READ_BACK, outcome="unknown")
    findings = day.judged()
    assert results(findings) == {6: "unproven"}
    assert check(findings, 6).doubt_count == 3


def test_a_read_back_that_began_before_the_answer_proves_nothing() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 20_000, "12", gives="901")
    day.read_back(p1=())
    findings = day.judged()
    assert results(findings) == {6: "unproven"}
    assert "before its booking was answered" in check(findings, 6).doubts[0]


def test_a_cancellation_of_an_appointment_nobody_ever_read_is_unproven() -> None:
    day = Day()
    day.cancel(0, 10, "500")
    assert results(day.judged()) == {6: "unproven"}


@pytest.mark.parametrize("end", [booked("901", "12"), booked("901", "12", version="2")])
def test_an_unanswered_amendment_is_settled_by_the_version_read_back(end: AppointmentSeen) -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.amend(20, 30, "901", "unknown")
    day.read_back(p1=(end,))
    assert results(day.judged()) == {}


def test_an_amendment_of_an_appointment_that_was_not_read_back_is_unproven() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),))
    day.amend(0, 10, "500", "unknown")
    findings = day.judged()
    assert results(findings) == {6: "unproven"}
    assert "appointment 500 of practice A81001 was not read back" in check(findings, 6).doubts


@pytest.mark.parametrize("interaction", ["amend", "cancel"])
def test_a_change_without_an_answer_when_the_state_was_read_back_is_unproven(interaction: str) -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    getattr(day, interaction)(20, 20_000, "901", "unknown")
    day.read_back(p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {6: "unproven"}
    assert "before a change of it was answered" in check(findings, 6).doubts[0]


def test_a_cancellation_that_is_seen_at_the_read_back_is_settled_whenever_its_answer_came() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 20_000, "901", "unknown")
    day.read_back("12", p1=(cancelled("901", "12"),))
    assert 6 not in results(day.judged())


def test_an_appointment_from_outside_the_run_is_never_passed() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.read_back(p1=(booked("700", "12"),))
    findings = day.judged()
    assert results(findings) == {6: "unproven"}
    assert "700" in check(findings, 6).doubts[0]


def test_a_cancellation_from_outside_the_run_is_never_passed() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),))
    day.read_back(p1=(cancelled("500", "12"),))
    findings = day.judged()
    assert results(findings) == {6: "unproven"}
    assert "not by this run" in check(findings, 6).doubts[0]


def test_what_was_there_before_and_stayed_is_right() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"), cancelled("501", "13")))
    day.read_back(p1=(booked("500", "12"), cancelled("501", "13")))
    assert results(day.judged()) == {}


def test_what_was_there_before_and_left_alone_is_counted_apart() -> None:
    day = Day()
    day.first_look("14", p1=(booked("500", "12"), booked("501", "13")))
    day.cancel(0, 10, "501", matches="1", gives="2")
    day.book(20, 30, "14", gives="901")
    day.read_back("13", p1=(booked("500", "12"), cancelled("501", "13"), booked("901", "14")))
    found = check(day.judged(), 6)
    assert (found.result, found.examined) == ("passed", 2)
    assert found.notes == ("besides, 1 appointment from before the run that it left alone",)


def test_what_was_there_before_need_not_be_read_back_unless_the_run_touched_it() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),))
    assert results(day.judged()) == {}
    day.cancel(0, 10, "500")
    assert results(day.judged()) == {6: "unproven"}


def test_what_was_there_before_and_vanished_may_have_been_removed_from_outside() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),))
    day.search(0, 10, "12")
    day.read_back("12", p1=())
    assert results(day.judged()) == {3: "unproven", 6: "unproven"}


def test_a_slot_let_go_must_be_seen_free_again() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    day.read_back(p1=(cancelled("901", "12"),))
    findings = day.judged()
    assert results(findings) == {6: "unproven"}
    assert "slot 12" in check(findings, 6).doubts[0]


def test_a_slot_held_by_a_booking_that_came_to_nothing_must_be_free() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book_unanswered(0, 10, "12")
    day.read_back(p1=())
    assert results(day.judged()) == {6: "unproven"}


def test_slots_of_another_window_are_not_missed() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    day.retrieve(100, 110, "p1", cancelled("901", "12"), phase=READ_BACK)
    assert results(day.judged()) == {}


def test_an_appointment_can_be_read_back_by_its_id() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", gives="901")
    day.book(0, 10, "13", gives="902")
    day.read(100, 110, "901", booked("901", "12"), READ_BACK)
    day.read(100, 110, "902", booked("902", "13"), READ_BACK)
    assert results(day.judged()) == {}
    day.read(200, 210, "902", None, READ_BACK)
    assert results(day.judged()) == {6: "violated"}


def test_the_latest_read_back_counts_in_whatever_order_the_files_come() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901", "unknown")
    day.read_back("12", p1=(cancelled("901", "12"),))
    day.retrieve(50, 60, "p1", booked("901", "12"), phase=READ_BACK)
    day.search(40, 45, phase=READ_BACK)
    assert results(day.judged()) == {}
    day.operations.reverse()
    assert results(day.judged()) == {}


def test_one_appointment_acknowledged_for_two_slots_is_a_violation() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", gives="901")
    day.book(20, 30, "13", gives="901")
    day.read_back("13", p1=(booked("901", "12"),))
    assert results(day.judged()) == {6: "violated"}

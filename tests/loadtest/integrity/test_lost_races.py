from loadtest.ledger import READ_BACK
from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check, results


def test_a_refusal_of_a_slot_that_was_free_before_and_after_is_false() -> None:
    day = Day()
    day.first_look("12", p1=())
    refusal = day.refused(0, 10, "12")
    day.read_back("12", p1=())
    findings = day.judged()
    assert results(findings) == {2: "violated"}
    (witness,) = check(findings, 2).violations
    assert [o.interaction for o in witness.operations] == [
        "search_for_free_slots",
        "book_appointment",
        "search_for_free_slots",
    ]
    assert refusal in witness.operations
    assert {o.seen for o in witness.operations} == {("12",), ()}


def test_the_loser_of_a_race_is_explained_by_its_winner() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(5, 15, "12", gives="901")
    day.refused(0, 5, "12")
    day.refused(15, 25, "12")
    day.refused(100, 110, "12")
    day.read_back(p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {}
    assert check(findings, 2).examined == 3


def test_a_booking_that_began_after_the_refusal_explains_nothing() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.refused(0, 10, "12")
    day.book(11, 20, "12", gives="901")
    day.read_back(p1=(booked("901", "12"),))
    assert results(day.judged()) == {2: "violated"}


def test_a_booking_cancelled_before_the_refusal_explains_nothing() -> None:
    day = Day()
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    day.refused(31, 40, "12")
    day.read_back("12", p1=(cancelled("901", "12"),))
    assert results(day.judged()) == {2: "violated"}


def test_a_booking_whose_cancellation_was_in_flight_explains_it() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    day.refused(30, 40, "12")
    day.read_back("12", p1=(cancelled("901", "12"),))
    assert results(day.judged()) == {}


def test_a_booking_without_an_answer_explains_a_refusal() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book_unanswered(0, 10, "12")
    day.refused(20, 30, "12")
    day.read_back(p1=(booked("901", "12"),))
    assert results(day.judged()) == {}


def test_a_booking_possibly_in_flight_explains_a_refusal_though_it_came_to_nothing() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book_unanswered(0, 10, "12")
    day.refused(5, 30, "12")
    day.read_back("12", p1=())
    assert results(day.judged()) == {}


def test_one_slot_taken_explains_the_refusal_of_several() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "13", gives="901")
    day.refused(20, 30, "12", "13")
    day.read_back("12", p1=(booked("901", "13"),))
    assert results(day.judged()) == {}


def test_a_refusal_of_several_slots_all_free_is_false() -> None:
    day = Day()
    day.first_look("12", "13")
    day.refused(20, 30, "12", "13")
    day.read_back("12", "13")
    findings = day.judged()
    assert results(findings) == {2: "violated"}
    assert len(check(findings, 2).violations[0].operations) == 5


def test_a_slot_the_practice_had_booked_explains_it() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),))
    day.refused(0, 10, "12")
    day.read_back(p1=(booked("500", "12"),))
    assert results(day.judged()) == {}


def test_a_slot_nobody_saw_free_may_have_been_taken_by_the_practice() -> None:
    day = Day()
    day.first_look()
    day.refused(0, 10, "12")
    day.read_back("12")
    findings = day.judged()
    assert results(findings) == {2: "unproven"}
    assert "before" in check(findings, 2).doubts[0]


def test_a_slot_not_shown_free_again_may_have_been_booked_from_outside() -> None:
    day = Day()
    day.first_look("12")
    day.refused(0, 10, "12")
    day.read_back()
    findings = day.judged()
    assert results(findings) == {2: "unproven"}
    assert "after" in check(findings, 2).doubts[0]


def test_an_appointment_from_outside_explains_it_without_proving_anything() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.refused(0, 10, "12")
    day.read_back(p1=(booked("700", "12"),))
    assert results(day.judged()) == {2: "unproven", 6: "unproven"}


def test_an_appointment_from_outside_seen_only_cancelled_may_have_held_the_slot() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.refused(0, 10, "12")
    day.read_back("12", p1=(cancelled("700", "12"),))
    assert results(day.judged()) == {2: "unproven", 6: "unproven"}


def test_only_a_409_that_says_duplicate_rejected_is_a_lost_race() -> None:
    day = Day()
    day.first_look("12")
    day.refused(0, 10, "12", code="FHIR_CONSTRAINT_VIOLATION")
    day.refused(20, 30)
    day.read_back("12")
    findings = day.judged()
    assert results(findings) == {}
    assert check(findings, 2).examined == 0


def test_a_cancellation_that_did_not_hold_explains_later_refusals() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    day.refused(40, 50, "12")
    day.read_back(p1=(booked("901", "12", version="2"),))
    assert results(day.judged()) == {6: "violated"}


def test_the_nearest_searches_are_the_witnesses() -> None:
    day = Day()
    day.first_look("12")
    day.search(1, 2, "12")
    near = day.search(3, 4, "12"), day.search(31, 40, "12")
    day.search(50, 60, "12", phase=READ_BACK)
    refusal = day.refused(20, 30, "12")
    findings = day.judged()
    assert results(findings) == {2: "violated"}
    assert check(findings, 2).violations[0].operations == (near[0], refusal, near[1])


def test_bookings_on_either_side_show_the_slot_free_as_well_as_searches_do() -> None:
    day = Day()
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    refusal = day.refused(40, 50, "12")
    day.book(60, 70, "12", gives="902")
    day.retrieve(10_000, 10_010, "p1", cancelled("901", "12"), booked("902", "12"), phase=READ_BACK)
    findings = day.judged()
    assert results(findings) == {2: "violated"}
    assert check(findings, 2).violations[0].operations == (
        day.operations[0],
        refusal,
        day.operations[3],
    )


def test_an_unanswered_booking_recognised_later_may_have_been_another_that_came_earlier() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.refused(0, 10, "12")
    day.book_unanswered(20, 30, "12")
    day.search(40, 50, "12")
    day.read_back(p1=(booked("901", "12"),))
    assert results(day.judged()) == {2: "unproven"}


def test_a_refusal_is_not_called_false_where_others_write_to_the_provider() -> None:
    day = Day()
    day.first_look("12")
    day.refused(0, 10, "12")
    day.read_back("12")
    assert results(day.judged()) == {2: "violated"}
    findings = day.judged(shared=True)
    assert results(findings) == {2: "unproven"}
    assert "unless someone outside the run booked and cancelled" in check(findings, 2).doubts[0]


def test_a_trace_of_someone_outside_refutes_that_the_run_was_the_only_writer() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.refused(0, 10, "12")
    day.read_back("12", p1=(booked("700", "13"),))
    assert results(day.judged()) == {2: "unproven", 6: "unproven"}

from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check, results


def test_a_booking_without_an_answer_that_is_read_back_counts() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book_unanswered(5, 5000, "12", patient="p2")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {1: "violated"}


def test_a_booking_without_an_answer_that_is_not_read_back_never_was() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book_unanswered(0, 5000, "12", patient="p2")
    day.book(10, 20, "12", patient="p1", gives="901")
    day.read_back(p1=(booked("901", "12"),), p2=())
    assert results(day.judged()) == {}


def test_a_booking_nobody_could_settle_beside_another_is_unproven() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book_unanswered(0, 5000, "12", patient="p2")
    day.book(10, 20, "12", patient="p1", gives="901")
    day.read_back(p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {1: "unproven", 6: "unproven"}
    assert findings.unproven
    assert not findings.violated


def test_an_unanswered_cancellation_may_have_made_room() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.cancel(20, 30, "901", "unknown")
    day.book(40, 50, "12", patient="p2", gives="902")
    day.read_back(p1=(cancelled("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {}


def test_an_unanswered_cancellation_that_had_no_effect_made_no_room() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.cancel(20, 30, "901", "unknown")
    day.book(40, 50, "12", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {1: "violated"}


def test_a_refused_cancellation_made_no_room() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.cancel(20, 30, "901", "refused")
    day.book(40, 50, "12", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {1: "violated"}


def test_a_cancellation_by_someone_outside_makes_a_collision_unproven() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(40, 50, "12", patient="p2", gives="902")
    day.read_back(p1=(cancelled("901", "12"),), p2=(booked("902", "12"),))
    findings = day.judged()
    assert results(findings) == {1: "unproven", 6: "unproven"}
    assert "outside the run" in check(findings, 1).doubts[0]


def test_a_collision_stays_proved_though_someone_outside_cancelled_a_third() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=(), p3=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(20, 30, "12", patient="p2", gives="902")
    day.book(40, 50, "12", patient="p3", gives="903")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),), p3=(cancelled("903", "12"),))
    assert results(day.judged()) == {1: "violated", 6: "unproven"}


def test_a_booking_that_asked_for_no_slot_claims_none() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, gives="901")
    day.search(20, 30, "12")
    day.read_back("12", p1=(booked("901"),))
    assert results(day.judged()) == {6: "unproven"}


def test_where_others_write_someone_may_have_cancelled_without_a_trace_what_was_not_read_back() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(40, 50, "12", patient="p2", gives="902")
    assert results(day.judged()) == {1: "violated", 6: "unproven"}
    assert results(day.judged(shared=True)) == {1: "unproven", 6: "unproven"}


def test_where_others_write_nobody_cancelled_what_was_read_back_live() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(40, 50, "12", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged(shared=True)) == {1: "violated"}


def test_where_others_write_an_acknowledged_booking_without_an_id_may_have_been_cancelled() -> None:
    day = Day()
    day.first_look("12")
    day.book(0, 10, "12", patient="p1")
    day.search(20, 30, "12")
    assert results(day.judged()) == {3: "violated", 6: "unproven"}
    assert results(day.judged(shared=True)) == {3: "unproven", 6: "unproven"}


def test_a_slot_the_practice_had_booked_itself_cannot_be_booked_again() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),), p2=())
    day.book(0, 10, "12", patient="p2", gives="902")
    day.read_back(p1=(booked("500", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {1: "violated"}


def test_an_appointment_cancelled_before_the_first_look_holds_nothing() -> None:
    day = Day()
    day.first_look("12", p1=(cancelled("500", "12"),), p2=())
    day.book(0, 10, "12", patient="p2", gives="902")
    day.read_back(p1=(cancelled("500", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {}


def test_the_run_may_cancel_what_the_practice_had_booked() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),), p2=())
    day.cancel(0, 10, "500")
    day.book(20, 30, "12", patient="p2", gives="902")
    day.read_back(p1=(cancelled("500", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {}


def test_an_acknowledged_booking_without_an_id_is_recognised_in_the_read_back() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1")
    day.book(20, 30, "12", patient="p2")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {1: "violated"}


def test_an_acknowledged_booking_without_an_id_counts_though_nobody_read_it_back() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1")
    day.book(20, 30, "12", patient="p2")
    findings = day.judged()
    assert results(findings) == {1: "violated", 6: "unproven"}
    assert "client 7-3" in check(findings, 1).violations[0].summary


def test_of_like_bookings_without_answers_each_is_recognised_once() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book_unanswered(0, 50, "12")
    day.book_unanswered(60, 90, "12")
    day.retrieve(55, 58, "p1", booked("901", "12"))
    day.cancel(59, 61, "901")
    day.read_back(p1=(cancelled("901", "12"), booked("902", "12")))
    assert results(day.judged()) == {}


def test_a_booking_seen_only_after_its_cancellation_still_had_its_time() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book_unanswered(0, 50, "12", patient="p1")
    day.cancel(60, 70, "901")
    day.book(80, 90, "12", patient="p2", gives="902")
    day.read_back(p1=(cancelled("901", "12"),), p2=(booked("902", "12"),))
    assert results(day.judged()) == {}


def test_a_live_appointment_from_outside_collides_like_any_other() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("700", "12"),))
    assert results(day.judged()) == {1: "violated", 6: "unproven"}


def test_an_appointment_from_outside_seen_only_cancelled_collides_with_nothing() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.read_back(p1=(booked("901", "12"),), p2=(cancelled("700", "12"),))
    assert results(day.judged()) == {6: "unproven"}


def test_an_appointment_recognised_by_likeness_and_cancelled_from_outside_proves_no_collision() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p2", gives="901")
    day.book_unanswered(20, 30, "12", patient="p1")
    day.read_back(p1=(cancelled("902", "12"),), p2=(booked("901", "12"),))
    assert results(day.judged()) == {1: "unproven", 6: "unproven"}

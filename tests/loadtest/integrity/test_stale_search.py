from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check, results


def test_a_search_that_began_after_the_answer_must_not_show_the_slot() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    booking = day.book(0, 10, "12", gives="901")
    search = day.search(11, 20, "12", "13")
    day.read_back("13", p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {3: "violated"}
    (witness,) = check(findings, 3).violations
    assert witness.operations[0] == booking
    assert witness.operations[1].trace == search.trace
    assert witness.operations[1].seen == ("12",)


def test_a_search_beside_the_booking_may_have_come_first() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.search(10, 20, "12")
    day.read_back(p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {}
    assert check(findings, 3).examined == 2


def test_a_cancellation_in_flight_may_have_come_before_the_search() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.search(20, 30, "12")
    day.cancel(30, 40, "901")
    day.read_back("12", p1=(cancelled("901", "12"),))
    assert results(day.judged()) == {}


def test_a_cancellation_asked_for_after_the_search_ended_excuses_nothing() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.search(20, 30, "12")
    day.cancel(31, 40, "901")
    day.read_back("12", p1=(cancelled("901", "12"),))
    assert results(day.judged()) == {3: "violated"}


def test_a_slot_booked_again_after_its_cancellation_is_taken_again() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901")
    day.search(31, 35, "12")
    day.book(40, 50, "12", gives="902")
    day.search(51, 60, "12")
    day.read_back(p1=(cancelled("901", "12"), booked("902", "12")))
    findings = day.judged()
    assert results(findings) == {3: "violated"}
    assert check(findings, 3).violation_count == 1


def test_each_slot_of_a_booking_is_taken() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", "13", gives="901")
    day.search(11, 20, "13")
    day.read_back(p1=(booked("901", "12", "13"),))
    assert results(day.judged()) == {3: "violated"}


def test_a_booking_without_an_answer_may_take_effect_late() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book_unanswered(0, 10, "12")
    day.search(500, 510, "12")
    day.read_back(p1=(booked("901", "12"),))
    assert results(day.judged()) == {}


def test_a_booking_without_an_answer_is_certain_from_when_it_was_read() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book_unanswered(0, 10, "12")
    day.retrieve(400, 410, "p1", booked("901", "12"))
    day.search(500, 510, "12")
    day.read_back(p1=(booked("901", "12"),))
    assert results(day.judged()) == {3: "violated"}


def test_a_slot_the_practice_had_booked_must_not_be_shown() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),))
    day.search(0, 10, "12")
    day.read_back(p1=(booked("500", "12"),))
    assert results(day.judged()) == {3: "violated"}


def test_a_search_after_someone_outside_cancelled_is_unproven() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.search(20, 30, "12")
    day.read_back("12", p1=(cancelled("901", "12"),))
    assert results(day.judged()) == {3: "unproven", 6: "unproven"}


def test_a_search_before_an_outside_cancellation_is_stale_where_a_read_shows_it_live_later() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.search(20, 30, "12")
    day.retrieve(40, 50, "p1", booked("901", "12"))
    day.read_back("12", p1=(cancelled("901", "12"),))
    assert results(day.judged()) == {3: "violated", 6: "unproven"}


def test_a_lost_booking_does_not_make_later_searches_stale_as_well() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.search(20, 30, "12")
    day.read_back("12", p1=())
    assert results(day.judged()) == {6: "violated"}


def test_a_search_without_an_answer_shows_nothing() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day._add("search_for_free_slots", 20, 30, "unknown", seen=("12",))
    day.read_back(p1=(booked("901", "12"),))
    assert results(day.judged()) == {}

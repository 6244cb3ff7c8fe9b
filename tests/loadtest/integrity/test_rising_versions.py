from dataclasses import replace

import pytest

from loadtest.integrity import Findings
from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check, results


def _booked_day() -> Day:
    """Appointment 901 is booked at version 1."""
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    return day


def _in_the_end(day: Day, version: str | None) -> Findings:
    day.read_back(p1=(booked("901", "12", version=version),))
    return day.judged()


def test_an_appointment_amended_twice_and_cancelled_has_rising_versions() -> None:
    day = _booked_day()
    day.amend(20, 30, "901")
    day.amend(40, 50, "901", matches="2", gives="3")
    day.cancel(60, 70, "901", matches="3", gives="7")
    day.read_back("12", p1=(cancelled("901", "12", version="7"),))
    findings = day.judged()
    assert results(findings) == {}
    assert check(findings, 5).examined == 4 + 3


def test_versions_of_appointments_that_the_run_left_alone_are_counted_apart() -> None:
    day = Day()
    day.first_look("12", p1=(booked("500", "13"), booked("501", "14")))
    day.cancel(0, 10, "501")
    day.read_back("14", p1=(booked("500", "13"), cancelled("501", "14", version="2")))
    found = check(day.judged(), 5)
    assert found.examined == 2 + 1, "two versions of 501, and the cancellation between them"
    assert found.notes == ("besides, 1 version of an appointment from before the run that it left alone",)


def test_two_writes_granted_on_one_version_are_a_lost_update() -> None:
    day = _booked_day()
    one = day.amend(20, 40, "901")
    other = day.amend(25, 45, "901", gives="3")
    findings = _in_the_end(day, "3")
    assert results(findings) == {5: "violated"}
    (witness,) = check(findings, 5).violations
    assert witness.operations == (one, other)
    assert "version 1 was consumed by two writes" in witness.summary


def test_of_two_writes_on_one_version_one_may_be_refused_or_have_no_answer() -> None:
    day = _booked_day()
    day.amend(20, 40, "901")
    day.amend(25, 45, "901", "refused")
    day.cancel(25, 45, "901", "unknown")
    assert results(_in_the_end(day, "2")) == {}


def test_one_version_of_two_appointments_may_be_consumed_by_a_write_of_each() -> None:
    day = Day()
    day.first_look("12", "13", p1=())
    day.book(0, 10, "12", gives="901")
    day.book(0, 10, "13", gives="902")
    day.amend(20, 30, "901")
    day.amend(20, 30, "902")
    day.read_back(p1=(booked("901", "12", version="2"), booked("902", "13", version="2")))
    assert results(day.judged()) == {}


@pytest.mark.parametrize("gives", ["1", "0"])
def test_a_write_must_give_a_version_above_the_one_it_matched(gives: str) -> None:
    day = _booked_day()
    write = day.amend(20, 30, "901", gives=gives)
    findings = _in_the_end(day, "1")
    assert results(findings) == {5: "violated"}
    assert check(findings, 5).violations[0].operations == (write,)


def test_versions_are_compared_as_numbers() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12", version="9"),))
    day.amend(0, 10, "500", matches="9", gives="10")
    day.read_back(p1=(booked("500", "12", version="10"),))
    assert results(day.judged()) == {}


def test_two_writes_must_not_give_the_same_version() -> None:
    day = _booked_day()
    one = day.amend(20, 40, "901", gives="3")
    other = day.amend(25, 45, "901", matches="2", gives="3")
    findings = _in_the_end(day, "3")
    assert results(findings) == {5: "violated"}
    assert check(findings, 5).violations[0].operations == (one, other)


def test_a_write_must_not_give_a_version_that_had_been_shown_before_it_began() -> None:
    day = _booked_day()
    read = day.read(15, 18, "901", booked("901", "12", version="2"))
    write = day.amend(20, 30, "901", matches=None, gives="2")
    findings = _in_the_end(day, "2")
    assert results(findings) == {5: "violated"}
    assert check(findings, 5).violations[0].operations == (read, write)


def test_a_read_begun_after_a_write_was_answered_must_not_show_an_earlier_version() -> None:
    day = _booked_day()
    write = day.amend(20, 30, "901")
    read = day.retrieve(31, 40, "p1", booked("901", "12", patient="p1"))
    findings = _in_the_end(day, "2")
    assert results(findings) == {5: "violated"}
    (witness,) = check(findings, 5).violations
    assert witness.operations == (write, read)
    assert "went back to version 1" in witness.summary


def test_a_read_beside_a_write_may_have_come_first() -> None:
    day = _booked_day()
    day.amend(20, 30, "901")
    day.retrieve(30, 40, "p1", booked("901", "12", patient="p1"))
    assert results(_in_the_end(day, "2")) == {}


def test_a_read_must_not_show_an_earlier_version_than_a_read_before_it() -> None:
    day = _booked_day()
    day.amend(20, 90, "901", "unknown")
    day.retrieve(30, 40, "p1", booked("901", "12", version="2"))
    day.retrieve(50, 60, "p1", booked("901", "12"))
    assert results(_in_the_end(day, "2")) == {5: "violated"}


def test_a_write_on_a_version_that_was_past_when_it_began_is_a_lost_update() -> None:
    day = _booked_day()
    day.amend(20, 30, "901", "unknown")
    read = day.retrieve(40, 50, "p1", booked("901", "12", version="2"))
    write = day.amend(60, 70, "901", gives="3")
    findings = _in_the_end(day, "3")
    assert results(findings) == {5: "violated"}
    (witness,) = check(findings, 5).violations
    assert witness.operations == (read, write)
    assert "which was past" in witness.summary


def test_a_cancellation_that_is_undone_to_the_version_before_it_is_found_twice() -> None:
    day = _booked_day()
    day.cancel(20, 30, "901")
    findings = _in_the_end(day, "1")
    assert results(findings) == {5: "violated", 6: "violated"}


def test_a_write_is_found_guilty_once() -> None:
    day = _booked_day()
    day.amend(20, 30, "901", gives="5")
    day.amend(40, 50, "901", gives="2")
    findings = _in_the_end(day, "5")
    assert results(findings) == {5: "violated"}
    assert check(findings, 5).violation_count == 1


def test_an_appointment_that_two_bookings_were_told_of_has_no_versions_of_its_own() -> None:
    day = Day()
    day.first_look("12", "13", p1=(), p2=())
    day.book(0, 10, "12", gives="901")
    day.amend(20, 30, "901")
    day.book(40, 50, "13", patient="p2", gives="901")
    day.read_back("13", p1=(booked("901", "12", version="2"),), p2=())
    assert results(day.judged()) == {6: "violated"}


@pytest.mark.parametrize("outcome", ["ok", "unknown"])
def test_a_changed_appointment_that_is_shown_without_a_version_is_unproven(outcome: str) -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12", version=None),))
    if outcome == "ok":
        day.amend(0, 10, "500", gives=None)
    else:
        day.amend(0, 10, "500", "unknown")
    day.read_back(p1=(booked("500", "12", version=None),))
    findings = day.judged()
    assert results(findings) == {5: "unproven"}
    assert "without a version" in check(findings, 5).doubts[0]


def test_an_appointment_without_versions_that_nobody_changed_is_right() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12", version=None),))
    day.read_back(p1=(booked("500", "12", version=None),))
    assert results(day.judged()) == {}


def _opaque() -> Day:
    """Appointment 901 goes from version c7 by a3 to b5, which have no order but that."""
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901", shows=booked("901", "12", patient="p1", version="c7"))
    day.amend(20, 30, "901", matches="c7", gives="a3")
    day.amend(40, 50, "901", matches="a3", gives="b5")
    return day


def test_versions_that_are_no_numbers_have_the_order_that_writes_gave_them() -> None:
    assert results(_in_the_end(_opaque(), "b5")) == {}
    for earlier in ("c7", "a3"):
        assert results(_in_the_end(_opaque(), earlier)) == {5: "violated"}


def test_an_opaque_version_must_not_be_given_again() -> None:
    day = _opaque()
    day.amend(60, 70, "901", matches="b5", gives="c7")
    assert results(_in_the_end(day, "c7")) == {5: "violated"}
    same = _opaque()
    same.amend(60, 70, "901", matches="b5", gives="b5")
    assert results(_in_the_end(same, "b5")) == {5: "violated"}


def test_an_opaque_version_must_not_be_consumed_twice() -> None:
    day = _opaque()
    day.amend(60, 70, "901", matches="c7", gives="d1")
    assert check(_in_the_end(day, "d1"), 5).result == "violated"


def test_an_opaque_version_that_no_write_of_the_run_leads_to_is_unproven() -> None:
    day = _opaque()
    day.amend(60, 70, "901", "unknown", matches="b5")
    findings = _in_the_end(day, "e9")
    assert results(findings) == {5: "unproven"}
    assert "their order is unknown" in check(findings, 5).doubts[0]


def test_a_write_must_not_give_the_opaque_version_that_it_matched_though_nobody_had_shown_it() -> None:
    day = Day()
    day.amend(0, 10, "500", matches="x", gives="x")
    assert check(day.judged(), 5).result == "violated"


def test_writes_of_opaque_versions_in_a_circle_are_all_looked_at() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12", version="x"),))
    day.amend(0, 10, "500", matches="x", gives="y")
    day.amend(20, 30, "500", matches="y", gives="x")
    day.read_back(p1=(booked("500", "12", version="x"),))
    assert results(day.judged()) == {5: "violated"}


def test_an_answer_that_shows_another_appointment_tells_no_version() -> None:
    day = _booked_day()
    write = day.amend(20, 30, "901")
    day.operations[-1] = replace(write, appointments=(booked("777", "13"),))
    findings = _in_the_end(day, "2")
    assert "without a version" in check(findings, 5).doubts[0]

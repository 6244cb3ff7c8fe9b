from tests.loadtest.integrity.recorded_day import Day, booked, check, results


def _booked_day(digest: str | None = "aa") -> Day:
    """Appointment 901 is booked, its answer's content having this digest."""
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901", shows=booked("901", "12", patient="p1", digest=digest))
    return day


def test_a_read_that_returns_something_else_than_the_booking_did_is_a_violation() -> None:
    day = _booked_day()
    read = day.read(20, 30, "901", booked("901", "12", digest="bb"))
    day.read_back(p1=(booked("901", "12"),))
    findings = day.judged()
    assert results(findings) == {8: "violated"}
    (witness,) = check(findings, 8).violations
    assert witness.operations == (day.operations[2], read)
    assert "two contents at version 1" in witness.summary


def test_what_was_posted_amended_and_read_alike_is_right() -> None:
    day = _booked_day()
    day.read(20, 30, "901", booked("901", "12", digest="aa"))
    day.amend(40, 50, "901", digest="bb")
    day.read(60, 70, "901", booked("901", "12", version="2", digest="bb"))
    day.read_back(p1=(booked("901", "12", version="2"),))
    findings = day.judged()
    assert results(findings) == {}
    assert check(findings, 8).examined == 4
    assert check(findings, 8).notes == ()


def test_a_read_must_return_what_the_amendment_did() -> None:
    day = _booked_day()
    day.amend(40, 50, "901", digest="bb")
    day.read(60, 70, "901", booked("901", "12", version="2", digest="aa"))
    day.read_back(p1=(booked("901", "12", version="2"),))
    assert results(day.judged()) == {8: "violated"}


def test_two_appointments_may_differ_at_the_same_version() -> None:
    day = _booked_day()
    day.first_look("13")
    day.book(0, 10, "13", gives="902", shows=booked("902", "13", patient="p1", digest="bb"))
    day.read_back(p1=(booked("901", "12"), booked("902", "13")))
    assert results(day.judged()) == {}


def test_two_contents_without_a_version_are_unproven() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12", version=None),))
    day.read(0, 10, "500", booked("500", "12", version=None, digest="aa"))
    day.read(20, 30, "500", booked("500", "12", version=None, digest="bb"))
    findings = day.judged()
    assert results(findings) == {8: "unproven"}
    assert "without a version" in check(findings, 8).doubts[0]


def test_answers_without_a_digest_are_noted_and_not_compared() -> None:
    day = _booked_day(digest=None)
    day.read(20, 30, "901", booked("901", "12", digest="bb"))
    day.read_back(p1=(booked("901", "12"),))
    found = check(day.judged(), 8)
    assert (found.result, found.examined) == ("passed", 1)
    assert "1 response was recorded without a digest" in found.notes[0]

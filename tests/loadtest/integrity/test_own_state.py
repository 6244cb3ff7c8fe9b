from dataclasses import replace

import pytest

from loadtest.integrity import CheckResult, ProviderState
from loadtest.integrity.provider_state import OwnAppointment
from tests.loadtest.integrity.recorded_day import Day, booked, cancelled, check, results


def own(identifier: str, *slots: str, patient: str = "p1", status: str = "booked") -> OwnAppointment:
    return OwnAppointment(identifier, "A81001", patient, status, slots, "1" if status == "booked" else "2")


def _a_day() -> Day:
    """901 is booked on slots 12 and 13, 902 was booked on 14 and cancelled."""
    day = Day()
    day.first_look("12", "13", "14", "15", "16", p1=(), p2=())
    day.book(0, 10, "12", "13", gives="901")
    day.book(0, 10, "14", patient="p2", gives="902")
    day.cancel(20, 30, "902")
    day.read_back(
        "14", "15", "16", p1=(booked("901", "12", "13"),), p2=(cancelled("902", "14", patient="p2"),)
    )
    return day


BOOKED, LET_GO = own("901", "13", "12"), own("902", "14", patient="p2", status="cancelled")


def _compared(day: Day, *appointments: OwnAppointment, shared: bool = False) -> CheckResult:
    return check(day.judged(shared, ProviderState.of(appointments)), 9)


def _summary(found: CheckResult) -> str:
    assert found.result == "violated"
    (witness,) = found.violations
    return witness.summary


def test_without_a_list_there_is_no_ninth_check() -> None:
    assert [result.number for result in _a_day().judged().checks] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_list_that_has_what_clients_were_told_of_passes() -> None:
    day = _a_day()
    findings = day.judged(appointments=ProviderState.of([BOOKED, LET_GO]))
    assert results(findings) == {}
    assert check(findings, 9).name == "provider's own state"
    assert check(findings, 9).examined == 3


def test_an_acknowledged_booking_that_the_provider_has_not_is_lost() -> None:
    day = _a_day()
    found = _compared(day, LET_GO)
    assert "appointment 901 of practice A81001 is not in the provider's own state" in _summary(found)
    assert [o.appointment for o in found.violations[0].operations] == ["901"]


@pytest.mark.parametrize(
    ("differing", "said"),
    [
        (own("901", "12"), "was booked on slot 12 and 13, the provider has it on 12"),
        (own("901", "12", "13", patient="p7"), "was booked for patient p1, the provider has p7"),
        (replace(BOOKED, version="0"), "was shown at version 1, the provider has version 0"),
        (replace(BOOKED, status="cancelled"), "is cancelled in the provider's own state, by nobody"),
    ],
)
def test_an_acknowledged_booking_that_the_provider_has_otherwise_is_a_violation(
    differing: OwnAppointment, said: str
) -> None:
    assert said in _summary(_compared(_a_day(), differing, LET_GO))


def test_an_acknowledged_cancellation_that_the_provider_knows_nothing_of_is_a_violation() -> None:
    found = _compared(_a_day(), BOOKED, own("902", "14", patient="p2"))
    assert found.violation_count == 1
    assert "was shown at version 2, the provider has version 1" in _summary(found)
    later = replace(own("902", "14", patient="p2"), version="3")
    found = _compared(_a_day(), BOOKED, later)
    assert "was cancelled, and is live" in _summary(found)
    assert found.violations[0].operations[0].interaction == "cancel_appointment"


@pytest.mark.parametrize("version", ["2", None, "x"])
def test_a_booking_that_is_cancelled_in_the_list_may_have_been_so_since(version: str | None) -> None:
    found = _compared(_a_day(), replace(BOOKED, status="cancelled", version=version), LET_GO)
    assert found.result == "unproven"
    assert "not by this run" in found.doubts[0]


def test_two_live_appointments_on_one_slot_are_a_violation_whoever_made_them() -> None:
    found = _compared(_a_day(), BOOKED, LET_GO, own("700", "77"), own("701", "77"))
    assert "slot 77 of practice A81001 is held by appointments 700 and 701" in _summary(found)
    assert found.violations[0].operations == ()
    assert found.violations[0].timeline == "  seed 42"
    elsewhere = replace(own("1", "5"), practice="B82002"), replace(own("2", "5"), practice="B82002")
    assert "slot 5 of practice B82002" in _summary(_compared(_a_day(), BOOKED, LET_GO, *elsewhere))


def test_a_slot_held_twice_is_told_once_with_what_clients_know() -> None:
    found = _compared(_a_day(), BOOKED, LET_GO, own("700", "12", "13", patient="p7"))
    assert found.violation_count == 1
    assert [o.appointment for o in found.violations[0].operations] == ["901"]


def test_a_live_appointment_that_no_client_made_or_saw_is_unproven() -> None:
    found = _compared(_a_day(), BOOKED, LET_GO, own("700", "15", patient="p7"))
    assert found.result == "unproven"
    assert "appointment 700" in found.doubts[0] and "or since" in found.doubts[0]


def test_one_that_a_client_was_refused_is_told_with_the_refusal() -> None:
    day = _a_day()
    refusal = day.refused(40, 50, "15", "16", patient="p2")
    found = _compared(day, BOOKED, LET_GO, own("700", "15", patient="p2"))
    assert found.result == "unproven"
    assert f"refused: trace {refusal.trace}" in found.doubts[0]


def test_appointments_on_slots_that_the_run_never_saw_free_are_the_practices_own() -> None:
    assert _compared(_a_day(), BOOKED, LET_GO, own("700", "99"), own("701", "98")).result == "passed"


def test_what_was_cancelled_by_others_holds_nothing() -> None:
    others = own("700", "15", status="cancelled"), own("701", "12", status="cancelled")
    assert _compared(_a_day(), BOOKED, LET_GO, *others).result == "passed"


def test_an_unanswered_booking_that_was_never_read_back_may_be_there_or_not() -> None:
    day = _a_day()
    day.book_unanswered(40, 50, "15", patient="p3")
    assert _compared(day, BOOKED, LET_GO).result == "passed"
    assert _compared(day, BOOKED, LET_GO, own("700", "15", patient="p3")).result == "passed"


def test_a_cancellation_whose_answer_showed_nothing_must_be_there() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    cancel = day.cancel(20, 30, "901")
    day.operations[-1] = replace(cancel, appointments=())
    assert "was cancelled, and is live" in _summary(_compared(day, own("901", "12")))


def test_versions_some_of_which_are_no_numbers_are_not_compared() -> None:
    day = _a_day()
    day.retrieve(40, 50, "p1", booked("901", "12", "13", version="1a", patient="p1"))
    assert _compared(day, replace(BOOKED, version="0"), LET_GO).result == "passed"


def test_an_acknowledged_booking_without_an_id_must_be_there() -> None:
    day = _a_day()
    day.book(40, 50, "15", patient="p3")
    assert _compared(day, BOOKED, LET_GO, own("700", "15", patient="p3")).result == "passed"
    assert "slot 15 is not in the provider's own state" in _summary(_compared(day, BOOKED, LET_GO))


def test_an_unanswered_cancellation_may_or_may_not_have_held() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901", "unknown")
    for listed in (own("901", "12"), own("901", "12", status="cancelled")):
        assert _compared(day, listed).result == "passed"


def test_a_cancellation_that_was_only_seen_must_be_there() -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.cancel(20, 30, "901", "unknown")
    day.read_back("12", p1=(cancelled("901", "12", version="1"),))
    assert "was cancelled, and is live" in _summary(_compared(day, own("901", "12")))


def test_an_appointment_from_before_the_run_that_is_gone_is_unproven() -> None:
    day = _a_day()
    day.first_look(p3=(booked("500", "20", patient="p3"),))
    found = _compared(day, BOOKED, LET_GO)
    assert found.result == "unproven"
    assert "500" in found.doubts[0]


def test_a_list_with_nothing_that_clients_were_told_of_is_of_another_database() -> None:
    for listed in ((), (own("901", "12", "13", patient="p7"),)):
        found = _compared(_a_day(), *listed)
        assert found.result == "unproven"
        assert "another database" in found.doubts[0]


def test_a_practice_that_the_list_leaves_out_is_unproven() -> None:
    day, elsewhere = _a_day(), Day(practice="B82002")
    elsewhere.book(0, 10, "12", gives="901")
    day.operations += elsewhere.operations
    found = _compared(day, BOOKED, LET_GO)
    assert found.result == "unproven"
    assert found.doubts == ("the list has no appointment of practice B82002",)


def test_a_list_of_a_run_that_booked_nothing_is_only_searched_for_slots_held_twice() -> None:
    day = Day()
    day.first_look("12")
    assert _compared(day, own("700", "77")).result == "passed"
    assert _compared(day, own("700", "77"), own("701", "77")).result == "violated"

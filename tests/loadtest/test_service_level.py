from collections.abc import Iterable

import pytest

from loadtest.interactions import INTERACTIONS
from loadtest.ledger import Operation
from loadtest.measurements import measure
from loadtest.service_level import SILVER, Threshold, judge_availability, judge_latency
from tests.loadtest.timed import took


def judged(operations: Iterable[Operation], open_arrivals: bool = False) -> tuple[list[str], list[str]]:
    verdict = judge_latency(measure(operations), open_arrivals)
    return [r.interaction for r in verdict.broken], [r.interaction for r in verdict.warnings]


def test_every_interaction_of_the_specification_has_a_class() -> None:
    commands = {name for name, interaction in INTERACTIONS.items() if interaction.kind == "command"}
    assert commands == {"register_patient", "book_appointment", "amend_appointment", "cancel_appointment"}
    assert len(INTERACTIONS) == 15


def test_a_command_must_answer_within_250_ms_at_p99() -> None:
    assert judged([took(249)] * 100) == ([], ["book_appointment"])
    assert judged([took(251)] * 100) == (["book_appointment"], ["book_appointment"])
    assert judged([took(50)] * 99 + [took(400)]) == ([], [])
    assert judged([took(50)] * 98 + [took(400)] * 2) == (["book_appointment"], [])


def test_a_command_should_answer_within_100_ms_at_p95() -> None:
    assert judged([took(50)] * 95 + [took(150)] * 5) == ([], [])
    assert judged([took(50)] * 94 + [took(150)] * 6) == ([], ["book_appointment"])


def test_fast_lost_races_and_refusals_do_not_make_bookings_look_fast() -> None:
    lost = took(1, outcome="refused", status=409, code="DUPLICATE_REJECTED")
    refused = took(1, outcome="refused", status=422, code="INVALID_RESOURCE")
    assert judged([took(400)] + [lost] * 500 + [refused] * 500)[0] == ["book_appointment"]
    assert judged([lost, refused]) == ([], []), "nothing was granted, so nothing is judged"


def test_a_booking_that_was_never_answered_weighs_what_it_cost() -> None:
    assert judged([took(50)] * 50 + [took(15_000, outcome="unknown")] * 2)[0] == ["book_appointment"]


def test_a_query_has_3000_ms_and_should_take_1000() -> None:
    assert judged([took(990, "search_for_free_slots")]) == ([], [])
    assert judged([took(2990, "search_for_free_slots")]) == ([], ["search_for_free_slots"])
    assert judged([took(3010, "find_patient")]) == (["find_patient"], ["find_patient"])


def test_a_limit_reached_is_a_limit_broken() -> None:
    (result,) = judge_latency(
        measure([took(250)]), thresholds=[Threshold("command", "SHALL", 99, 250)]
    ).results
    assert not result.met


def test_open_arrivals_are_judged_from_the_intended_start_and_closed_runs_from_the_send() -> None:
    operations = [took(50, late=300)] * 10
    assert judged(operations) == ([], [])
    assert judged(operations, open_arrivals=True) == (["book_appointment"], ["book_appointment"])
    (summary,) = measure(operations).summaries()
    assert summary.response is not None and summary.service is not None
    assert summary.response.p50 == pytest.approx(350, rel=0.001)
    assert summary.service.p50 == pytest.approx(50, rel=0.001)
    bases = {r.basis for r in judge_latency(measure(operations), open_arrivals=True).results}
    assert bases == {"response time"}


def test_an_open_run_without_an_intended_start_is_judged_from_the_send() -> None:
    (result, _) = judge_latency(measure([took(50)]), open_arrivals=True).results
    assert result.basis == "service time"
    assert result.observed_ms == pytest.approx(50, rel=0.001)


def test_a_plan_may_bring_thresholds_of_its_own() -> None:
    strict = Threshold("query", "SHALL", 50, 10)
    verdict = judge_latency(measure([took(11, "find_patient"), took(11)]), thresholds=[strict])
    assert [(r.interaction, r.threshold) for r in verdict.broken] == [("find_patient", strict)]


def test_availability_is_the_share_that_was_answered() -> None:
    lost_race = took(1, outcome="refused", status=409, code="DUPLICATE_REJECTED")
    operations = [took(1)] * 197 + [lost_race] * 2 + [took(1, outcome="unknown", status=503)]
    availability = judge_availability(measure(operations))
    assert availability.level is SILVER
    assert (availability.operations, availability.available) == (200, 199)
    assert availability.percent == pytest.approx(99.5)
    assert availability.met
    assert not judge_availability(measure(operations[1:])).met


def test_nothing_attempted_is_nothing_available() -> None:
    availability = judge_availability(measure([]))
    assert availability.percent == 0
    assert not availability.met


def test_the_silver_level_is_hours_and_availability() -> None:
    assert SILVER.name == "silver"
    assert SILVER.availability_percent == 99.5
    assert "365 days" in SILVER.operational_hours
    assert "excluding bank holidays" in SILVER.supported_hours

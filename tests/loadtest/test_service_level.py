from collections.abc import Iterable

import pytest

from loadtest.ledger import FIRST_LOOK, PLANNING, READ_BACK, Operation, Outcome
from loadtest.service_level import (
    INTERACTION_KINDS,
    SILVER,
    Measurements,
    Threshold,
    judge_availability,
    judge_latency,
    measure,
)

MS = 1_000_000


def took(
    milliseconds: float,
    interaction: str = "book_appointment",
    *,
    start: int = 0,
    late: float | None = None,
    outcome: Outcome = "ok",
    status: int = 201,
    code: str | None = None,
    phase: str = "load",
) -> Operation:
    begun = start * MS
    return Operation(
        interaction=interaction,
        client="1",
        trace="t",
        practice="A81001",
        phase=phase,
        start=begun,
        end=begun + round(milliseconds * MS),
        intended=None if late is None else begun - round(late * MS),
        outcome=outcome,
        status=status,
        code=code,
        slots=("12",),
    )


def judged(operations: Iterable[Operation], open_arrivals: bool = False) -> tuple[list[str], list[str]]:
    verdict = judge_latency(measure(operations), open_arrivals)
    return [r.interaction for r in verdict.broken], [r.interaction for r in verdict.warnings]


def test_every_interaction_of_the_specification_has_a_class() -> None:
    commands = {name for name, kind in INTERACTION_KINDS.items() if kind == "command"}
    assert commands == {"register_patient", "book_appointment", "amend_appointment", "cancel_appointment"}
    assert len(INTERACTION_KINDS) == 15


def test_percentiles_are_those_of_what_was_recorded() -> None:
    (summary,) = measure(took(n) for n in range(1, 101)).summaries()
    assert summary.service.p50 == pytest.approx(50, rel=0.001)
    assert summary.service.p90 == pytest.approx(90, rel=0.001)
    assert summary.service.p95 == pytest.approx(95, rel=0.001)
    assert summary.service.p99 == pytest.approx(99, rel=0.001)
    assert summary.service.max == pytest.approx(100, rel=0.001)
    assert summary.service.p99 <= summary.service.max
    assert summary.response is None


def test_no_latency_is_rounded_to_two_figures() -> None:
    (summary,) = measure([took(147)]).summaries()
    assert summary.service.p50 == pytest.approx(147, abs=0.15)


def test_what_is_too_short_or_too_long_for_the_histogram_counts_at_its_bounds() -> None:
    (summary,) = measure([took(0), took(500_000)]).summaries()
    assert summary.count == 2
    assert summary.service.p50 == pytest.approx(0.001)
    assert summary.service.max == pytest.approx(120_000, rel=0.001)


def test_counts_tell_lost_races_from_errors() -> None:
    operations = [
        took(1),
        took(1, outcome="refused", status=409, code="DUPLICATE_REJECTED"),
        took(1, outcome="refused", status=409, code="FHIR_CONSTRAINT_VIOLATION"),
        took(1, outcome="refused", status=501, code="NOT_IMPLEMENTED"),
        took(1, outcome="unknown", status=503),
    ]
    (summary,) = measure(operations).summaries()
    assert (summary.count, summary.ok, summary.lost_races) == (5, 1, 1)
    assert (summary.refused, summary.unknown, summary.errors) == (2, 1, 3)


def test_throughput_is_taken_over_the_whole_load() -> None:
    operations = [took(1000, start=9000), *(took(10, "find_patient", start=1000 * n) for n in range(5))]
    measurements = measure(operations)
    assert measurements.seconds == pytest.approx(10)
    find, book = measurements.summaries()
    assert find.interaction == "find_patient"
    assert find.throughput == pytest.approx(0.5)
    assert book.throughput == pytest.approx(0.1)


def test_a_load_without_length_has_no_throughput() -> None:
    assert measure([]).seconds == 0
    (summary,) = measure([took(0)]).summaries()
    assert summary.throughput == 0


@pytest.mark.parametrize("phase", [FIRST_LOOK, PLANNING, READ_BACK])
def test_what_gpload_itself_reads_is_not_load(phase: str) -> None:
    assert measure([took(500, phase=phase)]).summaries() == ()


def test_an_interaction_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        Measurements().record(took(1, "book_apointment"))


def test_a_command_must_answer_within_250_ms_at_p99() -> None:
    assert judged([took(249)] * 100) == ([], ["book_appointment"])
    assert judged([took(251)] * 100) == (["book_appointment"], ["book_appointment"])
    assert judged([took(50)] * 99 + [took(400)]) == ([], [])
    assert judged([took(50)] * 98 + [took(400)] * 2) == (["book_appointment"], [])


def test_a_command_should_answer_within_100_ms_at_p95() -> None:
    assert judged([took(50)] * 95 + [took(150)] * 5) == ([], [])
    assert judged([took(50)] * 94 + [took(150)] * 6) == ([], ["book_appointment"])


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
    assert summary.response is not None
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


def test_histograms_are_there_to_be_merged_and_exported() -> None:
    measurements = measure([took(5, late=10), took(7)])
    assert measurements.histogram("book_appointment").get_total_count() == 2
    assert measurements.histogram("book_appointment", "response time").get_total_count() == 1
    with pytest.raises(KeyError):
        measurements.histogram("find_patient")

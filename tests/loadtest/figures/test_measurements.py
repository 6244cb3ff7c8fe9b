from dataclasses import replace

import pytest

from loadtest.figures.measurements import Measurements, measure
from loadtest.figures.timings import rank
from loadtest.ledger import FIRST_LOOK, PLANNING, READ_BACK
from tests.loadtest.timed import took


def test_percentiles_are_those_of_what_was_recorded() -> None:
    (summary,) = measure(took(n) for n in range(1, 101)).summaries()
    assert summary.service is not None
    assert summary.service.p50 == pytest.approx(50, rel=0.001)
    assert summary.service.p90 == pytest.approx(90, rel=0.001)
    assert summary.service.p95 == pytest.approx(95, rel=0.001)
    assert summary.service.p99 == pytest.approx(99, rel=0.001)
    assert summary.service.max == pytest.approx(100, rel=0.001)
    assert summary.service.p999 == summary.service.max
    assert summary.service.p99 <= summary.service.max
    assert summary.response is None


def test_no_latency_is_rounded_to_two_figures() -> None:
    (summary,) = measure([took(147)]).summaries()
    assert summary.service is not None
    assert summary.service.p50 == pytest.approx(147, abs=0.15)


def test_what_is_too_short_or_too_long_for_the_histogram_counts_at_its_bounds() -> None:
    (summary,) = measure([took(0), took(500_000)]).summaries()
    assert summary.count == 2
    assert summary.service is not None
    assert summary.service.p50 == pytest.approx(0.001)
    assert summary.service.max == pytest.approx(120_000, rel=0.001)


def test_of_the_slow_no_more_may_lie_above_a_percentile_than_it_says() -> None:
    timings = measure([took(50)] * 158 + [took(400)] * 2).timings("book_appointment")
    assert timings.percentile_ms(99) == pytest.approx(400, rel=0.001), "2 of 160 are more than 1 %"
    assert timings.percentile_ms(98.75) == pytest.approx(50, rel=0.001)


def test_the_rank_of_a_percentile_is_not_lost_to_floating_point() -> None:
    assert [rank(750, 4.4), rank(1000, 99.9), rank(1, 50), rank(3, 50), rank(7, 100)] == [33, 999, 1, 2, 7]


def test_one_in_a_thousand_has_a_percentile_of_its_own() -> None:
    (summary,) = measure([took(50)] * 998 + [took(400)] * 2).summaries()
    assert summary.service is not None
    assert summary.service.p99 == pytest.approx(50, rel=0.001)
    assert summary.service.p999 == pytest.approx(400, rel=0.001)


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


@pytest.mark.parametrize("phase", [FIRST_LOOK, PLANNING, READ_BACK])
def test_what_gpload_itself_reads_is_not_load(phase: str) -> None:
    assert measure([took(500, phase=phase)]).summaries() == ()


def test_an_interaction_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        Measurements().record(took(1, "book_apointment"))


def test_histograms_are_there_to_be_merged_and_exported() -> None:
    measurements = measure([took(5, late=10), took(7)])
    assert measurements.timings("book_appointment").answered.get_total_count() == 2
    assert measurements.timings("book_appointment", "response time").answered.get_total_count() == 1
    with pytest.raises(KeyError):
        measurements.timings("find_patient")


def test_what_was_turned_down_has_a_distribution_of_its_own() -> None:
    lost = took(4, outcome="refused", status=409, code="DUPLICATE_REJECTED")
    (summary,) = measure([took(80), lost, lost]).summaries()
    assert summary.service is not None
    assert summary.service.p50 == pytest.approx(80, rel=0.001)
    assert summary.turned_down is not None
    assert summary.turned_down.max == pytest.approx(4, rel=0.001)


def test_rates_leave_out_the_gaps_between_scenarios_and_the_survey() -> None:
    measurements = measure(
        [
            took(9000, "search_for_free_slots", phase=FIRST_LOOK),
            took(2000, "search_for_free_slots", start=10_000, phase="slot_search"),
            took(1000, "search_for_free_slots", start=20_000, phase="booking"),
            took(3000, start=21_000, phase="booking"),
        ]
    )

    assert measurements.seconds() == 6.0
    assert measurements.per_second(12) == 2.0
    assert measurements.seconds("book_appointment") == 4.0
    assert {each.interaction: each.per_second for each in measurements.summaries()} == {
        "search_for_free_slots": pytest.approx(1 / 3),
        "book_appointment": 0.25,
    }
    assert measurements.per_second(1, "read_metadata") == 0.0


def test_totals_are_over_all_interactions() -> None:
    measurements = measure([took(1), took(1, "find_patient"), took(1, outcome="unknown")])
    assert measurements.total() == 3
    assert measurements.total("ok") == 2
    assert measurements.total("refused", "unknown") == 1


def test_the_mean_size_is_of_the_answers_to_what_was_granted() -> None:
    lost = took(4, outcome="refused", status=409, code="DUPLICATE_REJECTED", size=90_000)
    silent = took(4, outcome="unknown", size=0)
    silent = replace(silent, status=None)
    failed = took(4, outcome="unknown", status=503, size=90_000)
    (summary,) = measure([took(5, size=1000), took(5, size=2000), lost, silent, failed]).summaries()
    assert summary.mean_bytes == 1500, "the page that came with a 503 was not what was asked for"
    (unanswered,) = measure([silent, failed]).summaries()
    assert unanswered.mean_bytes == 0


def test_service_time_is_of_open_and_closed_phases_and_what_is_judged_of_each_apart() -> None:
    opened = [took(50, late=300, phase="open")] * 3
    closed = [took(80, phase="closed")] * 2
    measurements = measure(opened + closed)
    assert measurements.timings("book_appointment").count == 5
    judged = dict(measurements.judged("book_appointment"))
    assert judged["response time"].percentile_ms(50) == pytest.approx(350, rel=0.001)
    assert judged["service time"].percentile_ms(50) == pytest.approx(80, rel=0.001)
    assert [each.count for each in judged.values()] == [3, 2]


def test_what_clients_give_back_after_an_open_phase_is_not_judged() -> None:
    measurements = measure([took(50, late=1, phase="open"), took(900, "cancel_appointment", phase="open")])
    assert measurements.judged("cancel_appointment") == ()
    assert measurements.timings("cancel_appointment").count == 1

from dataclasses import replace
from itertools import pairwise

import pytest

from loadtest.figures.over_time import OverTime, Span, joined, size_band, spans_of
from loadtest.figures.timings import NO_ANSWER
from loadtest.ledger import FIRST_LOOK, Operation
from tests.loadtest.timed import MS, took

SECOND = 1000 * MS


def cut(*operations: Operation, spans: dict[str, Span] | None = None, most: int = 400) -> OverTime:
    over_time = OverTime(spans, most)
    for operation in operations:
        over_time.record(operation)
    return over_time


def test_a_window_holds_the_requests_due_in_its_second() -> None:
    first, second = cut(took(5), took(7, start=999), took(9, start=1000)).windows("load", "book_appointment")
    assert (first.counts.due, second.counts.due) == (2, 1)
    assert first.percentile_ms(100) == 7
    assert second.began_ns - first.began_ns == SECOND


def test_a_request_sent_late_counts_where_it_was_due_and_with_the_time_it_waited() -> None:
    late = took(100, start=2500, late=2000)
    windows = cut(took(5), late).windows("load", "book_appointment")
    assert [window.counts.due for window in windows] == [2, 0, 0]
    assert [window.counts.sent for window in windows] == [1, 0, 1]
    assert [window.counts.answered for window in windows] == [1, 0, 1]
    assert windows[0].percentile_ms(100) == 2100
    assert windows[0].service_ms(100) == 100


def test_the_rate_achieved_is_of_answers_when_they_came() -> None:
    slow = [took(2500, start=100) for _ in range(6)]
    windows = cut(*slow, took(50_000, start=200, outcome="unknown")).windows("load", "book_appointment")
    assert [window.answered_per_second for window in windows[:4]] == [0, 0, 6, 0]
    assert windows[0].due_per_second == windows[0].sent_per_second == 7


def test_lost_races_and_refusals_are_counted_and_not_timed() -> None:
    lost = took(1, outcome="refused", status=409, code="DUPLICATE_REJECTED", size=700)
    refused = took(1, outcome="refused", status=422)
    (window,) = cut(lost, refused, took(40, outcome="unknown", status=503), took(20)).windows("load")
    counts = window.counts
    assert (counts.lost_races, counts.refused, counts.unknown, counts.ok) == (1, 1, 1, 1)
    assert window.errors == 2
    assert counts.answered == 3
    assert window.percentile_ms(1) == pytest.approx(20, rel=0.002)
    assert counts.held == 2


def test_mean_bytes_are_of_the_answers_to_what_was_granted() -> None:
    lost = took(1, outcome="refused", status=409, code="DUPLICATE_REJECTED", size=90_000)
    silent = replace(took(1, outcome="unknown"), status=None)
    (window,) = cut(took(1, size=1000), took(1, size=3000), lost, silent).windows("load")
    assert window.mean_bytes == 2000
    assert cut(silent).windows("load")[0].mean_bytes is None
    assert cut(took(1, outcome="unknown", status=503, size=5000)).windows("load")[0].mean_bytes is None


def test_a_second_of_refused_connections_is_no_faster_than_one_of_answers() -> None:
    answered = [took(5, start=n) for n in range(20)]
    refused = [took(0.2, start=1000 + n, outcome="unknown") for n in range(20)]
    half = [took(0.2, start=n, outcome="unknown") for n in range(10)]
    up, down = cut(*answered, *refused).windows("load", "book_appointment")
    assert (up.percentile_ms(50), up.percentile_ms(100)) == (5, 5)
    assert (down.percentile_ms(1), down.percentile_ms(100)) == (NO_ANSWER, NO_ANSWER)
    (mixed,) = cut(*answered, *half).windows("load", "book_appointment")
    assert (mixed.percentile_ms(66), mixed.percentile_ms(67)) == (5, NO_ANSWER)


def test_windows_have_no_gaps_and_those_of_all_interactions_are_sums() -> None:
    over_time = cut(took(5), took(9, "find_patient", start=3100), took(5, "find_patient"))
    assert [window.counts.due for window in over_time.windows("load")] == [2, 0, 0, 1]
    assert [window.counts.due for window in over_time.windows("load", "book_appointment")] == [1, 0, 0, 0]
    assert over_time.interactions == ("book_appointment", "find_patient")


def test_phases_are_apart_and_in_the_order_of_time() -> None:
    over_time = cut(took(5, start=90_000, phase="later"), took(5, phase="sooner"))
    assert over_time.phases == ("sooner", "later")
    assert len(over_time.windows("later")) == 1
    with pytest.raises(KeyError):
        over_time.windows("never")


def test_what_gpload_itself_reads_is_left_out() -> None:
    assert cut(took(5, phase=FIRST_LOOK)).phases == ()


def test_a_long_run_has_longer_windows_and_loses_nothing() -> None:
    operations = [took(n % 50 + 1, start=n * 100, size=n) for n in range(20_000)]
    over_time = cut(*operations, most=100)
    windows = over_time.windows("load", "book_appointment")
    assert over_time.seconds == 32
    assert 50 < len(windows) <= 100
    whole = joined(windows)
    assert (whole.counts.due, whole.counts.sent, whole.counts.answered) == (20_000,) * 3
    assert whole.counts.bytes == sum(range(20_000))
    assert whole.percentile_ms(50) == pytest.approx(25, rel=0.002)
    assert windows[3].counts.due == 320


def test_the_order_in_which_operations_come_does_not_matter() -> None:
    operations = [took(n % 7 + 1, start=n * 500) for n in range(2000)]
    span = {"load": Span(0, 1000.0)}
    forth, back = (cut(*each, spans=span, most=64) for each in (operations, reversed(operations)))
    assert forth.windows("load") == back.windows("load")


def test_many_short_phases_still_have_a_window_each() -> None:
    over_time = cut(*(took(5, start=n * 1000, phase=f"hour {n}") for n in range(50)), most=10)
    assert len(over_time.phases) == 50


def test_windows_are_counted_from_the_start_of_the_phase() -> None:
    over_time = cut(took(5, start=3900), spans={"load": Span(1500 * MS, 10.0)})
    (window,) = over_time.windows("load")
    assert window.began_ns == 3500 * MS
    assert over_time.began_ns("load") == 1500 * MS


def test_what_clients_give_back_after_the_phase_is_not_under_load() -> None:
    span = {"load": Span(0, 4.0)}
    over_time = cut(took(5), took(5, start=3900), took(5, start=4100), took(5, start=6000), spans=span)
    assert len(over_time.windows("load")) == 7
    assert [window.counts.due for window in over_time.under_load("load")] == [1, 0, 0, 1]
    assert len(cut(took(5), took(5, start=6000)).under_load("load")) == 7, "its end is not known"


def test_a_rate_in_the_last_window_is_over_what_was_left_of_the_phase() -> None:
    operations = [took(1, start=n * 100) for n in range(300)]
    over_time = cut(*operations, spans={"load": Span(0, 30.0)}, most=10)
    windows = over_time.under_load("load", "book_appointment")
    assert (over_time.seconds, windows[-1].seconds) == (4, 2)
    assert {window.due_per_second for window in windows} == {10}


def test_windows_join_without_averaging_percentiles() -> None:
    busy = [took(10, start=n) for n in range(99)]
    quiet = [took(500, start=1100)]
    one, other = cut(*busy, *quiet).windows("load", "book_appointment")
    whole = joined([one, other])
    assert whole.percentile_ms(95) == pytest.approx(10, rel=0.002)
    assert whole.percentile_ms(100) == 500
    assert whole.seconds == 2
    assert one.percentile_ms(100) == 10, "joining changes nothing"
    with pytest.raises(ValueError, match="no windows"):
        joined([])


def test_a_phase_is_open_where_arrivals_had_an_intended_start() -> None:
    over_time = cut(took(5, late=1, phase="open"), took(5, phase="closed"))
    assert (over_time.is_open("open"), over_time.is_open("closed")) == (True, False)


def test_size_bands_are_powers_of_two_of_kilobytes() -> None:
    assert [size_band(size) for size in (0, 1023, 1024, 2047, 2048, 4096, 54_000)] == [0, 0, 1, 1, 2, 3, 6]
    edges = [1024 << power for power in range(6)]
    assert all(size_band(after) == size_band(before) + 1 for before, after in pairwise(edges))


def test_spans_come_from_what_the_run_noted_of_its_phases() -> None:
    parts = [
        {"scenario": "booking", "began_ns": 5, "seconds": 12},
        {"scenario": "never began", "began_ns": None, "seconds": 12},
        {"scenario": "of an older run", "seconds": 12},
    ]
    assert spans_of({"parts": parts}) == {"booking": Span(5, 12.0)}
    assert spans_of({}) == {}

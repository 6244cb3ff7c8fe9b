from dataclasses import replace

import orjson
import pytest

from loadtest.comparison.compare import compare
from loadtest.comparison.table import Comparison, Row, to_json
from loadtest.figures.over_time import OverTime, Span
from loadtest.figures.timings import NO_ANSWER
from tests.loadtest.simulated_runs import wandering
from tests.loadtest.timed import took


def short(*seeds: object, factor: float = 1.0, memory: float = 0.3) -> OverTime:
    return wandering(*seeds, seconds=36, factor=factor, memory=memory)


def rows(comparison: Comparison, metric: str) -> dict[str, Row]:
    return {row.interaction: row for row in comparison.rows if row.metric == metric}


def words(comparison: Comparison, metric: str) -> set[str]:
    return {row.word for row in rows(comparison, metric).values()}


def changed(comparison: Comparison) -> list[Row]:
    return [row for row in comparison.rows if row.word in ("slower", "faster")]


@pytest.mark.parametrize("memory", [0.3, 0.7])
def test_equal_runs_hardly_ever_differ(memory: float) -> None:
    alarms = sum(
        bool(changed(compare(short(pair, "base", memory=memory), short(pair, "new", memory=memory))))
        for pair in range(14)
    )
    assert alarms <= 1, "by chance, one table of twenty may"


def test_a_fifth_slower_is_found() -> None:
    found = [
        {
            row.interaction
            for row in compare(short(pair, "base"), short(pair, "new", factor=1.2)).slower
            if row.metric == "p50"
        }
        for pair in range(8)
    ]
    assert sum(map(bool, found)) == 8
    assert sum(map(len, found)) >= 16, "of 24: three interactions in each of eight runs"


def test_a_fifth_slower_is_found_while_the_rate_climbs() -> None:
    base, new = (
        wandering(1, factor=factor, climbing=True, wander=0.03, per_second=60) for factor in (1, 1.2)
    )
    assert "slower" in words(compare(base, new), "p50")


def test_what_became_faster_is_not_slower() -> None:
    comparison = compare(wandering("a", factor=1.5), wandering("b"))
    assert words(comparison, "p50") == {"faster"}
    assert comparison.slower == ()
    row = rows(comparison, "p50")["book_appointment"]
    assert row.base == pytest.approx(30, rel=0.1)
    assert row.new == pytest.approx(20, rel=0.1)
    assert row.low is not None and row.high is not None
    assert row.low < -1 / 3 < row.high < 0


def test_a_change_smaller_than_asked_for_is_not_called_one() -> None:
    base, new = wandering("a", wander=0.0), wandering("b", wander=0.0, factor=1.2)
    assert words(compare(base, new, least=0.1), "p50") == {"slower"}
    assert words(compare(base, new, least=0.3), "p50") == {"no difference shown"}


def test_lower_throughput_is_slower() -> None:
    comparison = compare(wandering("a", per_second=60), wandering("b", per_second=40))
    assert words(comparison, "throughput") == {"slower"}
    assert words(comparison, "p50") == {"no difference shown"}
    assert words(compare(wandering("a", per_second=40), wandering("b", per_second=60)), "throughput") == {
        "faster"
    }


def test_one_long_stall_is_not_a_slower_provider() -> None:
    stalled = wandering("b", wander=0.03)
    for n in range(20):
        stalled.record(took(4000, start=30_000 + n))
    assert changed(compare(wandering("a", wander=0.03), stalled)) == []


def test_percentiles_need_requests_beyond_them_and_runs_some_length() -> None:
    few = compare(wandering("a", per_second=6), wandering("b", per_second=6))
    assert (words(few, "p50"), words(few, "p95"), words(few, "p99")) == (
        {"no difference shown"},
        {"too few"},
        {"too few"},
    )
    brief = compare(wandering("a", seconds=20), wandering("b", seconds=20))
    assert {row.word for row in brief.rows} == {"too few"}
    assert brief.comparisons == 0
    assert "Nothing could be compared" in brief.decided


def test_a_run_that_wanders_more_slowly_than_it_is_long_is_too_unsteady() -> None:
    base, new = (wandering(side, memory=0.98, wander=0.4, per_second=90) for side in "ab")
    comparison = compare(base, new)
    assert "too unsteady" in words(comparison, "p50")
    unsteady = next(row for row in comparison.rows if row.word == "too unsteady")
    assert (unsteady.change, unsteady.low, unsteady.high) == (None, None, None)
    assert unsteady.base is not None


@pytest.mark.parametrize(
    ("late_ms", "basis", "word"),
    [(0.0, "response time", "no difference shown"), (None, "service time", "too unsteady")],
    ids=["open", "closed"],
)
def test_throughput_is_as_steady_as_latency_where_clients_wait_and_goes_by_itself_where_arrivals_decide(
    late_ms: float | None, basis: str, word: str
) -> None:
    base, new = (wandering(side, memory=0.98, wander=0.4, per_second=90, late_ms=late_ms) for side in "ab")
    found = [row for row in compare(base, new).rows if row.basis == basis]
    unsteady = {row.interaction for row in found if (row.metric, row.word) == ("p50", "too unsteady")}
    assert unsteady
    throughput = [row for row in found if row.metric == "throughput" and row.interaction in unsteady]
    assert {row.word for row in throughput} == {word}


def test_only_words_that_stand_in_the_table_are_explained() -> None:
    base, new = (wandering(side, memory=0.98, wander=0.4, per_second=90) for side in "ab")
    unsteady = compare(base, new)
    brief = compare(wandering("a", seconds=20), wandering("b", seconds=20))
    steady = compare(wandering("a", per_second=90), wandering("b", per_second=90))

    said = [
        [word for word in ("too few", "too unsteady") if f"{word}:" in comparison.decided.lower()]
        for comparison in (unsteady, brief, steady)
    ]
    shown = [
        sorted({row.word for row in comparison.rows} & {"too few", "too unsteady"})
        for comparison in (unsteady, brief, steady)
    ]
    assert said == shown
    assert "too unsteady" in shown[0]
    assert shown[1:] == [["too few"], []]


def test_intervals_are_the_wider_the_more_is_compared() -> None:
    alone = compare(
        wandering("a", interaction="book_appointment"), wandering("b", interaction="book_appointment")
    )
    one = rows(alone, "p50")["book_appointment"]
    of_three = rows(compare(wandering("a"), wandering("b")), "p50")["book_appointment"]
    assert one.low is not None and one.high is not None
    assert of_three.low is not None and of_three.high is not None
    assert of_three.low < one.low < one.high < of_three.high
    assert one.change == of_three.change


def test_the_same_seed_decides_the_same() -> None:
    runs = [(wandering("a", seconds=30), wandering("b", seconds=30)) for _ in range(3)]
    first, again, other = (compare(*each, seed=seed) for each, seed in zip(runs, (1, 1, 2), strict=True))
    assert first == again
    assert first.rows != other.rows


def test_windows_of_a_longer_run_are_made_alike() -> None:
    brief, long = wandering("a"), wandering("b")
    long.join_windows()
    comparison = compare(brief, long)
    assert comparison.window_seconds == brief.seconds == long.seconds == 2


def test_only_the_time_that_both_runs_have_is_compared() -> None:
    base = wandering("a", seconds=60)
    new = wandering("b", seconds=30)
    comparison = compare(base, new)
    requests = rows(comparison, "p50")["book_appointment"].requests
    assert requests[0] == pytest.approx(requests[1], rel=0.2)


def test_open_and_closed_phases_are_compared_apart() -> None:
    def run(seed: str) -> OverTime:
        over_time = OverTime({"open": Span(0, 30.0), "closed": Span(10**11, 30.0)})
        for n in range(1200):
            over_time.record(took(10 + n % 7, start=25 * n, late=90, phase="open"))
            over_time.record(took(10 + n % 7, start=100_000 + 25 * n, phase="closed"))
        return over_time

    comparison = compare(run("a"), run("b"))
    medians = {row.basis: row.base for row in comparison.rows if row.metric == "p50"}
    assert medians["response time"] == pytest.approx(103, rel=0.01)
    assert medians["service time"] == pytest.approx(13, rel=0.01)
    opened, closed = wandering("a", late_ms=5), wandering("b")
    assert compare(opened, closed).rows == (), "the same phase cannot be compared on two bases"


def test_what_was_given_back_after_the_phase_is_not_compared() -> None:
    base, new = wandering("a"), wandering("b")
    for n in range(3000):
        base.record(took(20, start=61_000 + 10 * n))
        new.record(took(900, start=61_000 + 10 * n))
    row = rows(compare(base, new), "p50")["book_appointment"]
    assert max(row.requests) < 1000
    assert row.new == pytest.approx(20, rel=0.1)


def test_runs_without_a_phase_in_common_are_refused() -> None:
    other = OverTime()
    other.record(took(5, phase="another"))
    with pytest.raises(ValueError, match="no phase in common"):
        compare(wandering("a", seconds=5), other)


def test_where_nothing_was_granted_there_is_nothing_to_compare() -> None:
    runs = OverTime(), OverTime()
    for run in runs:
        for n in range(3000):
            run.record(replace(took(5, start=20 * n), outcome="refused", status=422))
    assert {row.word for row in compare(*runs).rows} == {"too few"}


def test_a_comparison_is_there_for_programs_too() -> None:
    content = orjson.loads(orjson.dumps(to_json(compare(wandering("a"), wandering("b", factor=1.5)))))
    row = next(each for each in content["rows"] if each["metric"] == "p50")
    assert row["word"] == "slower"
    assert row["low"] < row["change"] < row["high"]
    assert content["slower"] == sum(each["word"] == "slower" for each in content["rows"])
    assert content["comparisons"] == sum(each["change"] is not None for each in content["rows"])
    assert "paired redraws" in content["decided"]


def failing(base: OverTime, new: OverTime, every: int, in_base: bool = False) -> Comparison:
    """Both compared, after new (or base) also had a refused connection to each so many of 720 bookings."""
    run = base if in_base else new
    for n in range(36 * 20 // every):
        refused = took(0.1, start=50 * every * n, phase="load", outcome="unknown")
        run.record(replace(refused, interaction="book_appointment"))
    return compare(base, new)


def test_a_run_that_went_unanswered_is_the_slower_however_soon_its_requests_ended() -> None:
    worse = rows(failing(short("a"), short("b"), every=1), "p95")["book_appointment"]
    assert (worse.word, worse.new, worse.change, worse.low) == ("slower", NO_ANSWER, None, None)
    better = failing(short("a"), short("b"), every=1, in_base=True)
    assert rows(better, "p95")["book_appointment"].word == "faster"
    assert better.slower == ()


def test_two_runs_that_both_went_unanswered_are_told_from_unsteady_ones() -> None:
    base, new = short("a"), short("b")
    failing(base, new, every=1)
    comparison = failing(base, new, every=1, in_base=True)
    assert rows(comparison, "p95")["book_appointment"].word == "no answer"
    assert "No answer: the figure falls among requests without a definite answer" in comparison.decided
    (row,) = [each for each in orjson.loads(orjson.dumps(to_json(comparison)))["rows"]
              if (each["interaction"], each["metric"]) == ("book_appointment", "p95")]  # fmt: skip
    assert (row["base"], row["new"], row["change"]) == (None, None, None)


def test_a_figure_that_chance_may_have_put_among_the_unanswered_is_not_called_unsteady() -> None:
    base, new = short("a"), short("b")
    for second in (2, 3, 17, 29):
        for n in range(5):
            refused = took(0.1, start=1000 * second + 150 * n, phase="load", outcome="unknown")
            new.record(replace(refused, interaction="book_appointment"))
    row = rows(compare(base, new), "p95")["book_appointment"]
    assert row.new is not None and row.new < NO_ANSWER
    assert row.word == "no answer"


def test_a_run_that_answered_nothing_has_the_lower_throughput() -> None:
    def dead() -> OverTime:
        run = OverTime({"load": Span(0, 36.0)})
        for n in range(720):
            run.record(took(0.1, start=50 * n, phase="load", outcome="unknown"))
        return run

    worse = rows(compare(short("a"), dead()), "throughput")["book_appointment"]
    assert (worse.word, worse.new, worse.change) == ("slower", 0.0, None)
    better = rows(compare(dead(), short("a")), "throughput")["book_appointment"]
    assert (better.word, better.base, better.change) == ("faster", 0.0, None)
    neither = rows(compare(dead(), dead()), "throughput")["book_appointment"]
    assert neither.word == "no answer"

from loadtest.comparison.table import Comparison, Metric, Row, to_json
from loadtest.comparison.words import Word
from loadtest.figures.timings import NO_ANSWER


def row(metric: Metric, word: Word, *, change: float | None = None, new: float = 12.0) -> Row:
    return Row("book_appointment", "service time", metric, 10.0, new, (900, 900), change, word=word)


def table(*rows: Row) -> Comparison:
    return Comparison(rows, window_seconds=1.0, least=0.05, seed=1)


THROUGHPUT = row("throughput", "no difference shown", change=0.01)


def test_a_latency_that_one_run_alone_left_unanswered_was_compared() -> None:
    for word in ("slower", "faster"):
        comparison = table(row("p50", word, new=NO_ANSWER), THROUGHPUT)
        assert (comparison.latencies, comparison.comparisons) == (1, 2)
        content = to_json(comparison)
        assert (content["latencies_compared"], content["comparisons"]) == (1, 2)


def test_what_could_not_be_compared_does_not_count_as_a_latency_and_nor_does_throughput() -> None:
    rest = [row("p50", word) for word in ("no answer", "too few", "too unsteady")]
    comparison = table(*rest, THROUGHPUT)
    assert (comparison.latencies, comparison.comparisons) == (0, 1)
    assert table(*rest).decided.startswith("Nothing could be compared.")


def test_confidence_is_shared_by_all_that_was_compared() -> None:
    assert "the 2 hold together at 95%, each at 97.50%" in (
        table(row("p50", "slower", new=NO_ANSWER), row("p99", "too few"), THROUGHPUT).decided
    )

from itertools import pairwise
from random import Random

import pytest

from loadtest.figures.sparse_histogram import SparseHistogram, bucket_of, middle_ms
from loadtest.figures.timings import NO_ANSWER, rank

US = 1000


def of(*microseconds: int) -> SparseHistogram:
    histogram = SparseHistogram()
    for each in microseconds:
        histogram.add(each * US)
    return histogram


def test_longer_durations_never_fall_into_lower_buckets_and_no_bucket_is_left_out() -> None:
    buckets = [bucket_of(microseconds * US) for microseconds in range(70_000)]
    assert {after - before for before, after in pairwise(buckets)} <= {0, 1}


@pytest.mark.parametrize("microseconds", [1, 255, 256, 511, 512, 1023, 99_999, 3_000_000, 120_000_000])
def test_a_duration_is_kept_to_a_fifth_of_a_per_cent(microseconds: int) -> None:
    kept = middle_ms(bucket_of(microseconds * US)) * 1000
    assert kept == pytest.approx(microseconds, rel=0.002, abs=0.5)


def test_percentiles_are_those_of_the_durations_themselves() -> None:
    random = Random(4)
    durations = [round(random.lognormvariate(10, 1)) for _ in range(5000)]
    histogram, ordered = of(*durations), sorted(durations)
    for percentile in (1, 50, 95, 99, 99.9):
        truth = ordered[rank(5000, percentile) - 1] / 1000
        assert histogram.percentile_ms(percentile) == pytest.approx(truth, rel=0.002)
    assert histogram.percentile_ms(100) == ordered[-1] / 1000, "the slowest is kept exactly"


def test_merged_histograms_are_as_if_one_had_counted_everything() -> None:
    merged = SparseHistogram.of([of(100, 200, 300), of(), of(90_000, 300)])
    assert merged == of(100, 200, 300, 90_000, 300)
    assert merged.percentile_ms(60) == pytest.approx(0.3, rel=0.002), "no average of percentiles"


def test_no_duration_has_no_percentile() -> None:
    assert SparseHistogram().percentile_ms(50) is None
    assert SparseHistogram().max_ms is None


def test_what_was_never_answered_ranks_above_every_duration() -> None:
    histogram = of(*range(1000, 10_000, 1000))
    assert histogram.percentile_ms(90, unanswered=1) == 9
    assert histogram.percentile_ms(91, unanswered=1) == NO_ANSWER
    assert histogram.percentile_ms(50, unanswered=9) == 9
    assert SparseHistogram().percentile_ms(1, unanswered=1) == NO_ANSWER


def test_a_clock_that_went_backwards_counts_as_no_time() -> None:
    histogram = SparseHistogram()
    histogram.add(-5_000_000)
    histogram.add(9000)
    assert histogram.percentile_ms(50) == pytest.approx(0, abs=0.001)

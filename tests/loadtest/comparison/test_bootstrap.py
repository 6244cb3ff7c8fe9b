import math
from collections.abc import Sequence
from random import Random
from statistics import fmean, stdev

import pytest

from loadtest.comparison.bootstrap import (
    Blocks,
    Estimate,
    Ratio,
    WeightedPercentiles,
    likeness,
    ratio,
    student_t,
)
from loadtest.figures.sparse_histogram import SparseHistogram
from loadtest.figures.timings import NO_ANSWER

MS = 1_000_000


def window(*milliseconds: float) -> SparseHistogram:
    histogram = SparseHistogram()
    for each in milliseconds:
        histogram.add(round(each * MS))
    return histogram


def remembering(share: float, count: int, seed: int = 1) -> list[float]:
    random, value, series = Random(seed), 0.0, []
    for _ in range(count):
        value = share * value + math.sqrt(1 - share**2) * random.gauss(0, 1)
        series.append(value)
    return series


@pytest.mark.parametrize(
    ("probability", "freedom", "published"),
    [
        (0.975, 7, 2.365),
        (0.995, 7, 3.499),
        (0.9995, 7, 5.408),
        (0.975, 30, 2.042),
        (0.9995, 20, 3.850),
        (0.95, 10, 1.812),
        (0.025, 10, -2.228),
    ],
)
def test_students_t_is_as_published(probability: float, freedom: int, published: float) -> None:
    assert student_t(probability, freedom) == pytest.approx(published, rel=0.002)


def test_percentiles_of_windows_drawn_again_are_those_of_all_their_requests() -> None:
    windows = [window(10, 20, 30), window(100, 200), window()]
    percentiles = WeightedPercentiles(windows)
    for weights in ([1, 1, 1], [0, 2, 1], [3, 0, 0], [2, 1, 0]):
        drawn = SparseHistogram.of(
            each for each, times in zip(windows, weights, strict=True) for _ in range(times)
        )
        assert percentiles.total(weights) == drawn.total
        for percentile in (1, 50, 80, 95):
            found = percentiles.percentile_ms(weights, percentile)
            assert found == pytest.approx(drawn.percentile_ms(percentile), rel=0.002)
    assert percentiles.percentile_ms([0, 0, 5], 50) is None


def test_a_window_pulls_a_percentile_up_by_what_it_has_above() -> None:
    low, high, none = WeightedPercentiles([window(1, 2), window(3, 4), window()]).pull(50)
    assert (low, high, none) == (-0.25, 0.25, 0)
    assert WeightedPercentiles([window(), window()]).pull(50) == [0, 0]


def test_requests_without_an_answer_rank_above_all_in_windows_drawn_again() -> None:
    percentiles = WeightedPercentiles([window(10, 20, 30), window(100), window()], [0, 1, 4])
    assert percentiles.total([1, 1, 1]) == 9
    assert percentiles.percentile_ms([1, 1, 0], 80) == pytest.approx(100, rel=0.002)
    assert percentiles.percentile_ms([1, 1, 0], 81) == NO_ANSWER
    assert percentiles.percentile_ms([0, 0, 1], 50) == NO_ANSWER
    assert percentiles.pull(50) == [pytest.approx(each / 9) for each in (-1.5, 0, 2)]
    assert WeightedPercentiles([window(), window()], [3, 1]).pull(50) == [0.375, 0.125]


@pytest.mark.parametrize(
    ("base", "new", "logarithm"),
    [
        (5.0, NO_ANSWER, math.inf),
        (NO_ANSWER, 5.0, -math.inf),
        (5.0, 0.0, -math.inf),
        (0.0, 5.0, math.inf),
    ],
    ids=["new alone", "base alone", "none a second in new", "none a second in base"],
)
def test_a_run_that_has_no_answer_in_any_draw_is_beyond_every_ratio(
    base: float, new: float, logarithm: float
) -> None:
    found = ratio(lambda _: base, lambda _: new, Blocks(100, 0.0), Random(1))
    assert isinstance(found, Ratio)
    assert found.logarithm == logarithm


@pytest.mark.parametrize("figure", [NO_ANSWER, 0.0], ids=["no latency", "none a second"])
@pytest.mark.parametrize("alike", [0.0, 0.95], ids=["steady", "unsteady"])
def test_where_neither_run_has_an_answer_there_is_no_ratio(figure: float, alike: float) -> None:
    assert ratio(lambda _: figure, lambda _: figure, Blocks(100, alike), Random(1)) == "no answer"


@pytest.mark.parametrize("drawn", [1, 4], ids=["in most draws", "in one draw of fifty"])
def test_where_chance_decides_whether_there_is_an_answer_there_is_no_ratio(drawn: int) -> None:
    def sometimes(weights: Sequence[int]) -> float:
        return NO_ANSWER if weights[0] >= drawn else 5.0

    def otherwise(weights: Sequence[int]) -> float:
        return NO_ANSWER if weights[0] < drawn else 5.0

    for chance in (sometimes, otherwise):
        assert ratio(lambda _: 5.0, chance, Blocks(100, 0.0), Random(1)) == "no answer"


def test_a_draw_in_which_neither_run_has_an_answer_speaks_against_one_in_either() -> None:
    def seldom(weights: Sequence[int]) -> float:
        return NO_ANSWER if weights[0] >= 4 else 5.0

    assert ratio(seldom, lambda _: NO_ANSWER, Blocks(100, 0.0), Random(1)) == "no answer"


def test_likeness_is_what_each_window_remembers_of_the_one_before() -> None:
    for share in (0.0, 0.4, 0.8):
        assert likeness(remembering(share, 5000), [5000]) == pytest.approx(share, abs=0.06)
    assert likeness([1.0] * 50, [50]) == 0
    assert likeness([1.0, -1.0] * 25, [50]) == 0, "what swings evens out by itself"


def test_chance_within_a_window_does_not_hide_how_slowly_a_figure_wanders() -> None:
    random = Random(3)
    hidden = [each + random.gauss(0, 1) for each in remembering(0.8, 5000)]
    # Wander and chance weigh the same: neighbours correlate by 0.4, and 0.4 / (1 - 0.8 + 0.4) is the share.
    assert likeness(hidden, [5000]) == pytest.approx(0.667, abs=0.08)


def test_two_minutes_tell_enough_where_half_a_minute_does_only_of_seconds_without_memory() -> None:
    def told(share: float, seconds: int) -> float:
        runs = [likeness(remembering(share, seconds, seed), [seconds]) for seed in range(200)]
        return sum(Blocks(seconds, alike).enough for alike in runs) / len(runs)

    assert told(0.0, 33) > 0.97
    assert 0.5 < told(0.5, 33) < 0.8
    assert told(0.7, 33) < 0.4
    assert told(0.5, 60) > 0.94
    assert 0.5 < told(0.7, 60) < 0.85
    assert min(told(0.5, 120), told(0.7, 120)) > 0.98


def test_likeness_does_not_look_across_phases() -> None:
    falling = [3.0, 2.0, 1.0, 0.0] * 20
    assert likeness(falling, [4] * 20) > likeness(falling, [80]) + 0.2


def test_blocks_are_the_longer_the_more_neighbours_are_alike() -> None:
    lengths = [Blocks(1000, alike).length for alike in (0.0, 0.4, 0.6, 0.9)]
    assert lengths == sorted(set(lengths))
    assert Blocks(10, 0.0).length == 3
    assert Blocks(80, 0.9).length == 10, "an eighth of all at most"


def test_slow_waves_need_a_longer_run() -> None:
    assert [Blocks(windows, 0.0).enough for windows in (23, 24)] == [False, True]
    assert [Blocks(windows, 0.8).enough for windows in (70, 75)] == [False, True]
    assert Blocks(90, 0.8).independent == pytest.approx(10)


def test_draws_are_as_many_windows_as_there_are_in_whole_blocks() -> None:
    blocks = Blocks(27, 0.0)
    for drawn in blocks.draws(Random(1), 50):
        assert sum(drawn) == 27
        assert len(drawn) == 27
    thrice = [list(blocks.draws(Random(seed), 5)) for seed in (1, 1, 2)]
    assert thrice[0] == thrice[1] != thrice[2]
    many = list(blocks.draws(Random(1), 600))
    shares = [sum(drawn[n] for drawn in many) / 600 for n in range(27)]
    assert min(shares) > 0.85
    assert max(shares) < 1.15


def mean_of(series: list[float]) -> Estimate:
    return lambda weights: sum(w * x for w, x in zip(weights, series, strict=True)) / sum(weights)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_the_error_is_as_large_as_means_of_other_runs_differ(share: float) -> None:
    def shifted(seed: int) -> list[float]:
        return [100 + 5 * each for each in remembering(share, 200, seed)]

    truth = stdev(math.log(fmean(shifted(2 * n + 1)) / fmean(shifted(2 * n))) for n in range(1, 300))
    errors = []
    for n in range(24):
        base, new = shifted(1000 + 2 * n), shifted(1001 + 2 * n)
        alike = likeness([b - a for a, b in zip(base, new, strict=True)], [200])
        found = ratio(mean_of(base), mean_of(new), Blocks(200, alike), Random(n))
        assert isinstance(found, Ratio)
        errors.append(found.error)
    assert 0.97 < fmean(errors) / truth < 1.3


def test_an_interval_widens_with_confidence_and_with_few_blocks() -> None:
    many, few = Ratio(math.log(1.2), 0.05, 40), Ratio(math.log(1.2), 0.05, 7)
    assert many.change == pytest.approx(0.2)
    low, high = many.interval(0.95)
    assert low == pytest.approx(0.2 - 0.116, abs=0.01)
    assert high == pytest.approx(0.2 + 0.128, abs=0.01)
    assert few.interval(0.95)[0] < low < high < few.interval(0.95)[1]
    assert many.interval(0.99)[0] < low


def test_without_a_ratio_it_is_said_why() -> None:
    series = mean_of([1.0 + n % 3 for n in range(60)])
    rare = mean_of([0.0] * 55 + [1.0] * 5)

    def in_few_seconds(weights: Sequence[int]) -> float | None:
        return 5.0 if any(weights[:3]) else None

    steady, unsteady = Blocks(60, 0.0), Blocks(60, 0.9)
    assert isinstance(ratio(series, series, steady, Random(1)), Ratio)
    assert ratio(series, series, unsteady, Random(1)) == "too unsteady"
    assert ratio(series, rare, steady, Random(1)) == "no answer"
    assert ratio(series, in_few_seconds, steady, Random(1)) == "too few"
    assert ratio(series, lambda _: None, unsteady, Random(1)) == "too few"


def test_a_figure_that_never_moved_is_still_known_only_as_well_as_it_is_kept() -> None:
    still = [5.0] * 60
    found = ratio(mean_of(still), mean_of(still), Blocks(60, 0.0), Random(1))
    assert isinstance(found, Ratio)
    assert found.logarithm == 0
    assert found.error > 0.001

from collections.abc import Callable
from math import comb

import pytest

from loadtest.figures.requests_needed import RARE, is_kept, is_met, requests_needed
from loadtest.figures.timings import rank


def of(*milliseconds: float) -> Callable[[float], float]:
    """Any percentile of these."""
    ordered = sorted(milliseconds)
    return lambda percentile: ordered[rank(len(ordered), percentile) - 1]


def kept(fast: int, slow: int, percentile: float = 99) -> bool | None:
    return is_kept(fast + slow, percentile, 250, of(*[10.0] * fast, *[250.0] * slow))


def test_ten_requests_must_lie_above_a_percentile_and_ten_below_it() -> None:
    assert [requests_needed(each) for each in (1, 50, 90, 95, 99, 99.9)] == [1000, 20, 100, 200, 1000, 10_000]


def test_the_slowest_request_itself_rests_on_any_number() -> None:
    assert requests_needed(100) == 1
    assert [kept(1, 0, 100), kept(5, 1, 100)] == [True, False]


def test_with_enough_requests_the_percentile_decides() -> None:
    assert kept(990, 10) is True
    assert kept(989, 11) is False


def test_fewer_requests_never_show_that_a_limit_was_kept() -> None:
    assert kept(999, 0) is None
    assert kept(1, 0) is None
    assert kept(0, 0) is None


def test_fewer_requests_show_that_a_limit_is_broken_once_no_more_could_make_it_good() -> None:
    assert kept(0, 10) is None, "990 more could all be fast"
    assert kept(0, 11) is False, "and then one too many would still be slow"
    assert kept(900, 11) is False


@pytest.mark.parametrize("percentile", [50, 95, 99])
def test_what_is_broken_by_too_few_is_broken_with_the_rest_however_fast(percentile: float) -> None:
    needed = requests_needed(percentile)
    slow = next(slow for slow in range(needed) if kept(0, slow, percentile) is False)

    assert kept(needed - slow, slow, percentile) is False
    assert kept(needed - slow + 1, slow - 1, percentile) is True


def met(fast: int, slow: int, percentile: float = 99) -> bool | None:
    return is_met(fast + slow, percentile, 250, of(*[10.0] * fast, *[250.0] * slow))


@pytest.mark.parametrize(
    ("count", "percentile", "missed_from"),
    [(1, 99, None), (2, 99, 2), (10, 99, 3), (100, 99, 6), (300, 99, 11), (2, 95, None), (3, 95, 3)],
)
def test_fewer_requests_show_a_miss_where_as_many_over_the_limit_would_be_rare(
    count: int, percentile: float, missed_from: int | None
) -> None:
    found = [slow for slow in range(count + 1) if met(count - slow, slow, percentile) is False]
    assert found == ([] if missed_from is None else list(range(missed_from, count + 1)))
    assert {met(count - slow, slow, percentile) for slow in range(count + 1)} <= {False, None}


@pytest.mark.parametrize("percentile", [50, 90, 95, 99])
@pytest.mark.parametrize("part", [0.1, 0.5, 1.0])
def test_a_limit_that_is_kept_is_seldom_called_missed_by_few(percentile: float, part: float) -> None:
    count, share = max(2, round(part * requests_needed(percentile)) - 1), 1 - percentile / 100
    missed = [slow for slow in range(count + 1) if met(count - slow, slow, percentile) is False]
    tested = [slow for slow in missed if kept(count - slow, slow, percentile) is None]
    chance = sum(comb(count, slow) * share**slow * (1 - share) ** (count - slow) for slow in tested)
    assert chance <= RARE


def test_what_is_kept_or_missed_by_enough_requests_is_so_met_or_not() -> None:
    assert (met(990, 10), met(989, 11), met(900, 11)) == (True, False, False)
    assert (met(0, 0), met(999, 0), met(5, 1, 100)) == (None, None, False)


def test_percentiles_of_any_size_can_be_tested() -> None:
    assert met(1500, 0, 0.5) is None
    assert met(0, 1990, 0.5) is False
    assert met(9990, 9, 99.9) is None

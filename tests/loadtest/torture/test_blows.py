from itertools import pairwise

import pytest

from loadtest.torture.blows import CALM_SECONDS, LEAD_SECONDS, plan_blows, seconds_for


def test_the_same_seed_strikes_in_the_same_way_and_another_seed_otherwise() -> None:
    assert plan_blows(1, 20, 60.0) == plan_blows(1, 20, 60.0)
    assert [blow.sort for blow in plan_blows(1, 20, 60.0)] != [blow.sort for blow in plan_blows(2, 20, 60.0)]


@pytest.mark.parametrize(("kills", "killed"), [(1, 1), (2, 1), (3, 2), (50, 25)])
def test_half_are_kills_and_half_are_stops(kills: int, killed: int) -> None:
    sorts = [blow.sort for blow in plan_blows(7, kills, 200.0)]

    assert (sorts.count("kill"), sorts.count("stop")) == (killed, kills - killed)


def test_blows_come_one_after_the_other_with_load_before_and_after_them() -> None:
    blows = plan_blows(3, 50, 156.0)
    instants = [blow.at for blow in blows]

    assert [blow.number for blow in blows] == list(range(1, 51))
    assert instants == sorted(instants)
    assert instants[0] >= LEAD_SECONDS
    assert 156.0 - CALM_SECONDS - instants[-1] > 3.0, "time to spare"


@pytest.mark.parametrize(("kills", "seconds"), [(1, 60.0), (5, 60.0), (5, 26.0), (20, 600.0)])
def test_blows_are_spread_over_all_of_the_load_that_is_not_quiet(kills: int, seconds: float) -> None:
    instants = [blow.at for blow in plan_blows(5, kills, seconds)]
    stretch = seconds - LEAD_SECONDS - CALM_SECONDS

    between = [later - earlier for earlier, later in pairwise((LEAD_SECONDS, *instants))]
    assert max(between, default=0.0) < 1.4 * stretch / kills
    assert seconds - CALM_SECONDS - instants[-1] < 0.7 * stretch / kills + 5.0, "none is left in peace"


def test_a_server_that_is_slow_to_start_gets_a_longer_load() -> None:
    assert seconds_for(10, 3.0) - seconds_for(10, 1.0) == pytest.approx(33.0)
    assert seconds_for(10, 1.0) > LEAD_SECONDS + 10 * 1.0 + CALM_SECONDS

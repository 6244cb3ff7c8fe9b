import math
from collections.abc import Callable

import pytest

from loadtest.arrivals import RateCurve
from loadtest.plans.changes import scaled, with_duration, with_rate, with_rounds, with_think, with_users
from loadtest.plans.plan import Phase, Plan, PlanError
from loadtest.plans.reading import shipped_plan

CLOSED = Phase("closed", {"booking": 1.0}, 30.0, users=20, think=0.3)
OPEN = Phase("open", {"slot_search": 1.0}, 60.0, rate=RateCurve.ramp(1, 9, 60.0), clients=7, spread="chance")
RACE = Phase("race", {"hot_slot": 1.0}, 10.0, users=30)


def plan(*phases: Phase) -> Plan:
    return Plan("mine", "for the tests", phases)


def test_users_are_changed_in_closed_phases_and_in_races_and_nowhere_else() -> None:
    changed = with_users(plan(CLOSED, OPEN, RACE), 5)
    assert [phase.users for phase in changed.phases] == [5, None, 5]
    assert changed.phases[1] == OPEN


def test_a_rate_makes_every_phase_open_but_a_race() -> None:
    closed, opened, race = with_rate(plan(CLOSED, OPEN, RACE), 4).phases
    assert (closed.users, closed.think, closed.rate) == (None, 0.0, RateCurve.constant(4, 30.0))
    assert opened.rate == RateCurve.constant(4, 60.0)
    assert (opened.clients, opened.spread) == (7, "chance")
    assert race == RACE


def test_a_duration_is_that_of_the_whole_plan_and_curves_are_stretched_with_it() -> None:
    changed = with_duration(plan(CLOSED, OPEN, RACE), 10)
    assert [phase.seconds for phase in changed.phases] == pytest.approx([3, 6, 1])
    assert changed.phases[1].rate == RateCurve.ramp(1, 9, changed.phases[1].seconds)
    assert changed.seconds == pytest.approx(10)


def test_think_is_changed_where_users_rest() -> None:
    changed = with_think(plan(CLOSED, OPEN, RACE), 0)
    assert [phase.think for phase in changed.phases] == [0, 0, 0]
    assert changed.phases[1:] == (OPEN, RACE)
    assert with_think(plan(RACE, CLOSED), 2).phases == (RACE, with_think(plan(CLOSED), 2).phases[0])


def test_rounds_are_changed_in_races_alone() -> None:
    changed = with_rounds(plan(CLOSED, RACE), 3)
    assert [phase.rounds for phase in changed.phases] == [None, 3]


def test_a_share_of_the_nation_keeps_the_curve_and_scales_its_rates() -> None:
    nation = shipped_plan("nation")
    (phase,) = scaled(nation, 0.3).phases
    assert phase.rate is not None
    assert phase.rate.peak == pytest.approx(0.3 * 19.70)
    assert phase.seconds == nation.seconds
    assert scaled(plan(CLOSED, OPEN), 2).phases[0] == CLOSED


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            lambda: with_users(plan(OPEN), 5),
            "mine: no phase has users to change, all keep a rate whatever the provider does",
        ),
        (
            lambda: with_users(plan(CLOSED), 0),
            "mine: users: expected a whole number from 1 to 5,000, found 0",
        ),
        (
            lambda: with_users(plan(CLOSED), 5001),
            "mine: users: expected a whole number from 1 to 5,000, found 5001",
        ),
        (
            lambda: with_rate(plan(RACE), 5),
            "mine: no phase can keep a rate, the users of hot_slot meet in agreed rounds",
        ),
        (lambda: with_rate(plan(CLOSED), 0), "mine: rate: expected a number above 0, found 0"),
        (lambda: with_rate(plan(CLOSED), math.inf), "mine: rate: expected a number above 0, found inf"),
        (lambda: with_duration(plan(CLOSED), -1), "mine: duration: expected a number above 0, found -1"),
        (lambda: with_think(plan(OPEN, RACE), 1), "mine: no phase has users who rest between pieces of work"),
        (lambda: with_think(plan(CLOSED), -1), "mine: think: expected a number from 0, found -1"),
        (lambda: with_think(plan(CLOSED), math.nan), "mine: think: expected a number from 0, found nan"),
        (lambda: with_rounds(plan(CLOSED, OPEN), 5), "mine: no phase has rounds, only those of hot_slot do"),
        (
            lambda: with_rounds(plan(RACE), 0),
            "mine: rounds: expected a whole number from 1 to 100,000, found 0",
        ),
        (lambda: scaled(plan(CLOSED, RACE), 0.5), "mine: no phase has a rate to scale"),
        (lambda: scaled(plan(OPEN), 0), "mine: share: expected a number above 0, found 0"),
    ],
)
def test_what_a_plan_cannot_be_changed_to_is_refused_in_one_line(
    change: Callable[[], Plan], line: str
) -> None:
    with pytest.raises(PlanError) as refused:
        change()
    assert str(refused.value) == line

import json

import pytest

from loadtest.arrivals import arrival_times
from loadtest.plans.changes import scaled, with_duration
from loadtest.plans.plan import SCENARIOS, PlanError, plan_from_json, to_json
from loadtest.plans.reading import shipped_names, shipped_plan

BY_NAME = pytest.mark.parametrize("name", shipped_names())


def test_the_plans_that_people_know_are_shipped() -> None:
    shapes = {"demo", "load", "ramp", "soak", "morning_rush", "nation"}
    assert set(shipped_names()) == {*SCENARIOS, *shapes} - {"national"}


@BY_NAME
def test_a_shipped_plan_says_in_one_line_of_help_what_it_does(name: str) -> None:
    plan = shipped_plan(name)
    assert plan.name == name
    assert 20 < len(plan.about) <= 110
    assert "\n" not in plan.about
    assert not plan.about.endswith(".")


@BY_NAME
def test_a_shipped_plan_comes_back_from_json_as_it_was(name: str) -> None:
    plan = shipped_plan(name)
    assert plan_from_json(json.loads(json.dumps(to_json(plan)))) == plan


@BY_NAME
def test_a_shipped_plan_suits_a_laptop(name: str) -> None:
    plan = shipped_plan(name)
    assert plan.seconds <= 300
    assert plan.stock == "steady"
    for phase in plan.phases:
        assert phase.mix.keys() <= set(SCENARIOS)
        assert (phase.users is None) != (phase.rate is None)
        assert (phase.users or phase.clients) <= 300, "each has a connection, and a shell allows 1,024 files"


@BY_NAME
def test_a_shipped_plan_can_be_made_shorter(name: str) -> None:
    plan = with_duration(shipped_plan(name), 1)
    assert plan.seconds == pytest.approx(1)
    assert all(phase.rate is None or phase.rate.seconds == phase.seconds for phase in plan.phases)


@pytest.mark.parametrize("name", ["slot_search", "booking", "hot_slot", "journey", "churn", "call_centre"])
def test_a_plan_named_after_a_scenario_runs_that_and_nothing_else(name: str) -> None:
    (phase,) = shipped_plan(name).phases
    assert phase.mix == {name: 1.0}
    assert phase.name == name


def test_the_demo_is_half_a_minute_of_searching_booking_and_racing() -> None:
    phases = shipped_plan("demo").phases
    assert [(phase.name, phase.users, phase.seconds) for phase in phases] == [
        ("slot_search", 6, 8),
        ("booking", 10, 12),
        ("hot_slot", 20, 8),
    ]


def test_the_nation_has_at_its_busiest_the_published_peak() -> None:
    (phase,) = shipped_plan("nation").phases
    assert phase.mix == {"national": 1.0}
    assert phase.rate is not None
    assert (phase.rate.peak, phase.seconds) == (19.70, 168)
    assert phase.rate.at(24 + 9.5) == 19.70, "on Tuesday between nine and ten"


def test_a_part_of_the_nation_has_its_part_of_the_arrivals() -> None:
    (whole,), (part,) = shipped_plan("nation").phases, scaled(shipped_plan("nation"), 0.3).phases
    assert whole.rate is not None
    assert part.rate is not None
    assert len(list(arrival_times(part.rate))) == pytest.approx(
        0.3 * len(list(arrival_times(whole.rate))), abs=1
    )


def test_a_ramp_climbs_all_the_way_and_may_miss_what_nobody_could_make() -> None:
    plan = shipped_plan("ramp")
    (phase,) = plan.phases
    assert phase.rate is not None
    assert 0 < phase.rate.at(0) < phase.rate.at(60) < phase.rate.at(120) == phase.rate.peak
    assert plan.most_missed == 1.0


def test_a_name_that_is_not_shipped_is_answered_with_those_that_are() -> None:
    with pytest.raises(PlanError) as refused:
        shipped_plan("morning_rsh")
    assert str(refused.value) == (
        'there is no plan "morning_rsh" (did you mean "morning_rush"?); there are '
        + ", ".join(shipped_names())
    )


def test_a_file_given_as_a_scenario_is_answered_with_the_option_for_it() -> None:
    with pytest.raises(PlanError, match=r"; a plan of your own: --plan \./own\.toml$"):
        shipped_plan("./own.toml")

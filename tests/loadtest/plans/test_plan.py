import json
from typing import Any

import pytest

from loadtest.arrivals import RateCurve
from loadtest.plans.plan import Phase, Plan, PlanError, plan_from_json, to_json
from loadtest.service_level import Threshold

PLAN = Plan(
    name="mine",
    about="a bit of everything",
    phases=(
        Phase(
            "look", {"slot_search": 2.0, "booking": 1.0}, 30.0, rate=RateCurve.ramp(1, 50, 30.0), clients=9
        ),
        Phase("rest", {"journey": 1.0}, 10.0, users=5, think=0.5),
        Phase("race", {"hot_slot": 1.0}, 20.0, users=30, rounds=100),
    ),
    stock="drains",
    practices=("A20047",),
    most_missed=0.05,
    thresholds=(
        Threshold("command", "SHALL", 99.9, 200.0),
        Threshold(None, "SHOULD", 95.0, 50.0, interaction="read_patient"),
    ),
)


def over_the_wire(plan: Plan) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(to_json(plan)))
    return content


def test_a_plan_comes_back_from_json_as_it_was() -> None:
    assert plan_from_json(over_the_wire(PLAN)) == PLAN


def test_the_rate_of_a_phase_stands_in_json_as_its_points() -> None:
    look, rest, _ = over_the_wire(PLAN)["phases"]
    assert look["rate"] == {"points": [[0, 1], [30, 50]]}
    assert look["users"] is None
    assert rest["rate"] is None
    assert rest["users"] == 5


@pytest.mark.parametrize(
    "spoiled",
    [
        {},
        {"phases": None},
        {"phases": [{"name": "look"}]},
        {"surprise": 1},
        {"thresholds": [{"level": "SHALL"}]},
        {"phases": [{**to_json(PLAN)["phases"][0], "rate": {"points": [[0, -1], [1, 1]]}}]},
    ],
)
def test_a_plan_on_record_that_is_damaged_is_refused_in_one_line(spoiled: dict[str, Any]) -> None:
    content = {**over_the_wire(PLAN), **spoiled} if spoiled else {}
    with pytest.raises(PlanError, match=r"^the plan on record cannot be read: .+$"):
        plan_from_json(content)


def test_a_plan_lasts_as_long_as_its_phases_together() -> None:
    assert PLAN.seconds == 60


def test_only_a_phase_of_hot_slot_contests() -> None:
    assert [phase.contests for phase in PLAN.phases] == [False, False, True]

import ast
from pathlib import Path

import pytest

import loadtest.scenarios
from loadtest.scenarios.catalogue import describe, parts_of, scenario_names

FOLDER = Path(loadtest.scenarios.__file__).parent


def test_the_scenarios_are_these() -> None:
    assert scenario_names() == ("slot_search", "booking", "hot_slot", "demo")


def test_demo_runs_the_others_in_turn_within_its_time() -> None:
    parts = parts_of("demo")

    assert [scenario.name for scenario in parts] == ["slot_search", "booking", "hot_slot"]
    assert sum(scenario.seconds for scenario in parts) <= 35


def test_a_single_scenario_is_its_own_only_part() -> None:
    (scenario,) = parts_of("booking")

    assert scenario.name == "booking"


def test_an_unknown_scenario_is_an_error() -> None:
    with pytest.raises(KeyError):
        parts_of("nope")


@pytest.mark.parametrize("name", ["slot_search", "booking", "hot_slot"])
def test_each_scenario_has_its_module_and_locust_user(name: str) -> None:
    (scenario,) = parts_of(name)
    tree = ast.parse((FOLDER / f"{name}.py").read_text())

    assert scenario.user_class in {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert f"{name}: " in describe()

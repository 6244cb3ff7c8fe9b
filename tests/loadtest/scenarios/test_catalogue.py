from collections import Counter
from dataclasses import replace

import pytest

from loadtest.plans.plan import SCENARIOS as NAMES
from loadtest.plans.plan import Phase
from loadtest.scenarios.catalogue import SCENARIOS, Repertoire
from loadtest.scenarios.session import Session
from loadtest.scenarios.steps import Scenario


def test_every_scenario_that_a_plan_may_name_is_there() -> None:
    assert tuple(SCENARIOS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_is_a_module_of_its_name(name: str) -> None:
    assert issubclass(SCENARIOS[name], Scenario)
    assert SCENARIOS[name].__module__ == f"loadtest.scenarios.{name}"


def test_a_client_plays_the_mix_of_its_phase_by_weight(session: Session) -> None:
    mix = {"slot_search": 3.0, "booking": 1.0}
    session.order = replace(session.order, phase=Phase("mixed", mix, 1.0, users=1))
    repertoire = Repertoire(session.new_client())

    played = Counter(type(repertoire.next()).__name__ for _ in range(4000))

    assert played.keys() == {"SlotSearch", "Booking"}
    assert 0.7 < played["SlotSearch"] / 4000 < 0.8


def test_a_client_has_nothing_more_to_do_when_its_only_scenario_is_over(session: Session) -> None:
    session.order = replace(session.order, phase=Phase("hot", {"hot_slot": 1.0}, 1.0, users=1))

    assert Repertoire(session.new_client()).over, "there are no rounds"

"""The judge over thousands of simulated days: correct ones pass, and each planted fault is found."""

from random import Random

import pytest

from loadtest.integrity import judge
from loadtest.ledger import READ_BACK
from tests.loadtest.integrity import replay
from tests.loadtest.integrity.every_fault import FAULTS
from tests.loadtest.integrity.planted_in_own_state import OWN_FAULTS
from tests.loadtest.integrity.recorded_day import results
from tests.loadtest.integrity.simulated_day import SimulatedDay

AT_A_TIME = 500
CLEAN_DAYS = 4000
DAYS_WITH_A_FAULT = 300
FEWEST_WITH_A_FAULT = 7
COMMANDS = ("book_appointment", "amend_appointment", "cancel_appointment")


@pytest.mark.parametrize("first", range(0, CLEAN_DAYS, AT_A_TIME))
def test_a_correct_provider_passes_every_check_whatever_overlaps(first: int) -> None:
    for seed in range(first, first + AT_A_TIME):
        found = replay.played(seed)
        assert found is not None
        assert results(found[1]) == {}, f"{replay.command(seed)}\n{replay.described(found[1])}"


@pytest.mark.parametrize("fault", [*FAULTS, *OWN_FAULTS])
def test_a_planted_fault_is_found_by_its_own_check_alone(fault: str) -> None:
    number = FAULTS[fault][1] if fault in FAULTS else 9
    planted = 0
    for seed in range(DAYS_WITH_A_FAULT):
        found = replay.played(seed, fault)
        if found is None:
            continue
        planted += 1
        violated = [check.number for check in found[1].checks if check.result == "violated"]
        assert violated == [number], f"{replay.command(seed, fault)}\n{replay.described(found[1])}"
    assert planted >= FEWEST_WITH_A_FAULT


@pytest.mark.parametrize("first", range(0, 1000, AT_A_TIME))
def test_the_evidence_of_a_killed_client_process_never_makes_a_violation(first: int) -> None:
    for seed in range(first, first + AT_A_TIME):
        operations = SimulatedDay.of_seed(seed).play()
        load = [operation for operation in operations if operation.phase == "load"]
        if not load:
            continue
        chance = Random(seed)
        died_at, killed = chance.choice(load).end, chance.choice(load).client
        written_at = min(died_at, chance.choice(load).end)
        left = [
            o
            for o in operations
            if o.client != killed or o.end <= (died_at if o.interaction in COMMANDS else written_at)
        ]
        if chance.random() < 0.3:
            left = [o for o in left if o.phase != READ_BACK]
        findings = judge(left, seed, shared=True)
        assert not findings.violated, f"seed {seed}, client {killed}\n{replay.described(findings)}"


def test_a_day_can_be_played_again_with_what_the_judge_made_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    replay.main("1", "double_booking")
    shown = capsys.readouterr().out
    assert "check 1, one live booking per slot: violated" in shown
    assert "a-planted" in shown
    assert replay.command(1, "double_booking").endswith("replay 1 double_booking")
    replay.main("4")
    assert "check 9, provider's own state: passed" in capsys.readouterr().out

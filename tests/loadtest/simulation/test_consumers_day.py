"""Days of the lab's own consumers on a simulated clock: the judge finds what is planted, and only that."""

import pytest

from loadtest.integrity import CheckResult, judge
from tests.loadtest.simulation.consumers_day import ConsumersDay
from tests.loadtest.simulation.provider import FAULTS

DAYS = 1_000
CHUNK = 50
TRIES = 6
MIXES: tuple[dict[str, float], ...] = (
    {"booking": 1.0},
    {"journey": 2.0, "slot_search": 1.0},
    {"churn": 1.0},
    {"hot_slot": 1.0},
    {"call_centre": 1.0, "national": 1.0, "journey": 1.0},
)


def _judged(day: ConsumersDay, seed: int) -> tuple[CheckResult, ...]:
    return judge(day.play(), seed).checks


@pytest.mark.parametrize("first", range(0, DAYS, CHUNK))
def test_days_without_a_fault_pass(first: int) -> None:
    for seed in range(first, first + CHUNK):
        for check in _judged(ConsumersDay(seed, MIXES[seed % len(MIXES)]), seed):
            shown = [witness.timeline for witness in check.violations[:1]] or check.doubts[:3]
            assert check.result == "passed", f"seed {seed}, check {check.number}: {shown}"


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("first", range(0, 20 * TRIES, TRIES))
def test_a_planted_fault_is_found_within_a_few_days(fault: str, first: int) -> None:
    for seed in range(first, first + TRIES):
        day = ConsumersDay(
            seed, MIXES[1] if "version" in fault or "pair" in fault else MIXES[seed % 3], fault
        )
        checks = {check.number: check for check in _judged(day, seed)}
        if checks[FAULTS[fault]].result == "violated":
            return
    pytest.fail(
        f"{fault} was not found by check {FAULTS[fault]} in the days of seeds {first} to {first + TRIES - 1}"
    )


def test_the_same_seed_makes_the_same_day() -> None:
    one, other = (ConsumersDay(7, MIXES[0]).play() for _ in range(2))

    assert one == other
    assert one != ConsumersDay(8, MIXES[0]).play()

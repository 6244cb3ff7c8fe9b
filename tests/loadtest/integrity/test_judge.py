from collections.abc import Callable
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from loadtest.integrity import judge
from loadtest.ledger import Operation
from tests.loadtest.integrity.planted_faults import (
    double_booking,
    false_refusal,
    lost_booking,
    lost_cancellation,
    stale_search,
)
from tests.loadtest.integrity.recorded_day import results
from tests.loadtest.integrity.simulated_day import SimulatedDay

Fault = Callable[[list[Operation], Random], list[Operation] | None]

days = st.builds(
    lambda seed, slots, clients, requests: SimulatedDay(Random(seed), slots, clients, requests),
    seed=st.integers(0, 2**32),
    slots=st.integers(1, 6),
    clients=st.integers(1, 8),
    requests=st.integers(0, 60),
)


@settings(max_examples=300, deadline=None)
@given(days, st.randoms(use_true_random=False))
def test_a_correct_provider_passes_every_check_whatever_overlaps(day: SimulatedDay, chance: Random) -> None:
    operations = day.play()
    chance.shuffle(operations)
    findings = judge(operations)
    assert results(findings) == {}, [(c.doubts, c.violations) for c in findings.checks]


@pytest.mark.parametrize(
    ("fault", "number"),
    [(double_booking, 1), (false_refusal, 2), (stale_search, 3), (lost_booking, 6), (lost_cancellation, 6)],
)
@settings(max_examples=100, deadline=None)
@given(day=days, chance=st.randoms(use_true_random=False))
def test_a_planted_fault_is_found_by_its_own_check_alone(
    fault: Fault, number: int, day: SimulatedDay, chance: Random
) -> None:
    history = fault(day.play(), chance)
    assume(history is not None)
    findings = judge(history or ())
    violated = [check.number for check in findings.checks if check.result == "violated"]
    assert violated == [number], [(c.doubts, c.violations) for c in findings.checks]


@settings(max_examples=60, deadline=None)
@given(day=days, chance=st.randoms(use_true_random=False))
def test_the_evidence_of_a_killed_client_process_never_makes_a_violation(
    day: SimulatedDay, chance: Random
) -> None:
    operations = day.play()
    load = [operation for operation in operations if operation.phase == "load"]
    assume(load)
    died_at = chance.choice(load).end
    killed = chance.choice(load).client
    left = [o for o in operations if o.client != killed or o.end <= died_at]
    assert not judge(left).violated

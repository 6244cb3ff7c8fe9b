"""Plays one simulated day again: `python -m tests.loadtest.integrity.replay SEED [FAULT]`.

Prints what the clients saw, request by request, and what the judge makes of it.
"""

from __future__ import annotations

import sys
from random import Random

from loadtest.integrity import Findings, judge
from loadtest.ledger import Operation
from loadtest.operation import present
from tests.loadtest.integrity.every_fault import FAULTS
from tests.loadtest.integrity.planted_in_own_state import OWN_FAULTS
from tests.loadtest.integrity.simulated_day import SimulatedDay


def played(seed: int, fault: str | None = None) -> tuple[list[Operation], Findings] | None:
    """The day of a seed, with a fault planted if one is named; None where it offers no place for that."""
    day = SimulatedDay.of_seed(seed)
    operations: list[Operation] | None = day.play()
    state = day.state()
    chance = Random(seed)
    if fault in OWN_FAULTS:
        altered = OWN_FAULTS[fault](operations or [], state, chance)
        if altered is None:
            return None
        state = altered
    elif fault is not None:
        operations = FAULTS[fault][0](operations or [], chance)
    if operations is None:
        return None
    chance.shuffle(operations)
    # A fault planted in the history is not in the provider's own state.
    return operations, judge(operations, seed, appointments=None if fault in FAULTS else state)


def command(seed: int, fault: str | None = None) -> str:
    """How to see what a test saw."""
    return f"python -m tests.loadtest.integrity.replay {seed} {fault or ''}".rstrip()


def described(findings: Findings) -> str:
    """What the judge found, apart from what passed."""
    lines: list[str] = []
    for check in findings.checks:
        lines += [
            f"check {check.number}, {check.name}: {check.result}",
            *map("  doubt: {}".format, check.doubts),
        ]
        for witness in check.violations:
            lines += [f"  {witness.summary}", witness.timeline]
    return "\n".join(lines)


def main(seed: str, fault: str | None = None) -> None:
    """Print a day and its judgement."""
    found = played(int(seed), fault)
    if found is None:
        print("that day offers no place for that fault")
        return
    operations, findings = found
    for operation in sorted(operations, key=lambda each: each.start):
        told = {key: value for key, value in present(operation).items() if key not in ("start", "end")}
        off = f" ± {operation.uncertainty}" if operation.uncertainty else ""
        print(f"{operation.start} to {operation.end}{off}:", *map(str, told.values()))
    print(described(findings))


if __name__ == "__main__":
    main(*sys.argv[1:])

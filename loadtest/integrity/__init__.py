"""The judge: reads what the clients did and saw, and proves or refutes the provider's integrity.

Every check reasons over intervals: a request takes effect at some instant between its start and its end, and
a violation is one only if no choice of instants excuses it. Where a client's clock may be off, its intervals
are wider by that much; what would be a violation by the times on record alone is then unproven. Bookings or
cancellations by someone outside the run are believed where a read shows their trace; what only they could
explain is unproven, never passed. That they book and cancel without a trace is something clients can never
exclude: a run is taken to be the provider's only writer unless it is said to share it. A client process whose
record is not whole is such a writer too.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from loadtest.integrity.all_or_nothing import check_all_or_nothing
from loadtest.integrity.final_state import check_final_state
from loadtest.integrity.findings import SHOWN, CheckResult, Findings, Witness
from loadtest.integrity.history import History, fold
from loadtest.integrity.lost_races import check_lost_races
from loadtest.integrity.one_live_booking import check_one_live_booking
from loadtest.integrity.own_state import check_own_state
from loadtest.integrity.provider_state import ProviderState, ProviderStateError, read_provider_state
from loadtest.integrity.repeated_ids import check_repeated_ids
from loadtest.integrity.rising_versions import check_rising_versions
from loadtest.integrity.same_answer import check_same_answer
from loadtest.integrity.settling import settle
from loadtest.integrity.stale_search import check_stale_search
from loadtest.integrity.widening import widened
from loadtest.ledger import Operation

CHECKS = (
    check_one_live_booking,
    check_lost_races,
    check_stale_search,
    check_all_or_nothing,
    check_rising_versions,
    check_final_state,
    check_repeated_ids,
    check_same_answer,
)

__all__ = [
    "CHECKS",
    "CheckResult",
    "Findings",
    "ProviderState",
    "ProviderStateError",
    "Witness",
    "judge",
    "read_provider_state",
]


def judge(
    operations: Iterable[Operation],
    seed: int | None = None,
    shared: bool = False,
    appointments: ProviderState | None = None,
    again: Iterable[Operation] | None = None,
) -> Findings:
    """Judge a run from its operations, given in any order; `seed` is repeated in each witness.

    `shared` says that others may write to the provider too, or that some of the run's own requests may have
    left no record. `appointments` is the provider's own state, taken after the read back: with it there is a
    ninth check. `again` are the same operations, where clocks may be off: what only that excuses is then
    unproven. Reads each once: a generator will do.
    """
    with _without_cycle_collection():
        history = fold(map(widened, operations), shared)
        results = _results(history, seed, appointments)
        if again is not None:
            exact = _results(fold(again, shared), seed, appointments)
            results = [_cleared(*both) for both in zip(results, exact, strict=True)]
        return Findings(tuple(results), history.operations)


def _results(history: History, seed: int | None, appointments: ProviderState | None) -> list[CheckResult]:
    settle(history)
    results = [check(history, seed) for check in CHECKS]
    if appointments is not None:
        results.append(check_own_state(history, appointments, seed))
    return results


def _cleared(widely: CheckResult, exactly: CheckResult) -> CheckResult:
    """What the clocks leave open is unproven: violated by the times on record, and not by any they may be."""
    if widely.result == "violated" or exactly.result != "violated":
        return widely
    open_questions = tuple(
        f"only the clocks' uncertainty speaks against it: {witness.summary}" for witness in exactly.violations
    )
    return replace(
        widely,
        result="unproven",
        doubts=(*open_questions, *widely.doubts)[:SHOWN],
        doubt_count=widely.doubt_count + exactly.violation_count,
    )


@contextmanager
def _without_cycle_collection() -> Iterator[None]:
    # A long history is millions of objects without a cycle: looking for one again and again takes a third
    # of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

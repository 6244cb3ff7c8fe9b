"""A run whose provider dies in the middle: ten seconds of answers, then ten of refused connections."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from loadtest.ledger import Operation
from loadtest.report.verdict import Verdict, reach_verdicts
from tests.loadtest.report.recorded_run import MS, a_history, recorded

SEARCH = "search_for_free_slots"


def _searches(deaths: int) -> Iterator[Operation]:
    for number in range(200):
        at = (200 + 100 * number) * MS
        search = Operation(
            SEARCH, "1-2", f"t-{number}", "A", "booking", at, at + 20 * MS, "ok", intended=at, status=200,
            bytes=50_000, seen=("13",),
        )  # fmt: skip
        dead = replace(
            search, outcome="unknown", status=None, error="connection refused", bytes=0, seen=(),
            end=at + MS // 5,
        )  # fmt: skip
        yield dead if number >= 200 - deaths else search


def a_dying_verdict(
    directory: Path, deaths: int = 100, closing: int = 0, came_back: bool = False, **options: Any
) -> Verdict:
    """The verdict where the last so many of 200 searches were refused a connection.

    `closing` searches more, slower ones, were made when the load had ended. The read back of a provider that
    died was answered only where it `came_back`.
    """
    look, first, booking, lost, *back = a_history(double=False)
    load = [replace(each, intended=each.start) for each in (booking, lost)]
    at = 21_000 * MS
    last = [
        Operation(SEARCH, "1-3", f"c-{n}", "A", "booking", at, at + 90 * MS, "ok", status=200, seen=("13",))
        for n in range(closing)
    ]
    later = [replace(each, start=each.start + 30_000 * MS, end=each.end + 30_000 * MS) for each in back]
    if deaths and not came_back:
        later = [replace(each, outcome="unknown", appointments=(), seen=()) for each in later]
    history = [look, first, *load, *_searches(deaths), *last, *later]
    (verdict,) = reach_verdicts([recorded(directory, history, **options)])
    return verdict

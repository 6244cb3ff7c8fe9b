"""What is said of a figure in both runs, in a word, and what the words mean that stand for no figure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from loadtest.comparison.bootstrap import FEWEST_BLOCKS
from loadtest.figures.requests_needed import requests_needed

Word = Literal["slower", "faster", "no difference shown", "no answer", "too few", "too unsteady"]


def explained(words: Collection[Word]) -> Iterator[str]:
    """What those words mean that stand in a table in place of an interval."""
    if "too few" in words:
        yield (
            f"Too few: requests (a p95 needs {requests_needed(95):,}, a p99 {requests_needed(99):,}), or"
            " seconds of the run."
        )
    if "no answer" in words:
        yield (
            "No answer: the figure falls among requests without a definite answer, which rank above all"
            " others, in both runs, or perhaps by chance in one."
        )
    if "too unsteady" in words:
        yield (
            "Too unsteady: neighbouring seconds are so alike that the run tells no more than fewer than"
            f" {FEWEST_BLOCKS} of them would that had nothing to do with each other; two minutes of load"
            " are enough on most machines."
        )

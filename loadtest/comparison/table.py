"""The table that a comparison of two runs ends in, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from loadtest.comparison.bootstrap import RESAMPLES
from loadtest.comparison.words import Word, explained
from loadtest.figures.measurements import Basis

Metric = Literal["p50", "p95", "p99", "throughput"]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one interaction in both runs: milliseconds, or answers a second.

    `change` and the interval from `low` to `high` are shares of base (0.2: a fifth more); None where nothing
    could be said: "too few" requests (`requests_needed`) or seconds with any, "too unsteady" where the figure
    wandered so slowly that the run saw too few of its ups and downs, or "no answer" where it falls among
    requests without a definite answer, in both runs or in one by chance. Such a figure is infinite
    (`NO_ANSWER`, null in JSON), or a throughput of 0: the run that alone has it beyond chance is the slower,
    by no share of base. `requests` are those counted in base and in new.
    """

    interaction: str
    basis: Basis
    metric: Metric
    base: float | None
    new: float | None
    requests: tuple[int, int]
    change: float | None = None
    low: float | None = None
    high: float | None = None
    word: Word = "too few"

    @property
    def compared(self) -> bool:
        """Whether something could be said of it: how far it changed, or that one run had no answer."""
        return self.word in ("slower", "faster", "no difference shown")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table, and how it was decided. `window_seconds` is the length of the windows that were drawn."""

    rows: tuple[Row, ...]
    window_seconds: float
    least: float
    seed: int

    @property
    def comparisons(self) -> int:
        """How many figures were compared."""
        return sum(row.compared for row in self.rows)

    @property
    def slower(self) -> tuple[Row, ...]:
        """What became slower."""
        return tuple(row for row in self.rows if row.word == "slower")

    @property
    def latencies(self) -> int:
        """How many latencies were compared; the rest of `comparisons` is throughput."""
        return sum(row.compared and row.metric != "throughput" for row in self.rows)

    @property
    def _words(self) -> frozenset[Word]:
        return frozenset(row.word for row in self.rows)

    @property
    def decided(self) -> str:
        """How it was decided, for people."""
        if not self.comparisons:
            return " ".join(["Nothing could be compared.", *explained(self._words)])
        each = 1 - (1 - CONFIDENCE) / self.comparisons
        return (
            f"Intervals from {RESAMPLES} paired redraws (seed {self.seed}) of blocks of"
            f" {self.window_seconds:g} s windows; the {self.comparisons} hold together at {CONFIDENCE:.0%},"
            f" each at {each:.2%}. Slower or faster: the interval excludes no change, and the change is"
            f" {self.least:.0%} or more. {''.join(f'{said} ' for said in explained(self._words))}Chance is"
            " what moves figures within a run; to see what moves them between runs, compare two runs of one"
            " version."
        )


def to_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison for programs: `rows` as in `Row`, null for what is lacking."""
    return {
        "format": 1,
        "slower": len(comparison.slower),
        "decided": comparison.decided,
        "comparisons": comparison.comparisons,
        "latencies_compared": comparison.latencies,
        "confidence": CONFIDENCE,
        "least_change": comparison.least,
        "window_seconds": comparison.window_seconds,
        "seed": comparison.seed,
        "rows": [asdict(row) for row in comparison.rows],
    }

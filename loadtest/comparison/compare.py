"""Two runs of one plan: what became slower or faster beyond what chance explains.

For each interaction p50, p95 and p99 (judged as limits are: from the intended start in open phases, from the
send in closed ones) and the throughput. A change is shown where its interval excludes none at all and it is
at least `least` of base. The intervals hold together: each is so wide that in all comparisons of the table
no change at all is excluded by chance in one table of twenty at most (Bonferroni). Chance here is what moves
the figures within a run; a machine that was busier during one of the runs is a difference like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import mul
from random import Random

from loadtest.chance import repeatable
from loadtest.comparison.bootstrap import (
    Blocks,
    Estimate,
    NoRatio,
    Ratio,
    WeightedPercentiles,
    likeness,
    ratio,
)
from loadtest.comparison.table import CONFIDENCE, Comparison, Metric, Row
from loadtest.comparison.words import Word
from loadtest.figures.measurements import Basis
from loadtest.figures.over_time import OverTime, Window
from loadtest.figures.requests_needed import FEWEST_BEYOND, requests_needed
from loadtest.interactions import INTERACTIONS

LEAST = 0.05
_PERCENTILES: tuple[tuple[Metric, float], ...] = (("p50", 50.0), ("p95", 95.0), ("p99", 99.0))
_BASES: tuple[tuple[Basis, bool], ...] = (("response time", True), ("service time", False))
_LEAST_MS = 0.1


@dataclass(frozen=True, slots=True)
class _Subject:
    """One interaction on one basis: the windows of base and new that belong together, phase after phase."""

    interaction: str
    basis: Basis
    base: tuple[Window, ...]
    new: tuple[Window, ...]
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    """How to estimate a figure in both runs, the requests that it needs, each window's pull on it."""

    metric: Metric
    base: Estimate
    new: Estimate
    needed: int
    pull: Sequence[float]


def compare(base: OverTime, new: OverTime, seed: int = 1, least: float = LEAST) -> Comparison:
    """Compare two runs. The windows of both are made equally long, in place.

    Phases of the same name are compared over the windows both have. ValueError if no phase is in both.
    """
    if not set(base.phases) & set(new.phases):
        raise ValueError("the runs have no phase in common")
    _make_alike(base, new)
    drafts = [
        draft for subject in _subjects(base, new) for draft in _measured(subject, repeatable(seed, "compare"))
    ]
    comparisons = sum(isinstance(found, Ratio) for _, found in drafts)
    confidence = 1 - (1 - CONFIDENCE) / max(1, comparisons)
    rows = tuple(_decided(row, found, confidence, least) for row, found in drafts)
    return Comparison(rows, base.seconds, least, seed)


def _make_alike(base: OverTime, new: OverTime) -> None:
    while base.seconds != new.seconds:
        min(base, new, key=lambda each: each.seconds).join_windows()


def _subjects(base: OverTime, new: OverTime) -> Iterator[_Subject]:
    met = set(base.interactions) & set(new.interactions)
    for interaction in (name for name in INTERACTIONS if name in met):
        for basis, is_open in _BASES:
            phases = [
                phase
                for phase in base.phases
                if phase in new.phases and base.is_open(phase) == new.is_open(phase) == is_open
            ]
            stretches = [pairs for phase in phases if (pairs := _paired(base, new, phase, interaction))]
            if stretches:
                pairs = [pair for stretch in stretches for pair in stretch]
                yield _Subject(
                    interaction,
                    basis,
                    tuple(one for one, _ in pairs),
                    tuple(other for _, other in pairs),
                    tuple(map(len, stretches)),
                )


def _paired(base: OverTime, new: OverTime, phase: str, interaction: str) -> list[tuple[Window, Window]]:
    """The windows of both runs that lie equally far from the phase's start; none where one asked nothing."""
    one, other = _by_position(base, phase, interaction), _by_position(new, phase, interaction)
    pairs = [(one[position], other[position]) for position in sorted(one.keys() & other.keys())]
    asked = all(any(pair[side].counts.due for pair in pairs) for side in (0, 1))
    return pairs if asked else []


def _by_position(run: OverTime, phase: str, interaction: str) -> Mapping[int, Window]:
    began = run.began_ns(phase)
    return {
        round((window.began_ns - began) / 1e9 / run.seconds): window
        for window in run.under_load(phase, interaction)
    }


def _measured(subject: _Subject, random: Random) -> Iterator[tuple[Row, Ratio | NoRatio]]:
    """Each figure of both runs, not yet decided, with their ratio or why there is none."""
    base, new = (
        WeightedPercentiles(
            [window.counts.times for window in windows], [window.counts.unknown for window in windows]
        )
        for windows in (subject.base, subject.new)
    )
    whole = [1] * len(subject.base)
    requests = base.total(whole), new.total(whole)
    long_enough = Blocks(len(whole), 0.0).enough
    figures = tuple(_figures(subject, base, new))
    alike = {figure.metric: likeness(figure.pull, subject.lengths) for figure in figures}
    # What makes latency wander moves all its percentiles; few requests lie at the higher ones to show it. How
    # much is answered follows where clients wait for their answers, and not where arrivals decide it.
    wandering = [metric for metric, _ in _PERCENTILES]
    if subject.basis == "service time":
        wandering.append("throughput")
    alike |= dict.fromkeys(wandering, max(alike[metric] for metric in wandering))
    for figure in figures:
        found: Ratio | NoRatio = "too few"
        if long_enough and min(requests) >= figure.needed:
            blocks = Blocks(len(whole), alike[figure.metric])
            found = ratio(figure.base, figure.new, blocks, random)
        row = Row(
            interaction=subject.interaction,
            basis=subject.basis,
            metric=figure.metric,
            base=figure.base(whole),
            new=figure.new(whole),
            requests=requests,
        )
        yield row, found


def _figures(subject: _Subject, base: WeightedPercentiles, new: WeightedPercentiles) -> Iterator[_Figure]:
    for metric, percentile in _PERCENTILES:
        yield _Figure(
            metric,
            partial(base.percentile_ms, percentile=percentile),
            partial(new.percentile_ms, percentile=percentile),
            requests_needed(percentile),
            _less(new.pull(percentile), base.pull(percentile)),
        )
    answered = [[each.counts.answered for each in windows] for windows in (subject.base, subject.new)]
    yield _Figure(
        "throughput",
        _throughput(subject.base),
        _throughput(subject.new),
        FEWEST_BEYOND,
        _less(answered[1], answered[0]),
    )


def _less(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return [each - less for each, less in zip(one, other, strict=True)]


def _throughput(windows: Sequence[Window]) -> Estimate:
    answered = [window.counts.answered for window in windows]
    seconds = [window.seconds for window in windows]
    return lambda weights: float(sum(map(mul, weights, answered)) / sum(map(mul, weights, seconds)))


def _decided(row: Row, found: Ratio | NoRatio, confidence: float, least: float) -> Row:
    if not isinstance(found, Ratio):
        return replace(row, word=found)
    more_is_slower = row.metric != "throughput"
    if math.isinf(found.logarithm):
        return replace(row, word="slower" if (found.logarithm > 0) == more_is_slower else "faster")
    low, high = found.interval(confidence)
    # A fifth less is as large a step as a quarter more: the same one, taken backwards.
    large = math.expm1(abs(found.logarithm)) >= least
    if more_is_slower:
        large = large and abs(found.change) * (row.base or 0.0) >= _LEAST_MS
    word: Word = "no difference shown"
    if large and (low > 0 or high < 0):
        word = "slower" if (low > 0) == more_is_slower else "faster"
    return replace(row, change=found.change, low=low, high=high, word=word)

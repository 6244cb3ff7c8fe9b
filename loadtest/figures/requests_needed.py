"""How many requests a percentile must rest on: one rule for limits, comparisons and breaking points.

The p99 of 85 requests is the slowest of them, and the next 85 may have another. So a percentile counts only
where some requests lie beyond it, not one alone.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable

from loadtest.figures.timings import rank

FEWEST_BEYOND = 10
"""So many requests at least must lie above a percentile, and as many below it."""

RARE = 0.001
"""Fewer requests show that a limit is missed where as bad a sample is no likelier than this if it is kept."""


def requests_needed(percentile: float) -> int:
    """How many requests a percentile, in (0, 100], must rest on: 200 for a p95, 1,000 for a p99.

    p100 is the slowest request itself and rests on any number.
    """
    if percentile == 100:
        return 1
    return math.ceil(round(100 * FEWEST_BEYOND / min(percentile, 100 - percentile), 6))


def is_kept(
    count: int, percentile: float, limit_ms: float, percentile_ms: Callable[[float], float | None]
) -> bool | None:
    """Whether the percentile of `count` requests stays below `limit_ms`; None where they are too few to tell.

    `percentile_ms` gives any percentile of them in milliseconds. Fewer requests than the percentile needs
    tell that a limit is broken, and never that it is kept: so many may be over it already that all those
    which are lacking could not make them good.
    """
    needed = requests_needed(percentile)
    if count >= needed:
        return _below(percentile_ms(percentile), limit_ms)
    may_be_over = needed - rank(needed, percentile)
    if count <= may_be_over:
        return None
    return None if _below(percentile_ms(100 * (count - may_be_over) / count), limit_ms) else False


def is_met(
    count: int, percentile: float, limit_ms: float, percentile_ms: Callable[[float], float | None]
) -> bool | None:
    """As `is_kept`, but fewer requests are tested too: False where so many over the limit would be `RARE`.

    That is an exact binomial test, one-sided: how often as many of `count` are over it, or more, if each is
    with the greatest chance that the percentile leaves. It is for requests from a whole run, which have
    little to do with each other; one pause slows many of those that follow each other within seconds.
    """
    kept = is_kept(count, percentile, limit_ms, percentile_ms)
    if kept is not None or not count:
        return kept
    below = bisect_left(
        range(1, count + 1), limit_ms, key=lambda place: percentile_ms(100 * place / count) or 0.0
    )
    return False if _chance(count - below, count, 1 - percentile / 100) <= RARE else None


def _chance(least: int, count: int, share: float) -> float:
    """How likely `least` of `count` or more are what each is with the chance `share`, in (0, 1)."""
    logarithms = (
        math.lgamma(count + 1) - math.lgamma(few + 1) - math.lgamma(count - few + 1)
        + few * math.log(share) + (count - few) * math.log1p(-share)
        for few in range(least)
    )  # fmt: skip
    return 1 - math.fsum(map(math.exp, logarithms))


def _below(milliseconds: float | None, limit_ms: float) -> bool:
    return milliseconds is not None and milliseconds < limit_ms

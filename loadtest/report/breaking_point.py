"""Where the limits broke while the rate climbed: the throughput and the message sizes at that moment.

Source: GP Connect 1.2.7, page Volumetric and performance: the results of a RAMP test SHALL give transactions
a second and the message-size profile at the threshold where limits were exceeded, if they were.

Windows that follow each other are joined until they tell whether the limit was kept, as `is_kept` has it; a
limit is broken at the first of these stretches that is over it together with the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal

from loadtest.arrivals import RateCurve
from loadtest.figures.over_time import Counts, OverTime, Window, joined
from loadtest.figures.requests_needed import is_kept
from loadtest.plans.plan import Phase
from loadtest.service_level import Threshold, thresholds_for

Outcome = Literal["broke", "at the end", "never", "too few"]


@dataclass(frozen=True, slots=True)
class Traffic:
    """One interaction's part in a stretch: definite answers a second, and their mean size in bytes."""

    interaction: str
    per_second: float
    mean_bytes: float | None


@dataclass(frozen=True, slots=True)
class BreakingPoint:
    """What became of one limit on one interaction while the rate of a phase climbed.

    `outcome`: "broke"; "at the end" where only the last stretch was over the limit, so that nothing shows
    whether it stayed there; "never"; "too few" where the requests do not make two stretches.
    `second` is when the stretch that broke it began, from the start of the phase, and `until_second` when it
    ended; `asked_per_second` the rate of arrivals that the phase asked for in the middle of it (pieces of
    work, each of one request or several);
    `per_second` the answers of all interactions together and `mean_bytes` their mean size, both in that
    stretch, with `profile` by interaction. Where the limit did not break, they are of the stretch with the
    highest throughput. `observed_ms` is infinite (`NO_ANSWER`), and over every limit, where the percentile
    falls among requests without a definite answer. `highest_asked` is the highest rate of arrivals that was
    asked for before the phase ended. `recovered` tells that a later stretch was under the limit again.
    """

    phase: str
    interaction: str
    threshold: Threshold
    outcome: Outcome
    second: float | None = None
    until_second: float | None = None
    asked_per_second: float | None = None
    per_second: float | None = None
    mean_bytes: float | None = None
    profile: tuple[Traffic, ...] = ()
    observed_ms: float | None = None
    recovered: bool = False
    highest_asked: float | None = None

    @property
    def exceeded(self) -> bool:
        """Whether the limit broke, or was over at the end."""
        return self.outcome in ("broke", "at the end")

    @property
    def own(self) -> Traffic | None:
        """The interaction's own part in the stretch; None where none of its requests was answered in it."""
        return next((part for part in self.profile if part.interaction == self.interaction), None)


def climbs(curve: RateCurve | None) -> bool:
    """Whether a phase's rate climbs: never falls, and ends higher than it began."""
    if curve is None:
        return False
    rates = [rate for _, rate in curve.points]
    return rates[-1] > rates[0] and all(after >= before for before, after in pairwise(rates))


def breaking_points(
    over_time: OverTime, phases: Iterable[Phase], own: Sequence[Threshold] = ()
) -> tuple[BreakingPoint, ...]:
    """What became of every limit on every interaction in the phases whose rate climbs and that were begun."""
    found: list[BreakingPoint] = []
    for phase in phases:
        if phase.rate is None or not climbs(phase.rate) or phase.name not in over_time.phases:
            continue
        windows = {
            interaction: over_time.under_load(phase.name, interaction)
            for interaction in over_time.interactions
        }
        for interaction, its_windows in windows.items():
            if any(window.counts.due for window in its_windows):
                for threshold, _ in thresholds_for(interaction, own):
                    began_ns = over_time.began_ns(phase.name)
                    found.append(breaking_point(threshold, interaction, windows, phase.rate, began_ns))
    return tuple(found)


def breaking_point(
    threshold: Threshold,
    interaction: str,
    windows: Mapping[str, Sequence[Window]],
    curve: RateCurve,
    began_ns: int,
) -> BreakingPoint:
    """What became of one limit in a phase that began at `began_ns`, from its windows by interaction.

    The interactions have as many windows each, of the same stretches. ValueError for none.
    """
    if not windows[interaction]:
        raise ValueError("a phase without windows")
    phase = windows[interaction][0].phase
    stretches = _stretches(windows[interaction], threshold)
    if len(stretches) < 2:
        return BreakingPoint(phase, interaction, threshold, "too few")
    observed = [
        joined(windows[interaction][low:high]).percentile_ms(threshold.percentile) for low, high in stretches
    ]
    over = [each is not None and each >= threshold.limit_ms for each in observed]
    outcome, at = _where(over)
    if outcome == "never":
        rates = [_together(windows, *stretch).answered_per_second for stretch in stretches]
        at = max(range(len(rates)), key=rates.__getitem__)
    low, high = stretches[at]
    whole, last = _together(windows, low, high), windows[interaction][-1]
    ended = (last.began_ns - began_ns) / 1e9 + last.seconds
    second = (whole.began_ns - began_ns) / 1e9
    return BreakingPoint(
        phase=phase,
        interaction=interaction,
        threshold=threshold,
        outcome=outcome,
        second=second,
        until_second=second + whole.seconds,
        asked_per_second=curve.at(min(second + whole.seconds / 2, curve.seconds)),
        per_second=whole.answered_per_second,
        mean_bytes=whole.mean_bytes,
        profile=tuple(_traffic(windows, low, high)),
        observed_ms=observed[at],
        recovered=outcome == "broke" and not all(over[at:]),
        highest_asked=curve.at(min(ended, curve.seconds)),
    )


def _where(over: Sequence[bool]) -> tuple[Outcome, int]:
    for index, (here, next_one) in enumerate(pairwise(over)):
        if here and next_one:
            return "broke", index
    return ("at the end", len(over) - 1) if over[-1] else ("never", 0)


def _stretches(windows: Sequence[Window], threshold: Threshold) -> list[tuple[int, int]]:
    """Index ranges of windows that follow each other and tell of the limit; a rest joins the last."""
    ranges: list[tuple[int, int]] = []
    low, held = 0, Counts()
    for index, window in enumerate(windows):
        held.merge(window.counts)
        kept = is_kept(
            held.held,
            threshold.percentile,
            threshold.limit_ms,
            partial(held.times.percentile_ms, unanswered=held.unknown),
        )
        if kept is not None:
            ranges.append((low, index + 1))
            low, held = index + 1, Counts()
    if ranges and held.held:
        ranges[-1] = ranges[-1][0], len(windows)
    return ranges


def _together(windows: Mapping[str, Sequence[Window]], low: int, high: int) -> Window:
    """All interactions in a stretch: their counts joined, the time counted once."""
    parts = [joined(each[low:high]) for each in windows.values()]
    whole = joined(parts)
    return Window(whole.phase, None, whole.began_ns, parts[0].seconds, whole.counts)


def _traffic(windows: Mapping[str, Sequence[Window]], low: int, high: int) -> Iterator[Traffic]:
    for interaction, each in windows.items():
        part = joined(each[low:high])
        if part.counts.answered:
            yield Traffic(interaction, part.answered_per_second, part.mean_bytes)

"""The run cut into as many stretches as a chart has room for, on one scale of time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from loadtest.figures.over_time import OverTime, Window, joined
from loadtest.report.charts.line_chart import Mark, Point, Stretch
from loadtest.report.charts.scales import Scale, seconds
from loadtest.report.page.figures import POINTS_DRAWN


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a phase, from `begin` to `end` seconds after the load began, and what was counted in it."""

    begin: float
    end: float
    window: Window

    @property
    def middle(self) -> float:
        """Where its point stands."""
        return (self.begin + self.end) / 2

    @property
    def when(self) -> str:
        """From which second to which."""
        return f"{self.begin:.0f} to {self.end:.0f}"

    def tip(self, said: str) -> Stretch:
        """What is said while its part of a chart is pointed at."""
        return Stretch(f"{self.when} s, {self.window.phase}: {said}", self.begin, self.end)


class Stretches:
    """The windows of a run, joined where there are more than are drawn; percentiles are never averaged.

    `events` are at their instants (ns of the reference clock); `marks` are the same at seconds of the load.
    """

    def __init__(self, over_time: OverTime, events: Iterable[Mark] = ()) -> None:
        self._over_time = over_time
        spans = {phase: over_time.windows(phase) for phase in over_time.phases}
        self.origin_ns = min((windows[0].began_ns for windows in spans.values()), default=0)
        count = sum(map(len, spans.values()))
        # A phase never shares a point with another, so the last point of each may stand for less.
        self._together = max(1, math.ceil(count / POINTS_DRAWN))
        self.phases = tuple(
            Stretch(phase, self._second(windows[0].began_ns), self._end(windows[-1]))
            for phase, windows in spans.items()
        )
        self.seconds = max((phase.end for phase in self.phases), default=1.0)
        self.marks = tuple(replace(event, at=self._second(event.at)) for event in events)

    def scale(self, about: int = 6) -> Scale:
        """The scale of time for charts, with about so many ticks."""
        return seconds("time since the load began", self.seconds, about)

    def by_phase(self, interaction: str | None = None) -> Iterator[list[Bucket]]:
        """The buckets of each phase, of one interaction or of all together."""
        for phase in self._over_time.phases:
            windows = self._over_time.windows(phase, interaction)
            groups = (windows[at : at + self._together] for at in range(0, len(windows), self._together))
            yield [
                Bucket(self._second(group[0].began_ns), self._end(group[-1]), joined(group))
                for group in groups
            ]

    def buckets(self, interaction: str | None = None) -> list[Bucket]:
        """Those in which anything was due or answered."""
        return [
            bucket
            for phase in self.by_phase(interaction)
            for bucket in phase
            if bucket.window.counts.due or bucket.window.counts.answered
        ]

    def points(
        self, value: Callable[[Window], float | None], interaction: str | None = None
    ) -> tuple[Point, ...]:
        """A value over time; the line is broken between phases."""
        points: list[Point] = []
        for phase in self.by_phase(interaction):
            points += [(bucket.middle, value(bucket.window)) for bucket in phase]
            if phase:
                points.append((phase[-1].end, None))
        return tuple(points)

    def second(self, moment_ns: int) -> float:
        """Seconds after the load began."""
        return self._second(moment_ns)

    def _second(self, moment_ns: float) -> float:
        return (moment_ns - self.origin_ns) / 1e9

    def _end(self, window: Window) -> float:
        return self._second(window.began_ns) + window.seconds

"""What happened in each stretch of a run: rates, latency, errors and message sizes by interaction.

Windows are a second long, and twice, four times as long in a longer run: never more than `MOST_WINDOWS`, so
that a soak of a day takes no more memory than a run of minutes. Percentiles are of the durations themselves,
however windows are joined; none is ever averaged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtest.figures.sparse_histogram import SparseHistogram
from loadtest.ledger import NOT_LOAD, Operation

MOST_WINDOWS = 400
SHORTEST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of a phase in which work begins: from `began_ns` (reference clock), `seconds` long."""

    began_ns: int
    seconds: float

    @property
    def ends_ns(self) -> int:
        """When no new work begins any more."""
        return self.began_ns + round(self.seconds * 1e9)


@dataclass(slots=True)
class Counts:
    """What was counted in one stretch.

    `due` counts requests by when they should have been sent (open arrivals) or were (closed users), `sent` by
    when they were, `answered` by when a definite answer came. All else is of those due: outcomes; `times` of
    what was granted (from the intended start where there is one, else from the send), which limits are held
    against together with the `unknown`, who rank above them; `bytes` of the same, and `sizes`, their
    round-trip times from the send by the size band of the answer (`size_band`).
    """

    due: int = 0
    sent: int = 0
    answered: int = 0
    ok: int = 0
    lost_races: int = 0
    refused: int = 0
    unknown: int = 0
    bytes: int = 0
    times: SparseHistogram = field(default_factory=SparseHistogram)
    sizes: dict[int, SparseHistogram] = field(default_factory=dict)

    def add(self, operation: Operation, due: int) -> None:
        """Count an operation that was due here."""
        self.due += 1
        if operation.outcome == "refused":
            if operation.lost_race:
                self.lost_races += 1
            else:
                self.refused += 1
            return
        if operation.outcome == "unknown":
            self.unknown += 1
            return
        self.ok += 1
        self.times.add(operation.end - due)
        self.bytes += operation.bytes
        band = size_band(operation.bytes)
        sizes = self.sizes.get(band)
        if sizes is None:
            sizes = self.sizes[band] = SparseHistogram()
        sizes.add(operation.end - operation.start)

    @property
    def held(self) -> int:
        """How many requests a limit is held against: granted, or without a definite answer."""
        return self.times.total + self.unknown

    def merge(self, other: Counts) -> None:
        """Count all that another counted."""
        for name in ("due", "sent", "answered", "ok", "lost_races", "refused", "unknown", "bytes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.times.merge(other.times)
        for band, durations in other.sizes.items():
            self.sizes.setdefault(band, SparseHistogram()).merge(durations)


@dataclass(frozen=True, slots=True)
class Window:
    """One interaction (or all, where None) in one stretch of a phase, `seconds` long from `began_ns`."""

    phase: str
    interaction: str | None
    began_ns: int
    seconds: float
    counts: Counts

    @property
    def due_per_second(self) -> float:
        """Requests that should have been sent: what was asked for, as far as there were clients to ask."""
        return self.counts.due / self.seconds

    @property
    def sent_per_second(self) -> float:
        """Requests that were sent."""
        return self.counts.sent / self.seconds

    @property
    def answered_per_second(self) -> float:
        """Definite answers: the throughput achieved."""
        return self.counts.answered / self.seconds

    @property
    def errors(self) -> int:
        """Refusals and requests without a definite answer; lost races are neither."""
        return self.counts.refused + self.counts.unknown

    @property
    def mean_bytes(self) -> float | None:
        """Mean size of the answers to what was granted; None without any."""
        return self.counts.bytes / self.counts.ok if self.counts.ok else None

    def percentile_ms(self, percentile: float) -> float | None:
        """Latency as it is judged, in milliseconds; None where there was no request. 100 is the slowest.

        `NO_ANSWER` where it falls among requests without a definite answer (`loadtest.figures.timings`).
        """
        return self.counts.times.percentile_ms(percentile, self.counts.unknown)

    def service_ms(self, percentile: float) -> float | None:
        """Round-trip time from the send of what was granted, in milliseconds."""
        return SparseHistogram.of(self.counts.sizes.values()).percentile_ms(percentile)


class OverTime:
    """Cuts a run into windows. Feed it every operation, in any order; what is not load it leaves out.

    `spans` tell when the load of each phase began and how long work was to begin; the windows of a phase are
    counted from there, and from any of its operations where that is not known.
    """

    def __init__(self, spans: Mapping[str, Span] | None = None, most_windows: int = MOST_WINDOWS) -> None:
        self.spans = dict(spans or {})
        self.seconds = SHORTEST_SECONDS
        self._most = most_windows
        self._width = round(SHORTEST_SECONDS * 1e9)
        self._origins = {phase: span.began_ns for phase, span in self.spans.items()}
        self._cells: dict[tuple[str, str], dict[int, Counts]] = {}
        self._ranges: dict[str, tuple[int, int]] = {}
        self._open: set[str] = set()

    def record(self, operation: Operation) -> None:
        """Add one operation."""
        phase, start = operation.phase, operation.start
        if phase in NOT_LOAD:
            return
        due = start
        if operation.intended is not None:
            due = operation.intended
            self._open.add(phase)
        origin = self._origins.setdefault(phase, due)
        width = self._width
        key = phase, operation.interaction
        cells = self._cells.get(key)
        if cells is None:
            cells = self._cells[key] = {}
        at_due, at_end = (due - origin) // width, (operation.end - origin) // width
        # Of a phase that is new, any window lies outside what was met so far.
        first, last = self._ranges.get(phase, (at_end + 1, at_due - 1))
        if at_due < first or at_end > last:
            self._ranges[phase] = min(first, at_due), max(last, at_end)
            if self._too_many():
                self.join_windows()
                self.record(operation)
                return
        _cell(cells, at_due).add(operation, due)
        _cell(cells, (start - origin) // width).sent += 1
        if operation.outcome != "unknown":
            _cell(cells, at_end).answered += 1

    def join_windows(self) -> None:
        """Make every window twice as long."""
        self.seconds *= 2
        self._width *= 2
        for cells in self._cells.values():
            joined: dict[int, Counts] = {}
            for index, counts in cells.items():
                _cell(joined, index // 2).merge(counts)
            cells.clear()
            cells.update(joined)
        self._ranges = {phase: (low // 2, high // 2) for phase, (low, high) in self._ranges.items()}

    def _too_many(self) -> bool:
        windows = sum(last - first + 1 for first, last in self._ranges.values())
        # A phase cannot have less than a window or two, however many phases there are.
        return windows > max(self._most, 2 * len(self._ranges))

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases met, in the order of time."""
        return tuple(sorted(self._ranges, key=lambda phase: self._began(phase, self._ranges[phase][0])))

    @property
    def interactions(self) -> tuple[str, ...]:
        """The interactions met, by name."""
        return tuple(sorted({interaction for _, interaction in self._cells}))

    def is_open(self, phase: str) -> bool:
        """Whether arrivals of the phase were open: then times count from the intended start."""
        return phase in self._open

    def began_ns(self, phase: str) -> int:
        """When the load of a phase began, or its first window where that is unknown. KeyError if not met."""
        return (
            self.spans[phase].began_ns if phase in self.spans else self._began(phase, self._ranges[phase][0])
        )

    def windows(self, phase: str, interaction: str | None = None) -> tuple[Window, ...]:
        """The windows of a phase that was met without a gap, of one interaction or of all together.

        KeyError for a phase that was not met.
        """
        first, last = self._ranges[phase]
        return tuple(self._window(phase, interaction, index) for index in range(first, last + 1))

    def under_load(self, phase: str, interaction: str | None = None) -> tuple[Window, ...]:
        """Those windows that began while new work did: after that, clients give back what they held."""
        span = self.spans.get(phase)
        windows = self.windows(phase, interaction)
        return windows if span is None else tuple(_within(windows, span))

    def _window(self, phase: str, interaction: str | None, index: int) -> Window:
        began, seconds, span = self._began(phase, index), self.seconds, self.spans.get(phase)
        if span is not None and began < span.ends_ns < began + self._width:
            seconds = (span.ends_ns - began) / 1e9
        counts = Counts()
        for (of_phase, name), cells in self._cells.items():
            if of_phase == phase and interaction in (None, name) and index in cells:
                if interaction is not None:
                    counts = cells[index]
                else:
                    counts.merge(cells[index])
        return Window(phase, interaction, began, seconds, counts)

    def _began(self, phase: str, index: int) -> int:
        return self._origins[phase] + index * self._width


def joined(windows: Iterable[Window]) -> Window:
    """Windows of one interaction and phase that follow each other, as one. ValueError without any."""
    listed = tuple(windows)
    if not listed:
        raise ValueError("no windows to join")
    counts = Counts()
    for window in listed:
        counts.merge(window.counts)
    first = listed[0]
    seconds = sum(window.seconds for window in listed)
    return Window(first.phase, first.interaction, first.began_ns, seconds, counts)


def spans_of(record: Mapping[str, Any]) -> dict[str, Span]:
    """The span of each phase that a run.json tells the beginning of, by the phase's name."""
    return {
        part["scenario"]: Span(part["began_ns"], float(part["seconds"]))
        for part in record.get("parts", ())
        if part.get("began_ns")
    }


def size_band(size: int) -> int:
    """The band of a message size in bytes: 0 below 1 kB (1024), n from 2**(n-1) kB to below 2**n kB."""
    return (size >> 10).bit_length()


def _cell(cells: dict[int, Counts], index: int) -> Counts:
    counts = cells.get(index)
    if counts is None:
        counts = cells[index] = Counts()
    return counts


def _within(windows: Iterable[Window], span: Span) -> Iterator[Window]:
    return (window for window in windows if span.began_ns <= window.began_ns < span.ends_ns)

"""The figures over time and by message size as CSV, for spreadsheets and plotters.

`over-time.csv`: one line per window and interaction. `began_s` counts from the first window of the load,
`seconds` is how long the window was: 1, or a power of two in a longer run. Latencies as they are judged: from
the intended start under open arrivals, else from the send; refusals and lost races left out. A latency is
empty where nothing was asked, and where so many requests had no definite answer (`unknown`) that it falls
among them: they rank above all that were answered.

`message-sizes.csv`: one line per interaction, band of message sizes and band of throughput (all answers
together, a second), each from `from_` to below `below_`; round-trip times from the actual send of what was
granted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields

from loadtest.figures.message_sizes import SizeRow, by_message_size
from loadtest.figures.over_time import OverTime, Window
from loadtest.figures.timings import NO_ANSWER

_PERCENTILES = (50.0, 95.0, 99.0, 100.0)
_COUNTS = ("due", "sent", "answered", "ok", "lost_races", "refused", "unknown", "bytes")
_OVER_TIME = ("began_s", "seconds", "phase", "interaction", *_COUNTS, "p50_ms", "p95_ms", "p99_ms", "max_ms")
_MILLISECONDS = frozenset({"p50", "p95", "p99", "max"})


def over_time_csv(over_time: OverTime) -> str:
    """The whole of `over-time.csv`."""
    return _written(_OVER_TIME, _windows(over_time))


def message_sizes_csv(over_time: OverTime) -> str:
    """The whole of `message-sizes.csv`."""
    names = [field.name for field in fields(SizeRow)]
    heads = [f"{name}_ms" if name in _MILLISECONDS else name for name in names]
    rows = ([getattr(row, name) for name in names] for row in by_message_size(over_time))
    return _written(heads, rows)


def _windows(over_time: OverTime) -> Iterator[list[object]]:
    everything = [each for phase in over_time.phases for each in over_time.windows(phase)]
    origin = min((window.began_ns for window in everything), default=0)
    for phase in over_time.phases:
        by_interaction = [over_time.windows(phase, name) for name in over_time.interactions]
        for together in zip(*by_interaction, strict=True):
            yield from (_row(window, origin) for window in together if _any(window))


def _any(window: Window) -> bool:
    counts = window.counts
    return bool(counts.due or counts.sent or counts.answered)


def _row(window: Window, origin: int) -> list[object]:
    began = round((window.began_ns - origin) / 1e9, 3)
    counts = [getattr(window.counts, name) for name in _COUNTS]
    times = [window.percentile_ms(percentile) for percentile in _PERCENTILES]
    return [began, round(window.seconds, 3), window.phase, window.interaction, *counts, *times]


def _written(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if value == NO_ANSWER:
        return None
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else value

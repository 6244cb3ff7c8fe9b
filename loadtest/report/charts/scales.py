"""Scales: where a value lies along an axis, and which ticks stand there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_KILO = 1000.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A value that the axis names."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: what it shows with its unit, from `low` to `high`, and its ticks in rising order."""

    label: str
    low: float
    high: float
    ticks: tuple[Tick, ...]
    transform: Callable[[float], float] = float

    def place(self, value: float) -> float:
        """Where the value lies, 0 at the low end and 1 at the high; what lies beyond is put at the end."""
        low, high = self.transform(self.low), self.transform(self.high)
        inside = min(max(value, self.low), self.high)
        return (self.transform(inside) - low) / (high - low)


def linear(label: str, values: Iterable[float], about: int = 4, least: float = 1.0) -> Scale:
    """From 0 to a round number at or above the greatest value (or `least`), with about so many steps."""
    greatest = max([least, *values])
    step = _round_step(greatest / about)
    count = math.ceil(round(greatest / step, 9))
    ticks = tuple(Tick(step * number, number_text(step * number)) for number in range(count + 1))
    return Scale(label, 0.0, step * count, ticks)


def seconds(label: str, greatest: float, about: int = 6) -> Scale:
    """From 0 to exactly `greatest` seconds; ticks in seconds, minutes or hours."""
    end = max(greatest, 1.0)
    step = next((each for each in _SECONDS if end / each <= about), _SECONDS[-1] * math.ceil(end / 6e5))
    count = int(end // step)
    return Scale(label, 0.0, end, tuple(Tick(step * n, duration_text(step * n)) for n in range(count + 1)))


def logarithmic(label: str, values: Iterable[float], text: Callable[[float], str] | None = None) -> Scale:
    """Powers of ten around the positive values; steps of 1, 2 and 5 where there are few of them."""
    positive = [value for value in values if value > 0] or [1.0]
    first, last = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    last = max(last, first + 1)
    within = (1, 2, 5) if last - first <= 1 else (1, 3) if last - first == 2 else (1,)
    marks = [each * 10.0**power for power in range(first, last) for each in within] + [10.0**last]
    say = text or number_text
    return Scale(label, marks[0], marks[-1], tuple(Tick(mark, say(mark)) for mark in marks), math.log10)


def tail(label: str, greatest: float) -> Scale:
    """Percentiles 0 to `greatest` (below 100) with as much room for each nine as for the one before it."""
    nines = min(5, max(2, math.ceil(round(_nines(min(greatest, 99.999)), 6))))
    named = [0.0, 50.0, *(100 - 10.0 ** (2 - power) for power in range(1, nines + 1))]
    return Scale(label, 0.0, named[-1], tuple(Tick(each, percent_text(each)) for each in named), _nines)


def _nines(percentile: float) -> float:
    return -math.log10(1 - percentile / 100)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * 0.999)


def number_text(value: float) -> str:
    """A number as short as a tick wants it: `0`, `0.25`, `1,500`, `20k`, `3M`."""
    for size, suffix in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            unit = _KILO if suffix == "k" else size
            return f"{value / unit:,.4g}{suffix}"
    return f"{value:,.4g}" if abs(value) < _KILO else f"{value:,.0f}"


def percent_text(percentile: float) -> str:
    """A percentile without needless zeros: `99.9 %`."""
    return f"{round(percentile, 6):g} %"


def duration_text(length: float) -> str:
    """Seconds as people say them: `45 s`, `1 min 30 s`, `2 h`."""
    whole = round(length)
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s"))
    said = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(said) or "0 s"


def milliseconds_text(milliseconds: float, form: str = ",.1f") -> str:
    """Milliseconds with their unit; `no answer` where a percentile falls among those never answered."""
    return "no answer" if math.isinf(milliseconds) else f"{milliseconds:{form}} ms"


def size_text(size: float) -> str:
    """Bytes as people say them: `900 B`, `54 kB`, `1.2 MB` (powers of 1,000)."""
    for unit, name in ((1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size:.0f} B"

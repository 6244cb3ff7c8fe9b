"""Lines or dots over two scales, with phases shaded, limits drawn across and a legend above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from loadtest.report.charts.drawing import GLYPH, SMALL, Frame, element, picture, shortened, titled, words
from loadtest.report.charts.scales import Scale

_LEFT, _RIGHT, _BOTTOM, _ROW = 46.0, 12.0, 40.0, 17.0
_SWATCH = 22.0

Point = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """Points by rising x; None as y breaks the line. `style` is a class of the style sheet, such as `p99`."""

    name: str
    style: str
    points: tuple[Point, ...]
    look: Literal["line", "dots", "both"] = "line"


@dataclass(frozen=True, slots=True)
class Limit:
    """A value of y not to be passed, drawn across where the scale reaches it."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the x scale with a name: a phase of the load, or what a bucket of it measured."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on the x scale, drawn as a line from top to bottom. `style` is its sort, in the legend too."""

    name: str
    style: str
    at: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """What to draw. `key` is unique in the page; `tips` show their names while pointed at.

    A mark that lies too close to the one before it goes without its name.
    """

    key: str
    title: str
    description: str
    x: Scale
    y: Scale
    series: tuple[Series, ...]
    limits: tuple[Limit, ...] = ()
    phases: tuple[Stretch, ...] = ()
    tips: tuple[Stretch, ...] = ()
    marks: tuple[Mark, ...] = ()


def draw_lines(chart: LineChart, frame: Frame = SMALL) -> str:
    """The chart as one SVG element."""
    return _Plot(chart, frame).draw()


class _Plot:
    def __init__(self, chart: LineChart, frame: Frame) -> None:
        self._chart, self._frame = chart, frame
        self._shown = tuple(limit for limit in chart.limits if chart.y.low < limit.value <= chart.y.high)
        entries = [(series.name, series.style, series.look) for series in chart.series]
        entries += dict.fromkeys((mark.style, mark.style, "line") for mark in chart.marks)
        self._legend, rows = _laid_out(entries, frame.width - _LEFT - _RIGHT)
        # The unit has a line of its own above the names of the phases, where there are any.
        self._unit = rows * _ROW + 14
        self._names = self._unit + (7 + _ROW if chart.phases else 10.0)
        self._top = self._names + (_ROW - 4 if chart.marks else 0.0)
        self._right = frame.width - _RIGHT
        self._bottom = frame.height - _BOTTOM

    def draw(self) -> str:
        chart = self._chart
        parts = [
            *self._phases(),
            *self._grid(),
            *(part for series in chart.series for part in self._series(series)),
            *self._limits(),
            *self._key(),
            *self._tips(),
            *self._marks(),
        ]
        return picture(chart.key, chart.title, chart.description, self._frame, "".join(parts))

    def _x(self, value: float) -> float:
        return _LEFT + self._chart.x.place(value) * (self._right - _LEFT)

    def _y(self, value: float) -> float:
        return self._bottom - self._chart.y.place(value) * (self._bottom - self._top)

    def _phases(self) -> Iterator[str]:
        for number, phase in enumerate(self._chart.phases):
            left, right = self._x(phase.begin), self._x(phase.end)
            yield element(
                "rect", x=left, y=self._top, width=right - left, height=self._bottom - self._top,
                class_=f"phase phase-{number % 2}",
            )  # fmt: skip
            name = shortened(phase.name, (right - left) * 0.9)
            if name:
                yield words((left + right) / 2, self._names - 5, name, "phase-name", "middle")

    def _grid(self) -> Iterator[str]:
        for tick in self._chart.y.ticks:
            y = self._y(tick.value)
            yield element("line", x1=_LEFT, x2=self._right, y1=y, y2=y, class_="grid")
            yield words(_LEFT - 5, y + 4, tick.text, "tick", "end")
        yield words(4.0, self._unit, self._chart.y.label, "axis")
        free_from = 0.0
        for tick in self._chart.x.ticks:
            x = self._x(tick.value)
            yield element("line", x1=x, x2=x, y1=self._bottom, y2=self._bottom + 4, class_="grid")
            # The outermost names lean inwards, so that none is cut off at the picture's edge.
            half = len(tick.text) * GLYPH / 2
            x = min(x, self._frame.width - 2 - half)
            if x - half >= free_from:
                yield words(x, self._bottom + 17, tick.text, "tick", "middle")
                free_from = x + half + 4
        yield words((_LEFT + self._right) / 2, self._bottom + 34, self._chart.x.label, "axis", "middle")

    def _marks(self) -> Iterator[str]:
        free_from = 0.0
        for mark in self._chart.marks:
            x = self._x(mark.at)
            yield titled(
                "line", mark.name, x1=x, x2=x, y1=self._top, y2=self._bottom, class_=f"line mark {mark.style}"
            )
            half = len(mark.name) * GLYPH / 2
            middle = min(x, self._frame.width - 2 - half)
            if middle - half >= free_from:
                yield words(middle, self._top - 4, mark.name, "mark-name", "middle")
                free_from = middle + half + 4

    def _series(self, series: Series) -> Iterator[str]:
        for run in _unbroken(series.points):
            placed = [(self._x(x), self._y(y)) for x, y in run]
            if series.look != "dots" and len(placed) > 1:
                path = "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
                yield element("path", d=f"M{path}", class_=f"line {series.style}")
            if series.look != "line" or len(placed) == 1:
                for x, y in placed:
                    yield element("circle", cx=x, cy=y, r=2.6, class_=f"dot {series.style}")

    def _limits(self) -> Iterator[str]:
        named_at: float | None = None
        names: list[tuple[float, str]] = []
        for limit in sorted(self._shown, key=lambda each: -each.value):
            y = self._y(limit.value)
            yield element("line", x1=_LEFT, x2=self._right, y1=y, y2=y, class_="line limit")
            # Limits that lie close share a line of text above the highest of them.
            if named_at is not None and y - named_at < _ROW:
                names[-1] = names[-1][0], f"{names[-1][1]} / {limit.name}"
            else:
                named_at = y
                names.append((y + 12 if y - 12 < self._top else y - 4, limit.name))
        for beside, name in names:
            yield words(self._right - 2, beside, name, "limit-name", "end")

    def _key(self) -> Iterator[str]:
        for x, row, name, style, look in self._legend:
            left, middle = _LEFT + x, row * _ROW + 10
            if look != "dots":
                yield element(
                    "line", x1=left, x2=left + _SWATCH - 5, y1=middle, y2=middle, class_=f"line {style}"
                )
            if look != "line":
                yield element("circle", cx=left + 8, cy=middle, r=2.6, class_=f"dot {style}")
            yield words(left + _SWATCH, middle + 4, name, "legend")

    def _tips(self) -> Iterator[str]:
        for tip in self._chart.tips:
            left, right = self._x(tip.begin), self._x(tip.end)
            yield titled(
                "rect", tip.name, x=left, y=self._top, width=max(1.0, right - left),
                height=self._bottom - self._top, class_="tip",
            )  # fmt: skip


def _unbroken(points: Iterable[Point]) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for x, y in points:
        if y is not None:
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _laid_out(
    entries: Iterable[tuple[str, str, str]], room: float
) -> tuple[list[tuple[float, int, str, str, str]], int]:
    """Where each entry of the legend begins, row by row, and how many rows that makes."""
    placed: list[tuple[float, int, str, str, str]] = []
    x, row = 0.0, 0
    for name, style, look in entries:
        said = shortened(name, room - _SWATCH)
        width = _SWATCH + len(said) * GLYPH + 14
        if placed and x + width > room:
            x, row = 0.0, row + 1
        placed.append((x, row, said, style, look))
        x += width
    return placed, row + 1 if placed else 0

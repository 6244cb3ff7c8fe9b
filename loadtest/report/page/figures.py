"""What the page is made of: tables, and charts with their data as a table beside them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from loadtest.figures.timings import NO_ANSWER
from loadtest.report.charts.drawing import SMALL, WIDE
from loadtest.report.charts.line_chart import LineChart, Series, draw_lines

POINTS_DRAWN = 120
"""Most points of a line over time: what is drawn and listed stays as small however long a run was."""

_FIGURE = re.compile(r"(-|no answer|[\d.,]+)? ?(%|ms)?")
SERIES_STYLES = tuple(f"s{number}" for number in range(1, 9))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; the first cell of each row is its head. `left_out` rows are not shown."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns after the first hold figures alone: these are set to the right."""
        return tuple(
            column > 0
            and all(_FIGURE.fullmatch(row[column]) for row in self.rows)
            and any(row[column] != "-" for row in self.rows)
            for column in range(len(self.heads))
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its name, what to know when reading it, and its data. `wide_svg` where there is room."""

    title: str
    note: str
    svg: str
    table: Table
    wide_svg: str = ""


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], most: int = 200) -> Table:
    """A table of at most `most` rows."""
    listed = [tuple(row) for row in rows]
    return Table(caption, tuple(heads), tuple(listed[:most]), max(0, len(listed) - most))


def figure(chart: LineChart, note: str, data: Table, wide: bool = False, shown: str = "") -> Figure:
    """A chart with its data; `wide` draws it a second time for wide screens.

    `shown` goes before the chart's title where the page around it says the rest.
    """
    title = shown or chart.title
    if not wide:
        return Figure(title, note, draw_lines(chart, SMALL), data)
    broad = replace(chart, key=f"{chart.key}-wide")
    return Figure(title, note, draw_lines(chart, SMALL), data, draw_lines(broad, WIDE))


def style_of(number: int) -> str:
    """The style of the so manieth series of a chart."""
    return SERIES_STYLES[number % len(SERIES_STYLES)]


def values(series: Iterable[Series]) -> list[float]:
    """Every y that is drawn."""
    return [y for each in series for _, y in each.points if y is not None]


def ms(milliseconds: float | None) -> str:
    """Milliseconds to three figures, a dash for None, `no answer` where there was none."""
    if milliseconds is None:
        return "-"
    if milliseconds == NO_ANSWER:
        return "no answer"
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"


def ms_with_unit(milliseconds: float | None) -> str:
    """The same, with the unit behind the figure where there is one."""
    said = ms(milliseconds)
    return f"{said} ms" if said[0].isdigit() else said


def rate(per_second: float) -> str:
    """A rate a second, to three figures."""
    return f"{per_second:,.0f}" if per_second >= 100 else f"{per_second:.3g}"


def per_cent(share: float | None) -> str:
    """A share in per cent, rounded down: 99.499 % is not the 99.50 % that was promised."""
    return "-" if share is None else f"{math.floor(round(share * 100, 6)) / 100:.2f} %"

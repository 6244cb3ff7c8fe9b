"""Requests as bars on a shared scale of time: who asked when, for how long, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadtest.report.charts.drawing import Frame, element, picture, shortened, titled, words
from loadtest.report.charts.scales import linear

_WIDTH, _ROW, _TOP, _BOTTOM, _LEFT, _RIGHT = 400.0, 32.0, 4.0, 40.0, 8.0, 14.0
_THINNEST = 3.0
_LONG = 5000.0


@dataclass(frozen=True, slots=True)
class Lane:
    """One request: when it began and ended (ms), its `outcome` as a class of the style sheet, what to say."""

    name: str
    begin: float
    end: float
    outcome: str
    answer: str


def draw_race(key: str, title: str, description: str, lanes: tuple[Lane, ...]) -> str:
    """The lanes from top to bottom as one SVG element; times should begin near 0. Empty without lanes."""
    if not lanes:
        return ""
    frame = Frame(_WIDTH, _TOP + _ROW * len(lanes) + _BOTTOM)
    return picture(key, title, description, frame, "".join(_parts(lanes, frame)))


def _parts(lanes: tuple[Lane, ...], frame: Frame) -> Iterator[str]:
    long = max(lane.end for lane in lanes) > _LONG
    unit, factor = ("seconds", 1e-3) if long else ("milliseconds", 1.0)
    scale = linear(
        f"{unit} after the first request began", [lane.end * factor for lane in lanes], least=0.001
    )
    width, bottom = frame.width - _LEFT - _RIGHT, frame.height - _BOTTOM
    for tick in scale.ticks:
        x = _LEFT + scale.place(tick.value) * width
        yield element("line", x1=x, x2=x, y1=_TOP, y2=bottom + 4, class_="grid")
        anchor = "start" if tick is scale.ticks[0] else "end" if tick is scale.ticks[-1] else "middle"
        yield words(x, bottom + 17, tick.text, "tick", anchor)
    yield words(frame.width / 2, bottom + 34, scale.label, "axis", "middle")
    for number, lane in enumerate(lanes):
        top = _TOP + number * _ROW
        begin = _LEFT + scale.place(lane.begin * factor) * width
        end = _LEFT + scale.place(lane.end * factor) * width
        tip = f"{lane.name}: {lane.begin:,.3f} to {lane.end:,.3f} ms, {lane.answer}"
        said = shortened(f"{lane.name}: {lane.answer}", width)
        yield words(_LEFT, top + 11, said, "lane")
        yield titled(
            "rect",
            tip,
            x=begin,
            y=top + 16,
            width=max(_THINNEST, end - begin),
            height=10.0,
            rx=2.0,
            class_=f"bar {lane.outcome}",
        )

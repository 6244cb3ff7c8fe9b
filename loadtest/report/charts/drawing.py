"""Pieces of SVG, and the picture around them with its name and description for those who cannot see it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape

GLYPH = 6.3
"""Mean width of a character of the charts' text, in units of the picture."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a picture in its own units; a browser scales it to the room there is."""

    width: float
    height: float


SMALL = Frame(400, 260)
WIDE = Frame(1000, 300)


def element(name: str, content: str = "", **attributes: object) -> str:
    """One element; `content` is markup already. Underscores in names become hyphens, a last one goes."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def words(x: float, y: float, said: str, class_: str, anchor: str = "start") -> str:
    """A line of text whose baseline is at `y`."""
    return element("text", escape(printable(said)), x=x, y=y, class_=class_, text_anchor=anchor)


def titled(name: str, title: str, **attributes: object) -> str:
    """An element with a title, which browsers show while the pointer rests on it."""
    return element(name, element("title", escape(printable(title))), **attributes)


def picture(key: str, title: str, description: str, frame: Frame, body: str) -> str:
    """The whole picture: an image named `title` and described; `key` is unique in the page."""
    heading = element("title", escape(printable(title)), id=f"chart-{key}-title")
    about = element("desc", escape(printable(description)), id=f"chart-{key}-desc")
    return element(
        "svg",
        heading + about + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(frame.width)} {_value(frame.height)}",
        class_="chart",
        role="img",
        aria_labelledby=f"chart-{key}-title",
        aria_describedby=f"chart-{key}-desc",
    )


def shortened(said: str, room: float) -> str:
    """The text, cut with an ellipsis to what fits in `room` units; empty where not even a few letters do."""
    letters = int(room / GLYPH)
    if len(said) <= letters:
        return said
    return said[: letters - 1] + "…" if letters >= 4 else ""


def printable(said: str) -> str:
    """The text without characters that XML forbids: providers' answers may hold anything."""
    return "".join(each if each == "\n" or unicodedata.category(each)[0] != "C" else "�" for each in said)


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)

"""A page as its elements in order, each with its attributes, its text and the elements it lies in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})


@dataclass
class Tag:
    name: str
    attributes: dict[str, str]
    parents: tuple[str, ...]
    text: str = ""


@dataclass
class ParsedPage(HTMLParser):
    """Feed it a page; every end must belong to the latest beginning."""

    tags: list[Tag] = field(default_factory=list)
    _open: list[Tag] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        found = Tag(tag, given, tuple(each.name for each in self._open))
        self.tags.append(found)
        if tag not in _VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1].name == tag, f"</{tag}> ends {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            tag.text += data

    def all(self, *names: str) -> list[Tag]:
        """Every element of these names, in order."""
        return [tag for tag in self.tags if tag.name in names]

    @property
    def text(self) -> str:
        """What the page says, spaces as one."""
        (body,) = self.all("body")
        return " ".join(body.text.split())

    def with_class(self, name: str) -> list[Tag]:
        """Every element with this class."""
        return [tag for tag in self.tags if name in tag.attributes.get("class", "").split()]


def parsed(page: str) -> ParsedPage:
    """The page, which must be whole."""
    parser = ParsedPage()
    parser.feed(page)
    parser.close()
    assert not parser._open, "something was never ended"
    return parser

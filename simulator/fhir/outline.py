"""The outline of a text that is sent again and again, the same but for a few leaves.

It is the JSON text as it came first, and in the place of each leaf the form that such a leaf has. A form lets
through the text of one JSON string and no more, so that whatever is around the leaves means in each text of
the outline what it meant in the first. To make one costs little: some texts are never sent again.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple, Union

import orjson

from simulator.fhir.resource import Json

STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
"""Matches the strings of a JSON text, and nothing else of it."""

_STRING = re.compile(rb"(%b)([ \t\r\n]*:)?" % STRING)
"""A string, and what makes it the name of an element."""


class OutOfTheOrdinary(Exception):
    """A leaf that its sample cannot stand for."""


class Form(NamedTuple):
    """An ordinary form of a leaf.

    `match` matches the JSON string, from a place in a text on, and has one group, of what is `read`; to read
    raises OutOfTheOrdinary where more is wrong than a pattern can say. `sample` is a JSON string that stands
    for all of the form.
    """

    match: Callable[[bytes, int], re.Match[bytes] | None]
    sample: bytes
    read: Callable[[bytes], Any]


def form(pattern: bytes, sample: bytes, read: Callable[[bytes], Any]) -> Form:
    """Return the form of what a pattern matches."""
    return Form(re.compile(pattern).match, sample, read)


Leaves = dict[str, Union[tuple[Form, ...], "Leaves"]]
"""The leaves of an element, or of each of several, by name, each with the forms that it may have."""


class Outline:
    """The outline of one text. Its leaves are numbered in the order of the text, from 0.

    `places` is the resource with their numbers instead of the leaves.
    """

    def __init__(self, text: bytes, leaves: Leaves) -> None:
        """Cut the leaves out of a JSON text; raise OutOfTheOrdinary where one has no form."""
        strings, self.places = _numbered(text)
        found = [
            (parent, name, forms, parent[name]) for parent, name, forms in leaves_of(self.places, leaves)
        ]
        forms_by_string = {number: _form_of(strings, number, forms) for _, _, forms, number in found}
        order = sorted(forms_by_string, key=int)
        for parent, name, _, number in found:
            parent[name] = order.index(number)
        self.forms = [forms_by_string[number] for number in order]
        bounds = [0, *chain.from_iterable(strings[int(number)].span(1) for number in order), len(text)]
        *self.before, self.rest = [
            text[begin:end] for begin, end in zip(bounds[::2], bounds[1::2], strict=True)
        ]
        self._steps = [
            (before, len(before), match, read)
            for before, (match, _, read) in zip(self.before, self.forms, strict=True)
        ]

    def values(self, text: bytes) -> list[Any] | None:
        """Return the values of a text's leaves, or None where it is of another outline.

        Raises OutOfTheOrdinary where a leaf is not of its form after all.
        """
        at = 0
        values = []
        for before, length, match, read in self._steps:
            if not text.startswith(before, at):
                return None
            leaf = match(text, at + length)
            if leaf is None:
                return None
            values.append(read(leaf[1]))
            at = leaf.end()
        return values if text[at:] == self.rest else None

    def text(self, strings: Mapping[int, bytes]) -> bytes:
        """Return a text of this outline: some strings, by the number of the leaf, and samples for others."""
        leaves = [strings.get(place, each.sample) for place, each in enumerate(self.forms)]
        return b"".join([*chain.from_iterable(zip(self.before, leaves, strict=True)), self.rest])


def leaves_of(element: Any, leaves: Leaves) -> Iterator[tuple[Json, str, tuple[Form, ...]]]:
    """Yield the leaves that an element, or each of several, has: parent, name, and the forms it may have."""
    for parent in element if isinstance(element, list) else [element]:
        if not isinstance(parent, dict):
            raise OutOfTheOrdinary
        for name, leaf in leaves.items():
            if name in parent:
                if isinstance(leaf, dict):
                    yield from leaves_of(parent[name], leaf)
                else:
                    yield parent, name, leaf


def _numbered(text: bytes) -> tuple[list[re.Match[bytes]], Json]:
    """Return the strings of a JSON text that are values, and what it says with their numbers instead."""
    numbers = count()
    numbered = _STRING.sub(lambda each: each[0] if each[2] else b'"%d"' % next(numbers), text)
    return [each for each in _STRING.finditer(text) if not each[2]], orjson.loads(numbered)


def _form_of(strings: Sequence[re.Match[bytes]], number: Any, forms: tuple[Form, ...]) -> Form:
    """Return which form the string with a number has."""
    text = strings[int(number)][1] if isinstance(number, str) else b""
    for each in forms:
        if each.match(text, 0):
            return each
    raise OutOfTheOrdinary

"""What a profile can say of a resource, and the check that reads it.

The STU3 models know the base: names, nesting and types of elements. They know no cardinality of a profile, no
prohibited element, no binding and no fixed value, and they let a number stand for an instant. The profiles
themselves are a table, in `profiles`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.domain.refusals import InvalidResource, shown
from simulator.fhir.resource import Json

_TIME = r"T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d{2}:\d{2})"
_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"

LEXICAL = {
    "instant": (re.compile(_DAY + _TIME, re.ASCII), "yyyy-mm-ddThh:mm:ss+hh:mm"),
    "dateTime": (
        re.compile(rf"\d{{4}}(-(0[1-9]|1[0-2])|{_DAY[5:]}({_TIME})?)?", re.ASCII),
        "yyyy-mm-ddThh:mm:ss+hh:mm",
    ),
    "moment": (re.compile(_DAY + _TIME, re.ASCII), "a dateTime with time and offset"),
    "date": (re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII), "yyyy-mm-dd"),
    "text": (re.compile(r"(?s).*\S.*"), "a text that is not blank"),
    "id": (re.compile(r"[A-Za-z0-9\-.]{1,64}"), "a logical id"),
    "relative": (re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}"), "a relative reference"),
    "contained": (re.compile(r"#[A-Za-z0-9\-.]{1,64}"), "a reference to something contained"),
    "uk": (re.compile(_DAY + r"T\d{2}:\d{2}:\d{2}\+0[01]:00", re.ASCII), "UK local time with its offset"),
}
"""How the text of a primitive must look, and how to say so. `moment` is a dateTime GP Connect wants whole."""


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The codings that an element may hold: one code system, and its codes with their displays."""

    system: str
    displays: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One element of a profile: how often it stands in its parent, and what its value may be.

    `path` leads from the resource by names; `kind` names a lexical form; `codes` is a required binding of a
    code, `values` of a coding.
    """

    path: str
    least: int
    most: int | None
    kind: str | None = None
    codes: frozenset[str] | None = None
    fixed: str | None = None
    values: ValueSet | None = None
    parents: tuple[str, ...] = field(init=False)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        *parents, name = self.path.split(".")
        object.__setattr__(self, "parents", tuple(parents))
        object.__setattr__(self, "name", name)


@dataclass(frozen=True, slots=True)
class Slice:
    """Those of a repeating element that are of one kind, by default the extensions with one URL.

    How often they may come, the one value key that an extension carries ("" for one that has parts), and what
    each must keep to. `by` names the part that tells the kinds apart.
    """

    url: str
    most: int | None
    value: str = ""
    least: int = 0
    rules: tuple[Rule, ...] = ()
    slices: "tuple[Slice, ...]" = ()
    element: str = "extension"
    by: str = "url"


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one profile."""

    resource_type: str
    url: str
    rules: tuple[Rule, ...]
    slices: tuple[Slice, ...] = ()


def check_profile(resource: Json, profile: Profile, where: str | None = None) -> None:
    """Raise InvalidResource that names the first element breaking a profile, what came and what is expected.

    `where` is the path to show for the resource, its type unless it stands inside another.
    """
    _check_parts(resource, profile.rules, profile.slices, where or profile.resource_type)


def _check_parts(resource: Json, rules: tuple[Rule, ...], slices: tuple[Slice, ...], start: str) -> None:
    for rule in rules:
        if not rule.parents:
            _check_element(resource.get(rule.name), rule, f"{start}.{rule.name}")
            continue
        for parent, path in _reached(resource, rule.parents, start):
            _check_element(parent.get(rule.name), rule, f"{path}.{rule.name}")
    for piece in slices:
        _check_slice(resource, piece, start)


def _reached(element: Any, parents: tuple[str, ...], path: str) -> Iterator[tuple[Json, str]]:
    """Yield every element that a list of names leads to, with its path."""
    if not parents:
        if isinstance(element, dict):
            yield element, path
        return
    child = element.get(parents[0]) if isinstance(element, dict) else None
    if isinstance(child, list):
        for number, each in enumerate(child):
            yield from _reached(each, parents[1:], f"{path}.{parents[0]}[{number}]")
    elif child is not None:
        yield from _reached(child, parents[1:], f"{path}.{parents[0]}")


def _check_element(value: Any, rule: Rule, path: str) -> None:
    if value is None and not rule.least:
        return
    values = value if isinstance(value, list) else [] if value is None else [value]
    if rule.most == 0 and values:
        raise InvalidResource(f"{path}: GP Connect does not allow this element; leave it out")
    if len(values) < rule.least:
        raise InvalidResource(f"{path}: is missing; expected {_cardinality(rule.least, rule.most)}")
    if rule.most is not None and len(values) > rule.most:
        raise InvalidResource(
            f"{path}: came {len(values)} times; expected {_cardinality(rule.least, rule.most)}"
        )
    for each in values:
        _check_value(each, rule, path)


def _cardinality(least: int, most: int | None) -> str:
    if least == most:
        return f"exactly {least}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def _check_value(value: Any, rule: Rule, path: str) -> None:
    if rule.kind is not None:
        pattern, form = LEXICAL[rule.kind]
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise InvalidResource(f"{path}: {shown(value)} was sent; expected {form}")
    if rule.codes is not None and (not isinstance(value, str) or value not in rule.codes):
        raise InvalidResource(
            f"{path}: {shown(value)} was sent; expected one of {', '.join(sorted(rule.codes))}"
        )
    if rule.fixed is not None and value != rule.fixed:
        raise InvalidResource(f"{path}: {shown(value)} was sent; expected {rule.fixed}")
    if rule.values is not None:
        system, displays = rule.values.system, rule.values.displays
        code = value.get("code") if isinstance(value, dict) else None
        if value != {"system": system, "code": code, "display": displays.get(str(code))}:
            raise InvalidResource(f"{path}: {shown(value)} was sent; expected a coding of {system}")


def _check_slice(resource: Json, piece: Slice, start: str) -> None:
    found = [
        (number, each)
        for number, each in enumerate(resource.get(piece.element, []))
        if each.get(piece.by) == piece.url
    ]
    path = f"{start}.{piece.element}({piece.url})"
    if len(found) < piece.least or (piece.most is not None and len(found) > piece.most):
        raise InvalidResource(
            f"{path}: came {len(found)} times; expected {_cardinality(piece.least, piece.most)}"
        )
    for number, each in found:
        if piece.by == "url":
            others = [key for key in each if key.startswith("value") and key != piece.value]
            if others:
                raise InvalidResource(f"{path}: has {others[0]}; expected {piece.value or 'extension'}")
        _check_parts(each, piece.rules, piece.slices, f"{start}.{piece.element}[{number}]")

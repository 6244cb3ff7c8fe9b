"""What an LDAP search looks for: filters, and whether an entry passes one.

A filter holds, does not hold, or is undefined, as where it names an attribute that the directory does not
have; only an entry for which it holds is found. Source: RFC 4511, section 4.5.1.7; RFC 4515 for how one is
written.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.spine.ldap_ber import SEQUENCE, Elements, Malformed

AND, OR, NOT, EQUALITY, SUBSTRINGS, AT_LEAST, AT_MOST, PRESENT, SIMILAR, EXTENSIBLE = (
    0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0x87, 0xA8, 0xA9,
)  # fmt: skip
INITIAL, ANY, FINAL = 0x80, 0x81, 0x82

DEEPEST = 32
"""How deep filters may nest."""

WORDS = frozenset("objectclass o ou l uniqueidentifier nhsproductname nhsorgtype postaladdress".split())
"""The attributes whose values are compared without regard to case; identifiers are compared exactly."""

_ESCAPED = {character: f"\\{ord(character):02x}" for character in "\\*()\0"}
_SIGNS = {EQUALITY: "=", AT_LEAST: ">=", AT_MOST: "<=", SIMILAR: "~="}

Values = Mapping[str, tuple[str, ...] | None]
"""What a filter sees of an entry: values by attribute in lower case; None for a known one it has not."""


class TooDeep(ValueError):
    """A filter that nests deeper than DEEPEST."""


def normal(attribute: str, value: str) -> str:
    """Return a value as it is compared; `attribute` is in lower case."""
    return _folded(attribute, " ".join(value.split()))


def _folded(attribute: str, value: str) -> str:
    return value.casefold() if attribute in WORDS else value


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; with no parts it always does."""

    parts: "tuple[Filter, ...]"

    def holds(self, entry: Values) -> bool | None:
        """Tell whether it holds; None is undefined."""
        results = [each.holds(entry) for each in self.parts]
        return False if False in results else None if None in results else True

    def __str__(self) -> str:
        return f"(&{''.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Some:
    """One part at least holds; with no parts it never does."""

    parts: "tuple[Filter, ...]"

    def holds(self, entry: Values) -> bool | None:
        """Tell whether it holds; None is undefined."""
        results = [each.holds(entry) for each in self.parts]
        return True if True in results else None if None in results else False

    def __str__(self) -> str:
        return f"(|{''.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"

    def holds(self, entry: Values) -> bool | None:
        """Tell whether it holds; None is undefined."""
        result = self.part.holds(entry)
        return None if result is None else not result

    def __str__(self) -> str:
        return f"(!{self.part})"


@dataclass(frozen=True, slots=True)
class Present:
    """The entry has the attribute."""

    attribute: str

    def holds(self, entry: Values) -> bool | None:
        """Tell whether it holds; None is undefined."""
        name = self.attribute.lower()
        return bool(entry[name]) if name in entry else None

    def __str__(self) -> str:
        return f"({self.attribute}=*)"


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the attribute's values is equal or similar to a value, or comes after or before it.

    `kind` is EQUALITY, SIMILAR, which is the same here, AT_LEAST or AT_MOST.
    """

    kind: int
    attribute: str
    value: str

    def holds(self, entry: Values) -> bool | None:
        """Tell whether it holds; None is undefined."""
        name = self.attribute.lower()
        if name not in entry:
            return None
        wanted = normal(name, self.value)
        found = [normal(name, value) for value in entry[name] or ()]
        if self.kind == AT_LEAST:
            return any(value >= wanted for value in found)
        if self.kind == AT_MOST:
            return any(value <= wanted for value in found)
        return wanted in found

    def __str__(self) -> str:
        return f"({self.attribute}{_SIGNS[self.kind]}{_written(self.value)})"


@dataclass(frozen=True, slots=True)
class Substrings:
    """One of the attribute's values begins, goes on and ends as given; the ends may be empty."""

    attribute: str
    initial: str
    middle: tuple[str, ...]
    final: str

    def holds(self, entry: Values) -> bool | None:
        """Tell whether it holds; None is undefined."""
        name = self.attribute.lower()
        if name not in entry:
            return None
        return any(self._is_like(name, _folded(name, value)) for value in entry[name] or ())

    def _is_like(self, name: str, value: str) -> bool:
        initial, *middle, final = (_folded(name, each) for each in (self.initial, *self.middle, self.final))
        if not value.startswith(initial):
            return False
        at = len(initial)
        for part in middle:
            found = value.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return len(value) - len(final) >= at and value.endswith(final)

    def __str__(self) -> str:
        parts = "*".join(map(_written, (self.initial, *self.middle, self.final)))
        return f"({self.attribute}={parts})"


@dataclass(frozen=True, slots=True)
class Undefined:
    """A test by a matching rule that the directory does not have."""

    attribute: str

    def holds(self, entry: Values) -> bool | None:
        """Return None: it is undefined for every entry."""
        return None

    def __str__(self) -> str:
        return f"({self.attribute}:=)"


Filter = All | Some | Not | Present | Compared | Substrings | Undefined


def read_filter(elements: Elements, depth: int = 0) -> Filter:
    """Return the filter that comes next; raise Malformed, or TooDeep."""
    if depth > DEEPEST:
        raise TooDeep
    tag, content = elements.take()
    inside = Elements(content)
    if tag in (AND, OR):
        parts = []
        while inside:
            parts.append(read_filter(inside, depth + 1))
        return All(tuple(parts)) if tag == AND else Some(tuple(parts))
    if tag == NOT:
        return Not(read_filter(inside, depth + 1))
    if tag == PRESENT:
        return Present(content.decode(errors="replace"))
    if tag in _SIGNS:
        return Compared(tag, inside.text(), inside.text())
    if tag == SUBSTRINGS:
        return _read_substrings(inside)
    if tag == EXTENSIBLE:
        return _read_extensible(inside)
    raise Malformed(f"a filter has tag 0x{tag:02x}")


def _read_substrings(inside: Elements) -> Substrings:
    attribute, parts = inside.text(), inside.inside(SEQUENCE)
    initial = parts.text(INITIAL) if parts.tag == INITIAL else ""
    middle = []
    while parts.tag == ANY:
        middle.append(parts.text(ANY))
    final = parts.text(FINAL) if parts.tag == FINAL else ""
    if parts or not (initial or middle or final):
        raise Malformed("a filter's substrings are none, or out of order")
    return Substrings(attribute, initial, tuple(middle), final)


def _read_extensible(inside: Elements) -> Undefined:
    attribute = ""
    while inside:
        tag, content = inside.take()
        if tag == 0x82:
            attribute = content.decode(errors="replace")
    return Undefined(attribute)


def required(filter_: Filter) -> dict[str, str]:
    """Return values that every entry which passes has, by attribute in lower case: a way to look up fewer."""
    if isinstance(filter_, Compared) and filter_.kind == EQUALITY:
        name = filter_.attribute.lower()
        return {name: normal(name, filter_.value)}
    if isinstance(filter_, All):
        return {name: value for part in filter_.parts for name, value in required(part).items()}
    return {}


def _written(value: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in value)

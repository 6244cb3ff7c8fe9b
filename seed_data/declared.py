"""Reading a declaration strictly: every key known, every value of its type and within its bounds."""

from collections.abc import Callable, Collection
from typing import TypeVar

from seed_data.refusals import ProfileInvalid

Value = TypeVar("Value")
REQUIRED = object()


class Declared:
    """One table of a declaration. A refusal is one line: which key, what came, what is allowed."""

    def __init__(self, source: str, path: str, value: object, allowed: Collection[str]) -> None:
        """Take the table at `path` of the file `source`; raise ProfileInvalid for keys not `allowed`."""
        self.source, self.path = source, path
        if not isinstance(value, dict):
            raise ProfileInvalid(f"{source}: {path or 'the file'}: got {value!r}, expected a table of keys")
        self.values: dict[str, object] = value
        for key in value:
            if key not in allowed:
                raise ProfileInvalid(
                    f"{source}: {self.name(key)}: unknown key, allowed here: {', '.join(allowed)}"
                )

    def name(self, key: str) -> str:
        """Return the whole name of a key of this table."""
        return f"{self.path}.{key}" if self.path else key

    def refuse(self, key: str, came: object, expected: str) -> ProfileInvalid:
        """Return the refusal of a value."""
        return ProfileInvalid(f"{self.source}: {self.name(key)}: got {came!r}, expected {expected}")

    def _read(self, key: str, expected: str, fits: Callable[[object], bool], default: object) -> object:
        if key not in self.values:
            if default is REQUIRED:
                raise ProfileInvalid(f"{self.source}: {self.name(key)}: missing, expected {expected}")
            return default
        value = self.values[key]
        if not fits(value):
            raise self.refuse(key, value, expected)
        return value

    def text(self, key: str, expected: str, fits: Callable[[str], bool]) -> str:
        """Return a text that `fits`; `expected` says in words what does."""
        value = self._read(key, expected, lambda came: isinstance(came, str) and fits(came), REQUIRED)
        return str(value)

    def whole(self, key: str, first: int, last: int) -> int:
        """Return a whole number from `first` to `last`."""
        value = self._read(key, whole_number(first, last), lambda came: is_whole(came, first, last), REQUIRED)
        return int(str(value))

    def whole_or_none(self, key: str, first: int, last: int) -> int | None:
        """Return a whole number from `first` to `last`, or None where the key is absent."""
        return self.whole(key, first, last) if key in self.values else None

    def yes_or_none(self, key: str) -> bool | None:
        """Return true or false, or None where the key is absent."""
        value = self._read(key, "true or false", lambda came: isinstance(came, bool), None)
        return None if value is None else bool(value)

    def share(self, key: str) -> float:
        """Return a share, 0 to 1."""
        value = self._read(key, "a share from 0 to 1", is_share, REQUIRED)
        return float(str(value))

    def range(self, key: str, first: int, last: int) -> tuple[int, int]:
        """Return a fewest and a most, both from `first` to `last`."""
        expected = f"[fewest, most], each {whole_number(first, last)}"
        value = self._read(
            key,
            expected,
            lambda came: (
                isinstance(came, list)
                and len(came) == 2
                and all(is_whole(bound, first, last) for bound in came)
                and came[0] <= came[1]
            ),
            REQUIRED,
        )
        low, high = value if isinstance(value, list) else (first, last)
        return low, high

    def texts(self, key: str, expected: str, fits: Callable[[str], bool]) -> frozenset[str]:
        """Return a list of texts that each `fits`, as a set; the empty set where the key is absent."""
        value = self._read(
            key,
            f"a list, each {expected}",
            lambda came: (
                isinstance(came, list) and all(isinstance(text, str) and fits(text) for text in came)
            ),
            [],
        )
        return frozenset(value if isinstance(value, list) else ())

    def table(self, key: str, allowed: Collection[str]) -> "Declared":
        """Return the table under a key."""
        if key not in self.values:
            raise ProfileInvalid(f"{self.source}: {self.name(key)}: missing, expected a table of keys")
        return Declared(self.source, self.name(key), self.values[key], allowed)

    def tables(self, key: str, allowed: Collection[str], may_be_absent: bool = False) -> list["Declared"]:
        """Return the list of tables under a key; at least one, unless the key may be absent and is."""
        value = self._read(
            key,
            f"one or more [[{self.name(key)}]] tables",
            lambda came: isinstance(came, list) and bool(came),
            [] if may_be_absent else REQUIRED,
        )
        listed = value if isinstance(value, list) else []
        return [
            Declared(self.source, f"{self.name(key)}[{number}]", entry, allowed)
            for number, entry in enumerate(listed, 1)
        ]


def whole_number(first: int, last: int) -> str:
    """Say which whole numbers are allowed."""
    return f"a whole number from {first:,} to {last:,}"


def is_whole(value: object, first: int, last: int) -> bool:
    """Tell whether a value is a whole number within bounds; true and false are not numbers."""
    return isinstance(value, int) and not isinstance(value, bool) and first <= value <= last


def is_share(value: object) -> bool:
    """Tell whether a value is a number from 0 to 1."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1

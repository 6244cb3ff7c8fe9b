"""One table of a plan's TOML, read strictly: every key known, every value of its kind and within bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeGuard

from loadtest.plans.duration import seconds_of
from loadtest.plans.plan import PlanError

DURATION = 'a number of seconds above 0 or a duration such as "30s", "5m" or "1h"'
ABOVE_0 = "a number above 0"
FROM_0 = "a number from 0"
SHARE = "a share from 0 to 1"
PER_CENT = "a number above 0, at most 100"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_FOUND = 40
_MOST = 1e15
"""Beyond it fractions are lost; whole numbers of TOML have no bound of their own."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table at `path` of the plan `source`. Every refusal is a PlanError of one line.

    Entries of lists are counted from 1, as people count: `phase[1]` is the first.
    """

    source: str
    path: str
    values: Mapping[str, Any]

    def wrong(self, key: str, what: str) -> PlanError:
        """The refusal of what stands at a key; of the table itself where the key is empty."""
        path = ".".join(part for part in (self.path, key) if part)
        return PlanError(": ".join(part for part in (self.source, path, what) if part))

    def unexpected(self, key: str, expected: str) -> PlanError:
        """The refusal of a key that is missing or has another value than what is expected."""
        if key not in self.values:
            return self.wrong(key, f"missing, expected {expected}")
        return self.wrong(key, f"expected {expected}, found {as_found(self.values[key])}")

    def only(self, allowed: Sequence[str]) -> None:
        """Refuse keys that are not allowed, naming the nearest that is."""
        for key in self.values:
            if key not in allowed:
                allowed_here = f"{nearest(key, allowed)}; allowed: {', '.join(allowed)}"
                raise self.wrong(as_key(key), f"unknown key{allowed_here}")

    def text(self, key: str, expected: str, fits: Callable[[str], bool] = bool) -> str:
        """A text of one line that `fits`; `expected` says in words what does."""
        value = self.values.get(key)
        if not (isinstance(value, str) and value.strip() and value.isprintable() and fits(value)):
            raise self.unexpected(key, expected)
        return value

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """One of the choices."""
        if key not in self.values and default is not None:
            return default
        value = self.values.get(key)
        if value not in choices:
            guess = nearest(value, choices) if isinstance(value, str) else ""
            raise self.unexpected(key, f"one of {', '.join(choices)}{guess}")
        return str(value)

    def number(self, key: str, expected: str, default: float | None = None) -> float:
        """A number within the bounds that `expected`, one of those above, says in words."""
        if key not in self.values and default is not None:
            return default
        value = self.values.get(key)
        if not is_number(value) or not _BOUNDS[expected](value):
            raise self.unexpected(key, expected)
        return float(value)

    def whole(self, key: str, most: int, default: int | None = None) -> int:
        """A whole number from 1 to `most`."""
        if key not in self.values and default is not None:
            return default
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise self.unexpected(key, f"a whole number from 1 to {most:,}")
        return value

    def duration(self, key: str) -> float:
        """A length of time above 0, in seconds."""
        seconds = as_seconds(self.values.get(key))
        if seconds is None or seconds <= 0:
            raise self.unexpected(key, DURATION)
        return seconds

    def table(self, key: str, expected: str) -> Table:
        """The table at a key."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.unexpected(key, expected)
        return Table(self.source, f"{self.path}.{key}" if self.path else key, value)

    def tables(self, key: str) -> list[Table]:
        """The tables of a list; none where the key is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.unexpected(key, f"tables headed [[{key}]]")
        return [Table(self.source, f"{key}[{number}]", entry) for number, entry in enumerate(value, 1)]

    def texts(self, key: str, expected: str) -> tuple[str, ...]:
        """A list of texts, none twice; empty where the key is absent."""
        value = self.values.get(key, [])
        texts = isinstance(value, list) and all(isinstance(text, str) and text.strip() for text in value)
        if not texts or len(set(value)) < len(value):
            raise self.unexpected(key, expected)
        return tuple(value)


def nearest(word: str, choices: Collection[str]) -> str:
    """A guess at what was meant, to follow a refusal; empty where nothing is near."""
    near = get_close_matches(word.lower(), choices, n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def as_key(key: str) -> str:
    """A key as TOML has it: quoted where it has other than letters, digits, - and _."""
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key)


def as_found(value: object) -> str:
    """A value of TOML in a few words of one line."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str | bool | int | float):
        text = json.dumps(value, ensure_ascii=False).replace("NaN", "nan").replace("Infinity", "inf")
        return text if len(text) <= _LONGEST_FOUND else f"{text[: _LONGEST_FOUND - 1]}…"
    return str(value)


def as_seconds(value: object) -> float | None:
    """The seconds of a number or of a text such as "5m"; None for anything else."""
    if isinstance(value, str):
        return seconds_of(value)
    return float(value) if is_number(value) else None


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number; true, false, nan and inf are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


_BOUNDS: Mapping[str, Callable[[Any], bool]] = {
    ABOVE_0: lambda value: value > 0,
    FROM_0: lambda value: value >= 0,
    SHARE: lambda value: 0 <= value <= 1,
    PER_CENT: lambda value: 0 < value <= 100,
}

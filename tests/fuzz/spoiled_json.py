"""Spoiling a JSON value: any element dropped, nulled, retyped, repeated, blown up; and what JSON cannot say.

A text between `RAW_OPEN` and `RAW_CLOSE` stands for characters that no JSON library would write: `dumps` puts
them in as they are.
"""

import json
import random
import re
from copy import deepcopy
from typing import Any

RAW_OPEN, RAW_CLOSE = "\u27ea", "\u27eb"
_RAW = re.compile('"\\\\u27ea(.*?)\\\\u27eb"')

RAW_NUMBERS = ("NaN", "Infinity", "1e400", "-1e400", "1e-400", "9" * 400, "-0", "01", "1.", "0x10", "True")
TEXTS = (
    "", " ", "\t", "\x00", "\ud800", "\ufffe", "\u202e", "'; drop table slots; --", "<script>", "../../etc",
    "%00", "null", "#", "#org1", "Slot/", "Slot/0", "Slot/-1", "Slot/1/_history/1", "Patient/1",
    "Practitioner/999999", "Location/999999999999999999", "Slot/9223372036854775808", "Slot/1" + "0" * 70,
    "Slot/\u0661\u0662", "https://provider.example.nhs.uk/Slot/1",
    "urn:uuid:00000000-0000-0000-0000-000000000000", "booked", "cancelled", "fulfilled", "accepted", "free",
    "0000-01-01", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-02-30T10:00:00+00:00",
    "2026-03-17T10:00:00", "2026-03-17T10:00:00Z", "2026-03-17T24:00:00+00:00", "2026-03-17T10:00:60+00:00",
    "2026-03-17T10:00:00+99:99", "2026-03-17T10:00:00.123456789012+00:00", "2026",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 2**64, 10**30, 0.5, -0.0, 1e300)
OTHER_TYPES: tuple[Any, ...] = (
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"reference": "Slot/1"},
    ["Patient/1"],
)

Place = tuple[Any, Any]
"""A container and the key or index of one of its elements."""


def dumps(value: Any) -> bytes:
    """Return a value as JSON, with its raw pieces put in."""
    return _RAW.sub(lambda match: json.loads(f'"{match[1]}"'), json.dumps(value)).encode(
        "utf-8", "surrogatepass"
    )


def raw(text: str) -> str:
    """Return the stand-in of characters that are to be put in as they are."""
    return f"{RAW_OPEN}{text}{RAW_CLOSE}"


def places(value: Any) -> list[Place]:
    """Return every place in a JSON value, at any depth."""
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in keys for place in ((value, key), *places(each))]


def spoil(value: Any, chance: random.Random) -> Any:
    """Return a JSON value with one thing in it that is not as it was; the value given may be changed."""
    found = places(value)
    if not found or chance.random() < 0.03:
        return strange_value(chance)
    container, key = chance.choice(found)
    change = chance.choice((_drop, _null, _retype, _retype, _repeat, _blow_up, _rename, _add, _swap))
    change(container, key, chance)
    return value


def strange_value(chance: random.Random) -> Any:
    """Return a value that hardly any element may have."""
    kind = chance.randrange(5)
    if kind == 0:
        return chance.choice(TEXTS)
    if kind == 1:
        return chance.choice(NUMBERS)
    if kind == 2:
        return raw(chance.choice(RAW_NUMBERS))
    return deepcopy(chance.choice(OTHER_TYPES)) if kind == 3 else None


def nested(depth: int, chance: random.Random) -> Any:
    """Return lists or objects within each other."""
    left, right = chance.choice((("[", "]"), ('{"extension":', "}"), ('{"contained":[', "]}")))
    return raw(left * depth + "1" + right * depth)


def _drop(container: Any, key: Any, chance: random.Random) -> None:
    del container[key]


def _null(container: Any, key: Any, chance: random.Random) -> None:
    container[key] = None


def _retype(container: Any, key: Any, chance: random.Random) -> None:
    container[key] = strange_value(chance)


def _repeat(container: Any, key: Any, chance: random.Random) -> None:
    """Repeat an element of a list, or put one into a list, or give the same key twice."""
    if isinstance(container, list):
        container.insert(key, deepcopy(container[key]))
    elif chance.random() < 0.5:
        container[key] = [container[key], deepcopy(container[key])]
    else:
        again = dumps(strange_value(chance)).decode("utf-8", "surrogatepass")
        container[key] = raw(f"{json.dumps(container[key])},{json.dumps(key)}:{again}")


def _blow_up(container: Any, key: Any, chance: random.Random) -> None:
    size = chance.choice((101, 501, 5_000, 200_000))
    container[key] = chance.choice(
        (
            "x" * size,
            "\U0001f600" * (size // 4),
            ["x"] * size,
            nested(chance.choice((31, 200, 5_000)), chance),
        )
    )


def _rename(container: Any, key: Any, chance: random.Random) -> None:
    if isinstance(container, dict):
        named = chance.choice((key.upper(), f"{key}x", f"_{key}", "", "__proto__", "fhir_comments", "reason"))
        container[named] = container.pop(key)
    else:
        container[key] = {"reference": container[key]}


def _add(container: Any, key: Any, chance: random.Random) -> None:
    if isinstance(container, dict):
        container[chance.choice(("extra", "id", "reason", "specialty", "text", "modifierExtension"))] = (
            strange_value(chance)
        )
    else:
        container.append(strange_value(chance))


def _swap(container: Any, key: Any, chance: random.Random) -> None:
    """Put something else of the same value where this was."""
    other = places(container)
    container[key] = deepcopy(chance.choice([parent[name] for parent, name in other]))

"""Distinguished names: `uniqueIdentifier=200000100001,ou=services,o=nhs`, as people and programs write them.

Spaces around the signs, and case, do not matter. Source: RFC 4514.
"""

import re

Name = tuple[tuple[str, str], ...]
"""A name from the root down: attribute and value of each part, both in lower case."""

_PART = re.compile(
    r"""\s*(?P<attribute>[A-Za-z][A-Za-z0-9-]*)\s*=\s*(?P<value>(?:\\.|[^\\,+";<>])*)(?:,|\Z)""", re.DOTALL
)
_ESCAPE = re.compile(rb"\\(?:([0-9A-Fa-f]{2})|(.))", re.DOTALL)


class InvalidName(ValueError):
    """A text that is no distinguished name."""


def read_name(text: str) -> Name:
    """Return a distinguished name; the root's, which is empty, is an empty tuple. Raises InvalidName."""
    parts: list[tuple[str, str]] = []
    at = 0
    if not text.strip():
        return ()
    while at < len(text) or text[at - 1] == ",":
        part = _PART.match(text, at)
        if part is None or not part["value"].strip():
            raise InvalidName(text)
        parts.append((part["attribute"].lower(), _unescaped(part["value"].strip())))
        at = part.end()
    return tuple(reversed(parts))


def _unescaped(value: str) -> str:
    plain = _ESCAPE.sub(
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2], value.encode()
    )
    return " ".join(plain.decode(errors="replace").split()).casefold()


def escaped(value: str) -> str:
    """Return a value as it stands in a distinguished name."""
    return re.sub(r'([\\,+";<>=#])', r"\\\1", value)

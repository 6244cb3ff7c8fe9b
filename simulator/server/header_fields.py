"""The header fields of a request, read once: each is asked for by several checks."""

from collections.abc import Sequence

Field = tuple[bytes, bytes]
"""A name in lower case and a value, as ASGI has them."""


class HeaderFields:
    """Header fields by name, in lower case; values are Latin-1, as on the wire."""

    __slots__ = ("_first", "raw")

    def __init__(self, raw: Sequence[Field]) -> None:
        """Take the fields in the order in which they came."""
        self.raw = raw
        self._first = dict(raw)
        if len(self._first) != len(raw):
            self._first = dict(reversed(raw))

    @property
    def repeats(self) -> bool:
        """Tell whether a field came more than once."""
        return len(self._first) != len(self.raw)

    def get(self, name: str, default: str = "") -> str:
        """Return a field, the first where it came more than once."""
        value = self._first.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    def getlist(self, name: str) -> list[str]:
        """Return every value that a field came with, in order."""
        wanted = name.encode("latin-1")
        if not self.repeats:
            value = self._first.get(wanted)
            return [] if value is None else [value.decode("latin-1")]
        return [value.decode("latin-1") for key, value in self.raw if key == wanted]

    def line(self, name: str) -> str:
        """Return a field whose value is a list, which may have come in several lines, as one."""
        return ",".join(self.getlist(name))

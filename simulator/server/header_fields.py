"""The header fields of a request, read once: each is asked for by several checks."""

from collections.abc import Sequence


class HeaderFields:
    """Header fields by name, in lower case; values are Latin-1, as on the wire."""

    __slots__ = ("_first", "_raw")

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        """Take the fields as ASGI has them: names in lower case, in the order in which they came."""
        self._raw = raw
        self._first = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(raw)}

    def get(self, name: str, default: str = "") -> str:
        """Return a field, the first where it came more than once."""
        return self._first.get(name, default)

    def getlist(self, name: str) -> list[str]:
        """Return every value that a field came with, in order."""
        if len(self._first) == len(self._raw):
            value = self._first.get(name)
            return [] if value is None else [value]
        wanted = name.encode("latin-1")
        return [value.decode("latin-1") for key, value in self._raw if key == wanted]

    def line(self, name: str) -> str:
        """Return a field whose value is a list, which may have come in several lines, as one."""
        return ",".join(self.getlist(name))

"""The Basic Encoding Rules as far as LDAP uses them: one-byte tags and definite lengths.

Source: RFC 4511, section 5.1.
"""

BOOLEAN, INTEGER, OCTET_STRING, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31

_LONGEST_LENGTH = 4
_LONGEST_INTEGER = 8


class Malformed(ValueError):
    """Bytes that are not what they should be; the message says what is wrong."""


def element(tag: int, *contents: bytes) -> bytes:
    """Return contents, one after the other, as one element."""
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size) + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Return a number that is not negative."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1))


def text(value: str, tag: int = OCTET_STRING) -> bytes:
    """Return a text, in UTF-8."""
    return element(tag, value.encode(errors="replace"))


def end_of_first(data: bytes | bytearray) -> int | None:
    """Return where the first element of some bytes ends, be it there yet or not.

    None as long as that cannot be told. Raises Malformed.
    """
    if len(data) < 2:
        return None
    if data[0] & 0x1F == 0x1F:
        raise Malformed("a tag is longer than one byte")
    length, start = data[1], 2
    if length >= 0x80:
        size = length & 0x7F
        if not 1 <= size <= _LONGEST_LENGTH:
            raise Malformed("a length is indefinite or too long")
        start += size
        if len(data) < start:
            return None
        length = int.from_bytes(data[2:start])
    return start + length


class Elements:
    """The elements inside another, to be taken one after the other; raises Malformed where one is not so."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def __bool__(self) -> bool:
        """Tell whether there are any left."""
        return bool(self._rest)

    @property
    def tag(self) -> int | None:
        """Return the tag of the next one; None where there is none."""
        return self._rest[0] if self._rest else None

    def take(self) -> tuple[int, bytes]:
        """Return the next one: its tag and its content."""
        end = end_of_first(self._rest)
        if end is None or end > len(self._rest):
            raise Malformed("an element ends too soon")
        whole, self._rest = self._rest[:end], self._rest[end:]
        header = 2 if whole[1] < 0x80 else 2 + (whole[1] & 0x7F)
        return whole[0], whole[header:]

    def bytes(self, tag: int) -> bytes:
        """Return the content of the next one, whose tag must be as given."""
        found, content = self.take()
        if found != tag:
            raise Malformed(f"an element has tag 0x{found:02x}; expected 0x{tag:02x}")
        return content

    def inside(self, tag: int) -> "Elements":
        """Return the elements inside the next one."""
        return Elements(self.bytes(tag))

    def text(self, tag: int = OCTET_STRING) -> str:
        """Return the next one as a text; what is not UTF-8 in it is replaced."""
        return self.bytes(tag).decode(errors="replace")

    def integer(self, tag: int = INTEGER) -> int:
        """Return the next one as a number."""
        return number(self.bytes(tag))

    def boolean(self) -> bool:
        """Return the next one as a truth value."""
        content = self.bytes(BOOLEAN)
        if len(content) != 1:
            raise Malformed("a boolean is not one byte long")
        return content != b"\0"


def number(content: bytes) -> int:
    """Return the content of an integer as a number; raise Malformed where it is none of ordinary size."""
    if not 1 <= len(content) <= _LONGEST_INTEGER:
        raise Malformed("an integer is empty or too long")
    return int.from_bytes(content, signed=True)

"""Undoing a content encoding that nobody asked for: some gateways compress every answer."""

import zlib

_EITHER = 47
"""What zlib calls its largest window with whichever of its two headers comes."""


class UnreadableContent(Exception):
    """A body that is not what its `Content-Encoding` says, or in one that nobody here reads; says which."""


def decoded(body: bytes, encoding: str | None) -> bytes:
    """The body of an answer without its content encoding. Raises UnreadableContent."""
    name = (encoding or "identity").strip().lower()
    if name == "identity" or not body:
        return body
    if name not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableContent(f"content encoding {name}")
    unpacking = zlib.decompressobj(_EITHER)
    try:
        plain = unpacking.decompress(body) + unpacking.flush()
    except zlib.error:
        raise UnreadableContent(f"no {name}, as Content-Encoding says") from None
    if not unpacking.eof:
        raise UnreadableContent(f"{name} that was cut short")
    return plain

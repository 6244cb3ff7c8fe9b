"""Which URL a request to the Spine Secure Proxy is meant for: all of its path after the first slash.

It comes raw (`/https://host/...`), percent-encoded (`/https%3A%2F%2Fhost...`, the whole of it or up to some
slash), and with its slashes collapsed into one, as some clients and servers do.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

PROXY_PATH = re.compile("/+https?:/.*", re.IGNORECASE | re.DOTALL)
"""The paths that are the proxy's, percent-decoded."""

_TARGET = re.compile("(https?):/+", re.IGNORECASE)
_AS_THEY_ARE = "!$%&'()*+,-./:;=@[]_|~"
_RAW = re.compile(rb"/(https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9!$%&'()*+,./:;=@\[\]_|~-]*)?)\Z")
"""A path that is a URL as it stands, which nearly all are."""

_DOTS = re.compile(r"(?i)(?:/|%2f)(?:\.|%2e){1,2}(?:/|%2f|;|%3b|$)|\\|%5c")
"""What a provider may read as leading upwards: some decode first, some leave out what follows a `;`."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL without its query, byte for byte as it was meant, and the query."""

    url: str
    query: bytes

    @property
    def path(self) -> str:
        """Return the path of the URL, with its first slash; "" where there is none."""
        _, slash, path = self.url.partition("://")[2].partition("/")
        return slash + path

    def is_at(self, address: str) -> bool:
        """Tell whether the URL is an address or below it, and stays there: `..` could lead away from it."""
        if not self.url.startswith(address):
            return False
        rest = self.url[len(address) :]
        return not rest or (rest[0] == "/" and _DOTS.search(rest) is None)


def read_target(raw_path: bytes, query: bytes) -> Target:
    """Return what a request is meant for, whatever it is: a path that names no URL is at no address.

    Nothing but printable ASCII is left in it, so that it can be sent on as it is.
    """
    raw = _RAW.match(raw_path)
    if raw is not None:
        return Target(raw[1].decode("ascii"), query)
    first, slash, rest = raw_path.decode("latin-1").lstrip("/").partition("/")
    text = unquote(first, "latin-1") + slash + rest
    scheme = _TARGET.match(text)
    if scheme is not None:
        text = f"{scheme[1]}://{text[scheme.end() :]}"
    if "?" in text:
        text, _, within = text.partition("?")
        within = quote(within, f"{_AS_THEY_ARE}?", "latin-1")
        query = b"&".join(part for part in (within.encode("ascii"), query) if part)
    return Target(quote(text, _AS_THEY_ARE, "latin-1"), query)

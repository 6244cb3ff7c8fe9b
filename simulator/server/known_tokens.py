"""Tokens of desks that are known: from one request to the next nothing in them changes but the times.

What comes again letter for letter around the times need neither be read nor checked again. It is known by its
text alone, so there is nothing that a changed claim could slip through.
"""

import base64
import binascii
import re
from functools import lru_cache
from typing import NamedTuple

import orjson

from simulator.fhir.resource import Json
from simulator.server.claims import RESOURCE_CLAIMS, Claims

MOST_KEPT = 10_000
"""Of how many tokens something is kept, each some two kilobytes: the one that was learnt first goes first."""

MOST_WINDOWS = 1_000
"""Of how many windows the times are kept."""

LONGEST_KEPT = 4_000
"""Of longer tokens nothing is kept; a talkative one has 3,000 characters."""

SHOULDER = 80
"""How much of a token's beginning, with its length, says where its times may be expected."""

DIGITS = 10
BLANK = b"0" * DIGITS

_TIMES = {
    name: re.compile(rb'"%b"\s*:\s*([1-9][0-9]{9})(?=\s*[,}])' % name.encode()) for name in ("exp", "iat")
}


class Known(NamedTuple):
    """A checked token: its claims; its window, the bytes about its times; where these stand in it."""

    claims: Claims
    window: bytes
    times: tuple[tuple[str, int], ...]


class KnownTokens:
    """The tokens that one process has checked, as many as are worth keeping."""

    def __init__(self) -> None:
        self._windows: dict[tuple[int, str], tuple[int, int]] = {}
        self._known: dict[str, Known] = {}

    def read(self, token: str) -> Claims | None:
        """Return the claims of a token that is known but for its times, these unchecked; None for others."""
        window = self._windows.get((len(token), token[:SHOULDER]))
        if window is None:
            return None
        begin, end = window
        known = self._known.get(_around(token, begin, end))
        if known is None:
            return None
        times = _times_in(token[begin:end], known.window, known.times)
        if times is None:
            return None
        claims = known.claims
        return Claims(claims.values | times, claims.resources, claims.asker)

    def learn(self, token: str, claims: Claims) -> None:
        """Keep a token all of whose claims are as they should be."""
        if len(token) > LONGEST_KEPT:
            return
        if len(self._windows) >= MOST_KEPT:
            self._windows.clear()
            self._known.clear()
        if len(self._known) >= MOST_KEPT:
            del self._known[next(iter(self._known))]
        header, payload, _ = token.split(".")
        raw = _decoded(payload)
        found = sorted((each.span(1), name) for name, time in _TIMES.items() if (each := time.search(raw)))
        if len(found) != len(_TIMES) or not all(_is_claim(raw, *each, claims.values) for each in found):
            return
        # Four characters are three bytes, whatever stands around them.
        first, last = found[0][0][0] // 3, -(-found[1][0][1] // 3)
        start = len(header) + 1
        begin, end = start + 4 * first, start + min(4 * last, len(payload))
        if begin < SHOULDER:
            # No other token would begin like this one.
            return
        self._windows[len(token), token[:SHOULDER]] = begin, end
        window = raw[3 * first : 3 * last]
        times = tuple((name, span[0] - 3 * first) for span, name in found)
        for _, at in times:
            window = window[:at] + BLANK + window[at + DIGITS :]
        self._known[_around(token, begin, end)] = Known(self._slim(claims), window, times)

    @staticmethod
    def _slim(claims: Claims) -> Claims:
        """Return claims without their parsed resources, which nobody asks for again, and share the bytes."""
        values = {name: value for name, value in claims.values.items() if name not in RESOURCE_CLAIMS}
        resources = {name: _shared(content) for name, content in claims.resources.items()}
        return Claims(values, resources, claims.asker)


@lru_cache(maxsize=MOST_WINDOWS)
def _times_in(text: str, window: bytes, times: tuple[tuple[str, int], ...]) -> dict[str, int] | None:
    """Return the times in a window of a token; None where anything else in it is not as it was.

    What it finds is kept, for the tokens that are made within one second have the same times.
    """
    try:
        came = _decoded(text)
    except (binascii.Error, ValueError):
        return None
    found: dict[str, int] = {}
    blank = came
    for name, at in times:
        time = came[at : at + DIGITS]
        if not time.isdigit() or time.startswith(b"0"):
            return None
        found[name] = int(time)
        blank = blank[:at] + BLANK + blank[at + DIGITS :]
    return found if blank == window else None


@lru_cache(maxsize=MOST_KEPT)
def _shared(content: bytes | None) -> bytes | None:
    return content


def _around(token: str, begin: int, end: int) -> str:
    """Return what stands around a window of a token, and where: no token that is kept has a space."""
    return f"{token[:begin]} {token[end:]}"


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _is_claim(raw: bytes, span: tuple[int, int], name: str, values: Json) -> bool:
    """Tell whether what looks like a time is the claim, and not of the same name within another claim."""
    begin, end = span
    other = int(raw[begin:end]) ^ 1
    return bool(orjson.loads(raw[:begin] + b"%d" % other + raw[end:]) == values | {name: other})

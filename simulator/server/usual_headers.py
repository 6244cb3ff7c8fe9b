"""What a consumer says in headers with every request alike, read once for all of its requests.

From one request to the next only the trace id, the audit token, the version to change and the length of the
body differ. What the other headers say follows from them alone, and is kept by them, byte for byte.
"""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.domain.refusals import BadRequest, UnsupportedFormat
from simulator.server import negotiation
from simulator.server.header_fields import Field, HeaderFields
from simulator.server.rendering import Rendering
from simulator.server.spine_headers import SpineHeaders, read_spine_headers

VARYING = frozenset({b"ssp-traceid", b"authorization", b"if-match", b"content-length"})
"""The headers that differ from request to request."""

MOST_KEPT = 1_000
LONGEST_KEPT = 4_000
MOST_FIELDS = 40
"""Of how many consumers something is kept, and how many bytes and fields of each: a talkative one has 1,000
bytes in 20 fields."""


class UsualHeaders(NamedTuple):
    """Who calls whom for what, and how the answer is wanted, as far as no `_format` says otherwise.

    `not_spine` says what is wrong with the Spine headers, and `unsupported` with the format: diagnostics, ""
    where nothing is. `host` is "" where it did not come.
    """

    spine: SpineHeaders
    not_spine: str
    rendering: Rendering
    unsupported: str
    host: str


class KnownHeaders:
    """The usual headers of one process's consumers, as many as are worth keeping."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Field, ...], UsualHeaders] = {}

    def read(self, raw: Sequence[Field]) -> UsualHeaders:
        """Return what those headers of a request say that do not vary."""
        fields = tuple([field for field in raw if field[0] not in VARYING])
        usual = self._kept.get(fields)
        if usual is None:
            usual = read_usual_headers(HeaderFields(fields))
            if (
                len(fields) <= MOST_FIELDS
                and sum(len(name) + len(value) for name, value in fields) <= LONGEST_KEPT
            ):
                if len(self._kept) >= MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[fields] = usual
        return usual


def read_usual_headers(headers: HeaderFields) -> UsualHeaders:
    """Return what headers say that do not vary; nothing in them makes it raise."""
    spine, not_spine = SpineHeaders(*map(headers.get, ("ssp-from", "ssp-to", "ssp-interactionid"))), ""
    try:
        read_spine_headers(headers)
    except BadRequest as refusal:
        not_spine = refusal.diagnostics
    rendering, unsupported = Rendering(gzipped=negotiation.wants_gzip(headers)), ""
    try:
        rendering = rendering._replace(format=negotiation.accepted_format(headers))
    except UnsupportedFormat as refusal:
        unsupported = refusal.diagnostics
    return UsualHeaders(spine, not_spine, rendering, unsupported, headers.get("host"))

"""The leaves of appointments that differ from one to the next, and the forms in which they are ordinary.

A check that looks at one of them must hold for every value that its form lets through, or for none.
"""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import orjson

from simulator.domain.clock import Instant
from simulator.fhir.outline import STRING, Leaves, OutOfTheOrdinary, form

LONGEST_WORDS = 600
"""The longest text of a leaf that is ordinary, in characters: more than a comment may have."""

_LINE_ENDS_AND_TABS = str.maketrans("\r\n\t", "   ")


def _words(text: bytes) -> str:
    """Return the words of a JSON string."""
    try:
        words: str = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise OutOfTheOrdinary from None
    if not words or len(words) > LONGEST_WORDS or words.isspace():
        raise OutOfTheOrdinary
    # Of what is not printable only line ends and tabs are certain to pass.
    if not words.isprintable() and not words.translate(_LINE_ENDS_AND_TABS).isprintable():
        raise OutOfTheOrdinary
    return words


class Moment(NamedTuple):
    """A time, and the text that was sent of it."""

    instant: Instant
    sent: str


@lru_cache(maxsize=4096)
def _moment(text: bytes) -> Moment:
    sent = text.decode()
    try:
        return Moment(int(datetime.fromisoformat(sent.replace("Z", "+00:00")).timestamp()), sent)
    except ValueError:
        raise OutOfTheOrdinary from None


_DIGITS = rb"([1-9][0-9]{0,17})"
_TIME = rb"20\d\d-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.%b)?(?:Z|\+0[01]:00)"

WORDS = (form(b"(%b)" % STRING, b'"x"', _words),)
WORDS_OF_FEW = (form(b"(%b)" % STRING, b'"x"', lru_cache(maxsize=256)(_words)),)
MOMENT, WHOLE_SECOND = (
    (form(b'"(%b)"' % (_TIME % fraction), b'"2026-03-16T09:00:00+00:00"', _moment),)
    for fraction in (rb"\d{3}", b"000")
)
ID = (form(b'"%b"' % _DIGITS, b'"1"', bytes.decode),)
SLOT = (form(b'"Slot/%b"' % _DIGITS, b'"Slot/1"', int),)
ACTOR = tuple(
    form(b'"%b/%b"' % (kind, _DIGITS), b'"%b/1"' % kind, int)
    for kind in (b"Patient", b"Location", b"Practitioner")
)

ORGANISATION: Leaves = {
    "identifier": {"value": WORDS_OF_FEW},
    "name": WORDS_OF_FEW,
    "telecom": {"value": WORDS_OF_FEW},
}
"""The leaves of the organisation that books: few book again and again."""

LEAVES: Leaves = {
    "id": ID,
    "meta": {"versionId": ID},
    "contained": ORGANISATION,
    "extension": {"valueString": WORDS},
    "identifier": {"value": WORDS},
    "description": WORDS,
    "start": WHOLE_SECOND,
    "end": WHOLE_SECOND,
    "created": MOMENT,
    "comment": WORDS,
    "slot": {"reference": SLOT},
    "participant": {"actor": {"reference": ACTOR, "display": WORDS}},
}
"""The leaves of an appointment that differ from one to the next, and the form each must have."""

"""Search parameters: tokens, dates with prefixes, and how often each may come.

Names are case sensitive and unknown ones are ignored; the values of known ones are read strictly.
Source: specification, pages "General API guidance" and "Search for free slots".
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl

from simulator.domain.clock import LONDON, Instant, end_of_day, start_of_day, uk_local
from simulator.domain.refusals import BadRequest, InvalidIdentifierSystem, InvalidParameter, shown

Parameters = tuple[tuple[str, str], ...]

LONGEST_KEPT = 2_000
"""How long a query may be, in bytes, for its parameters to be kept: who asks again asks with the same."""

OLD_SYSTEMS = "http://fhir.nhs.net"
"""How identifier systems began before GP Connect 1.0."""

UK_OFFSETS = (timedelta(0), timedelta(hours=1))

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}\Z", re.ASCII)


def read_query(query: bytes) -> Parameters:
    """Return the parameters of a query string, in order.

    A raw `+` stays a plus: the offset of a date time (`+01:00`) often comes unescaped.
    """
    return _read_kept(query) if len(query) <= LONGEST_KEPT else _read(query)


def _read(query: bytes) -> Parameters:
    text = query.decode("latin-1").replace("+", "%2B")
    return tuple(parse_qsl(text, keep_blank_values=True, errors="replace"))


_read_kept = lru_cache(maxsize=1024)(_read)


def values_of(parameters: Parameters, name: str) -> list[str]:
    """Return every value of a parameter."""
    return [value for key, value in parameters if key == name]


def required(parameters: Parameters, name: str, expected: str) -> str:
    """Return the one value of a parameter; raise BadRequest where it is absent or comes more than once."""
    values = values_of(parameters, name)
    if len(values) != 1:
        came = "is missing" if not values else f"came {len(values)} times"
        raise BadRequest(f"parameter {name}: {came}; expected exactly one, {expected}")
    return values[0]


@dataclass(frozen=True, slots=True)
class Token:
    """A token parameter: `system|code`."""

    system: str
    code: str


def read_token(value: str) -> Token | None:
    """Return a token, or None where there is no `|`."""
    system, bar, code = value.partition("|")
    return Token(system, code) if bar else None


def read_identifier(parameters: Parameters, system: str) -> str:
    """Return the value of the one `identifier` parameter, whose system must be `system`.

    Raises BadRequest (missing or repeated), InvalidParameter (no or blank system, blank value) and
    InvalidIdentifierSystem (another system).
    """
    value = required(parameters, "identifier", f"`{system}|[value]`")
    token = read_token(value)
    if token is None or not token.system.strip() or not token.code.strip():
        raise InvalidParameter(
            f"parameter identifier: {shown(value)} lacks a system or a value; expected `{system}|[value]`"
        )
    if token.system != system:
        outdated = f"; {OLD_SYSTEMS} is of before GP Connect 1.0" if OLD_SYSTEMS in token.system else ""
        raise InvalidIdentifierSystem(
            f"parameter identifier: system {shown(token.system)} is not supported;"
            f" expected {system}{outdated}"
        )
    return token.code


@dataclass(frozen=True, slots=True)
class DateBound:
    """One end of a period: the instant it stands for, its UK date, and what was sent.

    `time` is the UK local time, without offset, of an end that is no whole day.
    """

    instant: Instant
    day: date
    sent: str
    time: datetime | None = None


def read_bound(name: str, value: str, prefix: str, upper: bool, with_time: bool = True) -> DateBound:
    """Return a date parameter such as `ge2026-03-01`, or `le2026-03-01T09:00:00+00:00` where times may be.

    An `upper` date covers its whole day. Raises InvalidParameter with what came and what is expected.
    """
    form = f"`{prefix}yyyy-mm-dd`" + (f" or `{prefix}yyyy-mm-ddThh:mm:ss+hh:mm`" if with_time else "")
    bad = InvalidParameter(f"parameter {name}: {shown(value)} was sent; expected {form}")
    text = value.removeprefix(prefix)
    if text == value:
        raise bad
    try:
        if _DATE.match(text):
            day = date.fromisoformat(text)
            instant = end_of_day(day) if upper else start_of_day(day)
            return DateBound(instant, day, text)
        if with_time and _DATE_TIME.match(text):
            return _bound_of_time(name, text, datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise bad from None
    raise bad


def _bound_of_time(name: str, text: str, moment: datetime) -> DateBound:
    """Return the bound of a date time, which must carry one of the UK's two offsets."""
    local = moment.astimezone(LONDON)
    if moment.utcoffset() not in UK_OFFSETS:
        raise InvalidParameter(
            f"parameter {name}: {shown(text)} is not UK local time; expected"
            f" {uk_local(int(moment.timestamp()))}"
        )
    return DateBound(int(moment.timestamp()), local.date(), text, local.replace(tzinfo=None))

"""LDAP's messages: what a client may ask, and what it is answered.

Source: RFC 4511, section 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from simulator.spine.ldap_ber import (
    ENUMERATED,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    Elements,
    Malformed,
    element,
    integer,
    number,
    text,
)
from simulator.spine.ldap_filters import Filter, TooDeep, read_filter

BIND, UNBIND, SEARCH, ABANDON, EXTENDED = 0x60, 0x42, 0x63, 0x50, 0x77
BIND_RESPONSE, SEARCH_ENTRY, SEARCH_DONE, EXTENDED_RESPONSE = 0x61, 0x64, 0x65, 0x78
OTHERS = {0x66: 0x67, 0x68: 0x69, 0x4A: 0x6B, 0x6C: 0x6D, 0x6E: 0x6F}
"""Modify, add, delete, rename and compare: the tag of each request, and of its response."""

CONTROLS, SIMPLE, SASL, OID, RESPONSE_OID = 0xA0, 0x80, 0xA3, 0x80, 0x8A

START_TLS = "1.3.6.1.4.1.1466.20037"
DISCONNECTION = "1.3.6.1.4.1.1466.20036"

BASE_OBJECT, SINGLE_LEVEL, WHOLE_SUBTREE = 0, 1, 2

HIGHEST_ID = 2**31 - 1


class ResultCode(IntEnum):
    """How an operation ended; the names are RFC 4511's."""

    SUCCESS = 0
    OPERATIONS_ERROR = 1
    PROTOCOL_ERROR = 2
    SIZE_LIMIT_EXCEEDED = 4
    AUTH_METHOD_NOT_SUPPORTED = 7
    ADMIN_LIMIT_EXCEEDED = 11
    UNAVAILABLE_CRITICAL_EXTENSION = 12
    CONFIDENTIALITY_REQUIRED = 13
    NO_SUCH_OBJECT = 32
    INVALID_DN_SYNTAX = 34
    UNAVAILABLE = 52
    UNWILLING_TO_PERFORM = 53
    OTHER = 80

    @property
    def text(self) -> str:
        """Return its name as RFC 4511 spells it: `noSuchObject`."""
        first, *others = self.name.lower().split("_")
        return first + "".join("DN" if each == "dn" else each.capitalize() for each in others)


class LdapRefusal(Exception):
    """An operation that is turned down: result code, why, and how much of a name there is."""

    def __init__(self, code: ResultCode, why: str, matched_dn: str = "") -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.matched_dn = matched_dn


@dataclass(frozen=True, slots=True)
class BindRequest:
    """Who somebody says they are; the password itself is not kept."""

    version: int
    name: str
    is_simple: bool
    has_password: bool


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What to look for. `size_limit` 0 is none; with no `attributes` all are meant.

    `filter` is None where it nests too deep to be read.
    """

    base: str
    scope: int
    size_limit: int
    types_only: bool
    filter: Filter | None
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtendedRequest:
    """An operation by its object identifier."""

    name: str


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """An operation that a directory which is only read does not have; the tag is its response's."""

    response_tag: int


@dataclass(frozen=True, slots=True)
class UnbindRequest:
    """The client's good-bye."""


@dataclass(frozen=True, slots=True)
class AbandonRequest:
    """The wish that an operation be given up; here each is over before another is read."""


Request = BindRequest | SearchRequest | ExtendedRequest | OtherRequest | UnbindRequest | AbandonRequest


@dataclass(frozen=True, slots=True)
class Message:
    """A request with its id, and the critical controls that came with it, by object identifier."""

    id: int
    request: Request
    critical_controls: tuple[str, ...]


def read_message(data: bytes) -> Message:
    """Return a whole message; raise Malformed."""
    parts = Elements(data).inside(SEQUENCE)
    message_id = parts.integer()
    if not 0 < message_id <= HIGHEST_ID:
        raise Malformed(f"a message has id {message_id}")
    tag, content = parts.take()
    request = _read_request(tag, content)
    critical = _critical_controls(parts.inside(CONTROLS)) if parts.tag == CONTROLS else ()
    return Message(message_id, request, critical)


def _read_request(tag: int, content: bytes) -> Request:
    inside = Elements(content)
    if tag == BIND:
        return _read_bind(inside)
    if tag == SEARCH:
        return _read_search(inside)
    if tag == EXTENDED:
        return ExtendedRequest(inside.text(OID))
    if tag == UNBIND:
        return UnbindRequest()
    if tag == ABANDON:
        number(content)
        return AbandonRequest()
    if tag in OTHERS:
        return OtherRequest(OTHERS[tag])
    raise Malformed(f"an operation has tag 0x{tag:02x}")


def _read_bind(inside: Elements) -> BindRequest:
    version, name = inside.integer(), inside.text()
    tag, credentials = inside.take()
    return BindRequest(version, name, tag == SIMPLE, bool(credentials))


def _read_search(inside: Elements) -> SearchRequest:
    base, scope, _ = inside.text(), inside.integer(ENUMERATED), inside.integer(ENUMERATED)
    size_limit, _, types_only = inside.integer(), inside.integer(), inside.boolean()
    try:
        filter_ = read_filter(inside)
    except TooDeep:
        return SearchRequest(base, scope, size_limit, types_only, None, ())
    wanted, attributes = inside.inside(SEQUENCE), []
    while wanted:
        attributes.append(wanted.text())
    return SearchRequest(base, scope, size_limit, types_only, filter_, tuple(attributes))


def _critical_controls(controls: Elements) -> tuple[str, ...]:
    found = []
    while controls:
        control = controls.inside(SEQUENCE)
        name = control.text()
        if control and control.tag != OCTET_STRING and control.boolean():
            found.append(name)
    return tuple(found)


def message(message_id: int, operation: bytes) -> bytes:
    """Return an operation as a message."""
    return element(SEQUENCE, integer(message_id, INTEGER), operation)


def result(
    message_id: int, tag: int, code: ResultCode, why: str = "", matched_dn: str = "", *more: bytes
) -> bytes:
    """Return how an operation ended, as the response with a tag."""
    ended = (integer(code, ENUMERATED), text(matched_dn), text(why))
    return message(message_id, element(tag, *ended, *more))


def search_entry(message_id: int, dn: str, attributes: Iterable[tuple[str, tuple[str, ...]]]) -> bytes:
    """Return an entry that a search has found."""
    listed = (
        element(SEQUENCE, text(name), element(SET, *(text(value) for value in values)))
        for name, values in attributes
    )
    return message(message_id, element(SEARCH_ENTRY, text(dn), element(SEQUENCE, *listed)))


def disconnection(code: ResultCode, why: str) -> bytes:
    """Return the notice that the server hangs up, and why."""
    return result(0, EXTENDED_RESPONSE, code, why, "", text(DISCONNECTION, RESPONSE_OID))

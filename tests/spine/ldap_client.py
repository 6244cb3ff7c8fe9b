"""An LDAP client that writes requests, well formed or not, and reads what it is answered."""

from dataclasses import dataclass, field

from simulator.spine import ldap_messages as wire
from simulator.spine.directory_ldap import Answer, DirectoryLdap, Then
from simulator.spine.ldap_ber import (
    BOOLEAN,
    ENUMERATED,
    SEQUENCE,
    SET,
    Elements,
    element,
    end_of_first,
    integer,
    text,
)
from simulator.spine.ldap_filters import AND, EQUALITY, PRESENT
from simulator.spine.ldap_messages import ResultCode

SEARCH_ID = "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-1"
PUBLISHED = "https://gp.example.nhs.uk"
SERVICES, ORGANISATIONS = "ou=services, o=nhs", "ou=organisations, o=nhs"
ANYTHING = text("objectClass", PRESENT)

Found = dict[str, list[str]]


def is_equal(attribute: str, value: str) -> bytes:
    """Return the filter that an attribute has a value."""
    return element(EQUALITY, text(attribute), text(value))


def all_of(**values: str) -> bytes:
    """Return the filter that attributes have values."""
    return element(AND, *(is_equal(name, value) for name, value in values.items()))


def search(
    filter_: bytes = ANYTHING,
    *attributes: str,
    base: str = SERVICES,
    scope: int = 2,
    size_limit: int = 0,
    types_only: bool = False,
) -> bytes:
    """Return the operation of a search."""
    return element(
        wire.SEARCH,
        text(base),
        integer(scope, ENUMERATED),
        integer(0, ENUMERATED),
        integer(size_limit),
        integer(0),
        element(BOOLEAN, b"\xff" if types_only else b"\0"),
        filter_,
        element(SEQUENCE, *map(text, attributes)),
    )


def bind(name: str = "", password: str = "", version: int = 3) -> bytes:
    """Return the operation of a simple bind."""
    return element(wire.BIND, integer(version), text(name), text(password, wire.SIMPLE))


def extended(oid: str) -> bytes:
    """Return the operation that an object identifier names."""
    return element(wire.EXTENDED, text(oid, wire.OID))


def sent(operation: bytes, message_id: int = 7, *controls: bytes) -> bytes:
    """Return an operation as a message."""
    more = [element(wire.CONTROLS, *controls)] if controls else []
    return element(SEQUENCE, integer(message_id), operation, *more)


@dataclass(slots=True)
class Reply:
    """What a request was answered: entries by name, how it ended, and under which id and tag."""

    entries: dict[str, Found] = field(default_factory=dict)
    code: ResultCode | None = None
    why: str = ""
    matched_dn: str = ""
    message_id: int = -1
    tag: int = 0
    oid: str = ""

    @property
    def only(self) -> Found:
        """Return the one entry there is."""
        (entry,) = self.entries.values()
        return entry


def read_replies(data: bytes) -> list[Reply]:
    """Return what stands in some bytes: each reply with the entries before it."""
    replies, current = [], Reply()
    while data:
        end = end_of_first(data)
        assert end is not None
        message, data = Elements(data[:end]).inside(SEQUENCE), data[end:]
        current.message_id = message.integer()
        tag, content = message.take()
        inside = Elements(content)
        if tag == wire.SEARCH_ENTRY:
            name, entry = inside.text(), inside.inside(SEQUENCE)
            current.entries[name] = dict(_attributes(entry))
            continue
        current.tag, current.code = tag, ResultCode(inside.integer(ENUMERATED))
        current.matched_dn, current.why = inside.text(), inside.text()
        current.oid = inside.text(wire.RESPONSE_OID) if inside else ""
        replies.append(current)
        current = Reply()
    assert current == Reply(), "entries without an end"
    return replies


def _attributes(entry: Elements) -> list[tuple[str, list[str]]]:
    attributes = []
    while entry:
        attribute = entry.inside(SEQUENCE)
        name, held = attribute.text(), attribute.inside(SET)
        values = []
        while held:
            values.append(held.text())
        attributes.append((name, values))
    return attributes


def answered(directory: DirectoryLdap, data: bytes, is_secure: bool = False) -> Answer:
    """Return what the directory answers a message."""
    return directory.answer(wire.read_message(data), is_secure)


def reply(directory: DirectoryLdap, operation: bytes, *controls: bytes, is_secure: bool = False) -> Reply:
    """Return the one reply to an operation, after which the connection stays open."""
    answer = answered(directory, sent(operation, 7, *controls), is_secure)
    assert answer.then is Then.GO_ON
    (only,) = read_replies(answer.data)
    assert only.message_id == 7
    return only


def found(directory: DirectoryLdap, operation: bytes) -> Reply:
    """Return the reply to a search that ends well."""
    answer = reply(directory, operation)
    assert (answer.code, answer.tag, answer.why) == (ResultCode.SUCCESS, wire.SEARCH_DONE, "")
    return answer


def assert_refused(answer: Reply, code: ResultCode, *words: str) -> None:
    """Assert how an operation ended that found nothing, and words that say why."""
    assert answer.code == code
    assert answer.entries == {}
    assert all(word in answer.why for word in words), answer.why

"""The Spine Directory Service over LDAP: what each request is answered.

Anybody may ask; a name and a password are taken as they come. Where the simulator has certificates, all but
the entry of the server itself is for TLS alone. Source: specification, page "Spine Directory Service"; RFC
4511.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from simulator.domain.audit import AuditEvent, AuditRecorder, Surface
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.spine.ldap_ber import text
from simulator.spine.ldap_entries import Entry, root_entry
from simulator.spine.ldap_filters import DEEPEST, Filter
from simulator.spine.ldap_messages import (
    BASE_OBJECT,
    BIND_RESPONSE,
    EXTENDED_RESPONSE,
    RESPONSE_OID,
    SEARCH_DONE,
    START_TLS,
    AbandonRequest,
    BindRequest,
    ExtendedRequest,
    LdapRefusal,
    Message,
    OtherRequest,
    ResultCode,
    SearchRequest,
    UnbindRequest,
    result,
    search_entry,
)
from simulator.spine.ldap_names import InvalidName, read_name
from simulator.spine.ldap_search import find, passes, selected
from simulator.spine.published import published_base
from simulator.store.database import Store

LOG = logging.getLogger("gpsim.ldap")

LONGEST_AUDITED = 300
PROTOCOL_VERSION = 3
REFUSED = 400
MISSING = 404
"""What the audit trail has, which knows outcomes by HTTP status, for a search that failed."""


class Then(Enum):
    """What becomes of a connection after an answer."""

    GO_ON = 1
    HANG_UP = 2
    START_TLS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered, as bytes, and what comes then."""

    data: bytes = b""
    then: Then = Then.GO_ON


class DirectoryLdap:
    """Answers LDAP requests from a store's directory."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, audit: AuditRecorder) -> None:
        self._base_url = published_base(settings, settings.base_url)
        self._store = store
        self._clock = clock
        self._audit = audit
        self.has_certificates = settings.tls is not None

    def answer(self, message: Message, is_secure: bool) -> Answer:
        """Return the answer to a message; `is_secure` says whether it came over TLS."""
        request = message.request
        if isinstance(request, UnbindRequest):
            return Answer(then=Then.HANG_UP)
        if isinstance(request, AbandonRequest):
            return Answer()
        if isinstance(request, SearchRequest):
            return Answer(self._search(message, request, is_secure))
        if isinstance(request, ExtendedRequest):
            return self._extended(message, request, is_secure)
        tag = request.response_tag if isinstance(request, OtherRequest) else BIND_RESPONSE
        try:
            # Who binds anonymously says nothing that the wire must not show.
            self._check(message, is_secure or (isinstance(request, BindRequest) and not request.has_password))
            if isinstance(request, OtherRequest):
                raise LdapRefusal(ResultCode.UNWILLING_TO_PERFORM, "the directory is only read")
            _check_bind(request)
        except LdapRefusal as refusal:
            return Answer(_refused(message, tag, refusal))
        return Answer(result(message.id, tag, ResultCode.SUCCESS))

    def _check(self, message: Message, is_secure: bool) -> None:
        """Raise LdapRefusal for what no operation may have, or not on this connection."""
        if message.critical_controls:
            raise LdapRefusal(
                ResultCode.UNAVAILABLE_CRITICAL_EXTENSION,
                f"control {message.critical_controls[0][:80]!r}: is not known; expected no critical one",
            )
        if self.has_certificates and not is_secure:
            raise LdapRefusal(ResultCode.CONFIDENTIALITY_REQUIRED, "expected TLS: begin with StartTLS")

    def _extended(self, message: Message, request: ExtendedRequest, is_secure: bool) -> Answer:
        """Begin TLS, or refuse whatever else is asked for by an object identifier."""
        if request.name != START_TLS:
            why = LdapRefusal(ResultCode.PROTOCOL_ERROR, f"operation {request.name[:80]!r}: is not known")
        elif is_secure:
            why = LdapRefusal(ResultCode.OPERATIONS_ERROR, "TLS is spoken already")
        elif not self.has_certificates:
            why = LdapRefusal(ResultCode.PROTOCOL_ERROR, "there are no certificates: serve with --tls")
        elif message.critical_controls:
            why = LdapRefusal(ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, "StartTLS takes no critical control")
        else:
            oid = text(START_TLS, RESPONSE_OID)
            success = result(message.id, EXTENDED_RESPONSE, ResultCode.SUCCESS, "", "", oid)
            return Answer(success, Then.START_TLS)
        return Answer(_refused(message, EXTENDED_RESPONSE, why))

    def _search(self, message: Message, request: SearchRequest, is_secure: bool) -> bytes:
        """Return the entries that a search finds, and how it ended, as far as it came; record it."""
        replies: list[bytes] = []
        code, why, matched = ResultCode.SUCCESS, "", ""
        try:
            if request.filter is None:
                raise LdapRefusal(
                    ResultCode.ADMIN_LIMIT_EXCEEDED, f"the filter nests deeper than {DEEPEST} levels"
                )
            for entry in self._found(message, request, request.filter, is_secure):
                replies.append(search_entry(message.id, entry.dn, selected(entry, request)))
        except LdapRefusal as refusal:
            code, why, matched = refusal.code, refusal.why, refusal.matched_dn
        except Exception:
            code, why = ResultCode.OTHER, "unexpected failure; the server's log has it"
            LOG.exception("unexpected failure of an LDAP search of %r", request.base[:80])
        LOG.info("LDAP search of %r: %s, %d found", request.base[:80], code.text, len(replies))
        self._record(request, code)
        return b"".join((*replies, result(message.id, SEARCH_DONE, code, why, matched)))

    def _found(
        self, message: Message, request: SearchRequest, filter_: Filter, is_secure: bool
    ) -> Iterator[Entry]:
        if not request.base.strip() and request.scope == BASE_OBJECT:
            root = root_entry((START_TLS,) if self.has_certificates and not is_secure else ())
            if passes(root, filter_):
                yield root
            return
        self._check(message, is_secure)
        with self._store.reading() as transaction:
            yield from find(transaction.directory, request, filter_, self._base_url)

    def _record(self, request: SearchRequest, code: ResultCode) -> None:
        is_found = code is ResultCode.SUCCESS
        self._audit.soon(
            AuditEvent(
                at=self._clock.real(),
                surface=Surface.DIRECTORY,
                record=_printable(f"LDAP {request.base} {request.filter or ''}"[:LONGEST_AUDITED]),
                status=200 if is_found else MISSING if code is ResultCode.NO_SUCH_OBJECT else REFUSED,
                code="" if is_found else code.text,
            )
        )


def _refused(message: Message, tag: int, refusal: LdapRefusal) -> bytes:
    return result(message.id, tag, refusal.code, refusal.why, refusal.matched_dn)


def _check_bind(request: BindRequest) -> None:
    """Raise LdapRefusal unless somebody says who they are as they may: not at all, or with a password."""
    if request.version != PROTOCOL_VERSION:
        raise LdapRefusal(ResultCode.PROTOCOL_ERROR, f"version {request.version}: is not known; expected 3")
    if not request.is_simple:
        raise LdapRefusal(
            ResultCode.AUTH_METHOD_NOT_SUPPORTED,
            "SASL is not known; expected a simple bind, or an anonymous one",
        )
    try:
        read_name(request.name)
    except InvalidName:
        raise LdapRefusal(
            ResultCode.INVALID_DN_SYNTAX, f"name {request.name[:80]!r}: is no distinguished name"
        ) from None
    if request.name.strip() and not request.has_password:
        raise LdapRefusal(ResultCode.UNWILLING_TO_PERFORM, "a name came without its password")


def _printable(text_: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text_)

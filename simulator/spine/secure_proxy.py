"""The Spine Secure Proxy: checks who calls whom, and sends the request on as it came.

To a practice of this simulator it goes in process, to any other provider over HTTP, and to nobody who is not
in the directory. Source: specification, pages "Spine Secure Proxy" and "Error handling".
"""

import logging
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from urllib.parse import quote, unquote

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.domain.audit import AuditEvent, AuditRecorder, Surface
from simulator.domain.client_certificate import CLIENT_CERTIFICATE, why_not_from
from simulator.domain.clock import Clock
from simulator.domain.directory import Endpoint
from simulator.fhir.xml import write_xml
from simulator.settings import Settings
from simulator.spine.accreditation import Accreditation, Relation
from simulator.spine.forwarding import Header, provider_call, request_headers
from simulator.spine.provider_connections import ProviderConnections
from simulator.spine.proxy_refusals import (
    MethodNotAllowed,
    NoAgreement,
    ProxyRefusal,
    ReceiverNotAccredited,
    SenderNotAccredited,
    TargetVaries,
    UnsupportedMediaType,
    refusal_outcome,
)
from simulator.spine.proxy_target import Target, read_target
from simulator.spine.published import published_address, published_base

LOG = logging.getLogger("gpsim.proxy")
METHODS = ("GET", "POST", "PUT", "DELETE")
MEDIA_TYPES = frozenset(
    f"{kind}/{name}"
    for kind in ("application", "text")
    for name in ("fhir+json", "fhir+xml", "json+fhir", "xml+fhir", "json", "xml", "*")
) | {"*/*"}
"""What is sent on. That some are names of before GP Connect 1.0 is the provider's to say."""

LONGEST_AUDITED = 300
PROXY = Surface.PROXY


class Transaction:
    """One request on its way through the proxy, and what is known of its answer so far."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, at_end: Callable[["Transaction"], None]
    ) -> None:
        """`at_end` is called before the last part of the answer is passed on."""
        self._receive = receive
        self._send = send
        self._at_end = at_end
        self.scope = scope
        self.headers = _combined(scope["headers"])
        self.sender_asid = self.header(b"ssp-from")
        self.receiver_asid = self.header(b"ssp-to")
        self.interaction = self.header(b"ssp-interactionid")
        self.trace_id = self.header(b"ssp-traceid")
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        self.target = read_target(raw_path, scope["query_string"])
        self.ods_code = self.code = ""
        self.is_a_practices = self.is_recorded = False
        self.status = self.request_bytes = self.response_bytes = 0
        self.began = time.perf_counter()
        self.answered = 0.0

    def header(self, name: bytes) -> str:
        """Return a header, "" where it did not come."""
        return self.headers.get(name, b"").decode("latin-1")

    async def receive(self) -> Message:
        """Return a part of the request, and take note of it."""
        message = await self._receive()
        self.request_bytes += len(message.get("body", b""))
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Pass on a part of the answer, and take note of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answered = time.perf_counter()
        else:
            self.response_bytes += len(message.get("body", b""))
            if not message.get("more_body", False):
                self._at_end(self)
        return self._send(message)


class SecureProxy:
    """An ASGI application for every path that begins with the URL of a provider."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        accreditation: Accreditation,
        practices: ASGIApp,
        providers: ProviderConnections,
        audit: AuditRecorder,
    ) -> None:
        """`practices` answers for each of our own; it finds `ods_code` and `path` in `path_params`."""
        self._settings = settings
        self._clock = clock
        self._accreditation = accreditation
        self._practices = practices
        self._providers = providers
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with what the provider answers, or with why it was not asked."""
        transaction = Transaction(scope, receive, send, self._record)
        try:
            endpoint, address = self._check(transaction)
            if endpoint.address is None:
                await self._to_practice(transaction, endpoint, address)
            else:
                target = transaction.target
                call = provider_call(scope, address, target.url, target.path, target.query)
                await self._providers.forward(call, transaction.receive, transaction.send)
        except ProxyRefusal as refusal:
            transaction.code = refusal.text
            if not transaction.status:
                await _refuse(transaction, refusal)
        finally:
            if not transaction.is_recorded:
                self._record(transaction)

    def _check(self, transaction: Transaction) -> tuple[Endpoint, str]:
        """Return the endpoint to send to, and its address; raise the refusal of the first failed check."""
        sender, receiver = transaction.sender_asid, transaction.receiver_asid
        relation = self._accreditation.relation(sender, receiver, transaction.interaction)
        found = self._endpoint(relation, transaction)
        if not relation.sender_may or self._is_somebody_else(transaction):
            raise SenderNotAccredited(f"ASID_CHECK_FAILED_MESSAGESENDER_{_shown(sender)}")
        if not relation.receiver_may or found is None:
            raise ReceiverNotAccredited(
                f"PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_{_shown(receiver)}"
            )
        if not relation.they_share:
            raise NoAgreement(
                f"FOT_CHECK_FAILED_MESSAGESENDER_{_shown(sender)}_MESSAGERECEIVER_{_shown(receiver)}"
            )
        if transaction.scope["method"] not in METHODS:
            raise MethodNotAllowed("405: Method Not Allowed")
        if not (
            _is_sent_on(transaction.header(b"content-type")) and _is_sent_on(transaction.header(b"accept"))
        ):
            raise UnsupportedMediaType("Unsupported_Media_Type")
        return found

    def _is_somebody_else(self, transaction: Transaction) -> bool:
        """Tell whether the connection's certificate is another system's, where that matters."""
        if not self._settings.bind_asid:
            return False
        certificate = transaction.scope.get("extensions", {}).get(CLIENT_CERTIFICATE)
        why = why_not_from(certificate, transaction.sender_asid)
        if why is not None:
            LOG.warning("refused by the proxy, header Ssp-From: %s", why)
        return why is not None

    def _endpoint(self, relation: Relation, transaction: Transaction) -> tuple[Endpoint, str] | None:
        """Return the endpoint that the request is meant for, with its address; None where there are none.

        Raises TargetVaries where there are, and it is meant for something else.
        """
        if not relation.endpoints:
            return None
        target, settings = transaction.target, self._settings
        here = published_base(settings, f"{transaction.scope['scheme']}://{transaction.header(b'host')}")
        transaction.ods_code = relation.endpoints[0].ods_code
        found = _published_at(here, relation, target)
        if found is None:
            # Who does not ask over HTTP is told of the base URL of the settings.
            found = _published_at(published_base(settings, settings.base_url), relation, target)
        if found is not None:
            return found
        endpoint = relation.endpoints[0]
        raise TargetVaries(
            f"ENDPOINT_{published_address(endpoint, here)}_CPAID_{endpoint.cpa_id}"
            f"_VARIES_FROM_TARGETURL_{target.url}"
        )

    async def _to_practice(self, transaction: Transaction, endpoint: Endpoint, address: str) -> None:
        """Have a practice of ours answer as if it had been asked at its own address."""
        transaction.is_a_practices = True
        target, scope = transaction.target, transaction.scope
        scheme, _, rest = target.url.partition("://")
        authority, slash, path = rest.partition("/")
        raw_path = slash + path
        below = target.url[len(address) + 1 :]
        forwarded: Scope = {
            **scope,
            "scheme": scheme,
            "path": unquote(raw_path),
            "raw_path": raw_path.encode(),
            "query_string": target.query,
            "headers": request_headers(scope, authority),
            "path_params": {"ods_code": endpoint.ods_code, "path": unquote(below)},
        }
        await self._practices(forwarded, transaction.receive, transaction.send)

    def _record(self, transaction: Transaction) -> None:
        """Record a transaction; a command that no practice of ours records, before its answer has ended.

        A practice records a command in the transaction that does it, so its row here may come with others.
        """
        transaction.is_recorded = True
        took = (transaction.answered or time.perf_counter()) - transaction.began
        method = transaction.scope["method"]
        record = self._audit.soon if method == "GET" or transaction.is_a_practices else self._audit.now
        record(
            AuditEvent(
                self._clock.real(),
                PROXY,
                transaction.trace_id[:LONGEST_AUDITED],
                transaction.interaction[:LONGEST_AUDITED],
                transaction.ods_code,
                transaction.sender_asid[:LONGEST_AUDITED],
                transaction.receiver_asid[:LONGEST_AUDITED],
                record=f"{method} {transaction.target.url}"[:LONGEST_AUDITED],
                status=transaction.status,
                code=transaction.code[:LONGEST_AUDITED],
                request_bytes=transaction.request_bytes,
                response_bytes=transaction.response_bytes,
                microseconds=round(took * 1_000_000),
            )
        )


def _published_at(base: str, relation: Relation, target: Target) -> tuple[Endpoint, str] | None:
    for endpoint in relation.endpoints:
        address = published_address(endpoint, base)
        if target.is_at(address):
            return endpoint, address
    return None


def _combined(headers: list[Header]) -> dict[bytes, bytes]:
    """Return headers by name; one that came more than once with all its values (RFC 9110, section 5.2).

    Whichever of several a provider goes by, it is not one that was never checked.
    """
    found = dict(headers)
    if len(found) == len(headers):
        return found
    several: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        several.setdefault(name, []).append(value)
    return {name: b", ".join(values) for name, values in several.items()}


def _shown(value: str) -> str:
    """Return what a header said as an outcome may have it: printable, and not endless."""
    return quote(value[:80], " !$%&'()*+,-./:;=?@[]_|~")


@lru_cache(maxsize=1_000)
def _is_sent_on(value: str) -> bool:
    """Tell whether a header names a format that is sent on; one that did not come names every format."""
    choices = value.lower().split(",")
    return not value.strip() or any(each.partition(";")[0].strip() in MEDIA_TYPES for each in choices)


async def _refuse(transaction: Transaction, refusal: ProxyRefusal) -> None:
    """Answer with a refusal, in XML where the consumer accepts nothing else."""
    outcome = refusal_outcome(refusal, transaction.trace_id)
    accept = transaction.header(b"accept").lower()
    in_xml = "xml" in accept and "json" not in accept
    body = write_xml(outcome) if in_xml else orjson.dumps(outcome)
    headers = [
        (b"content-type", b"application/fhir+%b;charset=utf-8" % (b"xml" if in_xml else b"json")),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if isinstance(refusal, MethodNotAllowed):
        headers.append((b"allow", ", ".join(METHODS).encode()))
    await transaction.send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await transaction.send({"type": "http.response.body", "body": body})

"""Shaking hands with clients, and telling both sides why where it fails.

The event loops throw away the alert that says what was wrong, and log nothing. Here the client gets it, and
the log gets one line.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import cast

LOG = logging.getLogger("gpsim.tls")

HANDSHAKE_SECONDS = 10
FAREWELL_SECONDS = 2
"""How long a client has to hang up, so that it reads what was said last; an idle one may never do so."""

_REASONS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the client has no certificate",
    "UNSUPPORTED_PROTOCOL": "the client wants a version of TLS before 1.2",
    "NO_SHARED_CIPHER": "the client offers none of the permitted ciphers",
    "HTTP_REQUEST": "the client speaks plain HTTP",
    "WRONG_VERSION_NUMBER": "the client does not speak TLS",
    "TLSV1_ALERT_UNKNOWN_CA": "the client does not know the authority of the server's certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the client finds that the server's certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "the client finds that the server's certificate is revoked",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the client does not accept the server's certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the client does not accept the server's certificate",
}
"""What OpenSSL's reasons mean, for people."""

_UNKNOWN_AUTHORITY = "the client's certificate is of an unknown authority"
_VERDICTS = {
    2: _UNKNOWN_AUTHORITY,
    18: _UNKNOWN_AUTHORITY,
    19: _UNKNOWN_AUTHORITY,
    20: _UNKNOWN_AUTHORITY,
    21: _UNKNOWN_AUTHORITY,
    9: "the client's certificate is not valid yet",
    10: "the client's certificate has expired",
    12: "the authority's list of revoked certificates has expired",
    23: "the client's certificate is revoked",
    26: "the client's certificate is not one for clients",
}
"""What OpenSSL's codes of a failed verification (X509_V_ERR) mean, for people."""


class HandshakeRefused(ssl.SSLError):
    """A handshake that failed: why, and the alert that tells the other side, if there is one."""

    def __init__(self, why: str, alert: bytes) -> None:
        super().__init__(why)
        self.why = why
        self.alert = alert


class Handshake(ssl.SSLObject):
    """One connection's TLS, which says why where its handshake fails."""

    outgoing: ssl.MemoryBIO

    def do_handshake(self) -> None:
        """Go on with the handshake; raise HandshakeRefused where it fails."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLSyscallError):
            raise
        except ssl.SSLError as error:
            raise HandshakeRefused(why_refused(error), self.outgoing.read()) from error


class ServerContext(ssl.SSLContext):
    """A server's context whose handshakes say why they fail."""

    sslobject_class = Handshake

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin a connection's TLS between two buffers."""
        handshake = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        if isinstance(handshake, Handshake):
            handshake.outgoing = outgoing
        return handshake


def why_refused(error: ssl.SSLError) -> str:
    """Return in words why a handshake with a client failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        verdict = f"the client's certificate does not pass: {error.verify_message}"
        return _VERDICTS.get(error.verify_code, verdict)
    reason = error.reason or str(error)
    return _REASONS.get(reason, reason.lower().replace("_", " "))


class TlsFront(asyncio.Protocol):
    """What a connection meets first: it shakes hands, and lets a protocol in afterwards.

    The event loop takes the connection up anew for that, because only then does the outcome come back to
    where it is known who the client is.
    """

    def __init__(
        self,
        make_protocol: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._make_protocol = make_protocol
        self._context = context
        self._loop = loop or asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake, on a connection that is no longer this protocol's."""
        connection: socket.socket = transport.get_extra_info("socket").dup()
        connection.setblocking(False)
        peer = transport.get_extra_info("peername") or ("a client that has gone", 0)
        cast(asyncio.Transport, transport).abort()
        self._task = self._loop.create_task(self._shake_hands(connection, f"{peer[0]} port {peer[1]}"))

    async def _shake_hands(self, connection: socket.socket, client: str) -> None:
        with connection.dup() as spare:
            spare.setblocking(False)
            try:
                await self._loop.connect_accepted_socket(
                    self._make_protocol,
                    connection,
                    ssl=self._context,
                    ssl_handshake_timeout=HANDSHAKE_SECONDS,
                    ssl_shutdown_timeout=FAREWELL_SECONDS,
                )
            except HandshakeRefused as refused:
                LOG.warning("TLS handshake with %s failed: %s", client, refused.why)
                await self._take_leave(spare, refused.alert)
            except OSError as error:
                LOG.info("TLS handshake with %s broken off: %s", client, str(error) or "the client hung up")

    async def _take_leave(self, connection: socket.socket, alert: bytes) -> None:
        """Tell a client why it is refused, and let it hang up."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self._loop.sock_sendall(connection, alert)
                connection.shutdown(socket.SHUT_WR)
                while await self._loop.sock_recv(connection, 65_536):
                    pass

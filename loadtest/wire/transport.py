"""A small keep-alive HTTP client for what `gpload` itself asks, outside the load."""

import http.client
import ssl
from urllib.parse import urlsplit

from loadtest.responses import Response
from loadtest.wire.content_encoding import UnreadableContent, decoded
from loadtest.wire.tls import IS_SPOKEN, speaks_tls, tls_error

TIMEOUT_SECONDS = 15.0
HUNG_UP = "connection reset"
REFUSED = "connection refused"
_FIRST_FINAL_STATUS = 200
_HUNG_UP = (ssl.SSLEOFError, ssl.SSLZeroReturnError)


class _FinalAnswer(http.client.HTTPResponse):
    """The answer to a request; what may come before it (1xx) is passed over, where http.client skips 100."""

    def begin(self) -> None:
        super().begin()
        while self.status < _FIRST_FINAL_STATUS:
            self.headers = None  # type: ignore[assignment]  # without them it takes itself for not begun
            super().begin()


class Connection:
    """One client's connections, kept open per host. It sends once: trying again is the caller's decision.

    Without `tls` it trusts whom the system trusts, and shows no certificate.
    """

    def __init__(self, timeout: float = TIMEOUT_SECONDS, tls: ssl.SSLContext | None = None) -> None:
        self._timeout = timeout
        self._tls = tls
        self._open: dict[tuple[str, str], http.client.HTTPConnection] = {}
        self._answered: set[tuple[str, str]] = set()

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        """Send one request. A refused, reset or timed out connection is a Response with its `error` set."""
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        connection = self._open.get(place)
        if connection is None:
            connection = self._open[place] = self._to(parts.scheme, parts.netloc)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target or "/", body=body, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            # A connection that failed once has unread bytes on it: the next request needs a new one.
            connection.close()
            del self._open[place]
            name = connection_error(error)
            if name == HUNG_UP and place not in self._answered and _meant_for_tls(url):
                name = IS_SPOKEN
            return Response(0, error=name)
        self._answered.add(place)
        try:
            return Response(answer.status, decoded(body, answer.getheader("Content-Encoding")))
        except UnreadableContent as error:
            return Response(answer.status, error=str(error))

    def _to(self, scheme: str, host: str) -> http.client.HTTPConnection:
        if scheme == "https":
            secure = http.client.HTTPSConnection(host, timeout=self._timeout, context=self._tls)
            secure.response_class = _FinalAnswer
            return secure
        plain = http.client.HTTPConnection(host, timeout=self._timeout)
        plain.response_class = _FinalAnswer
        return plain

    def close(self) -> None:
        """Close every connection."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()


def _meant_for_tls(url: str) -> bool:
    """Whether a plain request went to a server that speaks TLS: such a one hangs up without a word."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return False
    return speaks_tls(parts.hostname, parts.port or http.client.HTTP_PORT)


def connection_error(error: BaseException) -> str:
    """A short name for what went wrong with a connection, the same from every transport."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    if isinstance(error, (ConnectionError, http.client.RemoteDisconnected, *_HUNG_UP)):
        return HUNG_UP
    if isinstance(error, ssl.SSLError):
        return tls_error(error)
    return f"{type(error).__name__}: {error}".rstrip(": ")

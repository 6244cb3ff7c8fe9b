"""One client's connections under load: a request is sent once, and any answer to it is an answer.

Free of Locust, whose own HTTP client spends more on statistics, redirects, cookies and decompression than the
request costs. In a process that Locust has patched, a client that waits here lets the others work.
"""

import select
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from gevent.monkey import get_original
from geventhttpclient.response import HTTPParseError, HTTPResponse

from loadtest.responses import Response
from loadtest.scenarios.session import CONNECTION_TIMEOUT, NETWORK_TIMEOUT
from loadtest.wire.content_encoding import UnreadableContent, decoded
from loadtest.wire.transport import HUNG_UP, connection_error

_DEFAULT_PORTS = {"http": 80, "https": 443}
_BLOCK_BYTES = 65536
"""As much as is received at a time: most searches, whole."""

_FIRST_FINAL_STATUS = 200
CUT_SHORT = "closed in the middle of the answer"

# The patched one goes round by the event loop, which costs more than a look.
_poll = get_original("select", "poll")


class Connections:
    """A client's connections, kept open per host; requests that are under way at once have one each.

    A request is sent once. HTTP clients like to send an idempotent one again when the connection breaks
    before the answer: a cancel (PUT) that took effect would then be seen as refused, and the judge be told
    a falsehood. The timeouts are seconds: that of connecting, and that of each read or write.
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        connection_timeout: float = CONNECTION_TIMEOUT,
        network_timeout: float = NETWORK_TIMEOUT,
    ) -> None:
        self._tls = tls
        self._timeouts = connection_timeout, network_timeout
        self._hosts: dict[str, _Host] = {}

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Response:
        """Send one request. A refused, broken or timed out connection is a Response with its `error` set.

        Raises ValueError where a header is not one line of Latin-1.
        """
        scheme, _, rest = url.partition("://")
        place, _, path = rest.partition("/")
        host = self._host(f"{scheme}://{place}")
        request = _request(f"{method} /{path} HTTP/1.1\r\nHost: {host.name}\r\n", headers, body)
        try:
            connection = host.connection()
        except OSError as error:
            return Response(0, error=connection_error(error))
        good = False
        try:
            connection.socket.sendall(request)
            answer = _Answer(method)
            content = answer.read(connection.socket)
            good = not answer.should_close()
            return _response(answer, content)
        except NoWholeAnswer as error:
            return Response(0, error=str(error))
        except OSError as error:
            return Response(0, error=connection_error(error))
        finally:
            # After a request that was stopped, its late answer would be taken for that to the next.
            if good:
                host.idle.append(connection)
            else:
                connection.socket.close()

    def close(self) -> None:
        """Close those that are idle."""
        for host in self._hosts.values():
            for connection in host.idle:
                connection.socket.close()
        self._hosts.clear()

    def _host(self, origin: str) -> "_Host":
        host = self._hosts.get(origin)
        if host is None:
            host = self._hosts[origin] = _Host(origin, self._tls, self._timeouts)
        return host


class NoWholeAnswer(Exception):
    """What came is not one whole answer; says why, in short."""


class _Answer(HTTPResponse):
    """The answer to one request: what comes before it (1xx) is passed over, what comes after it is wrong."""

    is_whole = False

    def read(self, connection: socket.socket) -> bytes:
        """Receive until it is whole, and return its body. Raises OSError and NoWholeAnswer."""
        while not self.is_whole:
            received = connection.recv(_BLOCK_BYTES)
            if not received and not self.message_begun:
                raise NoWholeAnswer(HUNG_UP)
            try:
                # Nothing received is the end, which some bodies end with.
                self.feed(received)
            except HTTPParseError as error:
                why = "two answers to one request" if self.is_whole else "not HTTP"
                raise NoWholeAnswer(why if received else CUT_SHORT) from error
            if not received and not self.is_whole:
                raise NoWholeAnswer(CUT_SHORT)
        return bytes(self._body_buffer)

    def _on_message_begin(self) -> None:
        if self.is_whole:
            raise HTTPParseError("another answer")
        super()._on_message_begin()

    def _on_message_complete(self) -> None:
        super()._on_message_complete()
        self.is_whole = self.get_code() >= _FIRST_FINAL_STATUS


def _response(answer: _Answer, content: bytes) -> Response:
    encodings = answer.get("content-encoding")
    encoding = ", ".join(encodings) if isinstance(encodings, list) else encodings
    try:
        return Response(answer.get_code(), decoded(content, encoding))
    except UnreadableContent as error:
        return Response(answer.get_code(), error=str(error))


def _request(beginning: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request as it goes out, in one piece; `beginning` is its first two lines."""
    length = "" if body is None else f"Content-Length: {len(body)}\r\n"
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    # A version that the provider names comes back in If-Match: it must not add a header to the request.
    if not fields.count("\r") == fields.count("\n") == len(headers):
        wrong = {name: value for name, value in headers.items() if {"\r", "\n"} & {*name, *value}}
        raise ValueError(f"a header must be one line: {wrong}")
    head = f"{beginning}User-Agent: gpload\r\nAccept-Encoding: identity\r\n{fields}{length}\r\n"
    return head.encode("latin-1") + (body or b"")


class _Connection:
    """An open connection, and whether it still waits for a request."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self._poll = _poll()
        self._poll.register(connected.fileno(), select.POLLIN)

    @property
    def waits(self) -> bool:
        """False once there is something to read: what comes before a request is the end of the connection."""
        return not self._poll.poll(0)


class _Host:
    """One host as requests name it, and the connections to it that are idle."""

    def __init__(self, origin: str, tls: ssl.SSLContext, timeouts: tuple[float, float]) -> None:
        parts = urlsplit(origin)
        default = _DEFAULT_PORTS[parts.scheme]
        self._address = parts.hostname or "", parts.port or default
        self._tls = tls if parts.scheme == "https" else None
        self._connection_timeout, self._network_timeout = timeouts
        host, port = self._address
        host = f"[{host}]" if ":" in host else host
        self.name = host if port == default else f"{host}:{port}"
        self.idle: list[_Connection] = []

    def connection(self) -> _Connection:
        """The connection that was used last and is still good, or a new one. Raises OSError."""
        while self.idle:
            connection = self.idle.pop()
            if connection.waits:
                return connection
            connection.socket.close()
        return _Connection(self._connect())

    def _connect(self) -> socket.socket:
        connected = socket.create_connection(self._address, self._connection_timeout)
        try:
            # A request larger than a packet would wait for the provider to confirm the packet before.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connected = self._tls.wrap_socket(connected, server_hostname=self._address[0])
            connected.settimeout(self._network_timeout)
        except BaseException:
            connected.close()
            raise
        return connected

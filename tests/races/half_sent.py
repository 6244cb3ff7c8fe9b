"""Connections that are open when a provider is asked to stop: in the middle of a request, or idle."""

import socket
from urllib.parse import urlsplit

from loadtest.consumer import Request
from tests.races.served import PATIENCE_SECONDS


class HalfSent:
    """A request whose headers have arrived and whose body has not.

    The client asks to be told to go on (`Expect: 100-continue`) and waits for that, so the provider is known
    to have begun.
    """

    def __init__(self, port: int, request: Request) -> None:
        self._body = request.body or b""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        headers = {
            "Host": f"127.0.0.1:{port}",
            "Content-Length": str(len(self._body)),
            "Expect": "100-continue",
            **request.headers,
        }
        lines = [f"{request.interaction.method} {urlsplit(request.url).path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        assert self._received(b"\r\n\r\n").startswith(b"HTTP/1.1 100")

    def finish(self) -> tuple[int, bytes]:
        """Send the body; return the status and everything that came back."""
        with self._socket:
            self._socket.sendall(self._body)
            answer = self._received(b"\r\n\r\n")
        return int(answer.split()[1]), answer

    def _received(self, until: bytes) -> bytes:
        received = b""
        while until not in received:
            piece = self._socket.recv(65_536)
            assert piece, f"the connection ended after {received!r}"
            received += piece
        return received


class Idle:
    """A connection that was of use and is kept for the next request."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._socket.sendall(b"GET /control/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert self._socket.recv(65_536).startswith(b"HTTP/1.1 200")

    def wait_until_closed(self) -> None:
        """Wait until the provider has closed it, which is how a worker begins to stop."""
        with self._socket:
            while self._socket.recv(65_536):
                pass

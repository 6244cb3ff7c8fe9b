"""A provider outside: a socket that answers what the test says, and keeps what it was asked."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PATIENCE_SECONDS = 10

Say = bytes | Callable[[socket.socket], None]
"""What is answered to one request: bytes, or whatever a function does with the connection."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class OutsideProvider:
    """Answers one request after the other with what is said, the last thing again and again."""

    says: list[Say] = field(default_factory=lambda: [OK])
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0
    listener: socket.socket = field(default_factory=socket.socket)
    url: str = ""

    def head(self, number: int = -1) -> list[str]:
        """Return the lines of a request's head, by default the last one's."""
        return self.asked[number].partition(b"\r\n\r\n")[0].decode().split("\r\n")

    def headers(self, number: int = -1) -> dict[str, str]:
        """Return the headers of a request, by their names in small letters; none may come twice."""
        pairs = [line.partition(": ") for line in self.head(number)[1:]]
        found = {name.lower(): value for name, _, value in pairs}
        assert len(found) == len(pairs)
        return found

    def body(self, number: int = -1) -> bytes:
        """Return what came after a request's head."""
        return self.asked[number].partition(b"\r\n\r\n")[2]

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        with connection, suppress(OSError):
            while request := self._one_request(connection):
                self.asked.append(request)
                say = self.says.pop(0) if len(self.says) > 1 else self.says[0]
                if callable(say):
                    say(connection)
                    return
                connection.sendall(say)
                if b"onnection: close" in say:
                    return

    def _one_request(self, connection: socket.socket) -> bytes:
        """Return a request with its body, b"" where none comes any more."""
        request = b""
        while not _is_whole(request):
            part = connection.recv(65_536)
            if not part:
                return b""
            request += part
        return request


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    if not end:
        return False
    lines = dict(line.lower().partition(b": ")[::2] for line in head.split(b"\r\n")[1:])
    if b"transfer-encoding" in lines:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(lines.get(b"content-length", 0))


def closing(connection: socket.socket) -> None:
    """Close without an answer."""


def never(connection: socket.socket) -> None:
    """Answer nothing until whoever asked is gone."""
    connection.recv(1)


@contextmanager
def outside_provider(*says: Say) -> Iterator[OutsideProvider]:
    """Run a provider outside that answers what is said."""
    provider = OutsideProvider(list(says) or [OK])
    provider.listener.bind(("127.0.0.1", 0))
    provider.listener.listen()
    provider.url = f"http://127.0.0.1:{provider.listener.getsockname()[1]}"
    thread = threading.Thread(target=provider.serve, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        with suppress(OSError):
            provider.listener.shutdown(socket.SHUT_RDWR)
        provider.listener.close()
        thread.join(PATIENCE_SECONDS)

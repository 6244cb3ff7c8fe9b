"""A server of lines for the relay's tests: what it got and how each connection ended can be seen from it."""

import queue
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PATIENCE_SECONDS = 20.0
ANSWER = b"A" * 4000 + b"\n"
_RESET = struct.pack("ii", 1, 0)


class LineServer:
    """Answers each line with `ANSWER`, one connection at a time or several. `heard` holds what came in order.

    An end of a connection is heard as `closed` or `reset`. While `silent`, lines are heard and not answered;
    `leave` then resets every connection, as the machine of a killed process does.
    """

    def __init__(self) -> None:
        self.heard: queue.Queue[bytes | str] = queue.Queue()
        self.silent = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def hears(self) -> bytes | str:
        return self.heard.get(timeout=PATIENCE_SECONDS)

    def leave(self) -> None:
        for each in self._connections:
            with suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                each.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        # A thread that waits in accept does not notice that its listener is closed.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in self._connections:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._answer, args=[connection])
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                while line := connection.recv(65_536):
                    self.heard.put(line)
                    if not self.silent:
                        connection.sendall(ANSWER)
                self.heard.put("closed")
            except OSError:
                self.heard.put("reset")


@contextmanager
def line_server() -> Iterator[LineServer]:
    server = LineServer()
    try:
        yield server
    finally:
        server.close()


class LineClient:
    """One connection to the relay."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)

    def says(self, line: bytes) -> None:
        self._socket.sendall(line)

    def hears(self) -> tuple[bytes, str]:
        """Return what came, and whether it was `whole`, or the connection was `closed` or `reset` first."""
        heard = b""
        try:
            while not heard.endswith(b"\n"):
                piece = self._socket.recv(65_536)
                if not piece:
                    return heard, "closed"
                heard += piece
        except ConnectionError:
            return heard, "reset"
        return heard, "whole"

    def asks(self, line: bytes) -> tuple[bytes, str]:
        self.says(line)
        return self.hears()

    def close(self) -> None:
        self._socket.close()

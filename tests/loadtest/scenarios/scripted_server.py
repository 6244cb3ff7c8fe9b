"""A server that plays its part connection by connection, and keeps what it was sent."""

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

RESET = b"reset"
SILENCE = b"silence"
PAUSE = b"<pause>"
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 10
_AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Played:
    """Where it is, and what each connection was sent. Silence is kept until `over` is set."""

    url: str
    received: list[list[bytes]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait_until_asked(self) -> None:
        """Wait until one more request has come."""
        assert self.asked.acquire(timeout=PATIENCE_SECONDS)

    def wait_until_closed(self) -> None:
        """Wait until it has closed one more connection."""
        assert self.closed.acquire(timeout=PATIENCE_SECONDS)


@contextmanager
def playing(*connections: Sequence[bytes]) -> Iterator[Played]:
    """Give each connection its answers, one for each request, and then close it.

    `RESET` breaks the connection, `SILENCE` is no answer, and at a `PAUSE` within one it waits a little.
    Connections may come at the same time: each has the next answers that no other has.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        played = Played(f"http://127.0.0.1:{listener.getsockname()[1]}")
        threads = []

        def accept() -> None:
            for answers in connections:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                played.received.append([])
                threads.append(
                    threading.Thread(target=_play, args=(connection, answers, played, played.received[-1]))
                )
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield played
        finally:
            played.over.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(PATIENCE_SECONDS)


def _play(connection: socket.socket, answers: Sequence[bytes], played: Played, received: list[bytes]) -> None:
    with connection:
        connection.settimeout(PATIENCE_SECONDS)
        for answer in answers:
            received.append(_request(connection))
            played.asked.release()
            if answer == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                break
            if answer == SILENCE:
                played.over.wait(PATIENCE_SECONDS)
                break
            for part in answer.split(PAUSE):
                connection.sendall(part)
                played.over.wait(PAUSE_SECONDS if PAUSE in answer else 0)
    played.closed.release()


def _request(connection: socket.socket) -> bytes:
    request = b""
    while (head := request.partition(b"\r\n\r\n"))[1] == b"" or len(head[2]) < _length(head[0]):
        more = connection.recv(65536)
        assert more, "the client hung up"
        request += more
    return request


def _length(head: bytes) -> int:
    fields = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:])
    return int(fields.get(b"content-length", b"0"))

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from loadtest.wire.transport import Connection, connection_error
from tests.loadtest.fake_provider import FakeProvider, serving


@contextmanager
def _answering(*answers: bytes) -> Iterator[str]:
    """A server that answers each connection with these bytes and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(timeout=5)
        listener.close()


def test_requests_to_one_host_share_a_connection() -> None:
    with serving(FakeProvider()) as url:
        connection = Connection()
        first = connection.send("GET", f"{url}/control/health", {"X": "1"})
        second = connection.send("GET", f"{url}/control/health?x=1", {})
        connection.close()

    assert (first.status, first.error, first.body) == (200, None, second.body)


def test_a_provider_that_is_not_there_is_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

    assert Connection().send("GET", f"http://127.0.0.1:{port}/", {}).error == "connection refused"


def test_a_provider_that_hangs_up_is_a_reset_and_the_next_request_connects_anew() -> None:
    looked_whether_tls_is_spoken = b""
    with _answering(
        b"", looked_whether_tls_is_spoken, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    ) as url:
        connection = Connection()
        first = connection.send("POST", f"{url}/Appointment", {}, b"{}")
        second = connection.send("GET", f"{url}/Appointment", {})
        connection.close()

    assert (first.status, first.error) == (0, "connection reset")
    assert (second.status, second.body) == (200, b"ok")


@pytest.mark.parametrize("status", [100, 102, 103])
def test_what_comes_before_the_answer_is_not_taken_for_it(status: int) -> None:
    interim = b"HTTP/1.1 %d Wait\r\nLink: </style.css>\r\n\r\n" % status
    with _answering(2 * interim + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as url:
        connection = Connection()
        answer = connection.send("GET", f"{url}/Slot", {})
        connection.close()

    assert (answer.status, answer.body, answer.error) == (200, b"ok", None)


def test_a_provider_that_says_nothing_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = Connection(timeout=0.05)
        answer = connection.send("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/", {})
        connection.close()

    assert answer.error == "timeout"


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (TimeoutError(), "timeout"),
        (BrokenPipeError(), "connection reset"),
        (OSError("no route"), "OSError: no route"),
    ],
)
def test_broken_connections_have_one_name_each(error: OSError, name: str) -> None:
    assert connection_error(error) == name

"""What the load sends through: once, whatever happens, and over connections that are kept."""

import gzip
import socket
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

import orjson
import pytest

from loadtest.responses import Response
from loadtest.scenarios.connections import Connections
from loadtest.wire.tls import NO_FILES, TlsFiles
from loadtest.wire.transport import Connection
from tests.loadtest.scenarios.scripted_server import PAUSE, RESET, SILENCE, playing
from tests.spine.tls_peers import GOOD_CONSUMER, tls_server

CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n" + PAUSE + b"1\r\nk\r\n0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FINE = Response(200, b"ok")


class Opening(Protocol):
    def __call__(self, files: TlsFiles = NO_FILES, seconds: float = 10.0) -> Connections: ...


@pytest.fixture
def connections() -> Iterator[Opening]:
    """Make a client's connections, which are closed after the test."""
    with ExitStack() as closing:

        def opening(files: TlsFiles = NO_FILES, seconds: float = 10.0) -> Connections:
            made = Connections(files.context(), seconds, seconds)
            closing.callback(made.close)
            return made

        yield opening


def test_requests_to_one_host_go_over_one_connection(connections: Opening) -> None:
    with playing([OK, OK, OK]) as played:
        mine = connections()
        answers = [mine.send("GET", f"{played.url}/Slot?start=ge{day}", {}) for day in range(3)]

    assert answers == [FINE] * 3
    assert [len(requests) for requests in played.received] == [3]


def test_a_request_names_its_host_and_its_length_once_and_carries_its_headers_and_body_as_given(
    connections: Opening,
) -> None:
    headers = {"Ssp-TraceID": "t-1", "If-Match": 'W/"3"'}
    with playing([OK, OK]) as played:
        mine = connections()
        mine.send("PUT", f"{played.url}/A20047/Appointment/7", headers, b'{"id":"7"}')
        mine.send("GET", f"{played.url}", {})

    (put, get) = played.received[0]
    host = played.url.removeprefix("http://")
    head, body = put.decode().split("\r\n\r\n")
    line, *fields = head.split("\r\n")
    assert (line, body) == ("PUT /A20047/Appointment/7 HTTP/1.1", '{"id":"7"}')
    assert sorted(fields) == [
        "Accept-Encoding: identity",
        "Content-Length: 10",
        f"Host: {host}",
        'If-Match: W/"3"',
        "Ssp-TraceID: t-1",
        "User-Agent: gpload",
    ]
    assert get.startswith(b"GET / HTTP/1.1\r\n") and b"Content-Length" not in get


def test_a_service_root_behind_a_proxy_is_part_of_the_path(connections: Opening) -> None:
    with playing([OK]) as played:
        connections().send("GET", f"{played.url}/https://gp.example/A20047/metadata", {})

    assert played.received[0][0].startswith(b"GET /https://gp.example/A20047/metadata HTTP/1.1\r\n")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("broken", [RESET, b""], ids=["reset", "closed"])
@pytest.mark.parametrize("before", [[], [OK]], ids=["fresh", "used"])
def test_a_request_whose_connection_breaks_is_not_sent_again(
    connections: Opening, method: str, broken: bytes, before: list[bytes]
) -> None:
    with playing([*before, broken], [OK]) as played:
        mine = connections()
        first = [mine.send("GET", f"{played.url}/", {}) for _ in before]
        answer = mine.send(method, f"{played.url}/Appointment/1", {}, b"{}")
        sent = [len(requests) for requests in played.received]
        after = mine.send("GET", f"{played.url}/", {})

    assert answer == Response(0, error="connection reset")
    assert sent == [len(before) + 1]
    assert [*first, after] == [FINE] * (len(before) + 1)


@pytest.mark.parametrize("status", [204, 302, 304, 404, 409, 422, 500, 501, 503])
def test_a_response_of_any_status_is_an_answer_and_no_redirect_is_followed(
    connections: Opening, status: int
) -> None:
    empty = status in (204, 304)
    head = f"HTTP/1.1 {status} So\r\nLocation: /elsewhere\r\n"
    answer = head + ("\r\n" if empty else "Content-Length: 3\r\n\r\nwhy")
    with playing([answer.encode(), OK]) as played:
        mine = connections()
        assert mine.send("GET", f"{played.url}/", {}) == Response(status, b"" if empty else b"why")
        assert mine.send("GET", f"{played.url}/", {}) == FINE

    assert len(played.received) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + PAUSE + OK[:-1] + PAUSE + OK[-1:],
        b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKS,
        CHUNKS,
        OK[:20] + PAUSE + OK[20:-1] + PAUSE + OK[-1:],
    ],
    ids=["after an interim one", "after an interim one, in parts", "both", "in chunks", "in parts"],
)
def test_an_answer_is_read_whole_however_it_comes(connections: Opening, answer: bytes) -> None:
    with playing([answer, OK]) as played:
        mine = connections()
        assert [mine.send("GET", f"{played.url}/", {}) for _ in range(2)] == [FINE] * 2

    assert len(played.received) == 1


@pytest.mark.parametrize(
    "last",
    [
        OK,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n\r\nok",
    ],
    ids=["without a word", "as it said", "in HTTP/1.0", "to end its answer"],
)
def test_a_connection_that_the_provider_has_closed_is_left_for_a_new_one(
    connections: Opening, last: bytes
) -> None:
    with playing([last], [OK]) as played:
        mine = connections()
        first = mine.send("PUT", f"{played.url}/", {}, b"{}")
        played.wait_until_closed()
        second = mine.send("PUT", f"{played.url}/", {}, b"{}")

    assert [first, second] == [FINE, FINE]
    assert [len(requests) for requests in played.received] == [1, 1]


def test_silence_is_a_timeout_and_its_connection_is_not_used_again(connections: Opening) -> None:
    with playing([SILENCE], [OK]) as played:
        mine = connections(seconds=0.05)
        assert mine.send("POST", f"{played.url}/Appointment", {}, b"{}") == Response(0, error="timeout")
        assert mine.send("GET", f"{played.url}/", {}) == FINE


CUT = "closed in the middle of the answer"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", CUT),
        (b"HTTP/1.1 200 OK\r\nConte", CUT),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + PAUSE + OK[:-1], CUT),
        (b"HTTP/1.1 100 Continue\r\n\r\n", CUT),
        (CHUNKS[:-5], CUT),
        (b"no HTTP at all\r\n\r\n", "not HTTP"),
        (OK + OK.replace(b"200", b"409"), "two answers to one request"),
    ],
    ids=[
        "in the body",
        "in the head",
        "after an interim one",
        "interim",
        "in chunks",
        "something else",
        "two",
    ],
)
def test_what_is_no_whole_answer_is_none(connections: Opening, answer: bytes, error: str) -> None:
    with playing([answer], [OK]) as played:
        mine = connections()
        broken = mine.send("GET", f"{played.url}/", {})
        assert mine.send("GET", f"{played.url}/", {}) == FINE

    assert (broken.status, broken.body) == (0, b"")
    assert broken.error == error


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"gzip", gzip.compress(b"ok"), FINE),
        (b"deflate", zlib.compress(b"ok"), FINE),
        (b"identity", b"ok", FINE),
        (b"gzip", b"ok", Response(200, error="no gzip, as Content-Encoding says")),
        (b"gzip", gzip.compress(b"ok" * 99)[:-9], Response(200, error="gzip that was cut short")),
        (b"br", b"ok", Response(200, error="content encoding br")),
    ],
    ids=["gzip", "deflate", "identity", "no gzip", "cut short", "another"],
)
def test_an_answer_that_was_compressed_unasked_is_read_or_said_to_be_unreadable(
    connections: Opening, encoding: bytes, body: bytes, expected: Response
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body))
    with playing([head + body]) as played:
        assert connections().send("GET", f"{played.url}/", {}) == expected
    with playing([head + body]) as played, closing(Connection()) as survey:
        assert survey.send("GET", f"{played.url}/", {}) == expected


def test_a_provider_that_is_not_there_is_a_refused_connection(connections: Opening) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

    assert connections().send("GET", f"http://127.0.0.1:{port}/", {}) == Response(
        0, error="connection refused"
    )


def test_requests_under_way_at_once_have_a_connection_each_and_keep_them(connections: Opening) -> None:
    with playing([SILENCE], [OK, OK]) as played, ThreadPoolExecutor() as threads:
        mine = connections()
        slow = threads.submit(mine.send, "GET", f"{played.url}/slow", {})
        played.wait_until_asked()
        quick = [mine.send("GET", f"{played.url}/", {}) for _ in range(2)]
        played.over.set()
        assert slow.result() == Response(0, error="connection reset")

    assert quick == [FINE, FINE]
    assert [len(requests) for requests in played.received] == [1, 2]


def test_a_request_that_is_stopped_leaves_no_answer_for_the_next_one(
    connections: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    with playing([OK], [OK]) as played:
        mine = connections()
        with monkeypatch.context() as patched, pytest.raises(Stopped):
            patched.setattr("loadtest.scenarios.connections._Answer.read", stop)
            mine.send("GET", f"{played.url}/", {})
        assert mine.send("GET", f"{played.url}/", {}) == FINE

    assert [len(requests) for requests in played.received] == [1, 1]


@pytest.mark.parametrize("version", ['1"\r\nSsp-From: "', "1\n", "1\r"])
def test_what_a_provider_says_cannot_add_a_header_to_a_request(connections: Opening, version: str) -> None:
    with pytest.raises(ValueError, match=r"a header must be one line: \{'If-Match': "):
        connections().send("PUT", "http://127.0.0.1:9/", {"Ssp-From": "1", "If-Match": f'W/"{version}"'}, b"")


def test_over_tls_the_client_shows_its_certificate_and_checks_the_servers(
    connections: Opening, certificates: Path
) -> None:
    good = certificates / f"{GOOD_CONSUMER}.pem", certificates / f"{GOOD_CONSUMER}-key.pem"
    authority = certificates / "authority.pem"
    with tls_server(certificates) as server:
        url = f"https://127.0.0.1:{server.port}/"
        mine = connections(TlsFiles(*good, authority))
        clients = [orjson.loads(mine.send("GET", url, {}).body)["client"] for _ in range(2)]
        bare = connections(TlsFiles(cacert=authority)).send("GET", url, {})
        distrusting = connections(TlsFiles(*good)).send("GET", url, {})

    assert clients[0] == clients[1], "both over one connection"
    assert bare == Response(0, error="TLS: the server says: certificate required")
    assert distrusting == Response(
        0,
        error="TLS: the server's certificate does not pass: unable to get local issuer certificate",
    )


def test_a_server_by_another_name_is_told_nothing(connections: Opening, certificates: Path) -> None:
    files = TlsFiles(cacert=certificates / "authority.pem")
    with tls_server(certificates, "wrong-name") as server:
        answer = connections(files).send("GET", f"https://127.0.0.1:{server.port}/", {})

    assert answer.status == 0
    assert answer.error is not None and "IP address mismatch" in answer.error

"""HTTP at its edges, over a real socket: every client gets an answer before its connection ends."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from loadtest.consumer import Request
from simulator.fhir import urls
from tests.conftest import TODAY
from tests.races.parties import Party
from tests.races.served import PATIENCE_SECONDS, Served, serving

OVER_THE_LIMIT = 3_000_000
FHIR_JSON = "application/fhir+json;charset=utf-8"


@pytest.fixture(scope="module")
def served(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a copy of the template for all tests here: none of them changes anything."""
    database = tmp_path_factory.mktemp("broken_http") / "practices.db"
    database.write_bytes(template_database.read_bytes())
    with serving(database, "--today", TODAY.isoformat()) as running:
        yield running


@pytest.fixture(scope="module")
def booking(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Request:
    """Return a correct booking."""
    party = Party(served.url, tmp_path_factory.mktemp("ledger"))
    with closing(party):
        return party.consumer("one").book_appointment([party.offers[0]], party.patient(0))


class Caller:
    """A client that sends bytes and reads answers, without any idea of what is proper."""

    def __init__(self, served: Served) -> None:
        self.socket = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_SECONDS)
        self._reader = self.socket.makefile("rb")

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self.socket.close()

    def send(self, *pieces: bytes) -> None:
        """Send bytes."""
        for piece in pieces:
            self.socket.sendall(piece)

    def answer(self, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Read one answer: status, headers, body."""
        status = int(self._reader.readline().split()[1])
        headers: dict[str, str] = {}
        while (line := self._reader.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0)) if has_body else 0
        return status, headers, self._reader.read(length)


def head(request: Request, method: str | None = None, **extra: str) -> bytes:
    """Return the request line and headers of a request, with others added."""
    path = request.url.partition("/Z")[2]
    lines = [f"{method or request.interaction.method} /Z{path} HTTP/1.1", "Host: 127.0.0.1"]
    headers = {**request.headers, **{name.replace("_", "-"): value for name, value in extra.items()}}
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def assert_refused(answer: tuple[int, dict[str, str], bytes], status: int) -> None:
    came, headers, body = answer
    assert came == status, body
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == FHIR_JSON
    outcome = json.loads(body)
    assert outcome["meta"]["profile"] == [urls.OPERATION_OUTCOME]
    assert outcome["issue"][0]["diagnostics"]


def test_a_body_that_is_declared_too_large_is_refused_while_it_is_still_being_sent(
    served: Served, booking: Request
) -> None:
    with Caller(served) as caller:
        caller.send(head(booking, Content_Length=str(OVER_THE_LIMIT)), b" " * 1_000)
        assert_refused(caller.answer(), 413)
        caller.send(b" " * (OVER_THE_LIMIT - 1_000))
        caller.send(b"GET /control/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert caller.answer()[0] == 200, "the connection can still be used"


def test_a_body_in_chunks_that_grows_too_large_is_refused_and_can_be_sent_to_its_end(
    served: Served, booking: Request
) -> None:
    chunk = b"%x\r\n%s\r\n" % (50_000, b" " * 50_000)
    with Caller(served) as caller:
        caller.send(head(booking, Transfer_Encoding="chunked"), *[chunk] * 60, b"0\r\n\r\n")
        assert_refused(caller.answer(), 413)
        caller.send(b"GET /control/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert caller.answer()[0] == 200, "the connection can still be used"


def test_a_body_that_is_too_large_is_refused_before_the_client_is_told_to_go_on(
    served: Served, booking: Request
) -> None:
    with Caller(served) as caller:
        caller.send(head(booking, Content_Length=str(OVER_THE_LIMIT), Expect="100-continue"))
        assert_refused(caller.answer(), 413)


def test_a_correct_booking_may_come_in_chunks_and_byte_by_byte(served: Served, booking: Request) -> None:
    refused = (booking.body or b"").replace(b'"booked"', b'"noshow"')
    chunks = [b"1\r\n%c\r\n" % byte for byte in refused]
    with Caller(served) as caller:
        caller.send(head(booking, Transfer_Encoding="chunked"), b"".join(chunks), b"0\r\n\r\n")
        answer = caller.answer()
    assert_refused(answer, 422)
    assert b"Appointment.status" in answer[2], "it was read to its end"


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS", "TRACE", "PUT", "GET"])
def test_a_verb_that_is_not_of_the_path_is_refused(served: Served, booking: Request, method: str) -> None:
    with Caller(served) as caller:
        caller.send(head(booking, method, Content_Length="0"))
        assert_refused(caller.answer(), 400)


def test_a_head_request_is_answered_without_a_body(served: Served, booking: Request) -> None:
    with Caller(served) as caller:
        caller.send(head(booking, "HEAD", Content_Length="0"))
        status, headers, _ = caller.answer(has_body=False)
        assert status == 400
        assert headers["cache-control"] == "no-store"
        caller.send(head(booking, "DELETE", Content_Length="0"))
        assert_refused(caller.answer(), 400)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\r\n\r\n\r\nNONSENSE\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nXYZ\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_not_http_is_answered_with_400_and_harms_nobody(served: Served, nonsense: bytes) -> None:
    with Caller(served) as caller:
        caller.send(nonsense)
        assert caller.answer()[0] == 400
    assert served.is_ready()


def test_a_client_that_goes_away_in_the_middle_harms_nobody(served: Served, booking: Request) -> None:
    for _ in range(5):
        with Caller(served) as caller:
            caller.send(head(booking, Content_Length="5000"), b"{")
    assert served.is_ready()
    assert "Traceback" not in served.said, served.said

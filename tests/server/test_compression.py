"""gzip in both directions: given where asked, never unasked; taken where said, within the limit."""

import gzip
import zlib

import httpx2
import pytest

from simulator.interactions.interaction import Format
from simulator.server.request_body import BODY_LIMIT
from tests.practice_client import BY_NAME, PracticeClient, assert_operation_outcome


def raw(consumer: PracticeClient, accept_encoding: str | None, **send: str) -> tuple[httpx2.Response, bytes]:
    """Return the capability statement, or a refusal, and its body as it came over the wire."""
    headers = consumer.headers(BY_NAME["read_metadata"]) | send
    request = consumer.http.build_request("GET", f"{consumer.root}/metadata", headers=headers)
    request.headers.pop("accept-encoding", None)
    if accept_encoding is not None:
        request.headers["accept-encoding"] = accept_encoding
    response = consumer.http.send(request, stream=True)
    return response, b"".join(response.iter_raw())


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
@pytest.mark.parametrize(
    "asked", ["gzip", "GZIP", "gzip, deflate, br", "deflate, gzip;q=0.5", "br;q=1.0, gzip;q=0.8, *;q=0.1"]
)
def test_a_gzipped_answer_comes_where_it_is_asked_for(
    consumer: PracticeClient, asked: str, spoken: Format
) -> None:
    response, body = raw(consumer, asked, Accept=spoken)
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-length"] == str(len(body))
    plain = gzip.decompress(body)
    assert len(body) < len(plain)
    assert b"CapabilityStatement" in plain
    assert len(response.headers.multi_items()) == len(response.headers)


@pytest.mark.parametrize(
    "asked", [None, "", "identity", "gzip;q=0", "gzip; q=0.0", "deflate, br", "*", "gzipped", "gzip;q=much"]
)
def test_an_answer_is_never_gzipped_unasked(consumer: PracticeClient, asked: str | None) -> None:
    response, body = raw(consumer, asked)
    assert "content-encoding" not in response.headers
    assert b"CapabilityStatement" in body


def test_a_refusal_is_gzipped_too(consumer: PracticeClient) -> None:
    response, body = raw(consumer, "gzip", Authorization="")
    assert (response.status_code, response.headers["content-encoding"]) == (400, "gzip")
    assert b"OperationOutcome" in gzip.decompress(body)


def test_an_answer_without_body_is_not_gzipped(consumer: PracticeClient) -> None:
    response = consumer.send("read_metadata", method="HEAD", headers={"Accept-Encoding": "gzip"})
    assert response.content == b""


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " gzip "])
@pytest.mark.parametrize(
    ("content_type", "body", "word"),
    [
        ("application/fhir+json", b'{"resourceType": "Patient"}', "'Patient' was sent; expected Appointment"),
        ("application/fhir+xml", b'<Patient xmlns="http://hl7.org/fhir"/>', "'Patient' was sent; expected"),
    ],
)
def test_a_gzipped_request_is_read(
    consumer: PracticeClient, encoding: str, content_type: str, body: bytes, word: str
) -> None:
    headers: dict[str, str | None] = {"Content-Encoding": encoding, "Content-Type": content_type}
    response = consumer.send("book_appointment", body=gzip.compress(body, mtime=0), headers=headers)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", word)


@pytest.mark.parametrize("behind", [b"", b"\0" * 7], ids=["nothing", "zeros"])
def test_a_gzip_of_several_members_is_read_as_one(consumer: PracticeClient, behind: bytes) -> None:
    parts = (b'{"resourceType": ', b"", b'"Patient"}')
    body = b"".join(gzip.compress(part, mtime=0) for part in parts) + behind
    response = consumer.send("book_appointment", body=body, headers={"Content-Encoding": "gzip"})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "'Patient' was sent; expected Appointment")


@pytest.mark.parametrize(("members", "status"), [(64, 422), (65, 400)])
def test_a_gzip_has_no_end_of_members(consumer: PracticeClient, members: int, status: int) -> None:
    body = gzip.compress(b"{}", mtime=0) + gzip.compress(b"", mtime=0) * (members - 1)
    response = consumer.send("book_appointment", body=body, headers={"Content-Encoding": "gzip"})
    code, said = ("BAD_REQUEST", "has over 64 members") if status == 400 else ("INVALID_RESOURCE", "")
    assert_operation_outcome(response, status, code, said)


def test_members_that_are_over_the_limit_together_are_too_large(consumer: PracticeClient) -> None:
    body = gzip.compress(b" " * (BODY_LIMIT // 2), mtime=0) * 2 + gzip.compress(b"{", mtime=0)
    response = consumer.send("book_appointment", body=body, headers={"Content-Encoding": "gzip"})
    assert_operation_outcome(response, 413, "BAD_REQUEST", str(BODY_LIMIT), "unzipped")


def test_a_plain_request_may_say_so(consumer: PracticeClient) -> None:
    response = consumer.send("book_appointment", body=b"{}", headers={"Content-Encoding": "identity"})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE")


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "x"])
def test_another_encoding_is_refused(consumer: PracticeClient, encoding: str) -> None:
    response = consumer.send("book_appointment", body=b"{}", headers={"Content-Encoding": encoding})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "header Content-Encoding", encoding, "gzip")


@pytest.mark.parametrize("size", [BODY_LIMIT + 1, 200_000_000])
def test_a_body_over_the_limit_when_unzipped_is_too_large(consumer: PracticeClient, size: int) -> None:
    packer = zlib.compressobj(9, wbits=31)
    body = b"".join(packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000))
    body += packer.compress(b" " * (size % 1_000_000)) + packer.flush()
    assert len(body) < BODY_LIMIT
    response = consumer.send("book_appointment", body=body, headers={"Content-Encoding": "gzip"})
    assert_operation_outcome(response, 413, "BAD_REQUEST", str(BODY_LIMIT), "unzipped")


def test_a_body_at_the_limit_when_unzipped_is_read(consumer: PracticeClient) -> None:
    body = gzip.compress(b"{}".ljust(BODY_LIMIT), mtime=0)
    response = consumer.send("book_appointment", body=body, headers={"Content-Encoding": "gzip"})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{}", "is not gzip"),
        (zlib.compress(b"{}"), "is not gzip"),
        (gzip.compress(b"{}", mtime=0)[:-9] + b"123456789", "is not gzip"),
        (gzip.compress(b"{}" * 1000, mtime=0)[:-1], "is cut short"),
        (gzip.compress(b"{}", mtime=0) + b"junk", "is not gzip"),
        (gzip.compress(b"{}", mtime=0) * 2 + gzip.compress(b"{}", mtime=0)[:-1], "is cut short"),
        (gzip.compress(b"{}", mtime=0)[:5], "is cut short"),
        (b"", "is cut short"),
    ],
)
def test_a_body_that_is_no_whole_gzip_is_malformed(consumer: PracticeClient, body: bytes, word: str) -> None:
    response = consumer.send("book_appointment", body=body, headers={"Content-Encoding": "gzip"})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "body", word)

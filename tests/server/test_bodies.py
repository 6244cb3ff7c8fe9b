"""Bodies that are too large, that come in pieces, or that are no FHIR resource."""

from collections.abc import Iterator

import pytest

from simulator.server.request_body import BODY_LIMIT
from tests.practice_client import BY_NAME, PracticeClient, assert_operation_outcome

COMMANDS = [("book_appointment", ""), ("amend_appointment", "1"), ("cancel_appointment", "1")]
ALL_COMMANDS = [*COMMANDS, ("register_patient", "")]


@pytest.mark.parametrize(("name", "resource_id"), ALL_COMMANDS)
def test_a_body_over_the_limit_is_too_large(consumer: PracticeClient, name: str, resource_id: str) -> None:
    response = consumer.send(name, resource_id=resource_id, body=b" " * (BODY_LIMIT + 1))
    assert_operation_outcome(response, 413, "BAD_REQUEST", str(BODY_LIMIT))


def test_a_body_at_the_limit_is_read(consumer: PracticeClient) -> None:
    response = consumer.send("book_appointment", body=b"{}".ljust(BODY_LIMIT))
    assert_operation_outcome(response, 422, "INVALID_RESOURCE")


def test_a_body_declared_too_large_is_refused_unread(consumer: PracticeClient) -> None:
    headers: dict[str, str | None] = {"Content-Length": str(BODY_LIMIT + 1)}
    response = consumer.send("book_appointment", body=b"{}", headers=headers)
    assert_operation_outcome(response, 413, "BAD_REQUEST", str(BODY_LIMIT))


@pytest.mark.parametrize(("chunks", "status"), [(9, 400), (11, 413)])
def test_a_chunked_body_is_counted_as_it_comes(consumer: PracticeClient, chunks: int, status: int) -> None:
    def body() -> Iterator[bytes]:
        yield from [b" " * 100_000] * chunks

    interaction = BY_NAME["book_appointment"]
    response = consumer.http.post(
        f"{consumer.root}/Appointment", content=body(), headers=consumer.headers(interaction)
    )
    assert_operation_outcome(response, status, "BAD_REQUEST", "body")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"{", "is not JSON"),
        (b"{'a': 1}", "is not JSON"),
        (b'{"a": 1,}', "is not JSON"),
        (b'{"a": NaN}', "is not JSON"),
        (b'{"a": 1e999}', "is not JSON"),
        (b'{"a": "\xff"}', "is not in UTF-8: invalid start byte at byte 7"),
        (b"\x1f\x8b\x08\x00", "begins as gzip does; expected JSON, or the header Content-Encoding: gzip"),
        (b'{"a": "\\ud800"}', "is not JSON"),
        (b"\xef\xbb\xbf{", "is not JSON"),
        (b"<Appointment/>", "is not JSON"),
        (b"[" * 2000, "is not JSON"),
        (b"[]", "an array"),
        (b'[{"resourceType": "Appointment"}]', "an array"),
        (b'"Appointment"', "a text"),
        (b"7", "a number"),
        (b"7.5", "a number"),
        (b"true", "a boolean"),
        (b"null", "null"),
    ],
)
@pytest.mark.parametrize(("name", "resource_id"), ALL_COMMANDS)
def test_a_body_that_is_no_json_object_is_malformed(
    consumer: PracticeClient, name: str, resource_id: str, body: bytes, word: str
) -> None:
    response = consumer.send(name, resource_id=resource_id, body=body)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "body", word)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", ("resourceType: is missing", "Appointment")),
        (b'{"resourceType": "Bundle", "type": "searchset"}', ("'Bundle'", "Appointment")),
        (b'{"resourceType": "appointment"}', ("'appointment'",)),
        (b'{"resourceType": 5}', ("resourceType", "5")),
        (b'{"resourceType": null}', ("resourceType: is missing",)),
        (b'{"resourceType": "Appointment", "resourceType": "Patient"}', ("'Patient'",)),
        (b'{"resourceType": "Appointment", "a": ' + b"[" * 900 + b"]" * 900 + b"}", ("nests deeper",)),
        (b'{"resourceType": "Appointment", "slot": []}', ("Appointment.slot", "empty")),
        (b'{"resourceType": "Appointment", "slot": [null]}', ("Appointment.slot[0]", "null")),
        (b'{"resourceType": "Appointment", "meta": {}}', ("Appointment.meta", "empty")),
        (b'{"resourceType": "Appointment", "colour": "red"}', ("Appointment.colour", "not an element")),
        (
            b'{"resourceType": "Appointment", "resource_type": "Appointment"}',
            ("resource_type", "not an element"),
        ),
        (b'{"resourceType": "Appointment", "start__ext": {"id": "x"}}', ("start__ext", "not an element")),
    ],
)
@pytest.mark.parametrize(("name", "resource_id"), COMMANDS)
def test_a_body_that_is_no_appointment_is_an_invalid_resource(
    consumer: PracticeClient, name: str, resource_id: str, body: bytes, words: tuple[str, ...]
) -> None:
    response = consumer.send(name, resource_id=resource_id, body=body)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", *words)


def test_a_body_sent_with_a_query_is_ignored(consumer: PracticeClient) -> None:
    assert consumer.send("read_metadata", body=b"not json").status_code == 200


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_a_chunked_body_is_read_whole(consumer: PracticeClient, piece: int) -> None:
    body = b'<Patient xmlns="http://hl7.org/fhir"/>'

    def pieces() -> Iterator[bytes]:
        yield from (body[start : start + piece] for start in range(0, len(body), piece))

    headers = consumer.headers(BY_NAME["book_appointment"]) | {"Content-Type": "application/fhir+xml"}
    response = consumer.http.post(f"{consumer.root}/Appointment", content=pieces(), headers=headers)
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "'Patient' was sent; expected Appointment")


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        (b"", 400, "BAD_REQUEST", ("is empty",)),
        (b"{}", 400, "BAD_REQUEST", ("is not XML",)),
        (b"<!DOCTYPE Appointment><Appointment/>", 400, "BAD_REQUEST", ("has a DTD",)),
        (b"<Appointment/>", 422, "INVALID_RESOURCE", ("is in namespace ''",)),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", 422, "INVALID_RESOURCE", ("'Bundle' was sent",)),
        (
            b"<Appointment xmlns='http://hl7.org/fhir'><colour value='red'/></Appointment>",
            422,
            "INVALID_RESOURCE",
            ("Appointment.colour", "not an element"),
        ),
        (
            b"<Appointment xmlns='http://hl7.org/fhir'><status value='booked'/><status/></Appointment>",
            422,
            "INVALID_RESOURCE",
            ("Appointment.status", "more than once"),
        ),
    ],
)
@pytest.mark.parametrize(("name", "resource_id"), COMMANDS)
def test_a_body_that_is_no_appointment_in_xml_says_why(
    consumer: PracticeClient,
    name: str,
    resource_id: str,
    body: bytes,
    status: int,
    code: str,
    words: tuple[str, ...],
) -> None:
    headers: dict[str, str | None] = {"Content-Type": "application/fhir+xml"}
    response = consumer.send(name, resource_id=resource_id, body=body, headers=headers)
    assert_operation_outcome(response, status, code, *words)

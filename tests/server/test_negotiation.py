"""Formats: `_format` over `Accept` over `Content-Type`, else JSON; UTF-8 always."""

import pytest

from simulator.domain.refusals import UnsupportedFormat
from simulator.interactions.interaction import Format
from simulator.server.header_fields import HeaderFields
from simulator.server.negotiation import accepted_format, wants_gzip, wants_minimal
from tests.practice_client import PracticeClient, assert_common_headers, assert_operation_outcome

JSON = "application/fhir+json"
XML = "application/fhir+xml"


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/*",
        JSON,
        f"{JSON};charset=utf-8",
        f"{JSON}; charset=utf-8",
        f"{JSON};q=0.5",
        "Application/FHIR+JSON",
        f"{XML};q=0.1, {JSON};q=0.2",
        f"{XML};q=0, {JSON}",
        f"{XML};q=0, */*",
        f"{XML};q=much, {JSON};q=0.1",
        f"{JSON}, {XML}",
        "text/html,*/*;q=0.1",
        "json",
    ],
)
def test_json_is_what_is_accepted(consumer: PracticeClient, accept: str | None) -> None:
    response = consumer.send("read_metadata", headers={"Accept": accept})
    assert response.status_code == 200
    assert_common_headers(response, Format.JSON)


@pytest.mark.parametrize(
    "accept",
    [
        XML,
        f"{XML};charset=utf-8",
        f"{XML}; charset=utf-8",
        "APPLICATION/FHIR+XML",
        f"{XML}, {JSON};q=0.2",
        f"{JSON};q=0, */*",
        f"{JSON};q=0, application/*;q=0.3",
        f"text/html, {XML};q=0.1",
        "xml",
    ],
)
def test_xml_is_what_is_accepted(consumer: PracticeClient, accept: str) -> None:
    response = consumer.send("read_metadata", headers={"Accept": accept})
    assert response.status_code == 200
    assert_common_headers(response, Format.XML)


@pytest.mark.parametrize(
    "accept",
    [
        "application/xml",
        "application/json",
        "text/json",
        "text/html",
        "application/pdf, image/png",
        "json xml",
        f"{JSON};q=0",
        f"{JSON};q=0, {XML};q=0, */*",
        f"{XML};q=-1",
    ],
)
def test_a_format_that_cannot_be_had_is_refused(consumer: PracticeClient, accept: str) -> None:
    response = consumer.send("read_metadata", headers={"Accept": accept})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "header Accept", accept, JSON, XML)


@pytest.mark.parametrize("old", ["application/json+fhir", "application/xml+fhir"])
def test_a_format_of_before_1_0_is_refused_as_such(consumer: PracticeClient, old: str) -> None:
    response = consumer.send("read_metadata", headers={"Accept": old})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "Accept", old, JSON, "before GP Connect 1.0")


def test_a_list_may_come_in_several_lines() -> None:
    lines = [(b"accept", b"text/html"), (b"accept", XML.encode())]
    assert accepted_format(HeaderFields(lines)) is Format.XML
    assert wants_gzip(HeaderFields([(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")]))
    assert wants_minimal(HeaderFields([(b"prefer", b"wait=5"), (b"prefer", b"return=minimal")]))
    with pytest.raises(UnsupportedFormat):
        accepted_format(HeaderFields(lines[:1]))


@pytest.mark.parametrize("accept", [JSON, XML, "text/html", None])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (JSON, Format.JSON),
        ("application/fhir%2Bjson", Format.JSON),
        ("json", Format.JSON),
        (f"{JSON};charset=utf-8", Format.JSON),
        (XML, Format.XML),
        ("application/fhir%2Bxml", Format.XML),
        ("xml", Format.XML),
    ],
)
def test_the_format_parameter_wins_over_accept(
    consumer: PracticeClient, value: str, expected: Format, accept: str | None
) -> None:
    response = consumer.send("read_metadata", query=f"_format={value}", headers={"Accept": accept})
    assert response.status_code == 200
    assert_common_headers(response, expected)


@pytest.mark.parametrize("value", ["turtle", "", "application/json", "text/xml", "application/json%2Bfhir"])
@pytest.mark.parametrize("accept", [JSON, XML])
def test_a_format_parameter_that_cannot_be_had_is_refused_in_json(
    consumer: PracticeClient, value: str, accept: str
) -> None:
    response = consumer.send("read_metadata", query=f"_format={value}", headers={"Accept": accept})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "parameter _format", JSON)


@pytest.mark.parametrize(
    ("content_type", "expected"), [(XML, Format.XML), (f"{JSON}; charset=utf-8", Format.JSON)]
)
def test_without_accept_the_format_of_the_request_is_answered_in(
    consumer: PracticeClient, content_type: str, expected: Format
) -> None:
    headers: dict[str, str | None] = {"Accept": None, "Content-Type": content_type}
    response = consumer.send("read_metadata", headers=headers)
    assert response.status_code == 200
    assert_common_headers(response, expected)


BODIES = {Format.JSON: b"{}", Format.XML: b"<Patient xmlns='http://hl7.org/fhir'/>"}
PLUS = "application/fhir%2B"


@pytest.mark.parametrize("sent", list(Format), ids=lambda sent: sent.name)
@pytest.mark.parametrize("accept", [None, *Format], ids=str)
@pytest.mark.parametrize("parameter", [None, f"{PLUS}json", f"{PLUS}xml"])
@pytest.mark.parametrize(
    "name", ["book_appointment", "register_patient", "amend_appointment", "cancel_appointment"]
)
def test_a_refused_body_is_answered_in_the_format_asked_for(
    consumer: PracticeClient, name: str, sent: Format, accept: Format | None, parameter: str | None
) -> None:
    expected = Format(parameter.replace("%2B", "+")) if parameter else accept or sent
    response = consumer.send(
        name,
        resource_id="1",
        body=BODIES[sent],
        query=f"_format={parameter}" if parameter else "",
        headers={"Content-Type": f"{sent}; charset=utf-8", "Accept": accept},
    )
    assert_operation_outcome(response, 422, "INVALID_RESOURCE", "resourceType", in_format=expected)


@pytest.mark.parametrize(
    "content_type",
    ["application/xml", "application/json", "text/xml", "text/plain", "application/x-www-form-urlencoded"],
)
def test_a_body_in_another_format_is_refused(consumer: PracticeClient, content_type: str) -> None:
    response = consumer.send("book_appointment", body={}, headers={"Content-Type": content_type})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "header Content-Type", content_type, JSON, XML)


def test_a_body_in_a_format_of_before_1_0_is_refused_as_such(consumer: PracticeClient) -> None:
    response = consumer.send("book_appointment", body={}, headers={"Content-Type": "application/json+fhir"})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "Content-Type", "before GP Connect 1.0")


def test_a_body_in_another_format_is_refused_in_the_one_asked_for(consumer: PracticeClient) -> None:
    headers: dict[str, str | None] = {"Content-Type": "text/plain", "Accept": XML}
    response = consumer.send("book_appointment", body={}, headers=headers)
    assert_operation_outcome(response, 415, "BAD_REQUEST", "Content-Type", in_format=Format.XML)


@pytest.mark.parametrize("media_type", [JSON, XML])
@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "us-ascii", "nonsense"])
def test_a_body_in_another_charset_is_refused(
    consumer: PracticeClient, charset: str, media_type: str
) -> None:
    content_type = f"{media_type};charset={charset}"
    response = consumer.send("book_appointment", body={}, headers={"Content-Type": content_type})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "charset", charset, "utf-8")


@pytest.mark.parametrize(
    "rest", ["", ";charset=utf-8", "; charset=UTF-8", ';charset="utf-8"', ";fhirVersion=3.0"]
)
def test_utf_8_may_be_named_or_left_out(consumer: PracticeClient, rest: str) -> None:
    response = consumer.send("book_appointment", body={}, headers={"Content-Type": JSON + rest})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE")


def test_a_body_without_content_type_is_read_as_json(consumer: PracticeClient) -> None:
    response = consumer.send("book_appointment", body={}, headers={"Content-Type": None})
    assert_operation_outcome(response, 422, "INVALID_RESOURCE")


def test_formats_are_checked_before_parameters(consumer: PracticeClient) -> None:
    response = consumer.send("find_patient", query="identifier=", headers={"Accept": "text/html"})
    assert_operation_outcome(response, 415, "BAD_REQUEST")


def test_a_refusal_of_what_comes_before_the_formats_is_in_the_one_asked_for(consumer: PracticeClient) -> None:
    headers: dict[str, str | None] = {"Accept": XML, "Authorization": None}
    response = consumer.send("read_metadata", headers=headers)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "Authorization", in_format=Format.XML)

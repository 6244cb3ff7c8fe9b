"""Formats: `_format` over `Accept` over `Content-Type`; JSON for now, UTF-8 always."""

import pytest

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
        f"{XML}, {JSON};q=0.2",
        "text/html,*/*;q=0.1",
    ],
)
def test_json_is_what_is_accepted(consumer: PracticeClient, accept: str | None) -> None:
    response = consumer.send("read_metadata", headers={"Accept": accept})
    assert response.status_code == 200
    assert_common_headers(response)


@pytest.mark.parametrize(
    "accept",
    [
        XML,
        "application/xml+fhir",
        "application/json+fhir",
        "text/html",
        "application/pdf, image/png",
        "json xml",
    ],
)
def test_a_format_that_cannot_be_had_is_refused(consumer: PracticeClient, accept: str) -> None:
    response = consumer.send("read_metadata", headers={"Accept": accept})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "header Accept", accept, JSON)


@pytest.mark.parametrize("value", [JSON, "application/fhir%2Bjson", "json", f"{JSON};charset=utf-8"])
def test_the_format_parameter_wins_over_accept(consumer: PracticeClient, value: str) -> None:
    response = consumer.send("read_metadata", query=f"_format={value}", headers={"Accept": XML})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "value", [XML, "xml", "application/fhir%2Bxml", "turtle", "", "application/json%2Bfhir"]
)
def test_a_format_parameter_that_cannot_be_had_is_refused(consumer: PracticeClient, value: str) -> None:
    response = consumer.send("read_metadata", query=f"_format={value}")
    assert_operation_outcome(response, 415, "BAD_REQUEST", "parameter _format", JSON)


def test_without_accept_the_format_of_the_request_is_answered_in(consumer: PracticeClient) -> None:
    headers: dict[str, str | None] = {"Accept": None, "Content-Type": XML}
    response = consumer.send("read_metadata", headers=headers)
    assert_operation_outcome(response, 415, "BAD_REQUEST", "header Content-Type", XML)


@pytest.mark.parametrize(
    "content_type", [XML, "application/xml", "text/plain", "application/x-www-form-urlencoded"]
)
def test_a_body_in_another_format_is_refused(consumer: PracticeClient, content_type: str) -> None:
    response = consumer.send("book_appointment", body={}, headers={"Content-Type": content_type})
    assert_operation_outcome(response, 415, "BAD_REQUEST", "header Content-Type", content_type, JSON)


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "us-ascii", "nonsense"])
def test_a_body_in_another_charset_is_refused(consumer: PracticeClient, charset: str) -> None:
    content_type = f"{JSON};charset={charset}"
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
    response = consumer.send("find_patient", query="identifier=", headers={"Accept": XML})
    assert_operation_outcome(response, 415, "BAD_REQUEST")

"""What a consumer says alike with every request is read once, and is what reading it again would find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.server import usual_headers
from simulator.server.header_fields import Field, HeaderFields
from simulator.server.usual_headers import (
    LONGEST_KEPT,
    MOST_FIELDS,
    VARYING,
    KnownHeaders,
    read_usual_headers,
)
from tests.practice_client import PracticeClient, assert_operation_outcome

SPINE = [(b"ssp-from", b"1"), (b"ssp-to", b"2"), (b"ssp-interactionid", b"3")]
NAMES = [name for name, _ in SPINE] + [b"accept", b"content-type", b"accept-encoding", b"host", *VARYING]
VALUES = [
    b"",
    b" ",
    b"1",
    b"gzip",
    b"application/fhir+xml",
    b"application/fhir+json;q=0",
    b"text/html",
    b"\xe9",
]
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=12)


@given(st.lists(FIELDS, min_size=1, max_size=8))
def test_whoever_came_before_what_headers_say_is_what_is_read_in_them(requests: list[list[Field]]) -> None:
    known = KnownHeaders()
    for fields in requests:
        assert known.read(fields) == read_usual_headers(HeaderFields(fields))


def read_how_often(monkeypatch: pytest.MonkeyPatch, known: KnownHeaders, *requests: list[Field]) -> int:
    """Return how many of some requests' headers had to be read."""
    read: list[HeaderFields] = []

    def reading(headers: HeaderFields) -> usual_headers.UsualHeaders:
        read.append(headers)
        return read_usual_headers(headers)

    monkeypatch.setattr(usual_headers, "read_usual_headers", reading)
    for fields in requests:
        known.read(fields)
    return len(read)


def test_requests_that_differ_in_trace_id_token_version_and_length_are_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    differing = (b"ssp-traceid", b"authorization", b"if-match", b"content-length")
    requests = [[*SPINE, *((name, value) for name in differing)] for value in (b"1", b"2", b"3")]
    assert read_how_often(monkeypatch, KnownHeaders(), *requests) == 1


def test_of_consumers_without_number_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usual_headers, "MOST_KEPT", 3)
    known = KnownHeaders()
    requests = [[(b"ssp-from", b"%d" % number)] for number in range(4)]
    assert read_how_often(monkeypatch, known, *requests) == 4
    assert read_how_often(monkeypatch, known, *requests[1:]) == 0
    assert read_how_often(monkeypatch, known, requests[0]) == 1


@pytest.mark.parametrize(("length", "times"), [(LONGEST_KEPT, 1), (LONGEST_KEPT + 1, 2)])
def test_headers_of_great_length_are_not_kept(
    monkeypatch: pytest.MonkeyPatch, length: int, times: int
) -> None:
    fields = [(b"x", b"y" * (length - 1))]
    assert read_how_often(monkeypatch, KnownHeaders(), fields, fields) == times


@pytest.mark.parametrize(("fields", "times"), [(MOST_FIELDS, 1), (MOST_FIELDS + 1, 2)])
def test_headers_without_number_are_not_kept(
    monkeypatch: pytest.MonkeyPatch, fields: int, times: int
) -> None:
    came = [(b"a", b"")] * fields
    assert read_how_often(monkeypatch, KnownHeaders(), came, came) == times


@pytest.mark.parametrize("header", ["Ssp-From", "Ssp-To", "Ssp-InteractionID"])
def test_a_known_consumer_that_leaves_a_spine_header_out_is_refused_as_ever(
    consumer: PracticeClient, header: str
) -> None:
    assert consumer.send("read_metadata").status_code == 200
    for _ in range(2):
        response = consumer.send("read_metadata", headers={header: None})
        assert_operation_outcome(response, 400, "BAD_REQUEST", f"header {header}", "is missing")


def test_a_known_consumer_that_asks_another_practice_with_the_same_headers_is_refused(
    consumer: PracticeClient, neighbour: PracticeClient
) -> None:
    headers: dict[str, str | None] = {"Ssp-To": consumer.practice["asid"]}
    assert consumer.send("read_metadata", headers=headers).status_code == 200
    response = neighbour.send("read_metadata", headers=headers)
    assert_operation_outcome(response, 400, "BAD_REQUEST", "header Ssp-To", neighbour.practice["asid"])


def test_a_format_asked_for_in_the_query_goes_before_headers_that_cannot_be_met(
    consumer: PracticeClient,
) -> None:
    headers: dict[str, str | None] = {"Accept": "text/html"}
    for _ in range(2):
        response = consumer.send("read_metadata", query="_format=xml", headers=headers)
        assert response.headers["content-type"].startswith("application/fhir+xml")
        assert_operation_outcome(
            consumer.send("read_metadata", headers=headers), 415, "BAD_REQUEST", "Accept", "text/html"
        )

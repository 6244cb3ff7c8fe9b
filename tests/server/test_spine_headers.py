"""The four headers of the Spine Secure Proxy: each must be there, once, and say what it should."""

import pytest

from simulator.interactions.registry import INTERACTIONS
from tests.practice_client import PracticeClient, assert_operation_outcome

HEADERS = ("Ssp-TraceID", "Ssp-From", "Ssp-To", "Ssp-InteractionID")
PREFIX = "urn:nhs:names:services:gpconnect:fhir:"


@pytest.mark.parametrize("header", HEADERS)
def test_a_missing_spine_header_is_refused_by_name(consumer: PracticeClient, header: str) -> None:
    response = consumer.send("read_metadata", headers={header: None})
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"header {header}", "missing", "expected")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_spine_header_is_refused_by_name(consumer: PracticeClient, header: str, blank: str) -> None:
    response = consumer.send("read_metadata", headers={header: blank})
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"header {header}", "is blank")


@pytest.mark.parametrize("header", HEADERS)
def test_a_spine_header_sent_twice_is_refused_by_name(consumer: PracticeClient, header: str) -> None:
    correct = consumer.headers(INTERACTIONS[0])
    twice = [*correct.items(), (header, correct[header])]
    response = consumer.http.get(f"{consumer.root}/metadata", headers=twice)
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"header {header}", "more than once")


@pytest.mark.parametrize(
    "trace_id", ["1234", "not-a-uuid", "c8b7a1d2-0000-4000-8000-00000000000", "{c8b7a1d2-0000-4000-8000}"]
)
def test_a_trace_id_that_is_no_uuid_is_refused(consumer: PracticeClient, trace_id: str) -> None:
    response = consumer.send("read_metadata", headers={"Ssp-TraceID": trace_id})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "header Ssp-TraceID", trace_id, "UUID")


def test_a_trace_id_may_be_in_either_case(consumer: PracticeClient) -> None:
    trace_id = "C8B7A1D2-00AA-4000-8000-0000000000FF"
    assert consumer.send("read_metadata", headers={"Ssp-TraceID": trace_id}).status_code == 200


def test_a_request_for_another_practice_s_asid_is_refused(
    consumer: PracticeClient, neighbour: PracticeClient
) -> None:
    foreign = neighbour.practice["asid"]
    response = consumer.send("read_metadata", headers={"Ssp-To": foreign})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "Ssp-To", foreign, consumer.practice["asid"])


@pytest.mark.parametrize(
    "interaction_id",
    [
        PREFIX + "rest:read:Metadata-1",
        PREFIX + "rest:read:metadata-1 ",
        PREFIX + "rest:read:metadata",
        PREFIX + "rest:read:metadata-2",
        PREFIX + "rest:search:patient-1",
        PREFIX.upper() + "rest:read:metadata-1",
        "rest:read:metadata-1",
        "metadata",
    ],
)
def test_an_interaction_id_that_does_not_fit_the_path_is_refused(
    consumer: PracticeClient, interaction_id: str
) -> None:
    response = consumer.send("read_metadata", headers={"Ssp-InteractionID": interaction_id})
    expected = PREFIX + "rest:read:metadata-1"
    assert_operation_outcome(response, 400, "BAD_REQUEST", "Ssp-InteractionID", interaction_id, expected)


def test_header_names_are_not_case_sensitive(consumer: PracticeClient) -> None:
    correct = consumer.headers(INTERACTIONS[0])
    lower = {name.lower(): value for name, value in correct.items()}
    assert consumer.http.get(f"{consumer.root}/metadata", headers=lower).status_code == 200


def test_spine_headers_are_checked_before_the_token(consumer: PracticeClient) -> None:
    response = consumer.send("read_metadata", headers={"Ssp-From": None, "Authorization": None})
    assert_operation_outcome(response, 400, "BAD_REQUEST", "Ssp-From")

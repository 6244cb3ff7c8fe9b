"""The log has one line a request, to be found by its trace id, without what a patient would mind."""

import logging

import pytest

from simulator.server import request_log
from tests.practice_client import PracticeClient

TRACE_ID = "c8b7a1d2-00aa-4000-8000-0000000000ff"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no line wait for others."""
    monkeypatch.setattr(request_log, "PAUSE_SECONDS", -1)


def logged(consumer: PracticeClient, caplog: pytest.LogCaptureFixture, path: str | None = None) -> list[str]:
    nhs_number = consumer.practice["patients"][0]["nhs_number"]
    query = f"identifier=https://fhir.nhs.uk/Id/nhs-number|{nhs_number}"
    consumer.send("find_patient", query=query, path=path, headers={"Ssp-TraceID": TRACE_ID})
    return [record.getMessage() for record in caplog.records if record.name == "gpsim.requests"]


def test_a_request_is_one_line_with_its_trace_id(
    consumer: PracticeClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gpsim.requests"):
        (line,) = logged(consumer, caplog)
    for part in ("GET", f"{consumer.root}/Patient", "patient-1", " 200 ", f"trace={TRACE_ID}"):
        assert part in line


def test_the_log_has_no_parameters(consumer: PracticeClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gpsim.requests"):
        (line,) = logged(consumer, caplog)
    assert consumer.practice["patients"][0]["nhs_number"] not in line


def test_a_path_cannot_forge_a_line(consumer: PracticeClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gpsim.requests"):
        (line,) = logged(consumer, caplog, "/Patient%0aINFO forged")
    assert "\n" not in line


def test_a_quiet_log_level_logs_no_requests(
    consumer: PracticeClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "gpsim.requests"):
        assert logged(consumer, caplog) == []

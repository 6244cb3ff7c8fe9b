"""What a refusal leaves in the log: nothing, as it may name a patient, unless a consumer is debugged."""

import logging

import pytest

from tests.practice_client import PracticeClient


@pytest.mark.parametrize(("level", "lines"), [(logging.DEBUG, 1), (logging.INFO, 0)])
def test_what_a_refusal_says_is_logged_for_who_debugs_alone(
    consumer: PracticeClient, caplog: pytest.LogCaptureFixture, level: int, lines: int
) -> None:
    caplog.set_level(level, "gpsim")
    response = consumer.send("find_patient", query="identifier=x")
    said = response.json()["issue"][0]["diagnostics"]
    trace_id = response.request.headers["ssp-traceid"]
    logged = [each.getMessage() for each in caplog.records if each.name == "gpsim"]
    assert logged == [f"refused, INVALID_PARAMETER: {said} trace={trace_id}"] * lines

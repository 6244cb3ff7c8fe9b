"""What the page tells of torture, and that no other run's page tells of it."""

import re
from pathlib import Path

import orjson
import pytest

from loadtest.report.page import report_page
from loadtest.report.verdict import Verdict, reach_verdicts
from loadtest.report.verdict_json import to_json
from tests.loadtest.report.busy_run import BEGAN, a_busy_verdict, recorded_busy_run
from tests.loadtest.report.page.parsed_page import ParsedPage, parsed
from tests.loadtest.torture.recorded_torture import record_torture

OVER_TIME = ("throughput", "mishaps", "latency", "generator")


@pytest.fixture
def tortured(tmp_path: Path) -> Verdict:
    record_torture(tmp_path, BEGAN)
    (verdict,) = reach_verdicts([recorded_busy_run(tmp_path, options={"expect_outage": True})])
    return verdict


@pytest.fixture
def page(tortured: Verdict) -> ParsedPage:
    return parsed(report_page(tortured))


def test_the_page_says_what_was_done_to_the_provider_after_what_held(page: ParsedPage) -> None:
    sections = [tag.attributes["id"] for tag in page.all("section")]
    said = next(tag for tag in page.all("section") if tag.attributes["id"] == "torture").text

    assert sections[:3] == ["limits", "integrity", "torture"]
    assert "1 kill (SIGKILL), 2 stops (SIGTERM, at most 10.00 s); 3 restarts" in said
    assert "at work for 27 s of 30 s of load, then quiet" in said
    assert re.search(r"kill 1\s*4\.0\s*4\s*2\s*0\.01\s*0\.60\s*0\.61", said)
    assert re.search(r"stop 3, late\s*14\.5\s*0\s*0\s*10\.00\s*0\.70\s*10\.70", said)
    assert re.search(r"dropped by the relay\s*in the answer\s*2", said)
    assert re.search(r"delayed by the relay\s*request\s*1", said)
    assert re.search(r"refused\s*the server was down\s*56", said)


def test_every_chart_over_time_marks_each_kill_and_stop(page: ParsedPage) -> None:
    charts = [tag.attributes["aria-labelledby"] for tag in page.all("svg")]
    over_time = [key for key in charts if key.split("-")[1] in OVER_TIME]
    marks = [tag for tag in page.all("line") if "mark" in tag.attributes["class"].split()]

    assert len(over_time) > 5
    assert len(marks) == 3 * len(over_time)
    assert {tag.attributes["class"] for tag in marks} == {"line mark kill", "line mark stop"}


def test_programs_are_told_of_it_too(tortured: Verdict) -> None:
    told = orjson.loads(orjson.dumps(to_json(tortured)))["torture"]

    assert (told["kills"], told["stops"], told["dropped"]["in the answer"]) == (1, 2, 2)
    assert [each["second"] for each in told["outages"]] == [4.0, 11.0, 14.5]


def test_the_page_of_any_other_run_says_nothing_of_torture(tmp_path: Path) -> None:
    page = parsed(report_page(a_busy_verdict(tmp_path)))

    assert "torture" not in page.text.lower()
    assert "torture" not in {tag.attributes["id"] for tag in page.all("section")}
    assert [tag for tag in page.all("line") if "mark" in tag.attributes["class"].split()] == []

"""A provider that died in the middle of a run looks no faster for it, wherever its figures are told."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import orjson
import pytest
from rich.console import Console

from loadtest.report.page import report_page
from loadtest.report.sentences import meaning, sentence
from loadtest.report.spreadsheets import over_time_csv
from loadtest.report.terminal_figures import latency_table
from loadtest.report.verdict import limit_broken, reach_verdicts
from loadtest.report.verdict_json import to_json
from loadtest.report.writing import write_reports
from tests.loadtest.report.busy_run import a_busy_verdict
from tests.loadtest.report.dying_run import SEARCH, a_dying_verdict
from tests.loadtest.report.page.parsed_page import parsed
from tests.loadtest.report.recorded_run import a_verdict, printed

_NO_FIGURE = "100 of 200 requests had no definite answer, so there is no p99, SHALL be under 3000 ms"


def in_one_line(text: str) -> str:
    return " ".join(text.replace("┃", " ").split())


def test_the_headline_says_when_the_provider_fell_silent_and_nothing_of_limits(tmp_path: Path) -> None:
    verdict = a_dying_verdict(tmp_path)
    text = in_one_line(printed(verdict))

    assert verdict.word == "no evidence"
    assert "The provider gave no answer from second 10 of the load on. No double booking was seen" in text
    assert "this run proves nothing; nothing is said of speed, for the run is no valid evidence. Of" in text
    assert "limits held" not in text
    assert sentence(verdict) in parsed(report_page(verdict)).with_class("sentence")[0].text


def test_a_provider_that_answered_the_read_back_is_not_said_to_be_gone(tmp_path: Path) -> None:
    verdict = a_dying_verdict(tmp_path, came_back=True)

    first = "obody got an answer for 10.0 s, from second 10 of the load on"
    assert sentence(verdict).startswith(f"N{first}. No double booking was seen")
    assert f"n{first}" in in_one_line(printed(verdict))


def test_a_connection_that_is_dropped_at_the_end_of_a_healthy_run_is_no_outage(tmp_path: Path) -> None:
    verdict = a_dying_verdict(tmp_path, deaths=1)

    assert verdict.availability.outages == ()
    assert "gave no answer" not in sentence(verdict)


def test_seconds_and_outages_are_those_of_the_load_on_record(tmp_path: Path) -> None:
    a_dying_verdict(tmp_path)
    record = orjson.loads((tmp_path / "run.json").read_bytes())
    record["parts"][0] |= {"began_ns": 1, "seconds": 15.0}
    (tmp_path / "run.json").write_bytes(orjson.dumps(record))
    (verdict,) = reach_verdicts([tmp_path])

    assert [each.seconds for each in verdict.availability.outages] == [4.9]
    assert verdict.availability.whole.seconds == 15


def test_rounds_of_a_contest_are_load_though_the_last_begins_as_its_phase_ends(tmp_path: Path) -> None:
    whole = a_busy_verdict(tmp_path).availability.whole.seconds
    record = orjson.loads((tmp_path / "run.json").read_bytes())
    (hot,) = [part for part in record["parts"] if part["scenario"] == "hot"]
    hot["seconds"] = 0.0
    (tmp_path / "run.json").write_bytes(orjson.dumps(record))
    (verdict,) = reach_verdicts([tmp_path])

    assert verdict.availability.whole.seconds == whole


def test_of_a_stop_that_was_asked_for_the_headline_says_nothing(tmp_path: Path) -> None:
    said = sentence(a_dying_verdict(tmp_path, came_back=True, expect_outage=True))

    assert said.startswith("No slot was double-booked; speed was not judged, for an outage was expected")


def test_a_percentile_among_requests_without_an_answer_is_no_figure_anywhere(tmp_path: Path) -> None:
    verdict = a_dying_verdict(tmp_path)
    text = printed(verdict)

    assert f"not judged: {SEARCH}: {_NO_FIGURE}" in verdict.warnings
    assert "SHALL" not in " ".join(verdict.reasons)
    assert "BROKEN" not in text
    assert re.search(rf"{SEARCH} +200 .* 20\.\d( +no answer){{5}}", text), "p50, then none"
    explained = "No answer: the percentile falls among requests without a definite answer"
    assert in_one_line(text).count(explained) == 1
    assert explained not in in_one_line(printed(a_verdict(tmp_path / "up")))
    page = parsed(report_page(verdict))
    limits = next(tag for tag in page.all("section") if tag.attributes["id"] == "limits").text
    assert re.search(rf"{SEARCH}\s*not judged\s*no answer\s*SHALL p99 < 3,000 ms", limits)
    assert "SHALL limit used" not in page.text, "of a run that is no evidence"


@pytest.mark.parametrize("width", [80, 100, 120])
def test_names_of_interactions_have_room_beside_what_was_not_answered(tmp_path: Path, width: int) -> None:
    table = latency_table(a_dying_verdict(tmp_path), width)
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(table)

    assert re.search(rf"^ *{SEARCH} +200 .* no answer *$", console.export_text(), re.MULTILINE)


def test_a_limit_that_one_request_alone_missed_speaks_of_one_request(tmp_path: Path) -> None:
    missed = a_dying_verdict(tmp_path).latency.broken[0]

    assert "1 of 1 request had no definite answer" in limit_broken(replace(missed, requests=1, unanswered=1))


def test_a_provider_that_leaves_requests_unanswered_is_not_said_to_be_slow_alone(tmp_path: Path) -> None:
    verdict = replace(a_dying_verdict(tmp_path), word="too slow")

    assert "answered more slowly, or not at all, under this load" in meaning(verdict)


def test_programs_read_null_where_there_is_no_figure(tmp_path: Path) -> None:
    content = orjson.loads(orjson.dumps(to_json(a_dying_verdict(tmp_path))))
    (search,) = [each for each in content["latency"] if each["interaction"] == SEARCH]
    (limit,) = [
        each for each in content["thresholds"] if (each["interaction"], each["level"]) == (SEARCH, "SHALL")
    ]

    assert 20 <= search["response_ms"]["p50"] < 20.1
    assert (search["response_ms"]["p90"], search["service_ms"]["max"]) == (None, None)
    assert (limit["observed_ms"], limit["met"], limit["unanswered"]) == (None, None, 100)


def test_a_spreadsheet_has_an_empty_cell_and_the_count_of_those_unanswered(tmp_path: Path) -> None:
    written = csv.DictReader(over_time_csv(a_dying_verdict(tmp_path, 95).over_time).splitlines())
    rows = [row for row in written if row["interaction"] == SEARCH]
    alive, mixed, dead = rows[9], rows[10], rows[11]

    assert (alive["unknown"], alive["p50_ms"] != "", alive["max_ms"]) == ("0", True, "20")
    assert (mixed["unknown"], mixed["p50_ms"] != "", mixed["p95_ms"], mixed["max_ms"]) == ("4", True, "", "")
    assert (dead["unknown"], dead["p50_ms"], dead["max_ms"]) == ("10", "", "")


def test_the_line_over_time_is_broken_and_the_curve_ends_where_answers_end(tmp_path: Path) -> None:
    drawn = report_page(a_dying_verdict(tmp_path))
    page = parsed(drawn)

    assert "inf" not in re.findall(r"[a-z]+", re.sub(r"<style>.*?</style>", "", drawn, flags=re.DOTALL))
    (over_time,) = [each for each in page.all("table") if f"Latency of {SEARCH} over time" in each.text]
    assert re.search(r"booking\s*10\s*no answer\s*no answer\s*no answer", over_time.text)
    (curve,) = [each for each in page.all("table") if f"Latency of {SEARCH} by percentile" in each.text]
    assert re.findall(r"([\d.]+) %", curve.text)[-1] == "50"
    assert "100 of them without a definite answer, above the end of the curve" in page.text


def test_a_build_server_is_told_why_a_limit_was_not_judged(tmp_path: Path) -> None:
    written = {path.name: path for path in write_reports(a_dying_verdict(tmp_path), tmp_path)}
    cases = fromstring(written["junit.xml"].read_bytes()).findall("testsuite[@name='limits']/testcase")
    case = next(each for each in cases if str(each.get("name")).startswith(f"{SEARCH} SHALL"))

    assert (case.get("time"), case[0].tag) == ("0.000", "skipped")
    assert str(case[0].get("message")) == (
        "nothing is said of speed, for the run is no valid evidence: observed no answer over 200 requests"
    )


def test_what_was_never_answered_has_no_curve_to_write(tmp_path: Path) -> None:
    names = [
        {path.name for path in write_reports(a_dying_verdict(tmp_path / str(deaths), deaths), tmp_path)}
        for deaths in (199, 200)
    ]

    assert names[0] - names[1] == {f"latency-{SEARCH}-{start}.hgrm" for start in ("service", "response")}


def test_what_is_down_is_defined_beside_the_figure(tmp_path: Path) -> None:
    verdict = a_dying_verdict(tmp_path)
    text = in_one_line(printed(verdict))

    assert "Down is a second or longer in which requests failed" in text
    assert "the provider gave no answer from second 10 of the load on" in text
    page = parsed(report_page(verdict))
    availability = next(tag for tag in page.all("section") if tag.attributes["id"] == "availability").text
    assert "Down is a second or longer in which requests failed" in availability
    assert "Down is" not in printed(a_verdict(tmp_path / "up")), "nothing was"


def test_a_response_time_that_can_lie_below_the_service_time_is_explained(tmp_path: Path) -> None:
    verdict = a_dying_verdict(tmp_path, deaths=0, closing=30)
    (search,) = [each for each in verdict.summaries if each.interaction == SEARCH]
    assert search.response is not None and search.service is not None
    assert search.response.p95 < search.service.p95

    said = "From the intended start: without those that gave back what clients held when the load had ended"
    assert said in in_one_line(printed(verdict))
    assert said in parsed(report_page(verdict)).text
    assert said not in in_one_line(printed(a_dying_verdict(tmp_path / "alike", deaths=0)))

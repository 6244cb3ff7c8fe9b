import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from loadtest.interactions import INTERACTIONS
from loadtest.report.page import report_page
from loadtest.report.verdict import Verdict, reach_verdicts
from loadtest.service_level import ThresholdResult
from tests.loadtest.report.busy_run import MS, SECOND, a_busy_verdict
from tests.loadtest.report.page.parsed_page import ParsedPage, parsed
from tests.loadtest.report.recorded_run import a_history, a_verdict, recorded

LARGEST_BYTES = 1_500_000


@pytest.fixture
def busy(tmp_path: Path) -> Verdict:
    return a_busy_verdict(tmp_path)


@pytest.fixture
def page(busy: Verdict) -> ParsedPage:
    return parsed(report_page(busy))


def shall_undecided(verdict: Verdict) -> ThresholdResult:
    return next(each for each in verdict.latency.undecided if each.threshold.level == "SHALL")


def test_the_page_begins_with_the_verdict_what_it_means_and_why(page: ParsedPage) -> None:
    (headline,) = page.all("h1")

    assert headline.text.strip().endswith("TOO SLOW")
    assert page.with_class("verdict")[0].attributes["class"] == "verdict bad"
    assert page.with_class("sentence")[0].text.startswith(
        "No slot was double-booked; SHALL limits were broken"
    )
    assert (
        "answered more slowly under this load than GP Connect, or the plan, says it SHALL"
        in page.with_class("meaning")[0].text
    )
    assert "book_appointment: p99 is 3" in page.with_class("reasons")[0].text
    assert "book_appointment: p95 is 3" in page.with_class("warning")[0].text


def test_limits_are_the_first_thing_below_with_what_was_observed(page: ParsedPage) -> None:
    sections = [tag.attributes["id"] for tag in page.all("section")]
    limits = next(tag for tag in page.all("section") if tag.attributes["id"] == "limits").text

    assert sections[:2] == ["limits", "integrity"]
    assert re.search(r"book_appointment\s*BROKEN\s*360 ms\s*SHALL p99 < 250 ms", limits)
    assert re.search(r"book_appointment\s*not judged\s*54 ms\s*SHALL p99 < 250 ms", limits)
    assert "30 requests, at least 1,000 needed" in limits
    assert "200 for a p95, 1,000 for a p99" in limits


def test_limits_that_broke_on_a_climb_are_a_table_and_the_others_a_line(page: ParsedPage) -> None:
    (table,) = [each for each in page.all("table") if "Where limits broke" in each.text]

    assert re.findall(r"SHOULD p95 < 100 ms|SHALL p99", table.text) == ["SHOULD p95 < 100 ms"]
    assert re.search(r"BROKE\s*11\.4\s*1\.5 kB\s*227 ms\s*0 s and 11 s\s*11\.9\s*22\.9", table.text)
    assert "ramp: too few requests to tell: book_appointment SHALL p99; search_for_free_slots" in page.text


def test_the_tile_of_shall_limits_speaks_of_those_that_were_judged(busy: Verdict, page: ParsedPage) -> None:
    assert re.search(
        r"SHALL limit used\s*144%\s*by book_appointment, the most; 3 limits not judged", page.text
    )
    decided = tuple(each for each in busy.latency.results if each.met is not None)
    latency = replace(busy.latency, results=(*decided, shall_undecided(busy)))
    one_left = parsed(report_page(replace(busy, latency=latency)))
    assert "by book_appointment, the most; 1 limit not judged" in one_left.text
    latency = replace(busy.latency, results=busy.latency.undecided)
    none_judged = parsed(report_page(replace(busy, latency=latency)))
    assert re.search(r"SHALL limit used\s*-\s*too few requests to judge any", none_judged.text)


def test_where_an_outage_is_expected_no_limit_is_said_to_have_been_met_or_broken(tmp_path: Path) -> None:
    verdict = a_busy_verdict(tmp_path, options={"expect_outage": True})
    page = parsed(report_page(verdict))
    limits = next(tag for tag in page.all("section") if tag.attributes["id"] == "limits")
    rows = [tag for tag in page.with_class("none") if "section" in tag.parents and "SH" in tag.text]

    assert "Speed was not judged, for an outage was expected. What was observed stands" in limits.text
    assert re.search(r"book_appointment\s*not judged\s*360 ms\s*SHALL p99 < 250 ms", limits.text)
    assert len(rows) == len(verdict.latency.results)
    assert not re.search(r"BROKE|\bheld\b|decides|Breaking points", limits.text)
    assert "SHALL limit used" not in page.text


def test_the_page_says_which_phases_its_percentiles_count(page: ParsedPage, tmp_path: Path) -> None:
    said = (
        "From the send: all phases together. From the intended start: the open phases alone; so the latter"
        " can be the shorter. Limits are"
    )

    assert said in page.text
    assert said not in parsed(report_page(a_verdict(tmp_path / "closed"))).text


@pytest.mark.parametrize(
    ("double", "headline", "tone"), [(False, "PASSED", "good"), (True, "VIOLATED", "bad")]
)
def test_each_verdict_has_its_word_and_its_tone(
    tmp_path: Path, double: bool, headline: str, tone: str
) -> None:
    found = parsed(report_page(a_verdict(tmp_path, double)))

    assert found.all("h1")[0].text.strip().endswith(headline)
    assert found.with_class("verdict")[0].attributes["class"] == f"verdict {tone}"


def test_a_violation_is_shown_with_its_requests_and_their_timeline(tmp_path: Path) -> None:
    found = parsed(report_page(a_verdict(tmp_path, double=True)))
    (proof,) = found.with_class("proof")

    assert "slot 12 of practice A was held at once by" in proof.text
    assert "trace-1-0" in proof.text and "trace-1-1" in proof.text
    assert "svg" in {tag.name for tag in found.tags if "article" in tag.parents}
    assert len([tag for tag in found.with_class("bar") if "article" in tag.parents]) == 2


def test_a_run_that_recorded_nothing_has_a_page_too(tmp_path: Path) -> None:
    history = [each for each in a_history(double=False) if each.phase != "booking"]
    (verdict,) = reach_verdicts([recorded(tmp_path, history)])
    found = parsed(report_page(verdict))

    assert found.all("h1")[0].text.strip().endswith("NO VALID EVIDENCE")
    assert "no operation was recorded" in found.text
    assert "Nothing was timed." in found.text


def test_a_saturated_generator_says_so_where_its_health_is_drawn(tmp_path: Path) -> None:
    found = parsed(report_page(a_busy_verdict(tmp_path, saturated=True)))
    generator = next(tag for tag in found.all("section") if tag.attributes["id"] == "generator")

    assert "generator saturated: the process of ledger-here-21.jsonl used 97% of a core" in generator.text
    assert found.with_class("alarm")


def test_everything_that_a_tester_expects_is_on_the_page(page: ParsedPage) -> None:
    for said in (
        "409 DUPLICATE_REJECTED",
        "lost race: correct",
        "One race: slot 1120 of practice A",
        "open: 5 to 20 arrivals a second (even)",
        "the silver level promises 99.50 %",
        "CPU of the busiest process",
        "Latest wake-up of a client",
        "Round-trip time against message size",
        "Breaking points",
        "Seed",
        "2.47.0",
        "300 free slots",
        "120 at 1 practice",
    ):
        assert said in page.text, said


def test_charts_are_images_with_names_that_occur_once_and_have_their_figures_beside_them(
    page: ParsedPage,
) -> None:
    charts = page.all("svg")
    ids = [tag.attributes["id"] for tag in page.tags if "id" in tag.attributes]

    assert len(charts) > 12
    assert len(ids) == len(set(ids))
    for chart in charts:
        assert chart.attributes["role"] == "img"
        assert {chart.attributes["aria-labelledby"], chart.attributes["aria-describedby"]} <= set(ids)
    figures, tables = page.all("figure"), [tag for tag in page.all("table") if "figure" in tag.parents]
    assert len(figures) == len(tables), "each chart has its data as a table"


def test_what_a_ramp_asked_for_is_drawn_whatever_was_sent(page: ParsedPage) -> None:
    (rows,) = [table for table in page.all("table") if table.text.strip().startswith("Throughput over time")]
    asked = re.findall(r"ramp\s*([\d.]+)\s*[\d.]+", rows.text)

    assert float(asked[0]) == pytest.approx(2 * (5 + 15 * 0.5 / 12), rel=0.01), "two requests an arrival"
    assert float(asked[11]) == pytest.approx(2 * (5 + 15 * 11.5 / 12), rel=0.01)


def test_phases_are_marked_in_charts_over_time(page: ParsedPage) -> None:
    names = {tag.text for tag in page.with_class("phase-name")}

    assert {"closed", "ramp"} <= names


def test_headings_are_in_order_and_landmarks_are_there(page: ParsedPage) -> None:
    levels = [int(tag.name[1]) for tag in page.all("h1", "h2", "h3", "h4")]

    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all(len(page.all(name)) == 1 for name in ("header", "nav", "main", "footer"))
    links = {tag.attributes["href"].removeprefix("#") for tag in page.all("a")}
    assert links <= {tag.attributes.get("id") for tag in page.tags}
    assert page.all("html")[0].attributes["lang"] == "en-GB"


def test_tables_have_captions_and_say_which_cells_are_heads(page: ParsedPage) -> None:
    assert len(page.all("caption")) == len(page.all("table"))
    assert {tag.attributes.get("scope") for tag in page.all("th")} == {"col", "row"}


def test_the_page_asks_nothing_of_any_network(busy: Verdict, page: ParsedPage) -> None:
    linked = [tag.attributes[name] for tag in page.tags for name in ("src", "href") if name in tag.attributes]
    style = page.all("style")[0].text

    assert not page.all("script", "img", "iframe", "object")
    assert all(link.startswith("#") or link == "data:," for link in linked)
    assert "url(" not in style and "@import" not in style


def test_what_a_provider_or_a_plan_says_cannot_become_markup(tmp_path: Path) -> None:
    verdict = a_busy_verdict(
        tmp_path,
        options={"target": "http://<script>alert(1)</script>"},
        provider={"software": '"><img src=x onerror=alert(1)>'},
        cut_short="a zero \x00 and <b>bold</b>",
    )
    text = report_page(verdict)
    found = parsed(text)

    assert not found.all("script", "img", "b")
    assert "\x00" not in text
    assert "<script>alert(1)</script>" in found.text


def test_a_long_and_varied_run_makes_no_large_page(tmp_path: Path) -> None:
    look, first, *_, back, free = a_history(double=False)
    booking = a_history(double=False)[2]
    plain = replace(
        booking, client="1-1", slots=(), appointment=None, appointments=(), patient=None, version=None
    )
    load = [
        replace(
            plain, interaction=name, phase=f"phase {second // 60}", bytes=1000 << (second % 8), status=200,
            start=second * SECOND, end=second * SECOND + (10 + second % 50) * MS,
        )
        for second in range(1, 1200)
        for name in INTERACTIONS
    ]  # fmt: skip
    late = [replace(each, start=2000 * SECOND, end=2000 * SECOND + MS) for each in (back, free)]
    (verdict,) = reach_verdicts([recorded(tmp_path, [look, first, booking, *load, *late])])

    assert LARGEST_BYTES / 4 < len(report_page(verdict).encode()) < LARGEST_BYTES

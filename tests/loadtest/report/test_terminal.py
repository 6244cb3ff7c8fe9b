import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from loadtest.report.page import report_page
from loadtest.report.sentences import meaning
from loadtest.report.terminal import print_verdict
from loadtest.report.verdict import Verdict, reach_verdicts
from loadtest.report.verdict_json import to_json
from loadtest.report.writing import write_reports
from tests.loadtest.report.busy_run import a_busy_verdict
from tests.loadtest.report.recorded_run import (
    a_booking,
    a_history,
    a_long_history,
    a_verdict,
    printed,
    recorded,
)


def on(verdict: Verdict, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), record=True)
    print_verdict(verdict, console)
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_the_verdict_comes_first_and_lost_races_stand_apart_from_errors(tmp_path: Path) -> None:
    text = printed(a_verdict(tmp_path))

    assert "PASSED" in text.splitlines()[1]
    assert "1 booked, 0 cancelled, 1 lost race (" in text
    assert re.search(r"Errors +none", text)
    assert "1 left at 1 practice" in text
    assert "the silver level promises 99.50 %" in text


def test_limits_stand_with_the_requests_behind_them(tmp_path: Path) -> None:
    (verdict,) = reach_verdicts([recorded(tmp_path, a_long_history())])
    text = printed(verdict)

    assert "No slot was double-booked; all SHALL limits held." in text
    assert re.search(r"book_appointment +SHALL p99 < 250 ms +1,000 +10\.\d ms +met", text)
    assert re.search(r"book_appointment +SHOULD p95 < 100 ms +1,000 +10\.\d ms +met", text)
    assert "Fewer never show" not in text


def test_a_limit_that_too_few_requests_stand_behind_is_not_said_to_have_held(tmp_path: Path) -> None:
    (verdict,) = reach_verdicts([recorded(tmp_path, a_long_history(bookings=999))])
    text = printed(verdict)

    assert (verdict.word, verdict.exit_code) == ("passed", 0)
    assert "No slot was double-booked; no SHALL limit was judged, for want of requests." in text
    assert re.search(r"book_appointment +SHALL p99 < 250 ms +999 +10\.\d ms +not judged", text)
    assert re.search(r"book_appointment +SHOULD p95 < 100 ms +999 +10\.\d ms +met", text)
    assert "200 for a p95, 1,000 for a p99" in " ".join(text.split())
    assert "~ SHALL at p99 not judged, for it needs 1,000 requests at least: book_appointment had 999" in text
    assert "kept within" not in meaning(verdict)


def test_a_double_booking_is_proved_by_its_two_requests(tmp_path: Path) -> None:
    verdict = a_verdict(tmp_path, double=True)
    text = printed(verdict)

    assert (verdict.word, verdict.exit_code) == ("violated", 100)
    assert text.index("VIOLATED") < text.index("integrity ") < text.index("Witness 1 to check 1")
    assert "trace-1-0" in text
    assert "trace-1-1" in text


def test_the_headline_tells_what_was_refused_beside_the_limits(tmp_path: Path) -> None:
    history = a_history(double=False)
    refused = replace(
        a_booking("1-2", 120, 121, "903"), outcome="refused", status=422, appointment=None, appointments=()
    )
    (verdict,) = reach_verdicts([recorded(tmp_path, [*history, refused])])
    headline = " ".join(printed(verdict).replace("┃", "").split())

    assert (
        "Of 3 requests 1 was refused (33.33%, lost races apart) and 0 had no definite answer (0.00%)"
        in headline
    )


def test_why_a_practice_refused_is_told_in_its_own_words(tmp_path: Path) -> None:
    history = a_history(double=False)
    refused = replace(
        a_booking("1-2", 120, 121, "903"),
        outcome="refused",
        status=422,
        code="INVALID_RESOURCE",
        reason="Slot/903 began at 08:10",
        appointment=None,
        appointments=(),
    )
    others = [
        replace(refused, client=f"1-{3 + number}", trace=f"t-{number}", reason=reason)
        for number, reason in enumerate(["Slot/9 began at 08:20", "is odd", "is even", "is late"])
    ]
    (verdict,) = reach_verdicts([recorded(tmp_path, [*history, refused, *others])])
    text = printed(verdict)

    assert re.search(
        r"Refusals +5: 5 x 422 INVALID_RESOURCE .*\n +2 x 422 INVALID_RESOURCE: \.\.\. began at", text
    )
    assert text.count("1 x 422 INVALID_RESOURCE: is ") == 2
    assert "and 1 reason more: see the report" in text
    assert to_json(verdict)["load"]["refusal_reasons"] == [
        {
            "interaction": "book_appointment",
            "answer": "422 INVALID_RESOURCE",
            "reasons": {"... began at ...": 2, "is odd": 1, "is even": 1, "is late": 1},
        }
    ]
    assert "2 x ... began at ...; 1 x is odd; 1 x is even" in report_page(verdict)


def test_limits_on_speed_are_not_listed_where_they_are_not_judged(tmp_path: Path) -> None:
    (verdict,) = reach_verdicts([recorded(tmp_path, a_history(double=False))])
    assert "limits on speed" in printed(verdict)

    record = {**verdict.evidence.record, "options": {"expect_outage": True}}
    outage = replace(verdict, evidence=replace(verdict.evidence, record=record))

    assert not outage.limits_judged
    assert "limits on speed" not in printed(outage)


def test_a_report_that_is_not_with_its_evidence_is_pointed_to_where_it_is(tmp_path: Path) -> None:
    verdict = a_verdict(tmp_path / "run")
    write_reports(verdict, tmp_path / "run")
    write_reports(verdict, tmp_path / "new")
    console = Console(width=400, file=io.StringIO(), record=True)

    print_verdict(verdict, console, tmp_path / "new")
    text = console.export_text()

    assert str(tmp_path / "new" / "report.html") in text
    assert str(tmp_path / "run" / "report.html") not in text


def test_no_evidence_does_not_claim_that_nothing_was_double_booked(tmp_path: Path) -> None:
    history = [operation for operation in a_history(double=False) if operation.phase != "booking"]
    (verdict,) = reach_verdicts([recorded(tmp_path, history)])
    text = printed(verdict)

    assert verdict.exit_code == 2
    assert "NO VALID EVIDENCE" in text
    assert "this run proves nothing" in text


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("double", [False, True])
def test_nothing_is_wider_than_the_terminal(tmp_path: Path, width: int, double: bool) -> None:
    for verdict in (a_verdict(tmp_path / "small", double), a_busy_verdict(tmp_path / "busy")):
        lines = on(verdict, width)
        assert max(map(len, lines)) <= width
        assert not any("…" in line for line in lines), "a name goes on in the next line"


def test_eighty_columns_are_enough_for_whole_tables(tmp_path: Path) -> None:
    lines = on(a_busy_verdict(tmp_path), 80)

    for name in ("search_for_free_slots from send", "book_appointment from due", "no id twice in one bundle"):
        line = next(each for each in lines if name in each and re.search("examined|p99 <|p95 <", each))
        assert re.search(r"(met|missed|BROKEN|not judged|passed)$", line), line
    assert not any("…" in line for line in lines)


def test_a_check_that_had_nothing_to_examine_is_not_said_to_have_passed(tmp_path: Path) -> None:
    look = a_history(double=False)[0]
    search = replace(look, phase="booking", start=10, end=20, client="1-0", trace="t-1")
    back = replace(look, phase="read back", start=30, end=40)
    (verdict,) = reach_verdicts([recorded(tmp_path, [look, search, back])])
    text = printed(verdict)

    assert re.search(r"1 one live booking per slot +0 examined +not tested", text)
    assert re.search(r"3 no stale search +\d+ examined +passed", text)
    assert "Nothing was booked, so nothing is said of double booking" in text


def test_the_page_is_pointed_to_where_it_was_written(tmp_path: Path) -> None:
    verdict = a_verdict(tmp_path)
    assert not any(line.startswith("Report") for line in on(verdict, 200))

    (page,) = [path for path in write_reports(verdict, tmp_path) if path.suffix == ".html"]
    assert f"Report        {page}" in on(verdict, 200)


def test_a_long_path_is_whole_on_a_narrow_terminal(tmp_path: Path) -> None:
    directory = tmp_path / ("long" * 20)
    lines = on(a_verdict(directory), 60)
    evidence = next(number for number, line in enumerate(lines) if line.startswith("Evidence"))

    assert str(directory) in "".join(line.removeprefix("Evidence").strip() for line in lines[evidence:])


def test_a_wide_terminal_shows_more_percentiles(tmp_path: Path) -> None:
    verdict = a_busy_verdict(tmp_path)

    assert not any("p99.9" in line for line in on(verdict, 80))
    assert any(re.search(r"p50 +p90 +p95 +p99 +p99.9 +max", line) for line in on(verdict, 120))


def test_an_open_phase_is_timed_from_the_intended_start_too(tmp_path: Path) -> None:
    lines = on(a_busy_verdict(tmp_path), 80)

    assert any(line.startswith("   from the intended start") for line in lines)
    assert any(line.startswith("Arrivals      150 due, 0 missed") for line in lines)
    assert "were missed" not in " ".join(lines)


def test_the_seconds_that_a_rate_is_over_are_said(tmp_path: Path) -> None:
    assert printed(a_verdict(tmp_path)).count("Per s: over the seconds of the phases that used the") == 1


def test_a_run_of_open_and_closed_phases_says_which_of_them_each_latency_counts(tmp_path: Path) -> None:
    text = " ".join(" ".join(on(a_busy_verdict(tmp_path), 80)).split())

    assert re.search(r"search_for_free_slots 230 .* from the intended start 150 ", text)
    assert "From the send: all phases together. From the intended start: the open phases alone;" in text
    assert "against the closed phases from the send." in text
    assert "all phases together" not in printed(a_verdict(tmp_path / "closed"))


def test_what_was_met_in_place_of_an_answer_is_said_in_words_with_its_interaction(tmp_path: Path) -> None:
    moved = replace(
        a_booking("1-2", 120, 121, "903"), outcome="unknown", status=302, appointment=None, appointments=()
    )
    reset = replace(moved, client="1-3", trace="t-3", status=None, error="connection reset")
    (verdict,) = reach_verdicts([recorded(tmp_path, [*a_history(double=False), moved, moved, reset])])

    assert re.search(
        r"Errors +3: 2 x HTTP 302 \(book_appointment\), 1 x connection reset \(book_appointment\)",
        printed(verdict),
    )


def test_of_many_kinds_of_errors_the_commonest_are_told_and_the_others_counted(tmp_path: Path) -> None:
    failed = replace(a_booking("1-2", 120, 121, "903"), outcome="unknown", appointment=None, appointments=())
    kinds = [replace(failed, client=f"2-{n}", trace=f"t-{n}", status=500 + n) for n in range(8)]
    (verdict,) = reach_verdicts([recorded(tmp_path, [*a_history(double=False), *kinds])])

    text = " ".join(printed(verdict).split())
    assert re.search(r"Errors 8: 1 x HTTP 500 .* 1 x HTTP 505 \(book_appointment\), and 2 kinds more:", text)


def test_where_limits_broke_while_the_rate_climbed_is_said(tmp_path: Path) -> None:
    text = " ".join(on(a_busy_verdict(tmp_path), 200))

    assert "- ramp: book_appointment SHOULD p95 < 100 ms: BROKE: 226.6 ms between 0 s and " in text
    assert (
        "ramp: too few requests to tell: book_appointment SHALL p99; search_for_free_slots SHALL p99" in text
    )
    headline = " ".join(printed(a_busy_verdict(tmp_path)).replace("┃", "").split())
    assert "In ramp there were too few requests to find a breaking point of a SHALL limit." in headline


def test_doubts_are_told_with_their_check_and_the_rest_is_counted(tmp_path: Path) -> None:
    history = [
        each for each in a_history(double=False) if each.interaction != "retrieve_patient_appointments"
    ]
    more = [
        replace(a_booking(f"2-{n}", 300 + n, 301 + n, f"99{n}"), slots=(f"9{n}",), appointments=())
        for n in range(5)
    ]
    (verdict,) = reach_verdicts([recorded(tmp_path, [*history, *more])])
    lines = on(verdict, 100)

    told = [line for line in lines if line.startswith("? check 6 doubts: ")]
    assert len(told) == 3
    assert any(re.match(r"\? check 6: \d+ doubts more", line) for line in lines)


def test_how_the_generator_fared_is_shown(tmp_path: Path) -> None:
    text = printed(a_busy_verdict(tmp_path))

    assert "3 processes, the busiest at 40% of a core" in text

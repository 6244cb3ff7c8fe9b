from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from loadtest.report.junit import junit_xml
from loadtest.report.verdict import Verdict, reach_verdicts
from tests.loadtest.report.busy_run import a_busy_verdict
from tests.loadtest.report.recorded_run import a_history, a_long_history, a_verdict, recorded


def cases(verdict: Verdict, suite: str) -> dict[str, Element]:
    root = fromstring(junit_xml(verdict))
    return {str(case.get("name")): case for case in root.findall(f"testsuite[@name='{suite}']/testcase")}


def result_of(case: Element) -> str:
    results = [each.tag for each in case if each.tag in ("failure", "error", "skipped")]
    assert len(results) <= 1, "of several results some servers keep only the first"
    return results[0] if results else "passed"


def test_every_check_and_every_limit_is_a_test_case(tmp_path: Path) -> None:
    (verdict,) = reach_verdicts([recorded(tmp_path, a_long_history())])

    results = [result_of(case) for case in cases(verdict, "integrity").values()]
    assert results == ["passed" if check.examined else "skipped" for check in verdict.findings.checks]
    limits = cases(verdict, "limits")
    assert "book_appointment SHALL p99 < 250 ms from the actual send" in limits
    assert {result_of(case) for case in limits.values()} == {"passed"}
    assert {result_of(case) for case in cases(verdict, "evidence").values()} == {"passed"}


def test_a_proved_violation_is_a_failure_with_its_witness(tmp_path: Path) -> None:
    case = cases(a_verdict(tmp_path, double=True), "integrity")["1 one live booking per slot"]
    failure = case.find("failure")

    assert failure is not None
    assert str(failure.get("message")).startswith("violated 1 time: slot 12")
    assert "trace-1-0" in str(failure.text)


def test_a_broken_shall_limit_fails_and_a_missed_should_limit_only_shows(tmp_path: Path) -> None:
    limits = cases(a_busy_verdict(tmp_path), "limits")
    shall = limits["book_appointment SHALL p99 < 250 ms from the intended start"]
    should = limits["book_appointment SHOULD p95 < 100 ms from the intended start"]

    assert (result_of(shall), result_of(should)) == ("failure", "skipped")
    assert "SHALL be under 250 ms" in str(shall[0].get("message"))
    assert str(should[0].get("message")).startswith("warning: book_appointment: p95 is ")
    assert float(str(shall.get("time"))) > 0.25, "the time of a limit is what was observed"


def test_where_an_outage_is_expected_limits_are_skipped(tmp_path: Path) -> None:
    verdict = a_busy_verdict(tmp_path, options={"expect_outage": True})
    limits = cases(verdict, "limits")
    case = limits["book_appointment SHALL p99 < 250 ms from the intended start"]

    assert {result_of(each) for each in limits.values()} == {"skipped"}, "those that would hold, too"
    assert str(case[0].get("message")).startswith(
        "speed was not judged, for an outage was expected: observed 3"
    )


def test_what_speaks_against_the_evidence_is_an_error_with_all_of_it(tmp_path: Path) -> None:
    verdict = a_busy_verdict(tmp_path, saturated=True, cut_short="no slots")
    case = cases(verdict, "evidence")["valid evidence"]

    assert result_of(case) == "error"
    assert len(verdict.objections) == 2
    assert case[0].get("message") == f"{verdict.objections[0]}, and 1 objection more"
    assert str(case[0].text).splitlines() == list(verdict.objections)


def test_a_limit_that_too_few_requests_stand_behind_is_skipped_and_says_so(tmp_path: Path) -> None:
    case = cases(a_verdict(tmp_path), "limits")["book_appointment SHALL p99 < 250 ms from the actual send"]

    assert result_of(case) == "skipped"
    assert case[0].get("message") == "not judged: 1 request, at least 1,000 needed"
    assert case.findtext("system-out") == "observed 10.0 ms over 1 request"


def test_a_test_case_has_the_same_name_whatever_was_observed(tmp_path: Path) -> None:
    worse = a_busy_verdict(tmp_path / "worse", saturated=True, cut_short="no slots")
    shortened = replace(worse, objections=worse.objections[:1])
    verdicts = [a_busy_verdict(tmp_path / "better"), worse, shortened]

    for suite in ("evidence", "integrity", "limits"):
        assert len({tuple(cases(verdict, suite)) for verdict in verdicts}) == 1


def test_an_unproven_check_is_an_error_with_its_doubts(tmp_path: Path) -> None:
    history = [
        each for each in a_history(double=False) if each.interaction != "retrieve_patient_appointments"
    ]
    (verdict,) = reach_verdicts([recorded(tmp_path, history)])
    case = cases(verdict, "integrity")["6 final state equals history"]

    assert result_of(case) == "error"
    assert "was not read back" in str(case[0].text)


def test_the_sums_are_those_of_the_cases(tmp_path: Path) -> None:
    root = fromstring(junit_xml(a_busy_verdict(tmp_path, saturated=True)))
    everything = root.findall("testsuite/testcase")

    for element, within in [(root, everything), *((suite, suite.findall("testcase")) for suite in root)]:
        counted = {
            name: sum(result_of(case) == tag for case in within)
            for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
        }
        assert {name: int(str(element.get(name))) for name in counted} == counted
        assert int(str(element.get("tests"))) == len(within)


def test_characters_that_xml_forbids_do_not_spoil_the_file(tmp_path: Path) -> None:
    verdict = a_busy_verdict(tmp_path, cut_short="the provider said \x00\x1b[31m")

    case = cases(verdict, "evidence")["valid evidence"]
    assert "the provider said" in str(case[0].get("message"))

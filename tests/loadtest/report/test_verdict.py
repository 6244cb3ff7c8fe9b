import re
from dataclasses import replace
from pathlib import Path

import pytest

from loadtest.figures.measurements import measure
from loadtest.integrity import CheckResult
from loadtest.integrity.findings import Inquiry, Result
from loadtest.ledger import Operation
from loadtest.report.verdict import conclude, reach_verdicts, worst_exit_code
from loadtest.service_level import ThresholdResult, judge_latency
from tests.loadtest.report.recorded_run import MS, a_history, a_long_history, a_verdict, printed, recorded


def _check(result: Result, number: int = 1) -> CheckResult:
    made = Inquiry(number, "one live booking per slot", 1).result()
    return replace(made, result=result, violation_count=int(result == "violated"))


def _limits_broken(milliseconds: int) -> tuple[ThresholdResult, ...]:
    took = Operation("book_appointment", "1-0", "t", "A", "booking", 0, milliseconds * MS, "ok", slots=("1",))
    return judge_latency(measure([took] * 1000)).broken


FAST, SLOW = 10, 400


@pytest.mark.parametrize(
    ("results", "objections", "milliseconds", "word"),
    [
        (["passed", "passed"], [], FAST, "passed"),
        (["passed", "passed"], [], SLOW, "too slow"),
        (["passed", "passed"], ["nothing was recorded"], FAST, "no evidence"),
        (["passed", "passed"], ["nothing was recorded"], SLOW, "no evidence"),
        (["passed", "unproven"], [], SLOW, "no evidence"),
        (["violated", "unproven"], ["nothing was recorded"], SLOW, "violated"),
    ],
)
def test_a_violation_wins_over_everything_and_no_evidence_over_slowness(
    results: list[Result], objections: list[str], milliseconds: int, word: str
) -> None:
    said, reasons = conclude([_check(result) for result in results], objections, _limits_broken(milliseconds))

    assert said == word
    assert bool(reasons) == (word != "passed")


def test_the_limit_that_was_broken_is_named() -> None:
    _, reasons = conclude([_check("passed")], [], _limits_broken(SLOW))

    assert len(reasons) == 1
    assert re.fullmatch(r"book_appointment: p99 is 400\.\d ms, SHALL be under 250 ms", reasons[0])


def test_a_run_with_one_winner_and_one_lost_race_passes(tmp_path: Path) -> None:
    verdict = a_verdict(tmp_path)

    assert (verdict.word, verdict.exit_code, verdict.reasons) == ("passed", 0, ())


def test_a_false_refusal_is_proved_only_where_nobody_else_writes(tmp_path: Path) -> None:
    history = [each for each in a_history(double=False) if each.appointment != "901" and each.patient != "77"]
    refusal = next(each for each in a_history(double=False) if each.code == "DUPLICATE_REJECTED")
    back = replace(history[-1], seen=("12", "13"))
    operations = [*history[:-1], refusal, back]

    (alone,) = reach_verdicts([recorded(tmp_path / "alone", operations)])
    (shared,) = reach_verdicts([recorded(tmp_path / "shared", operations, shared=True)])

    assert (alone.word, shared.word) == ("violated", "no evidence")
    assert "Assuming no writers outside the run" in printed(alone)
    assert "Assuming" not in printed(shared)


def test_where_an_outage_is_expected_integrity_alone_is_judged(tmp_path: Path) -> None:
    slow = a_long_history(bookings=11, milliseconds=910)

    (judged,) = reach_verdicts([recorded(tmp_path / "a", slow)])
    (spared,) = reach_verdicts([recorded(tmp_path / "b", slow, expect_outage=True)])

    assert (judged.word, spared.word) == ("too slow", "passed")
    assert spared.warnings[0].startswith("not judged: book_appointment: p99 is 9")
    assert spared.warnings[1].startswith("not judged: book_appointment: p95 is 9")
    assert "speed was not judged" in printed(spared)
    assert [each.availability.outage_expected for each in (judged, spared)] == [False, True]


def test_a_should_limit_that_was_missed_only_warns(tmp_path: Path) -> None:
    (verdict,) = reach_verdicts([recorded(tmp_path, a_long_history(bookings=11, milliseconds=155))])

    assert verdict.word == "passed"
    assert verdict.warnings[0].startswith("book_appointment: p95 is 15")
    assert "~ book_appointment: p95" in printed(verdict)


def test_several_runs_have_the_weightiest_exit_code(tmp_path: Path) -> None:
    good = a_verdict(tmp_path / "a")
    bad = a_verdict(tmp_path / "b", double=True)
    void = replace(good, word="no evidence")
    slow = replace(good, word="too slow")

    assert worst_exit_code([good]) == 0
    assert worst_exit_code([good, slow]) == 99
    assert worst_exit_code([good, slow, void]) == 2
    assert worst_exit_code([void, bad, slow]) == 100

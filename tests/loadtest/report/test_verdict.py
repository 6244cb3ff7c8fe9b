import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from loadtest.integrity import CheckResult
from loadtest.integrity.findings import Inquiry
from loadtest.ledger import Operation
from loadtest.measurements import measure
from loadtest.report.verdict import conclude, reach_verdicts, to_json, worst_exit_code
from loadtest.service_level import ThresholdResult, judge_latency
from tests.loadtest.report.recorded_run import MS, a_booking, a_history, a_verdict, printed, recorded


def _check(result: str, number: int = 1) -> CheckResult:
    made = Inquiry(number, "one live booking per slot", 1).result()
    return replace(made, result=result, violation_count=int(result == "violated"))  # type: ignore[arg-type]


def _limits_broken(milliseconds: int) -> tuple[ThresholdResult, ...]:
    took = Operation("book_appointment", "1-0", "t", "A", "booking", 0, milliseconds * MS, "ok", slots=("1",))
    return judge_latency(measure([took])).broken


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
    results: list[str], objections: list[str], milliseconds: int, word: str
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


def _slowly(history: list[Operation], milliseconds: int) -> list[Operation]:
    later = {"booking": 0, "read back": 9000 * MS}
    return [
        replace(
            each, start=each.start + later[each.phase], end=each.end + later[each.phase] + milliseconds * MS
        )
        if each.phase in later
        else each
        for each in history
    ]


def test_where_an_outage_is_expected_integrity_alone_is_judged(tmp_path: Path) -> None:
    slow = _slowly(a_history(double=False), 900)

    (judged,) = reach_verdicts([recorded(tmp_path / "a", slow)])
    (spared,) = reach_verdicts([recorded(tmp_path / "b", slow, expect_outage=True)])

    assert (judged.word, spared.word) == ("too slow", "passed")
    assert spared.warnings[0].startswith("not judged: book_appointment: p99 is 9")
    assert "speed was not judged" in printed(spared)


def test_the_headline_tells_what_was_refused_beside_the_limits(tmp_path: Path) -> None:
    history = a_history(double=False)
    refused = replace(
        a_booking("1-2", 120, 121, "903"), outcome="refused", status=422, appointment=None, appointments=()
    )
    (verdict,) = reach_verdicts([recorded(tmp_path, [*history, refused])])
    headline = " ".join(printed(verdict).replace("┃", "").split())

    assert "of 3 requests 1 were refused (lost races apart) and 0 had no definite answer: 33.33%" in headline


def test_how_the_generator_fared_is_shown(tmp_path: Path) -> None:
    directory = recorded(tmp_path, a_history(double=False))
    mark = {
        "operations": 2,
        "cpu_share": 0.42,
        "worst_lateness_ms": 12.5,
        "exceptions": [],
        "rounds_made": 0,
        "rounds_missed": 0,
    }
    (directory / "generator-here-9.json").write_bytes(orjson.dumps(mark))
    (verdict,) = reach_verdicts([directory])

    assert to_json(verdict)["generator"] == {
        "ledger-here-9.jsonl": {"operations": 2, "cpu_share": 0.42, "worst_lateness_ms": 12.5}
    }
    assert "the busiest at 42% of a core" in printed(verdict)


def test_a_double_booking_is_proved_by_its_two_requests(tmp_path: Path) -> None:
    verdict = a_verdict(tmp_path, double=True)
    text = printed(verdict)

    assert (verdict.word, verdict.exit_code) == ("violated", 100)
    assert text.index("VIOLATED") < text.index("Witness 1 to check 1") < text.index("Integrity")
    assert "trace-1-0" in text
    assert "trace-1-1" in text


def test_the_verdict_comes_first_and_lost_races_stand_apart_from_errors(tmp_path: Path) -> None:
    text = printed(a_verdict(tmp_path))

    assert "PASSED" in text.splitlines()[1]
    assert "No slot was double-booked; all SHALL limits held." in text
    assert "1 booked, 0 cancelled, 1 lost races" in text
    assert re.search(r"Errors +none", text)
    assert "1 left at 1 practices" in text
    assert "service level silver: 99.50 %" in text
    assert re.search(r"book_appointment +1\d\.\d < 250: met +1\d\.\d < 100: met", text)


def test_no_evidence_does_not_claim_that_nothing_was_double_booked(tmp_path: Path) -> None:
    history = [operation for operation in a_history(double=False) if operation.phase != "booking"]
    (verdict,) = reach_verdicts([recorded(tmp_path, history)])
    text = printed(verdict)

    assert verdict.exit_code == 2
    assert "NO VALID EVIDENCE" in text
    assert "this run proves nothing" in text


def test_the_json_verdict_has_every_key_it_promises(tmp_path: Path) -> None:
    content = orjson.loads(orjson.dumps(to_json(a_verdict(tmp_path, double=True))))

    assert (content["verdict"], content["exit_code"], content["seed"]) == ("violated", 100, 7)
    assert content["load"]["booked"] == 2
    assert content["free_slots_left"] == {"total": 1, "by_practice": {"A": 1}}
    assert content["searches"] == {"count": 0, "empty": 0}
    assert content["contests"] is None
    check = content["checks"][0]
    assert (check["number"], check["result"]) == (1, "violated")
    assert check["witnesses"][0]["traces"] == ["trace-1-0", "trace-1-1"]
    latency = content["latency"][0]
    assert latency["interaction"] == "book_appointment"
    assert set(latency["service_ms"]) == {"p50", "p90", "p95", "p99", "max"}
    levels = {(each["level"], each["percentile"], each["limit_ms"]) for each in content["thresholds"]}
    assert levels == {("SHALL", 99.0, 250.0), ("SHOULD", 95.0, 100.0)}
    promised = {
        "format",
        "verdict",
        "exit_code",
        "reasons",
        "warnings",
        "run",
        "scenario",
        "seed",
        "started",
        "ended",
        "interrupted",
        "target",
        "proxy",
        "practices",
        "shared",
        "outage_expected",
        "checks",
        "latency",
        "thresholds",
        "availability",
        "load",
        "searches",
        "contests",
        "free_slots_left",
        "generator",
        "environment",
    }
    assert set(content) == promised


def test_a_should_limit_that_was_missed_only_warns(tmp_path: Path) -> None:
    (verdict,) = reach_verdicts([recorded(tmp_path, _slowly(a_history(double=False), 145))])

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

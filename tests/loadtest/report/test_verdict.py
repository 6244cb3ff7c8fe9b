import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from loadtest.integrity import CheckResult
from loadtest.integrity.findings import Inquiry
from loadtest.ledger import AppointmentSeen, LedgerHeader, LedgerWriter, Operation
from loadtest.report.terminal import print_verdict
from loadtest.report.verdict import Verdict, conclude, reach_verdicts, to_json, worst_exit_code
from loadtest.service_level import Measurements, judge_latency

MS = 1_000_000


def _check(result: str, number: int = 1) -> CheckResult:
    made = Inquiry(number, "one live booking per slot", 1).result()
    return replace(made, result=result, violation_count=int(result == "violated"))  # type: ignore[arg-type]


def _latency(milliseconds: int) -> Any:
    measurements = Measurements()
    measurements.record(
        Operation("book_appointment", "1-0", "t", "A", "booking", 0, milliseconds * MS, "ok", slots=("1",))
    )
    return judge_latency(measurements)


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
    said, reasons = conclude([_check(result) for result in results], objections, _latency(milliseconds))

    assert said == word
    assert bool(reasons) == (word != "passed")


def test_the_limit_that_was_broken_is_named() -> None:
    _, reasons = conclude([_check("passed")], [], _latency(SLOW))

    assert len(reasons) == 1
    assert re.fullmatch(r"book_appointment: p99 is 400\.\d ms, SHALL be under 250 ms", reasons[0])


def _booking(client: str, start: int, end: int, appointment: str, **more: Any) -> Operation:
    given: dict[str, Any] = {
        "status": 201,
        "slots": ("12",),
        "patient": "77",
        "appointment": appointment,
        "version": "1",
        "appointments": (AppointmentSeen(appointment, "booked", "1", ("12",), "77"),),
        "bytes": 900,
    }
    return Operation(
        "book_appointment",
        client,
        f"trace-{client}",
        "A",
        "booking",
        start * MS,
        end * MS,
        "ok",
        **given | more,
    )


def _history(double: bool) -> list[Operation]:
    look = Operation(
        "search_for_free_slots", "s", "t", "A", "first look", 0, 1, "ok", status=200, seen=("12", "13")
    )
    bookings = [_booking("1-0", 100, 110, "901")]
    appointments = [AppointmentSeen("901", "booked", "1", ("12",), "77")]
    if double:
        bookings.append(_booking("1-1", 105, 112, "902"))
        appointments.append(AppointmentSeen("902", "booked", "1", ("12",), "77"))
    else:
        bookings.append(replace(_booking("1-1", 105, 112, "902"), outcome="refused", status=409))
        bookings[-1] = replace(
            bookings[-1], code="DUPLICATE_REJECTED", appointment=None, version=None, appointments=()
        )
    back = [
        Operation(
            "retrieve_patient_appointments",
            "s",
            "t",
            "A",
            "read back",
            200 * MS,
            201 * MS,
            "ok",
            status=200,
            patient="77",
            appointments=tuple(appointments),
        ),
        Operation(
            "search_for_free_slots",
            "s",
            "t",
            "A",
            "read back",
            202 * MS,
            203 * MS,
            "ok",
            status=200,
            seen=("13",),
        ),
    ]
    first = Operation("retrieve_patient_appointments", "s", "t", "A", "first look", 2, 3, "ok", patient="77")
    return [look, first, *bookings, *back]


def _recorded(directory: Path, operations: list[Operation]) -> Path:
    header = LedgerHeader("booking-1", "here", 1, "booking", 0, 0, 7)
    with LedgerWriter(directory, header) as ledger:
        for operation in operations:
            ledger.write(operation)
    record = {
        "run": "booking-1",
        "scenario": "booking",
        "seed": 7,
        "started": "2030-06-03T10:00:00+00:00",
        "ended": "2030-06-03T10:01:00+00:00",
        "interrupted": False,
        "read_back": "complete",
        "options": {"target": "http://127.0.0.1:8000", "proxy": None},
        "practices": ["A"],
        "parts": [{"scenario": "booking", "exit_code": 0, "log": "g"}],
        "survey_ledger": "ledger-here-1.jsonl",
        "environment": {"locust": "2.47.0"},
    }
    (directory / "run.json").write_bytes(orjson.dumps(record))
    return directory


def _verdict(directory: Path, double: bool = False) -> Verdict:
    (verdict,) = reach_verdicts([_recorded(directory, _history(double))])
    return verdict


def _printed(verdict: Verdict) -> str:
    console = Console(width=120, file=io.StringIO(), record=True)
    print_verdict(verdict, console)
    return console.export_text()


def test_a_run_with_one_winner_and_one_lost_race_passes(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path)

    assert (verdict.word, verdict.exit_code, verdict.reasons) == ("passed", 0, ())


def test_a_double_booking_is_proved_by_its_two_requests(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, double=True)
    text = _printed(verdict)

    assert (verdict.word, verdict.exit_code) == ("violated", 100)
    assert text.index("VIOLATED") < text.index("Witness 1 to check 1") < text.index("Integrity")
    assert "trace-1-0" in text
    assert "trace-1-1" in text


def test_the_verdict_comes_first_and_lost_races_stand_apart_from_errors(tmp_path: Path) -> None:
    text = _printed(_verdict(tmp_path))

    assert "PASSED" in text.splitlines()[1]
    assert "No slot was double-booked; all SHALL limits held." in text
    assert "1 booked, 0 cancelled, 1 lost races" in text
    assert re.search(r"Errors +none", text)
    assert "1 left at 1 practices" in text
    assert "service level silver: 99.50 %" in text
    assert re.search(r"book_appointment +1\d\.\d < 250: met +1\d\.\d < 100: met", text)


def test_no_evidence_does_not_claim_that_nothing_was_double_booked(tmp_path: Path) -> None:
    history = [operation for operation in _history(double=False) if operation.phase != "booking"]
    (verdict,) = reach_verdicts([_recorded(tmp_path, history)])
    text = _printed(verdict)

    assert verdict.exit_code == 2
    assert "NO VALID EVIDENCE" in text
    assert "this run proves nothing" in text


def test_the_json_verdict_has_every_key_it_promises(tmp_path: Path) -> None:
    content = orjson.loads(orjson.dumps(to_json(_verdict(tmp_path, double=True))))

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
        "checks",
        "latency",
        "thresholds",
        "availability",
        "load",
        "searches",
        "contests",
        "free_slots_left",
        "environment",
    }
    assert set(content) == promised


def test_a_should_limit_that_was_missed_only_warns(tmp_path: Path) -> None:
    slow = [
        replace(each, end=each.start + 150 * MS) if each.phase == "booking" else each
        for each in _history(False)
    ]
    moved = [
        replace(each, start=each.start + 900 * MS, end=each.end + 900 * MS)
        if each.phase == "read back"
        else each
        for each in slow
    ]
    (verdict,) = reach_verdicts([_recorded(tmp_path, moved)])

    assert verdict.word == "passed"
    assert verdict.warnings[0].startswith("book_appointment: p95 is 15")
    assert "~ book_appointment: p95" in _printed(verdict)


def test_several_runs_have_the_weightiest_exit_code(tmp_path: Path) -> None:
    good = _verdict(tmp_path / "a")
    bad = _verdict(tmp_path / "b", double=True)
    void = replace(good, word="no evidence")
    slow = replace(good, word="too slow")

    assert worst_exit_code([good]) == 0
    assert worst_exit_code([good, slow]) == 99
    assert worst_exit_code([good, slow, void]) == 2
    assert worst_exit_code([void, bad, slow]) == 100

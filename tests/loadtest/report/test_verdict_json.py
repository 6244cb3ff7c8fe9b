from pathlib import Path

import orjson

from loadtest.report.verdict_json import to_json
from tests.loadtest.report.busy_run import a_busy_verdict
from tests.loadtest.report.recorded_run import a_verdict


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
    assert set(latency["service_ms"]) == {"p50", "p90", "p95", "p99", "p999", "max"}
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
        "limits_judged",
        "checks",
        "latency",
        "thresholds",
        "availability",
        "breaking_points",
        "load",
        "searches",
        "contests",
        "contested_slots",
        "free_slots_left",
        "generator",
        "environment",
        "provider",
        "data",
    }
    assert set(content) == promised


def test_what_a_program_may_ask_of_a_busy_run_is_there(tmp_path: Path) -> None:
    content = orjson.loads(orjson.dumps(to_json(a_busy_verdict(tmp_path))))

    assert content["load"]["by_phase"] == {"closed": 101, "ramp": 300, "hot": 80}
    assert content["load"]["answers"]["book_appointment"] == {"201": 180, "409 DUPLICATE_REJECTED": 70}
    assert content["generator"]["ledger-here-21.jsonl"] == {
        "phase": "ramp",
        "operations": 100,
        "cpu_share": 0.4,
        "worst_lateness_ms": 12.0,
        "arrivals_due": 150,
        "arrivals_made": 150,
        "arrivals_missed": 0,
    }
    slot = content["contested_slots"][0]
    assert (slot["attempts"], slot["most_at_once"], slot["won"], slot["lost"]) == (8, 8, 1, 7)
    assert content["availability"]["supported_hours"]["requests"] == 481
    assert content["availability"]["met"] is True
    levels = {(point["phase"], point["level"]) for point in content["breaking_points"]}
    assert levels == {("ramp", "SHALL"), ("ramp", "SHOULD")}
    bases = {each["basis"] for each in content["thresholds"] if each["interaction"] == "book_appointment"}
    assert bases == {"response time", "service time"}
    needed = {(each["percentile"], each["requests_needed"]) for each in content["thresholds"]}
    assert needed == {(99, 1000), (95, 200)}
    point = content["breaking_points"][0]
    assert (point["highest_asked"], point["until_second"]) == (None, None), "too few requests to tell"
    assert content["provider"] == {"software": "a provider", "version": "1.2"}


def test_where_an_outage_is_expected_the_figures_are_there_and_no_limit_is_met_or_broken(
    tmp_path: Path,
) -> None:
    judged = to_json(a_busy_verdict(tmp_path / "judged"))
    spared = to_json(a_busy_verdict(tmp_path / "spared", options={"expect_outage": True}))

    assert (judged["limits_judged"], {each["met"] for each in judged["thresholds"]}) == (True, {None, False})
    assert (spared["limits_judged"], {each["met"] for each in spared["thresholds"]}) == (False, {None})
    assert [each["observed_ms"] for each in spared["thresholds"]] == [
        each["observed_ms"] for each in judged["thresholds"]
    ]
    assert spared["breaking_points"] == []

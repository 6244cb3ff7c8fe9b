import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from loadtest.chance import repeatable
from loadtest.compare_command import compare_runs
from loadtest.ledger import LedgerHeader, LedgerWriter
from loadtest.plans.plan import Phase, Plan, to_json
from tests.loadtest.timed import MS, took

SECONDS = 30


def recorded(
    directory: Path, milliseconds: float, *, users: int = 10, unanswered: int = 0, **more: Any
) -> Path:
    """A report directory: half a minute of bookings that take about so long, so many of ten unanswered."""
    name = f"{directory.name}-1"
    header = LedgerHeader(name, "here", 1, "booking", 0, 0, 7, "booking", 0)
    random = repeatable(directory.name)
    with LedgerWriter(directory, header) as ledger:
        for n in range(SECONDS * 20):
            operation = took(
                milliseconds * random.lognormvariate(0, 0.2), start=50 * n, phase="booking", size=900
            )
            if n % 10 < unanswered:
                operation = replace(operation, outcome="unknown", end=operation.start + MS // 5)
            ledger.write(replace(operation, trace=str(n), appointment=str(n), version="1"))
    mark = {
        "phase": "booking",
        "operations": SECONDS * 20,
        "exceptions": [],
        "rounds_made": 0,
        "rounds_missed": 0,
        "cpu_share": 0.2,
        "worst_lateness_ms": 5.0,
    }
    (directory / "generator-here-1.json").write_bytes(orjson.dumps(mark))
    plan = Plan("booking", "bookings", (Phase("booking", {"booking": 1.0}, SECONDS, users=users),))
    record = {
        "run": name,
        "scenario": "booking",
        "plan": to_json(plan),
        "seed": 7,
        "started": "2030-06-03T10:00:00+00:00",
        "read_back": "complete",
        "interrupted": False,
        "options": {"target": "http://127.0.0.1:8000"},
        "practices": ["A81001"],
        "provider": {"name": "a provider", "version": "1.0"},
        "data": {"practices": 1, "patients": 20, "free_slots": 900},
        "parts": [{"scenario": "booking", "exit_code": 0, "log": "g", "began_ns": 1, "seconds": SECONDS}],
        "environment": {"python": "3.11"},
    }
    (directory / "run.json").write_bytes(orjson.dumps(record | more))
    return directory


@pytest.fixture(name="base")
def a_base(tmp_path: Path) -> Path:
    return recorded(tmp_path / "base", 40)


@pytest.fixture(name="compared")
def a_comparison(base: Path) -> Callable[..., Result]:
    def run(new: Path, *options: str) -> Result:
        return CliRunner().invoke(compare_runs, [str(base), str(new), *options])

    return run


def test_a_slower_run_ends_in_99_and_the_table_says_where(
    compared: Callable[..., Result], tmp_path: Path
) -> None:
    result = compared(recorded(tmp_path / "new", 60, provider={"name": "a provider", "version": "1.1"}))
    assert result.exit_code == 99
    line = next(line for line in result.output.splitlines() if "p50 ms" in line)
    assert line.split()[:2] == ["book_appointment", "send"]
    assert line.rstrip().endswith("slower")
    assert "~ provider's version: 1.0 in base, 1.1 in new" in result.output
    assert "paired redraws" in result.output


def test_a_faster_run_and_one_alike_end_in_0(compared: Callable[..., Result], tmp_path: Path) -> None:
    faster = compared(recorded(tmp_path / "faster", 25))
    assert (faster.exit_code, "faster, of" in faster.output) == (0, True)
    alike = compared(recorded(tmp_path / "alike", 40))
    assert alike.exit_code == 0
    assert "0 slower, 0 faster" in alike.output


def test_runs_of_different_work_are_refused_and_it_says_why(
    compared: Callable[..., Result], tmp_path: Path
) -> None:
    other = recorded(tmp_path / "new", 60, users=20)
    refused = compared(other)
    assert refused.exit_code == 2
    assert "phase booking: users: 10 in base, 20 in new" in refused.stderr
    anyway = compared(other, "--anyway")
    assert anyway.exit_code == 99
    assert "~ phase booking: users: 10 in base, 20 in new" in anyway.output


def test_a_run_that_is_no_evidence_is_refused(compared: Callable[..., Result], tmp_path: Path) -> None:
    refused = compared(recorded(tmp_path / "new", 60, cut_short="the disk was full"))
    assert refused.exit_code == 2
    assert "new is no valid evidence: the run was cut short: the disk was full" in refused.stderr


def test_a_run_that_left_requests_unanswered_is_slower_where_its_percentiles_have_no_figure(
    compared: Callable[..., Result], tmp_path: Path
) -> None:
    result = compared(recorded(tmp_path / "new", 40, unanswered=1), "--anyway")
    line = next(line for line in result.output.splitlines() if "p95 ms" in line)
    assert re.search(r"p95 ms +\d+\.\d +no answer +- +- +slower$", line.rstrip())
    assert result.exit_code == 99
    assert "what had no answer ranks above all that had one" in " ".join(result.output.split())


def test_latencies_that_one_run_left_without_an_answer_count_among_the_compared(
    compared: Callable[..., Result], tmp_path: Path
) -> None:
    dead = recorded(tmp_path / "dead", 40, unanswered=10)
    worse = compared(dead, "--anyway")
    better = CliRunner().invoke(compare_runs, [str(dead), str(tmp_path / "base"), "--anyway"])

    assert "3 slower, 0 faster, of 3 compared; 1 could not be" in worse.output
    assert "0 slower, 3 faster, of 3 compared; 1 could not be" in better.output
    assert "No latency was compared" not in worse.output + better.output
    assert (worse.exit_code, better.exit_code) == (99, 0)


def test_too_little_to_compare_is_not_a_pass(compared: Callable[..., Result], tmp_path: Path) -> None:
    new = recorded(tmp_path / "new", 60)
    ledger = new / "ledger-here-1.jsonl"
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:15]))
    result = compared(new)
    assert result.exit_code == 2
    assert "Nothing was compared" in result.output


def test_where_only_throughput_was_compared_it_is_not_a_pass(
    compared: Callable[..., Result], base: Path, tmp_path: Path
) -> None:
    new = recorded(tmp_path / "new", 40)
    for run in (base, new):
        header, *lines = (run / "ledger-here-1.jsonl").read_bytes().splitlines(keepends=True)
        (run / "ledger-here-1.jsonl").write_bytes(header + b"".join(lines[::40]))
    result = compared(new)

    assert result.exit_code == 2
    assert "No latency was compared, only throughput: 0 slower, 0 faster, of 1 compared; 3 could not be" in (
        result.output
    )
    assert orjson.loads(compared(new, "--json").stdout)["latencies_compared"] == 0


def test_every_exit_code_is_told_in_the_help() -> None:
    said = " ".join(CliRunner().invoke(compare_runs, ["--help"]).output.split())

    assert "0 nothing became slower; 99 something did; 2 the runs cannot be compared" in said
    assert "or nothing became slower but no latency was compared" in said


def test_the_least_change_can_be_chosen(compared: Callable[..., Result], tmp_path: Path) -> None:
    new = recorded(tmp_path / "new", 60)
    assert compared(new, "--least", "80").exit_code == 0


def test_json_is_the_whole_output(compared: Callable[..., Result], tmp_path: Path) -> None:
    result = compared(recorded(tmp_path / "new", 60), "--json")
    content = orjson.loads(result.stdout)
    assert (result.exit_code, content["slower"] > 0, content["obstacles"]) == (99, True, [])
    refused = compared(recorded(tmp_path / "other", 60, users=20), "--json")
    assert orjson.loads(refused.stdout)["obstacles"] == ["phase booking: users: 10 in base, 20 in new"]
    assert refused.exit_code == 2


def test_directories_without_evidence_or_a_common_phase_end_in_2(
    compared: Callable[..., Result], tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert compared(empty).exit_code == 2
    header = LedgerHeader("other-1", "here", 1, "journey", 0, 0, 7)
    with LedgerWriter(tmp_path / "other", header) as ledger:
        ledger.write(took(5 * MS, phase="journey"))
    result = compared(tmp_path / "other", "--anyway")
    assert result.exit_code == 2
    assert "no phase in common" in result.stderr

"""The benchmark runs, and says something of every kind of work: what it says is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.rates import PROXIED, TARGETS, Rate, Ratio, ratio_of, run_from_json
from tests.bench.table import verdict

ROOT = Path(__file__).parent.parent.parent


def test_a_quick_run_measures_every_kind_of_work_both_ways(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--out", str(tmp_path / "run.json")]
    first = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert first.returncode == 0, first.stderr
    run = run_from_json(json.loads((tmp_path / "run.json").read_text()))
    assert [(each.work, each.way) for each in run.ratios] == [
        (work, way) for way in ("in process", "socket") for work in TARGETS
    ]
    assert all(each.ours > 0 and each.floor > 0 and each.bytes > 0 for each in run.ratios)
    by_proxy = {f"{name} by proxy" for name in PROXIED}
    alone = {"seeding", "database", "start-up", "load generator"}
    assert {each.name for each in run.amounts} == alone | by_proxy
    assert all(name in first.stdout for name in TARGETS)


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_rates() -> None:
    rounds = [(Rate(10, 1), Rate(100, 1)), (Rate(40, 1), Rate(80, 1)), (Rate(30, 1), Rate(100, 1))]
    found = ratio_of("read_appointment", "socket", rounds, 7)
    assert (found.ours, found.floor, found.ratio) == (30, 100, 0.3)
    assert (found.lowest, found.highest) == (0.1, 0.5)


def test_a_missed_target_is_said_with_how_much_is_missing() -> None:
    def at(ratio: float) -> str:
        return verdict(Ratio("book_appointment", "socket", 1, 1, ratio, ratio, ratio, 1))

    assert at(0.25) == "met"
    assert at(0.24) == "missed by 0.010"

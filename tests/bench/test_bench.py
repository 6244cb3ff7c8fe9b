"""The benchmark runs, and says something of every kind of work: what it says is nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.load_generator import AGAINST_GPSIM, AGAINST_NOTHING
from tests.bench.rates import ONE_OF_EACH, PROXIED, SQL_ALONE, WORK, Rate
from tests.bench.results import FLOOR, Run, run_from_json

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str, Path]:
    """A quick run: what it kept, what it printed, and where."""
    directory = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-m", "tests.bench", "--quick", "--out", str(directory / "run.json")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    return run_from_json(json.loads((directory / "run.json").read_text())), ended.stdout, directory


def test_a_quick_run_measures_every_kind_of_work_beside_the_floor(quick: tuple[Run, str, Path]) -> None:
    run, printed, _ = quick
    beside_floor = [each for each in run.found.ratios if each.beside == FLOOR]
    assert [each.work for each in beside_floor] == [*WORK, *SQL_ALONE.values()]
    assert all(each.ours > 0 and each.other > 0 for each in beside_floor)
    assert [each.work for each in run.found.costs] == list(WORK)
    assert all(each.microseconds > 0 for each in run.found.costs)
    assert all(name in printed for name in WORK)


def test_a_quick_run_measures_a_country_beside_five_practices(quick: tuple[Run, str, Path]) -> None:
    run, _, _ = quick
    held = [each.work for each in run.found.ratios if each.beside == "5 practices" and each.target]
    beside = [each.work for each in run.found.ratios if each.beside == "5 practices" and not each.target]
    assert held == [f"{name} at 12 practices" for name in PROXIED]
    assert beside == [f"{name}, first calls, 12 practices" for name in PROXIED]


def test_a_quick_run_measures_amounts_of_every_kind(quick: tuple[Run, str, Path]) -> None:
    run, _, _ = quick
    names = {each.name for each in run.found.amounts} | {each.name for each in run.found.unmeasured}
    assert names == {
        *(f"by proxy, {name}" for name in (*PROXIED, ONE_OF_EACH)),
        *(f"memory of a worker, {number} practices" for number in (5, 12)),
        *(f"two writers, p99 of {name}" for name in ("book_appointment", "search_for_free_slots")),
        *(
            f"two writers, longest wait of {name}"
            for name in ("book_appointment", "search_for_free_slots", "cancel_appointment")
        ),
        *(f"cost of a search, over {which}" for which in ("slots returned", "slots not returned")),
        *(
            "two writers, highest rate of the mix",
            "a country, slots",
            "a country, database",
            "a country, seeding",
        ),
        *(
            "this machine, a core while the other is busy",
            "seeding, speed",
            "seeding, database",
            "start-up, first answer",
            f"load generator, {AGAINST_GPSIM}",
            f"load generator, {AGAINST_NOTHING}",
            "beside Prism",
        ),
    }


def test_a_quick_run_draws_its_curves_beside_what_it_keeps(quick: tuple[Run, str, Path]) -> None:
    run, _, directory = quick
    assert len(run.found.curves) == 2
    assert {path.name for path in directory.glob("*.svg")} == {
        "search-cost-returned.svg",
        "search-cost-not-returned.svg",
    }


def test_a_quick_run_ends_with_what_is_missed(quick: tuple[Run, str, Path]) -> None:
    run, printed, _ = quick
    # Twelve practices are no country: this target is missed whatever the machine.
    assert "a country, slots by" in printed.splitlines()[-1]
    assert all(missed in printed.splitlines()[-1] for missed in run.found.missed)


def test_what_is_kept_is_what_was_measured(quick: tuple[Run, str, Path]) -> None:
    run, _, _ = quick
    assert run_from_json(json.loads(json.dumps(run.to_json()))) == run


def test_a_rate_is_requests_a_second_and_a_cost_is_microseconds_a_request() -> None:
    assert Rate(200, 0.5).a_second == 400
    assert Rate(200, 0.5).microseconds == 2500

"""Whole runs against a small provider: Locust loads in processes of its own, gpload surveys and judges."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from loadtest.cli import main
from loadtest.ledger import read_ledger
from loadtest.wire.provider import fetch
from tests.loadtest.fake_provider import FakeProvider, serving
from tests.loadtest.whole_run import HELD, gpload


def test_booking_finds_books_reads_and_cancels_in_several_processes(tmp_path: Path) -> None:
    provider = FakeProvider()

    code, verdict, output = gpload(provider, tmp_path, "booking", "--users", "4", "--duration", "2s")

    assert code in HELD, output
    asked = {latency["interaction"]: latency["ok"] for latency in verdict["latency"]}
    assert set(asked) == {
        "find_patient",
        "search_for_free_slots",
        "book_appointment",
        "read_appointment",
        "cancel_appointment",
    }
    assert verdict["load"]["booked"] == len(provider.appointments) > 0
    assert provider.live == {}, "what was kept is given back at the end"
    assert verdict["free_slots_left"]["total"] == 60
    assert {mark["operations"] > 0 for mark in verdict["generator"].values()} == {True}
    assert all(0 < mark["cpu_share"] < 1 for mark in verdict["generator"].values())
    assert len({header.pid for header in read_ledger(tmp_path).headers}) == 3, (
        "gpload's own and two of Locust"
    )
    run = orjson.loads((tmp_path / "run.json").read_bytes())
    assert run["environment"]["locust"]
    assert run["parts"][0]["users"] == 4
    assert run["provider"] == {"name": "Fake practice system", "version": "0.9"}
    assert run["data"] == {"practices": 1, "patients": 4, "free_slots": 60}
    assert (tmp_path / run["parts"][0]["log"]).read_text() == "", "it is for what went wrong"

    again = CliRunner().invoke(main, ["audit", "--json", str(tmp_path)])
    assert (again.exit_code, orjson.loads(again.output)) == (code, [verdict])
    elsewhere = tmp_path / "new"
    shown = CliRunner().invoke(main, ["audit", str(tmp_path), "--report", str(elsewhere)]).output
    assert str(elsewhere / "report.html") in shown.replace("\n", "").replace(" ", "")
    assert str(tmp_path / "report.html") not in shown.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_many_clients_are_started_at_once_without_a_warning(tmp_path: Path, processes: str) -> None:
    crowd = ("--users", "210", "--think", "0.5", "--duration", "1s", "--processes", processes)

    code, verdict, output = gpload(FakeProvider(), tmp_path, "slot_search", *crowd)

    assert verdict["load"]["operations"] > 0, output
    run = orjson.loads((tmp_path / "run.json").read_bytes())
    assert (tmp_path / run["parts"][0]["log"]).read_text() == "", (code, output)


def test_every_request_of_the_load_has_a_fresh_trace_and_one_token_each(tmp_path: Path) -> None:
    provider = FakeProvider()

    code, _, _ = gpload(
        provider, tmp_path, "slot_search", "--users", "2", "--duration", "1s", "--processes", "1"
    )

    made = [headers for headers in provider.headers if "Ssp-TraceID" in headers]
    assert code in HELD
    assert len({headers["Ssp-TraceID"] for headers in made}) == len(made) > 4
    assert all(headers["Authorization"].endswith(".") for headers in made)
    assert {operation.trace for operation in read_ledger(tmp_path)} == {
        headers["Ssp-TraceID"] for headers in made
    }


def test_clients_of_all_processes_meet_on_a_hot_slot_and_one_wins_each_round(tmp_path: Path) -> None:
    code, verdict, output = gpload(FakeProvider(), tmp_path, "hot_slot", "--users", "6", "--rounds", "10")

    contests = verdict["contests"]
    assert code in HELD, output
    assert contests["one_winner"] == contests["rounds"] > 1, contests
    assert contests["clients_per_round"] > 3, "three clients to a process: both took part"
    assert verdict["load"]["booked"] == verdict["load"]["cancelled"] == contests["rounds"]
    assert verdict["free_slots_left"]["total"] == 60, "winners give their slots back"


def test_a_winner_keeps_its_slot_while_another_client_waits_for_its_answer(tmp_path: Path) -> None:
    provider = FakeProvider()
    provider.dawdling = 1.5

    _, verdict, output = gpload(provider, tmp_path, "hot_slot", "--users", "6", "--rounds", "6")

    contests = verdict["contests"]
    assert verdict["checks"][0]["result"] == "passed", output
    assert contests["one_winner"] == contests["rounds"] > 1, contests
    assert verdict["load"]["booked"] == verdict["load"]["cancelled"] == contests["rounds"]
    assert provider.live == {}


@pytest.mark.parametrize("scenario", ["journey", "churn", "call_centre", "nation"])
def test_every_scenario_gives_back_what_it_booked(tmp_path: Path, scenario: str) -> None:
    provider = FakeProvider()

    code, verdict, output = gpload(provider, tmp_path, scenario, "--duration", "3s", "--processes", "1")

    assert code in HELD, output
    assert verdict["load"]["booked"] == verdict["load"]["cancelled"] == len(provider.appointments) > 0
    assert provider.live == {}


def test_a_provider_that_books_twice_is_caught_with_a_witness(tmp_path: Path) -> None:
    provider = FakeProvider()
    provider.double_booking = True

    code, verdict, output = gpload(provider, tmp_path, "hot_slot", "--users", "4", "--rounds", "8")

    assert (code, verdict["verdict"]) == (100, "violated")
    assert len(verdict["checks"][0]["witnesses"][0]["traces"]) == 2
    assert "Witness 1 to check 1" in output


def test_a_cancel_without_an_answer_is_sent_once_and_settled_by_the_read_back(tmp_path: Path) -> None:
    provider = FakeProvider()
    provider.silent = True

    code, verdict, _ = gpload(
        provider,
        tmp_path,
        "booking",
        "--users",
        "2",
        "--duration",
        "2s",
        "--processes",
        "1",
        "--expect-outage",
    )

    cancels = [
        operation for operation in read_ledger(tmp_path) if operation.interaction == "cancel_appointment"
    ]
    assert code == 0, "speed is not judged"
    assert {(each.outcome, each.error) for each in cancels} == {("unknown", "connection reset")}
    assert len([method for method, _ in provider.received if method == "PUT"]) == len(cancels) > 0
    assert verdict["load"]["errors"] == {"connection reset": len(cancels)}


def test_a_provider_that_refuses_everything_cannot_be_loaded(tmp_path: Path) -> None:
    provider = FakeProvider()
    provider.refusing = True

    code, verdict, output = gpload(provider, tmp_path, "booking")

    assert (code, verdict) == (2, {})
    assert "first look: search_for_free_slots at practice A20047: HTTP 403 ACCESS_DENIED" in output
    assert list(tmp_path.iterdir()) == [], "nothing stands in the way of trying again"


def test_practices_of_a_file_that_a_provider_does_not_know_are_said_to_be_of_the_file(tmp_path: Path) -> None:
    provider = FakeProvider()
    provider.refusing = True
    with serving(provider) as url:
        file = tmp_path / "practices.json"
        file.write_bytes(fetch(f"{url}/control/practices", None))
        result = CliRunner().invoke(
            main, ["run", "booking", "--practices", str(file), "--report", str(tmp_path / "run")]
        )

    assert result.exit_code == 2
    assert result.output.endswith(f"; practices are as {file} has them\n")


def test_a_practice_of_a_plan_that_nobody_lists_is_named_with_its_place(tmp_path: Path) -> None:
    plan = tmp_path / "own.toml"
    plan.write_text(
        'about = "Own"\npractices = ["A20047", "X"]\n'
        '[[phase]]\nname = "all"\nseconds = 1\nusers = 1\nscenario = "booking"\n'
    )

    code, _, output = gpload(FakeProvider(), tmp_path / "run", str(plan))

    assert code == 2
    assert "gpload: plan own: practices[2]: no practice X; there are A20047\n" in output


def test_a_provider_with_nothing_free_cannot_be_loaded(tmp_path: Path) -> None:
    code, _, output = gpload(FakeProvider(slots=0), tmp_path, "slot_search")

    assert code == 2
    assert "no practice offers this consumer a free slot from 2030-06-04" in output


def test_a_demo_that_cannot_go_on_is_judged_for_what_it_did(tmp_path: Path) -> None:
    provider = FakeProvider(slots=9)

    code, verdict, _ = gpload(
        provider, tmp_path, "demo", "--users", "2", "--duration", "3s", "--processes", "1"
    )

    assert code == 2
    assert "the run was cut short: hot_slot needs free slots in 4 schedules at least" in verdict["reasons"][0]
    assert set(verdict["load"]["by_phase"]) == {"slot_search", "booking"}


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_judges_what_it_has(tmp_path: Path, stop: signal.Signals) -> None:
    provider = FakeProvider()
    with serving(provider) as url:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "loadtest", "run", "booking", "--target", url),
                *("--report", str(tmp_path), "--users", "3", "--duration", "60s", "--think", "0"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        while len(provider.appointments) < 20 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(stop)
        output, _ = process.communicate(timeout=30)

    assert process.returncode in HELD, output
    assert re.search(r"(PASSED|TOO SLOW)   booking · exit code \d+ · ended early", output)
    assert orjson.loads((tmp_path / "verdict.json").read_bytes())["interrupted"] is True
    received = {headers.get("Ssp-TraceID") for headers in provider.headers} - {None}
    assert {operation.trace for operation in read_ledger(tmp_path)} == received, "nothing is missing"


def test_the_process_that_judges_never_imports_locust() -> None:
    script = "import sys, loadtest.cli; sys.exit('locust' in sys.modules or 'gevent' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

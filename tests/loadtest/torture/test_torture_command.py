"""The whole torture of `gpsim serve`, as it is and with faults that only show when it comes back."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from loadtest.ledger import READ_BACK, read_ledger
from loadtest.torture.blows import CALM_SECONDS, Blow
from loadtest.torture.events import read_events
from loadtest.torture.server import Ending
from loadtest.torture.tormentor import Struck
from loadtest.torture_command import said_before, said_of, torture
from tests.conftest import TODAY
from tests.loadtest.torture import faulty_server, tiny_server
from tests.loadtest.torture.test_server import processes_of

PATIENCE_SECONDS = 60.0
ROOT = Path(__file__).parents[3]
COMMAND = "import loadtest.torture_command as t; t.torture()"


def serve(database: Path) -> str:
    return (
        f"'{sys.executable}' -m simulator serve --database '{database}' --port {{port}} --workers 2"
        f" --today {TODAY.isoformat()}"
    )


def faulty(fault: str, database: Path) -> str:
    return f"'{sys.executable}' '{faulty_server.__file__}' {fault} '{database}' {{port}} {TODAY.isoformat()}"


def tortured(directory: Path, command: str, *options: str) -> tuple[int, dict[str, Any], str]:
    """Return exit code, torture.json and what was printed."""
    result = CliRunner().invoke(
        torture, ["--serve", command, "--report", str(directory), "--users", "8", *options]
    )
    figures = directory / "torture.json"
    read = orjson.loads(figures.read_bytes()) if figures.exists() else {}
    assert left_behind(directory) == [], "processes of the server are left"
    return result.exit_code, read, result.output


def left_behind(directory: Path) -> list[str]:
    groups = [event.facts["pid"] for event in read_events(directory) if event.kind == "ready"]
    return [state for group in groups for state in processes_of(group)]


def test_what_gpsim_acknowledged_holds_through_kills_stops_and_a_bad_network(
    database: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report"

    code, figures, output = tortured(report, serve(database), "--kills", "3", "--drop", "5%")

    assert code == 0, output
    assert (figures["made"], figures["kills"], figures["stops"]) == (3, 2, 1)
    assert figures["restarts"]["count"] == 3
    assert sum(figures["dropped"].values()) > 0 < sum(figures["delayed"].values())
    assert figures["unanswered"]["commands"] == figures["unanswered"]["settled"] > 0
    assert figures["failure"] is None
    assert len(re.findall(r"^(?:kill|stop) \d of 3: \d+ in flight", output, re.MULTILINE)) == 3
    assert "2 kills (SIGKILL), 1 stop (SIGTERM" in output
    assert "3 kills and stops, and the relay drops and delays, through all of it but the last 3 s" in output
    assert 'id="torture"' in (report / "report.html").read_text()
    verdict = orjson.loads((report / "verdict.json").read_bytes())
    assert (verdict["verdict"], verdict["outage_expected"]) == ("passed", True)
    assert "Serving" in (report / "server.log").read_text()
    began_ns = orjson.loads((report / "run.json").read_bytes())["parts"][0]["began_ns"]
    blows = [event for event in read_events(report) if event.kind in ("kill", "stop")]
    assert [each["second"] for each in figures["outages"]] == [
        pytest.approx((event.at - began_ns) / 1e9, abs=0.3) for event in blows
    ], "seconds of load count from when clients began"
    assert figures["harmed_seconds"] == pytest.approx(figures["load_seconds"] - CALM_SECONDS, abs=0.3)
    drained = [event.at for event in read_events(report) if event.kind == "drained"]
    read_back = [operation.start for operation in read_ledger(report) if operation.phase == READ_BACK]
    assert drained[-1] < min(read_back), "the relay was quiet before the state was read back"


def test_a_provider_that_forgets_what_it_acknowledged_is_caught(database: Path, tmp_path: Path) -> None:
    code, figures, output = tortured(tmp_path / "report", faulty("forgetful", database), "--kills", "1")

    assert code == 100, output
    assert figures["made"] == 1
    assert "a lost booking" in output


def test_a_provider_that_does_not_come_back_is_no_evidence_and_its_last_words_are_told(
    database: Path, tmp_path: Path
) -> None:
    code, figures, output = tortured(tmp_path / "report", faulty("once", database), "--kills", "1")

    assert code == 2, output
    assert "the server did not come back after kill 1" in figures["failure"]
    assert "the disk is gone" in figures["failure"]
    assert "the run was cut short: the server did not come back after kill 1" in output


@pytest.mark.parametrize(
    ("mode", "complaint"),
    [
        ("failing", "ended with exit code 3 before it answered; it wrote last:"),
        ("mute", "did not answer within 1 s; it wrote last:"),
    ],
)
def test_a_provider_that_never_comes_up_cannot_be_tortured(tmp_path: Path, mode: str, complaint: str) -> None:
    command = f"'{sys.executable}' '{tiny_server.__file__}' {mode} {{port}}"

    code, figures, output = tortured(tmp_path, command, "--ready-within", "1s")

    assert (code, figures) == (2, {})
    assert complaint in output
    assert f"{mode} begins" in output
    assert not (tmp_path / "run.json").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--serve", "gpsim serve"], "where does the server listen? Put {port} into --serve"),
        (["--serve", "s {port}", "--drop", "60%", "--delay", "0.5"], "together at most 100%"),
        (["--serve", "s {port}", "--drop", "often"], "'often' is not a share such as 0.02 or 2%"),
        (["--serve", "s {port}", "--drop", "101%"], "is not a share"),
        (["--serve", "s {port}", "--scenario", "rush"], 'there is no plan "rush"'),
        (["--serve", "s {port}", "--scenario", "soak", "--plan", "x.toml"], "--scenario or --plan, not both"),
        (["--serve", "/nowhere/gpsim {port}"], "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, options: list[str], complaint: str) -> None:
    result = CliRunner().invoke(torture, [*options, "--report", str(tmp_path / "report")])

    assert result.exit_code == 2
    assert complaint in result.output


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_no_server_is_left_when_gpload_is_stopped_while_it_starts(
    tmp_path: Path, stop: signal.Signals
) -> None:
    command = f"'{sys.executable}' '{tiny_server.__file__}' mute {{port}} '{tmp_path}'"
    process = started(tmp_path, command)
    try:
        wait_for(lambda: b"mute begins" in read(tmp_path / "server.log"))
        process.send_signal(stop)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()

    assert process.returncode == 2
    assert "stopped before there was anything to judge" in output
    children = subprocess.run(["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True)
    assert str(tmp_path) not in children.stdout


def test_a_torture_that_is_stopped_judges_what_it_has_and_leaves_no_server(
    database: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report"
    process = started(report, serve(database), "--kills", "50")
    try:
        wait_for(lambda: any(event.kind in ("kill", "stop") for event in read_events(report)))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()

    assert process.returncode == 0, output
    assert "ended early" in output
    assert left_behind(report) == []


def test_a_blow_is_told_on_one_line() -> None:
    struck = Struck(Blow(2, "stop", 3.0, 0.0, 0.0), 7, 3, Ending(10.0, -9, late=True, left_behind=True), None)

    assert said_of(struck, 5) == (
        "stop 2 of 5: 7 in flight, 3 of them commands, left processes behind, which were killed, did not stop"
        " in time and was killed, gone after 10.00 s, did not come back"
    )


def test_a_blow_that_found_nothing_in_flight_is_told_apart() -> None:
    struck = Struck(Blow(1, "kill", 3.0, 0.0, 0.0), 0, 0, Ending(0.1, -9, late=False, left_behind=False), 0.5)

    assert said_of(struck, 5) == (
        "kill 1 of 5: nothing in flight (it proves less), gone after 0.10 s, back after 0.50 s"
    )


def test_a_single_command_in_flight_is_told_in_the_singular() -> None:
    struck = Struck(Blow(1, "kill", 3.0, 0.0, 0.0), 2, 1, Ending(0.1, -9, late=False, left_behind=False), 0.5)

    assert said_of(struck, 5).startswith("kill 1 of 5: 2 in flight, 1 of them a command, gone")


def test_how_long_the_load_is_quiet_is_said_where_people_read_of_it() -> None:
    guide = " ".join((ROOT / "docs" / "load-lab.md").read_text().split())
    explained = " ".join(CliRunner().invoke(torture, ["--help"]).output.split())

    assert f"up to its last {CALM_SECONDS:g} seconds: these are quiet" in guide
    assert f"over all the load but its last {CALM_SECONDS:g} s." in explained
    assert f"all of it but the last {CALM_SECONDS:g} s, which are quiet" in said_before(1, 20.0)
    assert said_before(1, 20.0).startswith("20 s of load: 1 kill or stop, and")


def started(report: Path, command: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "--serve", command, "--report", str(report), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert condition()


def read(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""

"""A master and its workers: on one machine here, in processes that share nothing but the network."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from loadtest.cli import main
from loadtest.ledger import read_ledger
from loadtest.running.generator import Generator
from tests.loadtest.fake_provider import FakeProvider, serving
from tests.loadtest.whole_run import HELD


def test_a_master_and_two_workers_make_one_run_that_is_judged_from_all_their_evidence(tmp_path: Path) -> None:
    provider = FakeProvider()
    with socket.create_server(("127.0.0.1", 0)) as held:
        place = f"127.0.0.1:{held.getsockname()[1]}"
    places = [tmp_path / name for name in ("master", "one", "two")]

    def started(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "loadtest", "run", *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    with serving(provider) as url:
        master = started(
            *("demo", "--target", url, "--duration", "6s", "--users", "6", "--report", str(places[0])),
            *("--master", place, "--workers", "2"),
        )
        workers = [
            started("--worker", place, "--processes", "1", "--report", str(each)) for each in places[1:]
        ]
        said = [process.communicate(timeout=90)[0] for process in (master, *workers)]

    assert "no verdict yet: it comes from this directory and those of all workers" in said[0]
    assert [process.returncode for process in (master, *workers)] == [2, 0, 0], said
    ledger = read_ledger(*places)
    assert {header.phase for header in ledger.headers} == {"", "slot_search", "booking", "hot_slot"}
    related = [header for header in ledger.headers if header.clock_uncertainty_ns]
    assert len(related) == 6, "two workers in each of three phases measured their clocks"
    assert all(abs(header.clock_offset_ns) <= header.clock_uncertainty_ns for header in related), (
        "they are on one machine in truth"
    )

    judged = CliRunner().invoke(main, ["audit", "--json", *map(str, places)])
    (verdict,) = orjson.loads(judged.output)
    assert judged.exit_code in HELD, judged.output
    assert verdict["contests"]["one_winner"] == verdict["contests"]["rounds"] > 1
    assert verdict["load"]["booked"] == verdict["load"]["cancelled"] == len(provider.appointments)

    partial = CliRunner().invoke(main, ["audit", "--json", *map(str, places[:2])])
    assert partial.exit_code == 2
    assert "the evidence of 1 process of booking is missing" in partial.output


def test_a_worker_without_a_master_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Alone(Generator):
        def wait(self, seconds: float = 0.0) -> int | None:
            self._signal(signal.SIGKILL)
            return super().wait(10)

    monkeypatch.setattr("loadtest.running.worker.Generator", Alone)

    result = CliRunner().invoke(
        main, ["run", "--worker", "127.0.0.1:5999", "--processes", "1", "--report", str(tmp_path / "w")]
    )

    assert result.exit_code == 2
    assert "no master came to 127.0.0.1:5999" in result.output

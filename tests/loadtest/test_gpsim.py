"""The load lab against the simulator itself, both as programs: what the one promises, the other proves."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from loadtest.cli import main
from loadtest.transport import Connection

GPSIM = (sys.executable, "-m", "simulator")
Serve = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("seeded") / "practices.db"
    size = ("--practices", "2", "--patients", "30", "--days", "15")
    subprocess.run([*GPSIM, "seed", "--database", str(file), *size], check=True, capture_output=True)
    return file.read_bytes()


@pytest.fixture
def serve(database: bytes, tmp_path: Path) -> Iterator[Serve]:
    file = tmp_path / "practices.db"
    file.write_bytes(database)
    with ExitStack() as stack:

        def start(url: str, *options: str) -> subprocess.Popen[bytes]:
            return stack.enter_context(_serving(file, url, *options))

        yield start


@contextmanager
def _serving(file: Path, url: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    arguments = ["serve", "--database", str(file), "--port", url.rsplit(":", 1)[1], "--log-level", "warning"]
    process = subprocess.Popen(
        [*GPSIM, *arguments, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        connection = Connection()
        give_up = time.monotonic() + 20
        while connection.send("GET", f"{url}/control/health", {}).status != 200:
            assert process.poll() is None, "gpsim serve ended"
            assert time.monotonic() < give_up, "gpsim serve did not get ready"
            time.sleep(0.1)
        connection.close()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


@pytest.fixture
def url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return f"http://127.0.0.1:{held.getsockname()[1]}"


def _gpload(url: str, directory: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    result = CliRunner().invoke(main, ["run", *arguments, "--target", url, "--report", str(directory)])
    verdict: dict[str, Any] = orjson.loads((directory / "verdict.json").read_bytes())
    assert result.exit_code == verdict["exit_code"], result.output
    return verdict, result.output


def test_a_hot_slot_has_one_winner_each_round_with_several_workers(
    serve: Serve, url: str, tmp_path: Path
) -> None:
    serve(url, "--workers", "2")

    verdict, output = _gpload(url, tmp_path / "r", "hot_slot", "--users", "20", "--rounds", "15")

    # How fast it was on a machine that runs other tests is not the question here.
    assert verdict["verdict"] in ("passed", "too slow"), output
    rounds = verdict["contests"]["rounds"]
    assert verdict["contests"]["one_winner"] == rounds > 1
    assert verdict["load"]["lost_races"] == verdict["latency"][0]["count"] - rounds
    assert verdict["load"]["refusals"] == verdict["load"]["errors"] == {}


def test_the_unsafe_mode_is_caught_and_a_witness_printed(serve: Serve, url: str, tmp_path: Path) -> None:
    serve(url, "--booking-mode", "unsafe")

    verdict, output = _gpload(url, tmp_path / "r", "hot_slot", "--users", "10", "--rounds", "15")

    assert verdict["exit_code"] == 100
    assert "Witness 1 to check 1, one live booking per slot" in output
    assert all(trace in output for trace in verdict["checks"][0]["witnesses"][0]["traces"])


def test_a_killed_provider_loses_no_booking_it_had_acknowledged(
    serve: Serve, url: str, tmp_path: Path
) -> None:
    first = serve(url)
    load = subprocess.Popen(
        [
            *(sys.executable, "-m", "loadtest", "run", "booking", "--target", url),
            *("--report", str(tmp_path / "r"), "--users", "8", "--duration", "4s", "--think", "0"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    ledgers = tmp_path / "r"
    with load:
        try:
            while not any(
                b"book_appointment" in path.read_bytes() for path in ledgers.glob("ledger-*.jsonl")
            ):
                assert load.poll() is None
                time.sleep(0.1)
            time.sleep(1)
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
            serve(url)
            output, _ = load.communicate(timeout=60)
        finally:
            load.kill()

    verdict = orjson.loads((ledgers / "verdict.json").read_bytes())
    assert verdict["load"]["errors"], "it was killed in the middle"
    assert {check["result"] for check in verdict["checks"]} == {"passed"}, output
    assert verdict["verdict"] in ("passed", "too slow"), output

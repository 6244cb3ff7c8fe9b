"""A whole load run against the simulator itself, which is killed in the middle of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
import pytest

from loadtest.wire.transport import Connection

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


def test_a_killed_provider_loses_no_booking_it_had_acknowledged(
    serve: Serve, url: str, tmp_path: Path
) -> None:
    first = serve(url)
    load = subprocess.Popen(
        [
            *(sys.executable, "-m", "loadtest", "run", "booking", "--target", url),
            *("--report", str(tmp_path / "r"), "--users", "8", "--duration", "4s", "--think", "0"),
            "--expect-outage",
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
    assert verdict["verdict"] == "passed", output

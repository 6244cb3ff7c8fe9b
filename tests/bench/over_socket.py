"""Requests over a socket: one server process on one core, the generator on another."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.calls import Call
from tests.bench.machine import pin
from tests.bench.rates import Rate, Unexpected
from tests.races.served import free_port

PATIENCE_SECONDS = 60
LOOK_EVERY = 0.002


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs: its port, its process id, and how many seconds it took to answer first."""

    port: int
    pid: int
    seconds: float


@contextmanager
def running(log: Path, health: str, *arguments: str) -> Iterator[Running]:
    """Run a server written in Python until the block ends, on the first core.

    `PORT` in arguments is a free port; it is up when it answers at the path `health`.
    """
    with running_program(log, health, sys.executable, *arguments) as server:
        yield server


@contextmanager
def running_program(log: Path, health: str, *arguments: str) -> Iterator[Running]:
    """Run a server of any kind, as `running` does."""
    port = free_port()
    command = [each.replace("PORT", str(port)) for each in arguments]
    with log.open("wb") as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
    try:
        pin(process.pid, first=True)
        answered = _came_up(process, f"http://127.0.0.1:{port}{health}", log)
        yield Running(port, process.pid, answered - began)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
        # A starter, such as npx, may be gone before the server that it started.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)


def rate_over_socket(
    calls: Sequence[Call], port: int, directory: Path, seconds: float = 0.0, warm_up: int = 0
) -> Rate:
    """Return the rate of calls over a few connections, each once, and again until `seconds` are over.

    The first `warm_up` of them are sent before the clock runs.
    Raises Unexpected for an answer of another status than the call's.
    """
    prepared = [(call.raw(), call.expected) for call in calls]
    result = generated("tests.bench.generator", prepared, port, directory, seconds, warm_up)
    if result["wrong"]:
        raise Unexpected(f"{calls[0].work}: answers of status {result['wrong']}")
    return Rate(result["requests"], result["seconds"])


def generated(module: str, prepared: object, port: int, directory: Path, *arguments: object) -> Any:
    """Run a generator in a process of its own, on the last core; return what it printed, from JSON.

    It is given a pickle of what was prepared for it, the port, and the arguments.
    """
    file = directory / "prepared.pickle"
    file.write_bytes(pickle.dumps(prepared))
    command = [sys.executable, "-m", module, str(file), str(port), *map(str, arguments)]
    # Into a file: what is printed of many delays is more than a pipe holds.
    said = directory / "said.json"
    with said.open("wb") as printed:
        process = subprocess.Popen(command, stdout=printed)
    try:
        pin(process.pid, first=False)
        process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()
    if process.returncode:
        raise Unexpected(f"{module} ended with exit code {process.returncode}")
    return json.loads(said.read_bytes())


def _came_up(process: "subprocess.Popen[bytes]", url: str, log: Path) -> float:
    """Return when a server answered first, whatever it answered."""
    give_up = time.perf_counter() + PATIENCE_SECONDS
    while process.poll() is None and time.perf_counter() < give_up:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return time.perf_counter()
        except urllib.error.HTTPError:
            return time.perf_counter()
        except OSError:
            time.sleep(LOOK_EVERY)
    raise Unexpected(f"the server did not come up: {log.read_text()[-2000:]}")

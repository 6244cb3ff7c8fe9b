"""Requests over a socket: one server process on one core, the generator on another."""

import json
import os
import pickle
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.calls import Call
from tests.bench.rates import Rate, Unexpected
from tests.races.served import free_port

PATIENCE_SECONDS = 60
LOOK_EVERY = 0.002


@contextmanager
def running(log: Path, health: str, *arguments: str) -> Iterator[tuple[int, float]]:
    """Run a server in a process of its own until the block ends; `PORT` in arguments is a free port.

    Yields the port, and how many seconds went by until it answered at the path `health`.
    """
    port = free_port()
    command = [sys.executable, *(each.replace("PORT", str(port)) for each in arguments)]
    with log.open("wb") as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        pin(process.pid, first=True)
        yield port, _came_up(process, f"http://127.0.0.1:{port}{health}", log) - began
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def rate_over_socket(calls: Sequence[Call], port: int, directory: Path, seconds: float = 0.0) -> Rate:
    """Return the rate of calls over a few connections, each once, and again until `seconds` are over.

    Raises Unexpected for an answer of another status than the call's.
    """
    prepared = directory / "calls.pickle"
    prepared.write_bytes(pickle.dumps([(call.raw(), call.expected) for call in calls]))
    command = [sys.executable, "-m", "tests.bench.generator", str(prepared), str(port), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        pin(process.pid, first=False)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
    if process.returncode:
        raise Unexpected(f"the generator ended with exit code {process.returncode}")
    result = json.loads(said)
    if result["wrong"]:
        raise Unexpected(f"{calls[0].work}: answers of status {result['wrong']}")
    return Rate(result["requests"], result["seconds"])


def _came_up(process: "subprocess.Popen[bytes]", url: str, log: Path) -> float:
    """Return when a server answered first."""
    give_up = time.perf_counter() + PATIENCE_SECONDS
    while process.poll() is None and time.perf_counter() < give_up:
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return time.perf_counter()
        time.sleep(LOOK_EVERY)
    raise Unexpected(f"the server did not come up: {log.read_text()[-2000:]}")


def pin(pid: int, first: bool) -> None:
    """Keep a process on the first core, or on the last, where the system can do that and has two."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:
        with suppress(ProcessLookupError):
            os.sched_setaffinity(pid, {cores[0] if first else cores[-1]})

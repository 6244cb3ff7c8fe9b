"""How much of a bare Locust loop's rate `gpload` reaches, ledger and histograms on, one process each."""

import os
import subprocess
import sys
from pathlib import Path

import orjson

from tests.bench.machine import pin
from tests.bench.over_socket import running
from tests.bench.rates import Unexpected
from tests.bench.results import Amount
from tests.bench.targets import GENERATOR_SHARE

USERS = 8
SECONDS = 8
ROOT = Path(__file__).parents[2]


def generator_share(directory: Path, seconds: int = SECONDS, rounds: int = 3) -> Amount:
    """The median of the rounds' shares; each round measures both, one straight after the other."""
    shares = []
    arguments = ("-m", "tests.bench.fixed_provider", "PORT")
    with running(directory / "fixed.log", "/control/health", *arguments) as server:
        url = f"http://127.0.0.1:{server.port}"
        for number in range(rounds):
            place = directory / f"generator-{number}"
            place.mkdir()
            shares.append(_ours(url, place, seconds) / _bare(url, seconds))
    share = sorted(shares)[len(shares) // 2]
    return Amount(
        "load generator", "rate", round(share, 2), "of a bare Locust loop", GENERATOR_SHARE, most=False
    )


def _ours(url: str, directory: Path, seconds: int) -> float:
    command = [
        *("-m", "loadtest", "run", "slot_search", "--target", url, "--users", str(USERS), "--think", "0"),
        *("--duration", f"{seconds}s", "--processes", "1", "--report", str(directory / "report")),
    ]
    said = _run(command)
    file = directory / "report" / "verdict.json"
    if not file.exists():
        raise Unexpected(f"gpload could not run: {said}")
    (latency,) = orjson.loads(file.read_bytes())["latency"]
    if latency["ok"] != latency["count"]:
        raise Unexpected(f"gpload was refused {latency['count'] - latency['ok']} searches")
    return float(latency["per_second"])


def _bare(url: str, seconds: int) -> float:
    command = [
        *("-m", "locust", "-f", str(Path(__file__).with_name("bare_locust.py")), "--headless", "--host", url),
        *("--users", str(USERS), "--spawn-rate", str(USERS), "--run-time", f"{seconds}s"),
        *("--json", "--loglevel", "ERROR"),
    ]
    (made,) = orjson.loads(_run(command))
    if made["num_failures"]:
        raise Unexpected(f"the bare loop had {made['num_failures']} failures")
    return float(made["num_requests"] / (made["last_request_timestamp"] - made["start_time"]))


def _run(arguments: list[str]) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    pin(process.pid, first=False)
    return process.communicate()[0]

"""How much of a bare Locust loop's rate `gpload` reaches, ledger and histograms on, one process each."""

import json
import os
import statistics
import subprocess
import sys
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer
from loadtest.practices import read_practices
from seed_data.seeding import SeedOptions, seed
from tests.bench.machine import pin
from tests.bench.over_socket import running
from tests.bench.rates import Unexpected
from tests.bench.results import Amount
from tests.bench.targets import GENERATOR_SHARE

USERS = 8
AGAINST_GPSIM, AGAINST_NOTHING = "against gpsim serve", "against a server that does nothing"
SECONDS = 8
ROOT = Path(__file__).parents[2]


def generator_shares(directory: Path, today: date, seconds: int = SECONDS, rounds: int = 3) -> list[Amount]:
    """The medians of the rounds' shares, beside `gpsim serve` and beside a server that does next to nothing.

    Each round measures both loops, one straight after the other. What the generator does itself shows where
    the server does least: that share has the target. Against gpsim the server sets the pace of both.
    """
    database = directory / "generator.db"
    seed(database, SeedOptions(today, practices=3))
    simulated = ("-m", "simulator", "serve", "--database", str(database), "--port", "PORT")
    fixed = ("-m", "tests.bench.fixed_provider", "PORT")
    return [
        Amount(
            "load generator", what, _share(directory, what, server, seconds, rounds), "of a bare Locust loop",
            target, most=False,
        )
        for what, server, target in (
            (AGAINST_GPSIM, simulated, None), (AGAINST_NOTHING, fixed, GENERATOR_SHARE)
        )
    ]  # fmt: skip


def _share(directory: Path, name: str, server: tuple[str, ...], seconds: int, rounds: int) -> float:
    shares = []
    place = directory / f"generator {name}"
    place.mkdir()
    with running(place / "server.log", "/control/health", *server) as served:
        url = f"http://127.0.0.1:{served.port}"
        for number in range(rounds):
            report = place / str(number)
            report.mkdir()
            shares.append(_ours(url, report, seconds) / _bare(url, seconds))
    return round(statistics.median(shares), 2)


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
    (made,) = orjson.loads(_run(command, GPBENCH_REQUEST=json.dumps(_a_search(url))))
    if made["num_failures"]:
        raise Unexpected(f"the bare loop had {made['num_failures']} failures")
    return float(made["num_requests"] / (made["last_request_timestamp"] - made["start_time"]))


def _a_search(url: str) -> dict[str, object]:
    """One search of two weeks, as a consumer makes it just now; its token is good for five minutes."""
    with urllib.request.urlopen(f"{url}/control/practices") as answer:
        practice = read_practices(answer.read(), url)[0]
    first = datetime.now(UTC).date() + timedelta(days=1)
    request = Consumer(practice, Address(url), EndUser("bare")).search_for_free_slots(
        first, first + timedelta(days=14)
    )
    return {"url": request.url.removeprefix(url), "headers": request.headers}


def _run(arguments: list[str], **settings: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | settings
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    pin(process.pid, first=False)
    return process.communicate()[0]

"""How true the measured times are against a provider whose delays are known, and what Locust alone says.

`python -m tests.accuracy --out FILE` loads the provider twice at the same declared rate: with gpload's open
arrivals, and with plain Locust. It ends with 1 where p95 or p99 of gpload is further from the truth than 2 %
or 2 ms, whichever is more.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from tests.accuracy.plain_locust import RATE, USERS
from tests.accuracy.provider import CYCLE_SECONDS, PLATEAUS, true_percentile
from tests.bench.machine import machine
from tests.bench.over_socket import running

CYCLES = 6
PERCENTILES = (50, 95, 99)
NEAREST_MS = 2.0
NEAREST_SHARE = 0.02
CLIENTS = 400


def gpload(url: str, directory: Path, cycles: int) -> dict[str, dict[str, float]]:
    """Percentiles in ms of an open run: from the intended start, and from the actual send."""
    plan = directory / "open.toml"
    plan.write_text(
        'about = "searches at a declared rate"\n[[phase]]\nname = "open"\nscenario = "slot_search"\n'
        f"seconds = {cycles * CYCLE_SECONDS}\nrate = {RATE}\nclients = {CLIENTS}\n"
    )
    report = directory / "report"
    command = ["run", "--plan", str(plan), "--target", url, "--report", str(report)]
    done = subprocess.run([sys.executable, "-m", "loadtest", *command], capture_output=True, text=True)
    verdict = orjson.loads((report / "verdict.json").read_bytes())
    if verdict["verdict"] not in ("passed", "too slow"):
        raise SystemExit(f"the run is no evidence:\n{done.stdout}{done.stderr}")
    (latency,) = verdict["latency"]
    return {basis: latency[f"{basis}_ms"] for basis in ("response", "service")}


def plain_locust(url: str, directory: Path, cycles: int) -> dict[str, float]:
    """Percentiles in ms as Locust prints them, of the same load by closed users."""
    prefix = directory / "plain"
    command = [
        *(sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("plain_locust.py"))),
        *("--headless", "--host", url, "--users", str(USERS), "--spawn-rate", str(USERS)),
        *("--run-time", f"{cycles * CYCLE_SECONDS:g}s", "--csv", str(prefix), "--only-summary"),
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    with prefix.with_name("plain_stats.csv").open(newline="") as rows:
        (row,) = (row for row in csv.DictReader(rows) if row["Name"] == "Aggregated")
    return {f"p{percentile}": float(row[f"{percentile}%"]) for percentile in PERCENTILES}


def measure(directory: Path, cycles: int) -> list[dict[str, float]]:
    """One row a percentile: the truth, gpload's two, and Locust's, in ms."""
    arguments = ("-m", "tests.accuracy.provider", "PORT")
    with running(directory / "provider.log", "/control/health", *arguments) as server:
        url = f"http://127.0.0.1:{server.port}"
        ours, theirs = gpload(url, directory, cycles), plain_locust(url, directory, cycles)
    return [
        {
            "percentile": percentile,
            "truth_ms": true_percentile(percentile),
            "response_ms": ours["response"][f"p{percentile}"],
            "service_ms": ours["service"][f"p{percentile}"],
            "locust_ms": theirs[f"p{percentile}"],
        }
        for percentile in PERCENTILES
    ]


def near(measured: float, truth: float) -> bool:
    """Whether it is within 2 % or 2 ms of the truth."""
    return abs(measured - truth) <= max(NEAREST_MS, truth * NEAREST_SHARE)


def main() -> None:
    """Measure, print, keep as JSON, and fail where the truth was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="where the run is kept as JSON")
    parser.add_argument(
        "--cycles", type=int, default=CYCLES, help="of ten seconds each (default: %(default)s)"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gpload-accuracy-") as directory:
        rows = measure(Path(directory), given.cycles)
    run = {"machine": machine(), "rate": RATE, "cycles": given.cycles, "plateaus": PLATEAUS, "rows": rows}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(run, indent=2) + "\n")
    print(f"{'':4}{'truth':>10}{'gpload':>10}{'  (service time)':>17}{'plain Locust':>14}   ms")
    for row in rows:
        print(
            f"p{row['percentile']:<3g}{row['truth_ms']:10.1f}{row['response_ms']:10.1f}"
            f"{row['service_ms']:17.1f}{row['locust_ms']:14.1f}"
        )
    wrong = [row for row in rows if row["percentile"] != 50 and not near(row["response_ms"], row["truth_ms"])]
    print("further than 2 % and 2 ms from the truth" if wrong else "within 2 % or 2 ms of the truth")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

"""Very many attempts at few slots, and what the judge says of them.

`python -m tests.races.contended --attempts 1000000` seeds and serves in safe mode and runs
churn again and again until so many bookings of contested slots were attempted. It ends with 0 where nothing
was violated and everything proven.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import orjson

from tests.races.served import gpsim, serving

USERS = 32
LONGEST_SECONDS = 240


def churn(url: str, report: Path, seconds: float, users: int = USERS) -> tuple[int, str]:
    """Attempts at contested slots in one run, and what was wrong with it; nothing if it was sound."""
    command = [
        *(sys.executable, "-m", "loadtest", "run", "churn", "--target", url, "--report", str(report)),
        *("--users", str(users), "--think", "0", "--duration", f"{seconds:g}s"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    file = report / "verdict.json"
    if not file.exists():
        return 0, done.stdout + done.stderr
    verdict = orjson.loads(file.read_bytes())
    booked = next(row for row in verdict["latency"] if row["interaction"] == "book_appointment")
    sound = verdict["verdict"] in ("passed", "too slow")
    return booked["ok"] + booked["lost_races"], "" if sound else done.stdout


def main() -> None:
    """Attempt as often as asked, and say how it went."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=1, help="of gpsim serve (default: %(default)s)")
    given = parser.parse_args()
    wanted = given.attempts
    began, done = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="gpload-contended-") as name:
        directory = Path(name)
        database = directory / "practices.db"
        subprocess.run(gpsim("seed", "--database", str(database)), check=True, capture_output=True)
        with serving(database, "--workers", str(given.workers)) as served:
            for run in range(1, 1000):
                rate = done / (time.monotonic() - began) if done else 0.0
                seconds = min(LONGEST_SECONDS, 1 + (wanted - done) / rate) if rate else 10.0
                attempts, wrong = churn(served.url, directory / f"run-{run}", seconds)
                if wrong or not attempts:
                    raise SystemExit(f"run {run} was not sound:\n{wrong}")
                done += attempts
                took = timedelta(seconds=round(time.monotonic() - began))
                print(f"{done:>9,} attempts in {took}, nothing violated, nothing unproven", flush=True)
                if done >= wanted:
                    return
    raise SystemExit(f"only {done:,} attempts in 1,000 runs")


if __name__ == "__main__":
    main()

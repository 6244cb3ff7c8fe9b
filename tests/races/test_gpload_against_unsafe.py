"""The whole load run against a provider that double-books: it must end in a proof, not in a pass."""

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import TODAY
from tests.races.served import PATIENCE_SECONDS, serving

VIOLATION = 100


def test_gpload_run_demo_proves_the_double_booking_and_exits_with_100(database: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    with serving(database, "--booking-mode", "unsafe", "--today", TODAY.isoformat()) as served:
        command = [
            sys.executable, "-m", "loadtest", "run", "demo", "--target", served.url, "--report", str(report),
            "--users", "8", "--duration", "4s", "--rounds", "3", "--processes", "1",
        ]  # fmt: skip
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=3 * PATIENCE_SECONDS, check=False, cwd=tmp_path
        )
    assert ran.returncode == VIOLATION, ran.stdout + ran.stderr
    witness = ran.stdout[ran.stdout.index("Witness 1 to check 1, one live booking per slot") :]
    first, second, timeline = (
        witness.splitlines()[2],
        witness.splitlines()[5],
        witness[: witness.index("seed")],
    )
    assert first.strip().startswith("A book_appointment, client"), witness
    assert second.strip().startswith("B book_appointment, client"), witness
    assert timeline.count("201, appointment") == 2, witness
    assert re.search(r"^  A +\|=+\|\n  B +\|=+\|$", timeline, re.MULTILINE), witness
    assert (report / "verdict.json").exists()

"""Every plan that comes with the load lab, shortened, against `gpsim serve`."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from loadtest.plans.reading import shipped_names
from tests.conftest import TODAY
from tests.races.served import PATIENCE_SECONDS, serving


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_plan_makes_evidence_of_a_provider_that_keeps_its_promises(
    name: str, database: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report"
    with serving(database, "--today", TODAY.isoformat()) as served:
        command = [
            *(sys.executable, "-m", "loadtest", "run", name, "--target", served.url),
            *("--report", str(report), "--duration", "3s", "--processes", "1"),
        ]
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=3 * PATIENCE_SECONDS, check=False, cwd=tmp_path
        )

    verdict = orjson.loads((report / "verdict.json").read_bytes())
    assert verdict["verdict"] in ("passed", "too slow"), ran.stdout
    assert {check["result"] for check in verdict["checks"]} == {"passed"}
    assert verdict["load"]["operations"] > 3
    assert (report / "report.html").stat().st_size > 10_000

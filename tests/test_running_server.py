"""The wire tests can be held against any provider that runs."""

import json
import re
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

from starlette.types import ASGIApp

from tests.conftest import TODAY
from tests.practice_client import PracticeClient
from tests.races.served import serving
from tests.running_server import why_not

ROOT = Path(__file__).parent.parent


def held_against(*options: str) -> str:
    """Run some wire tests with options; return what pytest says in the end."""
    files = ("tests/server/test_spine_headers.py", "tests/interactions/test_read_appointment.py")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        *files,
        *options,
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    return run.stdout


def test_wire_tests_pass_against_a_running_server(database: Path, tmp_path: Path) -> None:
    with serving(database, "--today", TODAY.isoformat()) as served:
        with urllib.request.urlopen(f"{served.url}/control/practices", timeout=60) as answer:
            practices = tmp_path / "practices.json"
            practices.write_text(json.dumps(json.load(answer)[:1]))
        said = held_against("--base-url", served.url, "--practices", str(practices))
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None
    assert int(passed[1]) >= 20, said
    assert "needs the database of the provider" in said
    assert "needs 2 practices" in said


def searches_from(consumer: PracticeClient) -> None:
    consumer.send("search_for_free_slots", query="start=ge2026-03-17")


def reads(consumer: PracticeClient) -> None:
    consumer.send("read_metadata")


def looks_behind(consumer: PracticeClient, app: ASGIApp) -> None:
    consumer.send("read_metadata")


def test_a_test_that_names_days_is_for_a_server_that_keeps_them() -> None:
    assert why_not(searches_from, TODAY, TODAY) is None
    assert "--today 2026-03-16" in str(why_not(searches_from, TODAY + timedelta(days=1), TODAY))
    assert why_not(reads, TODAY + timedelta(days=1), TODAY) is None


def test_a_test_that_looks_behind_the_wire_is_not_for_a_running_server() -> None:
    assert "process of the provider: app" in str(why_not(looks_behind, TODAY, TODAY))

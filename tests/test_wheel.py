"""The wheel is all that a user needs: a fresh environment, no checkout, no development tools."""

import json
import os
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.races.served import Served, free_port

ROOT = Path(__file__).parent.parent
TODAY = "2026-03-16"
PATIENCE_SECONDS = 600


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Build the wheel, from a copy of what is in it, so that the checkout stays clean."""
    directory = tmp_path / "wheel"
    directory.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (directory / name).write_bytes((ROOT / name).read_bytes())
    for package in ("simulator", "seed_data", "loadtest"):
        for source in (ROOT / package).rglob("*"):
            if source.is_file() and "__pycache__" not in source.parts:
                target = directory / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
    pip(sys.executable, directory, "wheel", ".", "--no-deps", "--wheel-dir", "dist")
    (built,) = (directory / "dist").glob("*.whl")
    return built


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """Install the wheel with what it depends on into a fresh environment; return its `bin`."""
    home = tmp_path / "fresh"
    venv.create(home / "venv", with_pip=True)
    programs = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip(str(programs / "python"), home, "install", str(wheel))
    return programs


def pip(python: str, directory: Path, *arguments: str) -> None:
    """Run pip; where the package index cannot be reached, skip, or fail if everything is required."""
    run = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if run.returncode and is_unreachable(run.stderr) and not os.environ.get("REQUIRE_EVERYTHING"):
        pytest.skip(f"the package index cannot be reached: {run.stderr.strip().splitlines()[-1]}")
    assert run.returncode == 0, run.stderr


def is_unreachable(said: str) -> bool:
    """Tell whether pip complains of the network, and not of what it was given."""
    return any(
        sign in said
        for sign in (
            "Failed to establish a new connection",
            "ConnectTimeoutError",
            "Temporary failure in name",
        )
    )


@contextmanager
def served_by(programs: Path, database: Path) -> Iterator[Served]:
    """Serve a database with the installed `gpsim` until the block ends."""
    port, errors = free_port(), database.with_suffix(".stderr")
    command: list[str | Path] = [
        programs / "gpsim",
        "serve",
        "--database",
        database,
        "--port",
        str(port),
        "--today",
        TODAY,
    ]
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True, cwd=database.parent
        )
    served = Served(process, port, errors)
    try:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not served.is_ready() and process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.05)
        assert process.poll() is None, served.said
        yield served
    finally:
        served.kill()


def test_the_wheel_holds_the_data_that_the_packages_read(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {
        str(path.relative_to(ROOT))
        for package in ("simulator", "seed_data", "loadtest")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert {"simulator/control/front_page.html", "seed_data/profiles/demo.toml"} <= data
    assert data <= names
    assert not any(name.startswith(("tests/", "docs/")) for name in names)


def run(*command: str | Path, directory: Path) -> str:
    """Run a program outside the checkout; return what it printed."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_installed_is_enough(installed: Path, tmp_path: Path) -> None:
    """One test, because an installation is dear: tests that share one may run in several processes."""
    imports_without_a_warning(installed, tmp_path)
    has_no_development_tool(installed, tmp_path)
    seeds_serves_and_answers_a_search(installed, tmp_path)


def imports_without_a_warning(installed: Path, directory: Path) -> None:
    code = "import simulator, loadtest, seed_data; print(simulator.__file__)"
    said = run(installed / "python", "-W", "error", "-c", code, directory=directory)
    assert said.startswith(str(installed.parent)), "it is not the checkout that is tested"


def has_no_development_tool(installed: Path, directory: Path) -> None:
    listed = run(installed / "python", "-m", "pip", "list", "--format", "json", directory=directory)
    names = {each["name"] for each in json.loads(listed)}
    assert "starlette" in names
    assert names.isdisjoint({"hypothesis", "mypy", "ruff", "cogapp", "httpx2"})


def seeds_serves_and_answers_a_search(installed: Path, directory: Path) -> None:
    database = directory / "practices.db"
    size = ("--practices", "2", "--patients", "20", "--days", "20")
    run(installed / "gpsim", "seed", "--database", database, "--today", TODAY, *size, directory=directory)
    listed = run(installed / "gpsim", "practices", "--database", database, "--json", directory=directory)
    ods_code = json.loads(listed)[0]["ods_code"]
    with served_by(installed, database) as served:
        lines = run(
            *(installed / "gpload", "headers", "search_for_free_slots", "--lines"),
            *("--target", served.url, "--practice", ods_code),
            directory=directory,
        ).splitlines()
        request = urllib.request.Request(
            f"{served.url}/{ods_code}/STU3/1/gpconnect/Slot"
            f"?status=free&start=ge{TODAY}&end=le2026-03-30&_include=Slot:schedule",
            headers=dict(line.split(": ", 1) for line in lines),
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            bundle = json.loads(answer.read())
        with urllib.request.urlopen(served.url, timeout=60) as answer:
            assert ods_code in answer.read().decode(), "the page for people"
    assert {"Slot", "Schedule"} <= {each["resource"]["resourceType"] for each in bundle["entry"]}

"""What README says can be done is done here."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.cli import main as gpload
from loadtest.plan_reading import plan_of
from tests.races.served import serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def needs(program: str) -> None:
    """Skip a test where the machine lacks a program, or fail it where everything is required."""
    if shutil.which(program) is None:
        if os.environ.get("REQUIRE_EVERYTHING"):
            pytest.fail(f"{program} is not on this machine")
        pytest.skip(f"{program} is not on this machine")


def marked(name: str) -> str:
    """Return the script that README marks by a comment."""
    script = re.search(r"```bash\n(.*?)```", README.split(f"<!-- {name}", 1)[1], re.DOTALL)
    assert script is not None
    return script[1]


def test_the_first_booking_of_the_readme_is_made_and_cancelled(database: Path, tmp_path: Path) -> None:
    needs("bash")
    needs("curl")
    with serving(database, "--today", "2026-03-16", "--log-level", "warning") as served:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        run = subprocess.run(
            ["bash", "-euc", f"{marked('first booking')}\necho\n{marked('cancelling')}"],
            env=os.environ | {"SERVER": served.url, "PATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    booked, cancelled = (json.loads(line) for line in run.stdout.splitlines())
    assert (booked["resourceType"], booked["status"]) == ("Appointment", "booked"), booked
    assert (cancelled["id"], cancelled["status"]) == (booked["id"], "cancelled"), cancelled


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(re.findall(r"```bash\n(.*?)```", README, re.DOTALL))
    named = set(re.findall(r"^make ([a-z]+)", code, re.MULTILINE))
    assert named
    assert named <= targets


@pytest.mark.parametrize("program", ["gpsim", "gpload"])
def test_every_command_of_the_readme_exists(program: str) -> None:
    known = subprocess.run(
        [str(Path(sys.executable).parent / program), "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = set(re.findall(rf"\b{program} ([a-z]+)\b", README))
    assert commands
    for command in commands:
        assert re.search(rf"^\s+{command}\b", known, re.MULTILINE), command


def test_the_plan_in_the_load_labs_page_is_a_plan() -> None:
    page = (ROOT / "docs" / "load-lab.md").read_text()
    plans = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    assert [len(plan_of(text, "mine", "docs/load-lab.md").phases) for text in plans] == [2]


@pytest.mark.parametrize("page", ["README.md", "docs/load-lab.md"])
def test_every_gpload_command_in_the_pages_is_one_that_gpload_takes(page: str) -> None:
    lines = re.findall(r"^gpload .*?(?= +#|$)", (ROOT / page).read_text(), re.MULTILINE)

    assert len(lines) > 6
    for line in lines:
        name, *arguments = shlex.split(line)[1:]
        gpload.commands[name].make_context(name, arguments, resilient_parsing=True)
        unknown = [each for each in arguments if each.startswith("--")]
        taken = {option for parameter in gpload.commands[name].params for option in parameter.opts}
        assert set(unknown) <= taken, line

"""What README says can be done is done here."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loadtest.cli import main as gpload
from loadtest.plan_reading import plan_of
from seed_data.seeding import SeedOptions, seed
from simulator.control.appointments import list_appointments
from simulator.store.database import Store
from tests.conftest import TODAY
from tests.races.served import free_port, serving
from tests.spine.tls_peers import client

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PATIENCE_SECONDS = 300
PASSED, TOO_SLOW = 0, 99
"""How a run ends that proves nothing against its provider; how fast it is here is not the question."""


def needs(program: str) -> None:
    """Skip a test where the machine lacks a program, or fail it where everything is required."""
    if shutil.which(program) is None:
        if os.environ.get("REQUIRE_EVERYTHING"):
            pytest.fail(f"{program} is not on this machine")
        pytest.skip(f"{program} is not on this machine")


def appointments_in(database: Path) -> list[dict[str, Any]]:
    """Return what `gpsim appointments --json` prints of a database."""
    with closing(Store(database)) as store, store.reading() as transaction:
        return list(list_appointments(transaction, None))


def marked(name: str) -> str:
    """Return the script that README marks by a comment."""
    script = re.search(r"```bash\n(.*?)```", README.split(f"<!-- {name}", 1)[1], re.DOTALL)
    assert script is not None
    return script[1]


def run(script: str, directory: Path, accepted: tuple[int, ...] = (0,), **environment: str) -> str:
    """Run a script of README in a directory, to an end that is accepted; return what it wrote."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=os.environ | environment | {"PATH": path},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode in accepted, done.stdout + done.stderr
    return done.stdout


def test_the_first_booking_of_the_readme_is_made_and_cancelled(database: Path, tmp_path: Path) -> None:
    needs("bash")
    needs("curl")
    with serving(database, "--today", "2026-03-16", "--log-level", "warning") as served:
        said = run(f"{marked('first booking')}\necho\n{marked('cancelling')}", tmp_path, SERVER=served.url)
    booked, cancelled = (json.loads(line) for line in said.splitlines())
    assert (booked["resourceType"], booked["status"]) == ("Appointment", "booked"), booked
    assert (cancelled["id"], cancelled["status"]) == (booked["id"], "cancelled"), cancelled


def test_the_whole_journey_of_the_readme_is_made_over_tls(database: Path, tmp_path: Path) -> None:
    for program in ("bash", "curl", "ldapsearch"):
        needs(program)
    make, serve = marked("certificates").splitlines()
    run(make, tmp_path, GPSIM_DATABASE=str(database))
    certificates, ldap_port = tmp_path / "certificates", str(free_port())
    options = shlex.split(serve.removeprefix("gpsim serve "))
    options[options.index("certificates")] = str(certificates)
    options[options.index("1389")] = ldap_port
    with serving(database, *options, "--today", "2026-03-16", tls=client(certificates)) as served:
        said = run(
            marked("whole journey"),
            tmp_path,
            SERVER=served.url,
            LDAP=f"ldap://127.0.0.1:{ldap_port}",
            GPSIM_DATABASE=str(database),
        )
    assert f": {served.url}/Z90001/STU3/1/gpconnect\n" in said
    rows = [line.split() for line in said.splitlines() if line[:1].isdigit()]
    asked = [(row[2], row[4]) for row in rows if row[2] in ("practice", "proxy")]
    steps = ("find_patient", "search_for_free_slots", "book_appointment", "cancel_appointment")
    assert sorted(asked) == sorted((by, step) for by in ("practice", "proxy") for step in steps)
    others = [row[2] for row in rows if row[2] not in ("practice", "proxy")]
    assert others == ["demographics", "directory", "directory"]
    assert len(set(re.findall(r"\btrace (\S+)", said))) == 1
    assert said.count(" trace ") == len(rows)
    assert json.loads((tmp_path / "cancelled.json").read_text())["status"] == "cancelled"
    assert "every row of the audit trail is as it was written" in said


def test_a_provider_outside_is_driven_through_the_proxy_as_the_readme_says(
    database: Path, tmp_path: Path
) -> None:
    needs("bash")
    outside, report = tmp_path / "outside.db", tmp_path / "report"
    seed(outside, SeedOptions(today=TODAY, practices=4, patients=60, days=42, seed=7))
    before = appointments_in(database)
    script = marked("provider outside").replace(
        "--duration 30s", f"--duration 3s --users 4 --report {report}"
    )
    options = ("--today", TODAY.isoformat())
    with serving(database, *options) as proxy, serving(outside, *options) as provider:
        run(
            script,
            tmp_path,
            (PASSED, TOO_SLOW),
            SERVER=proxy.url,
            OUTSIDE=provider.url,
            GPSIM_DATABASE=str(database),
        )
        with urllib.request.urlopen(f"{proxy.url}/control/transactions?limit=1000") as answer:
            transactions = json.loads(answer.read())
    verdict = json.loads((report / "verdict.json").read_bytes())
    booked = verdict["load"]["booked"]
    assert booked and not verdict["load"]["unknown"], verdict["load"]
    granted = [
        each
        for each in transactions
        if each["request"] == f"POST {provider.url}/{each['practice']}/STU3/1/gpconnect/Appointment"
        and each["status"] == 201
    ]
    assert len(granted) == booked
    assert {each["practice"] for each in transactions} == {"Z90001", "Z9A0A", "Z90002", "Z9A0B"}
    made = [each for each in appointments_in(outside) if each["booked_by"]]
    assert len(made) == booked
    assert appointments_in(database) == before
    own = tmp_path / "own.json"
    own.write_text(json.dumps(appointments_in(outside)))
    judged = CliRunner().invoke(gpload, ["audit", str(report), "--appointments", str(own), "--json"])
    (again,) = json.loads(judged.stdout)
    assert {check["number"]: check["result"] for check in again["checks"]}[9] == "passed"


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

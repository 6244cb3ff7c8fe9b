"""What README says can be done is done here."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loadtest.cli import main as gpload
from loadtest.plans.reading import plan_of
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


def is_here(database: Path, ods_code: str) -> bool:
    """Tell whether the proxy sends what is meant for a practice to the practice of the database."""
    with closing(Store(database)) as store, store.reading() as transaction:
        return all(each.address is None for each in transaction.directory.endpoints(ods_code))


def marked(name: str) -> str:
    """Return the script that README marks by a comment."""
    script = re.search(r"```bash\n(.*?)```", README.split(f"<!-- {name}", 1)[1], re.DOTALL)
    assert script is not None
    return script[1]


def run(
    script: str, directory: Path, environment: Mapping[str, str], accepted: tuple[int, ...] = (0,)
) -> str:
    """Run a script of README in a directory, to an end that is accepted; return what it wrote."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, **environment, "PATH": path},
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
        steps = (marked(name) for name in ("first booking", "booking again", "cancelling"))
        said = run("\necho\n".join(steps), tmp_path, {"SERVER": served.url})
    booked, refused, cancelled = (json.loads(line) for line in said.splitlines())
    assert refused["issue"][0]["details"]["coding"][0]["code"] == "DUPLICATE_REJECTED", refused
    assert (booked["resourceType"], booked["status"]) == ("Appointment", "booked"), booked
    assert (cancelled["id"], cancelled["status"]) == (booked["id"], "cancelled"), cancelled


@pytest.fixture
def spine(database: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve over TLS as README says; yield what its scripts are told of that server by their environment."""
    told = {"GPSIM_DATABASE": str(database), "LDAP": f"ldap://127.0.0.1:{free_port()}"}
    make, serve = marked("certificates").splitlines()
    run(make, tmp_path, told)
    certificates = tmp_path / "certificates"
    options = shlex.split(serve.removeprefix("gpsim serve "))
    options[options.index("certificates")] = str(certificates)
    options[options.index("1389")] = told["LDAP"].rpartition(":")[2]
    with serving(database, *options, "--today", "2026-03-16", tls=client(certificates)) as served:
        yield told | {"SERVER": served.url}


def test_the_whole_journey_of_the_readme_is_made_over_tls(spine: dict[str, str], tmp_path: Path) -> None:
    for program in ("bash", "curl", "ldapsearch"):
        needs(program)
    said = run(marked("whole journey"), tmp_path, spine)
    assert f": {spine['SERVER']}/Z90001/STU3/1/gpconnect\n" in said
    assert len(set(re.findall(r"\btrace (\S+)", said))) == 1
    tables = [
        [line.split() for line in table.splitlines() if line[:1].isdigit()]
        for table in said.split("Row  ")[1:]
    ]
    rows, looked_up = tables
    asked = [(row[2], row[4]) for row in rows if row[2] in ("practice", "proxy")]
    steps = ("find_patient", "search_for_free_slots", "book_appointment", "cancel_appointment")
    assert sorted(asked) == sorted((by, step) for by in ("practice", "proxy") for step in steps)
    others = [row[2] for row in rows if row[2] not in ("practice", "proxy")]
    assert others == ["demographics", "directory", "directory"]
    assert [row[2] for row in looked_up] == ["directory"]
    assert "\n     LDAP ou=services,o=nhs\n" in said
    assert json.loads((tmp_path / "cancelled.json").read_text())["status"] == "cancelled"
    assert "every row of the audit trail is as it was written" in said


def test_the_whole_journey_of_the_readme_stops_where_a_step_fails(
    spine: dict[str, str], database: Path, tmp_path: Path
) -> None:
    for program in ("bash", "curl", "ldapsearch"):
        needs(program)
    run("gpsim directory forbid 200000000115 search_for_free_slots", tmp_path, spine)
    as_a_terminal_runs_it = "set +euo pipefail\n"
    run(as_a_terminal_runs_it + marked("whole journey"), tmp_path, spine, (22,))
    assert "ASID_CHECK_FAILED" in (tmp_path / "slots.json").read_text()
    assert not (tmp_path / "booking.json").exists()
    assert not [each for each in appointments_in(database) if each["booked_by"]]


def test_what_the_readme_has_refused_is_put_right(spine: dict[str, str], tmp_path: Path) -> None:
    needs("bash")
    needs("curl")
    said = run(marked("see it refused"), tmp_path, spine).splitlines()
    assert "FOT_CHECK_FAILED_MESSAGESENDER_200000099001_MESSAGERECEIVER_200000100001" in said[0]
    assert said[1:] == ["Z9U98 may ask Z90001.", "CapabilityStatement", "Z9U98 may no longer ask Z90001."]


@pytest.mark.parametrize("over", ["plain HTTP", "TLS"])
def test_a_provider_outside_is_driven_through_the_proxy_as_the_readme_says(
    database: Path, certificates: Path, tmp_path: Path, over: str
) -> None:
    needs("bash")
    outside, report = tmp_path / "outside.db", tmp_path / "report"
    seed(outside, SeedOptions(today=TODAY, practices=4, patients=60, days=42, seed=7))
    before = appointments_in(database)
    script, options, tls = marked("provider outside:"), ["--today", TODAY.isoformat()], None
    if over == "TLS":
        script, tls = marked("provider outside over TLS"), client(certificates)
        options += ["--tls", str(certificates)]
        (tmp_path / "certificates").symlink_to(certificates)
    script = script.replace("--duration 30s", f"--duration 3s --users 4 --report {report}")
    with serving(database, *options, tls=tls) as proxy, serving(outside, *options, tls=tls) as provider:
        told = {"SERVER": proxy.url, "OUTSIDE": provider.url, "GPSIM_DATABASE": str(database)}
        run(script, tmp_path, told, (PASSED, TOO_SLOW))
        listed = f"{proxy.url}/control/transactions?limit=1000"
        with urllib.request.urlopen(listed, context=tls) as answer:
            transactions = json.loads(answer.read())
        assert not is_here(database, "Z90001")
        run(marked("the way back"), tmp_path, told)
        assert is_here(database, "Z90001")
    assert f"against {provider.url} through {proxy.url}" in (report / "report.html").read_text()
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


def test_make_demo_says_the_exit_code_of_gpload_and_ends_with_its_own(tmp_path: Path) -> None:
    """Programs that do nothing stand for the real ones; the run they pretend has found a double booking."""
    needs("make")
    (tmp_path / "control").mkdir()
    (tmp_path / "control" / "health").touch()
    serve = f'exec {sys.executable} -m http.server --bind 127.0.0.1 --directory {tmp_path} "$5"'
    for name, does in (
        ("python", f'exec {sys.executable} "$@"'),
        ("gpsim", f'test "$1" = seed || {serve}'),
        ("gpload", "exit 100"),
    ):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    command = ["make", "-o", ".venv/.installed", "demo", "BOOKING_MODE=unsafe", f"BIN={tmp_path}"]
    command.append(f"DEMO_REPORT={tmp_path / 'report'}")
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert run.stdout.splitlines()[-1] == "gpload ended with exit code 100", run.stdout + run.stderr
    assert run.returncode == 2
    assert "exit code](#load-and-the-verdict) 100, which is printed; make itself ends with 2" in README


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
    text = (ROOT / page).read_text().replace("\\\n", " ")
    lines = re.findall(r"^gpload .*?(?= +#|$)", text, re.MULTILINE)

    assert len(lines) > 6
    for line in lines:
        name, *arguments = shlex.split(line)[1:]
        gpload.commands[name].make_context(name, arguments, resilient_parsing=True)
        unknown = [each for each in arguments if each.startswith("--")]
        taken = {option for parameter in gpload.commands[name].params for option in parameter.opts}
        assert set(unknown) <= taken, line

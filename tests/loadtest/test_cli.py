import os
import shlex
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import jwt
import orjson
import pytest
from click.testing import CliRunner, Result

from loadtest.cli import main
from loadtest.interactions import INTERACTIONS
from loadtest.run import RunOptions, new_run_id
from tests.loadtest.fake_provider import practices


@pytest.fixture
def nowhere() -> str:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def practices_file(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "practices.json"
    file.write_bytes(orjson.dumps(practices()))
    yield str(file)


def _gpload(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def _headers(*arguments: str) -> str:
    result = _gpload("headers", *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    result = _gpload("run", "rush_hour")

    assert result.exit_code == 2
    assert "'rush_hour' is not one of 'slot_search', 'booking', 'hot_slot', 'demo'" in result.stderr


def test_a_provider_that_is_not_there_is_one_line_and_leaves_nothing(tmp_path: Path, nowhere: str) -> None:
    result = _gpload("run", "booking", "--target", nowhere, "--report", str(tmp_path / "r"))

    assert result.exit_code == 2
    assert result.stderr == (
        f"gpload: {nowhere}/control/practices: connection refused; is the provider running?"
        " (gpsim serve, or --target)\n"
    )
    assert result.stdout == ""
    assert not (tmp_path / "r").exists()


def test_a_practices_file_that_is_wrong_is_told_by_its_key(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_bytes(orjson.dumps([practices()[0] | {"asid": None}]))

    result = _gpload("run", "booking", "--practices", str(file))

    assert result.exit_code == 2
    assert result.stderr == f"gpload: {file}: practices[0].asid: expected text, found nothing\n"


@pytest.mark.parametrize("wrong", ["soon", "0", "-3s", "5 weeks"])
def test_a_duration_that_is_none_is_refused(wrong: str) -> None:
    result = _gpload("run", "booking", f"--duration={wrong}")

    assert result.exit_code == 2
    assert "is not a duration such as 45s, 2m or 1h" in result.stderr


def test_a_target_that_is_no_url_is_refused() -> None:
    result = _gpload("run", "booking", "--target", "localhost:8000")

    assert result.exit_code == 2
    assert "'localhost:8000' is not an http or https URL" in result.stderr


def test_a_report_directory_with_another_runs_evidence_is_not_mixed_up(
    tmp_path: Path, practices_file: str
) -> None:
    (tmp_path / "ledger-here-1.jsonl").touch()

    result = _gpload("run", "booking", "--practices", practices_file, "--report", str(tmp_path))

    assert result.exit_code == 2
    assert "holds the evidence of another run" in result.stderr


def test_an_audit_of_nothing_says_so(tmp_path: Path) -> None:
    result = _gpload("audit", str(tmp_path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "no ledger-*.jsonl in" in result.stderr


def test_help_lists_the_scenarios_and_the_exit_codes() -> None:
    text = _gpload("run", "--help").output

    assert "hot_slot: every client books the same slot" in text
    assert "100 a violation of integrity" in text


def test_help_tells_what_is_assumed_of_other_writers_and_of_outages() -> None:
    text = " ".join(_gpload("run", "--help").output.split())

    assert "Without it the run is taken to be its only writer" in text
    assert "integrity alone is judged, not speed" in text


def test_runs_of_one_second_have_ids_of_their_own(tmp_path: Path) -> None:
    options = RunOptions("booking", tmp_path, "http://127.0.0.1:8000")

    assert len({new_run_id(options) for _ in range(50)}) == 50


def test_the_version_is_the_distributions() -> None:
    assert _gpload("--version").output.startswith("gpload, version ")


@pytest.mark.parametrize("interaction", INTERACTIONS)
def test_headers_are_one_line_of_curl_options(interaction: str, practices_file: str) -> None:
    output = _headers(interaction, "--practice", "A20047", "--practices", practices_file)
    words = shlex.split(output)

    assert output.count("\n") == 1
    assert words[::2] == ["-H"] * (len(words) // 2)
    headers = dict(word.split(": ", 1) for word in words[1::2])
    assert headers["Ssp-InteractionID"] == INTERACTIONS[interaction].id
    claims = jwt.decode(headers["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    assert claims["exp"] == claims["iat"] + 300


@pytest.mark.parametrize("way", ["xargs printf '%s\\n' <<< \"$LINE\"", "eval printf '%s\\\\n' $LINE"])
def test_headers_reach_a_command_whole_through_xargs_and_through_eval(way: str, practices_file: str) -> None:
    line = _headers("find_patient", "--practice", "A20047", "--practices", practices_file)

    shell = subprocess.run(
        ["bash", "-c", way], env={"LINE": line, "PATH": os.environ["PATH"]}, capture_output=True, text=True
    )

    assert shell.stdout.splitlines() == shlex.split(line)


def test_headers_come_one_a_line_for_a_file_of_curls(practices_file: str) -> None:
    output = _headers(
        "cancel_appointment",
        "--practice",
        "A20047",
        "--practices",
        practices_file,
        "--lines",
        "--if-match",
        "3",
    )

    names = [line.split(": ")[0] for line in output.splitlines()]
    assert names == [
        "Ssp-TraceID",
        "Ssp-From",
        "Ssp-To",
        "Ssp-InteractionID",
        "Authorization",
        "Accept",
        "Content-Type",
        "If-Match",
    ]
    assert 'If-Match: W/"3"' in output


def test_headers_for_an_unknown_practice_name_those_there_are(practices_file: str) -> None:
    result = _gpload("headers", "find_patient", "--practice", "X", "--practices", practices_file)

    assert result.exit_code == 2
    assert result.stderr == "gpload: no practice X; there are A20047\n"

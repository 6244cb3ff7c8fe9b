import os
import re
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
from loadtest.running.run import Run, new_run_id
from loadtest.running.run_options import RunOptions
from simulator.switch_commands import disable
from tests.loadtest.fake_provider import practices
from tests.races.served import serving


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
    result = _gpload("run", "bookings")

    assert result.exit_code == 2
    assert result.stderr.startswith(
        'gpload: there is no plan "bookings" (did you mean "booking"?); there are'
    )


def test_a_run_of_nothing_names_what_could_be_run() -> None:
    assert "name a SCENARIO (booking, call_centre," in _gpload("run").stderr
    assert "not both" in _gpload("run", "booking", "--plan", "x.toml").stderr
    assert "not both" in _gpload("run", "booking", "--users", "3", "--rate", "3").stderr


def test_options_that_do_not_fit_the_plan_are_refused_in_one_line() -> None:
    assert _gpload("run", "booking", "--rounds", "9").stderr == (
        "gpload: booking: no phase has rounds, only those of hot_slot do\n"
    )
    assert "no phase has users to change" in _gpload("run", "nation", "--users", "9").stderr
    assert "no phase has a rate to scale" in _gpload("run", "booking", "--nation", "0.5").stderr


def test_a_master_needs_a_number_of_workers_and_a_place() -> None:
    assert "go together" in _gpload("run", "booking", "--master", "127.0.0.1:5557").stderr
    assert "'here' is not a place such as 10.0.0.5:5557" in _gpload("run", "--worker", "here").stderr


def test_practices_of_a_file_are_called_where_they_are_published(
    tmp_path: Path, practices_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[RunOptions] = []
    monkeypatch.setattr(Run, "execute", lambda self: asked.append(self.options))

    _gpload("run", "booking", "--practices", practices_file, "--report", str(tmp_path))
    _gpload("run", "booking", "--report", str(tmp_path))

    _gpload("run", "booking", "--proxy", "https://spine.example", "--report", str(tmp_path))

    assert [options.target for options in asked] == [None, "http://127.0.0.1:8000", "https://spine.example"]


def test_a_share_of_the_nation_is_the_nations_plan_scaled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[RunOptions] = []
    monkeypatch.setattr(Run, "execute", lambda self: asked.append(self.options))

    _gpload("run", "--nation", "0.5", "--report", str(tmp_path))
    _gpload("run", "nation", "--report", str(tmp_path))

    half, whole = (options.plan.phases[0].rate for options in asked)
    assert half is not None
    assert whole is not None
    assert half.peak == pytest.approx(whole.peak / 2)


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

    assert re.search(r"hot_slot +every client", text)
    assert "100 a violation of integrity" in text


def test_help_tells_what_is_assumed_of_other_writers_and_of_outages() -> None:
    text = " ".join(_gpload("run", "--help").output.split())

    assert "Without it the run is taken to be its only writer" in text
    assert "integrity alone is judged, not speed" in text


def test_runs_of_one_second_have_ids_of_their_own() -> None:
    assert len({new_run_id("booking") for _ in range(50)}) == 50


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


def test_headers_come_from_another_consumer_with_the_ods_code_that_is_registered(database: Path) -> None:
    with serving(database, "--today", "2026-03-16", "--log-level", "warning") as served:
        asked = ("--practice", "Z90001", "--target", served.url, "--lines")
        called = [
            _gpload("headers", "find_patient", *asked, "--from", asid) for asid in ("200000099001", "123")
        ]

    known, unknown = (dict(line.split(": ", 1) for line in result.stdout.splitlines()) for result in called)

    assert (known["Ssp-From"], known["Ssp-To"]) == ("200000099001", "200000100001")
    assert _organisation(known) == "Z9U98"
    assert (unknown["Ssp-From"], _organisation(unknown)) == ("123", "Z9U01")
    assert [result.stderr for result in called] == [
        "",
        "gpload: no system that is listed or registered has ASID 123: the proxy refuses it;"
        " the token is of Z9U01\n",
    ]


def test_headers_of_a_query_have_no_version_to_match(practices_file: str) -> None:
    result = _gpload(
        "headers", "find_patient", "--practice", "A20047", "--practices", practices_file, "--if-match", "3"
    )

    assert result.exit_code == 2
    assert "--if-match goes with amend_appointment and cancel_appointment, not find_patient" in result.stderr


@pytest.mark.parametrize("capability", [(), ("--capability", "appointments")])
def test_headers_are_made_for_a_practice_that_is_switched_off(
    database: Path, capability: tuple[str, ...]
) -> None:
    switched = CliRunner().invoke(disable, ["--practice", "Z90001", *capability, "--database", str(database)])
    assert switched.exit_code == 0, switched.output
    with serving(database, "--today", "2026-03-16", "--log-level", "warning") as served:
        options = _headers("search_for_free_slots", "--practice", "Z90001", "--target", served.url)
        nobody = _gpload("headers", "find_patient", "--practice", "X99", "--target", served.url)

    token = next(part for part in shlex.split(options) if part.startswith("Authorization: "))
    claims = jwt.decode(token.rpartition(" ")[2], options={"verify_signature": False})
    assert claims["aud"] == f"{served.url}/Z90001/STU3/1/gpconnect"
    assert "Ssp-To: 200000100001" in options
    assert nobody.stderr == "gpload: no practice X99; there are Z9A0A\n"


def test_what_cannot_stand_in_a_header_is_no_asid(practices_file: str) -> None:
    given = ("headers", "find_patient", "--practice", "A20047", "--practices", practices_file, "--from")

    assert "is no ASID" in _gpload(*given, "2000\r\nX: 1").stderr
    assert "Ssp-From: 200000000999" in _gpload(*given, "200000000999").stdout


def _organisation(headers: dict[str, str]) -> str:
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    return str(claims["requesting_organization"]["identifier"][0]["value"])

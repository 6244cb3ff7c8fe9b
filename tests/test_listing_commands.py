"""`gpsim practices`, and what `gpsim serve` says of many: the whole for programs, a screenful for people."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from simulator.base_url import OriginsType
from simulator.cli import main
from simulator.store.database import Store

FIRST = "http://127.0.0.1:8000/Z90001/STU3/1/gpconnect"


def gpsim(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command in process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["gpsim", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def one_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have two practices be more than fit a screen."""
    monkeypatch.setattr("simulator.listing_commands.MOST_LISTED", 1)
    monkeypatch.setattr("simulator.serve_command.MOST_SHOWN", 1)


@pytest.mark.usefixtures("one_is_many")
def test_a_pipe_gets_every_practice(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gpsim(monkeypatch, "practices", "--database", str(database)) == 0
    text, errors = capsys.readouterr()
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["Z90001", "Z9A0A"]
    assert FIRST in text
    assert errors == ""


@pytest.mark.usefixtures("one_is_many")
def test_a_terminal_gets_a_screenful_and_is_told_of_the_others(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert gpsim(monkeypatch, "practices", "--database", str(database)) == 0
    text, errors = capsys.readouterr()
    assert len(text.splitlines()) == 2
    more, roots = errors.splitlines()
    assert more == "... and 1 more: --matching TEXT finds some of them, --limit shows more."
    assert roots.startswith("Service roots are those of a server on http://127.0.0.1:8000; --base-url names")
    options = ("--database", str(database), "--limit", "2", "--base-url", "https://spine.test/")
    assert gpsim(monkeypatch, "practices", *options) == 0
    text, errors = capsys.readouterr()
    assert (len(text.splitlines()), errors) == (3, "")
    assert " https://spine.test/Z90001/STU3/1/gpconnect\n" in text


@pytest.mark.parametrize("url", ["foo", "spine.test", "https://spine.test/x", "https://", "http://a:99999"])
@pytest.mark.parametrize("command", [("practices", "--base-url"), ("serve", "--public-url")])
def test_a_base_url_has_a_scheme_and_a_host(
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, str],
    url: str,
) -> None:
    assert gpsim(monkeypatch, *command, url, "--database", str(database)) == 2
    text, errors = capsys.readouterr()
    (line,) = errors.splitlines()
    assert text == ""
    assert f"Invalid value for '{command[1]}'" in line
    assert f": {url!r} is no scheme, host and optional port, as https://spine.test:8443" in line


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_list_without_practices_says_so(
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
) -> None:
    command = ("practices", "--database", str(database), "--matching", "zzz", *options)
    assert gpsim(monkeypatch, *command) == 0
    text, errors = capsys.readouterr()
    assert text == ("[]\n" if options else "")
    assert errors == f"No practice of {database} has 'zzz' in its ODS code or name.\n"


@pytest.mark.parametrize("text", ["z9a0", "BRACKENFOLD", " medical "])
@pytest.mark.parametrize("as_json", [True, False])
def test_practices_are_found_by_code_or_name(
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    as_json: bool,
) -> None:
    options = ("--database", str(database), "--matching", text)
    assert gpsim(monkeypatch, "practices", *options, *(("--json",) if as_json else ())) == 0
    out = capsys.readouterr().out
    found = [each["ods_code"] for each in json.loads(out)] if as_json else out.splitlines()[1].split()[:1]
    assert found == ["Z9A0A"]


def test_json_can_be_limited(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gpsim(monkeypatch, "practices", "--database", str(database), "--json", "--limit", "1") == 0
    assert [each["ods_code"] for each in json.loads(capsys.readouterr().out)] == ["Z90001"]


@pytest.mark.usefixtures("one_is_many")
def test_serve_prints_a_few_service_roots_and_how_many_more_there_are(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("simulator.serving.listening", nullcontext)
    monkeypatch.setattr("simulator.serving.serve_on", lambda *_: None)
    assert gpsim(monkeypatch, "serve", "--database", str(database), "--today", "2026-03-16") == 0
    said = lines(capsys)
    assert said[0].startswith(f"{FIRST}  ASID 200000100001  Alderwick")
    command = f"gpsim practices --database {database} --limit 2"
    assert said[1] == f"... and 1 more: `{command}` lists them all."
    assert said[2] == "Serving 2 practices, and 1 switched off, on http://127.0.0.1:8000/ (Ctrl-C stops)."


def test_appointments_are_one_json_list_in_order_of_id(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gpsim(monkeypatch, "appointments", "--database", str(database), "--json") == 0
    text = capsys.readouterr().out
    listed = json.loads(text)
    assert text == json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
    ids = [int(each["id"]) for each in listed]
    assert ids == sorted(ids)
    assert {each["practice"] for each in listed} == {"Z90001", "Z9A0A", "Z99001"}


def test_a_database_without_appointments_has_an_empty_list(
    database: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.connection.execute("delete from appointments")
    assert gpsim(monkeypatch, "appointments", "--database", str(database), "--json") == 0
    assert capsys.readouterr().out == "[]\n"
    assert gpsim(monkeypatch, "appointments", "--database", str(database), "--practice", "Z9A0A") == 0
    text, errors = capsys.readouterr()
    assert (text, errors) == ("", f"There are no appointments in {database} at Z9A0A.\n")


@pytest.mark.usefixtures("one_is_many")
def test_a_terminal_gets_a_screenful_of_appointments(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("appointments", "--database", str(database), "--practice", "Z9A0A")
    assert gpsim(monkeypatch, *command) == 0
    text, errors = capsys.readouterr()
    assert len(text.splitlines()) > 2
    assert errors == ""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert gpsim(monkeypatch, *command) == 0
    text, errors = capsys.readouterr()
    assert len(text.splitlines()) == 2
    assert "Z9A0A" in text
    assert errors == "... and more: --practice ODS lists those of one practice, --json all.\n"


@pytest.mark.parametrize(
    "origins",
    [
        "localhost:3000",
        "http://x/",
        "http://*.example.org",
        "http://x/a",
        "http://a.test, portal",
        "null",
        "file://",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], origins: str
) -> None:
    assert gpsim(monkeypatch, "serve", "--cors-origin", origins) == 2
    said = "is no origin; expected scheme, host and optional port alone"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("origins", ["*", "http://localhost:3000", "https://a.test, http://[::1]:3000", ""])
def test_origins_as_browsers_send_them_are_taken(origins: str) -> None:
    assert OriginsType().convert(origins, None, None) == origins

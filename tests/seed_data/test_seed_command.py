import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator import __version__
from simulator.cli import main

SMALL = ("--practices", "2", "--patients", "10", "--days", "7", "--today", "2026-06-01")
GPSIM = (sys.executable, "-c", "from simulator.cli import main; main()")


def gpsim(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command in process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["gpsim", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code


def test_seed_prints_what_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "practices.db"
    assert gpsim(monkeypatch, "seed", "--database", str(path), *SMALL) == 0
    text, errors = capsys.readouterr()
    assert errors == ""
    assert re.search(r"Practices\W+2\b", text)
    assert re.search(r"Patients\W+30\b", text)
    for kind in ("Not GP Connect bookable", "Open to all", "NHS 111 only", "Neighbouring practice only"):
        assert re.search(rf"{kind}\W+[\d,]+\W+[\d,]+\W+\d+", text), kind
    assert re.search(rf"{path.stat().st_size:,} bytes, \d+ a slot; [\d.]+ s, [\d,]+ slots a second", text)


def test_output_in_a_pipe_has_no_bar(tmp_path: Path) -> None:
    command = (*GPSIM, "seed", "--database", str(tmp_path / "practices.db"), *SMALL)
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"FORCE_COLOR": "1"}
    )
    assert "Seeding" not in done.stdout + done.stderr
    assert "\r" not in done.stdout


def test_a_terminal_shows_a_bar(tmp_path: Path) -> None:
    command = (*GPSIM, "seed", "--database", str(tmp_path / "practices.db"), *SMALL)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    os.close(theirs)
    seen = b""
    try:
        while block := os.read(ours, 65_536):
            seen += block
    except OSError:  # Linux says EIO where a terminal's other end has gone.
        pass
    os.close(ours)
    assert process.wait(timeout=30) == 0
    assert b"Seeding practices" in seen
    assert b"3/3" in seen
    assert b"Making indexes" in seen
    assert re.search(rb"\d:\d\d:\d\d", seen)


@pytest.mark.parametrize(
    ("arguments", "line", "code"),
    [
        (("seed", "--database", "here.db"), "gpsim: here.db: exists already; --force replaces it,"
         " --database names another file", 1),
        (("seed", "--database", "README.md", "--force"), "gpsim: README.md: is not a simulator database,"
         " and stays as it is; --database names another file", 1),
        (("seed", "--database", "no/here.db"),
         "gpsim: no/here.db: cannot be written: there is no directory no", 1),
        (("seed", "--database", "new.db", "--practices", "6000"),
         "gpsim: 6,000 practices of 200 patients: they need 1,200,000 NHS numbers, and the 999 range has"
         " 909,025 to give: ask for --patients 151 or fewer (size.patients in the profile), or for fewer"
         " --practices", 1),
        (("seed", "--database", "new.db", "--days", "-1"),
         "gpsim seed: --days: got -1, expected a whole number from 1 to 1,100", 2),
        (("seed", "--database", "new.db", "--practices", "0"),
         "gpsim seed: --practices: got 0, expected a whole number from 1 to 10,000", 2),
        (("seed", "--database", "new.db", "--today", "2190-01-01"),
         "gpsim seed: --today: got 2190-01-01, expected a day from 2000-01-01 to 2090-01-01", 2),
        (("seed", "--days", "many"),
         "gpsim seed: Invalid value for '--days': 'many' is not a valid integer.", 2),
        (("seed", "--profile", "nowhere", "--database", "new.db"),
         "gpsim: --profile: got 'nowhere', expected assurance, demo, england or the path of a .toml file", 1),
        (("sow",), "gpsim: No such command 'sow'.", 2),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    line: str,
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("here.db").touch()
    Path("README.md").write_text("mine")
    assert gpsim(monkeypatch, *arguments) == code
    text, errors = capsys.readouterr()
    assert text == ""
    assert errors.splitlines() == [line]
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "here.db": "",
        "README.md": "mine",
    }


def test_version_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert gpsim(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"gpsim, version {__version__}\n"


def test_gpsim_alone_shows_its_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gpsim(monkeypatch) == 2
    assert re.search(r"seed +Make a database", capsys.readouterr().err)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_the_seed_and_is_let_go_of_afterwards(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    code: int,
) -> None:
    path = tmp_path / "practices.db"
    before = signal.getsignal(number)
    monkeypatch.setattr("seed_data.making.name_pools", lambda _: os.kill(os.getpid(), number))
    assert gpsim(monkeypatch, "seed", "--database", str(path), *SMALL) == code
    assert capsys.readouterr().err == f"gpsim seed: stopped; {path} is as it was\n"
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(number) is before


def test_ctrl_c_elsewhere_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.seed_command.make_database", interrupt)
    assert gpsim(monkeypatch, "seed") == 130
    assert capsys.readouterr().err.split() == ["gpsim:", "interrupted"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_seed_leaves_nothing(tmp_path: Path, number: signal.Signals, code: int) -> None:
    path = tmp_path / "practices.db"
    command = (*GPSIM, "seed", "--database", str(path), "--practices", "3000", "--patients", "10")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        partial = tmp_path / "practices.db.part"
        deadline = time.monotonic() + 30
        while not (partial.exists() and partial.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert errors == f"gpsim seed: stopped; {path} is as it was\n"
    assert list(tmp_path.iterdir()) == []

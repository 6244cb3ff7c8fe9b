import sqlite3
import sys
from contextlib import closing, nullcontext
from datetime import date, timedelta
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.extend_command import diary_warning
from simulator.store.database import Store


def gpsim(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command in process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["gpsim", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code


def slots(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("select count(*) from slots").fetchone()[0])


def test_extend_adds_weeks_while_the_database_is_open_elsewhere(
    database: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = slots(database)
    assert gpsim(monkeypatch, "extend", "--weeks", "2", "--database", str(database)) == 0
    added = slots(database) - before
    text, errors = capsys.readouterr()
    assert errors == ""
    assert text.startswith(f"{database}: 3 practices have diaries to 2026-05-10: ")
    assert f" {added:,} slots and " in text
    assert len(text.splitlines()) == 1
    with store.reading():
        assert store.connection.execute("select count(*) from slots").fetchone() == (before + added,)


@pytest.mark.parametrize(
    ("arguments", "line", "code"),
    [
        (("--weeks", "0"), "gpsim extend: Invalid value for '--weeks': 0 is not in the range 1<=x<=520.", 2),
        ((), "gpsim extend: Missing option '--weeks'.", 2),
        (("--weeks", "2", "--database", "none.db"),
         "gpsim: none.db: no such database; `gpsim seed --database none.db` makes one", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_extended_is_said_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    line: str,
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert gpsim(monkeypatch, "extend", *arguments) == code
    assert capsys.readouterr().err.splitlines() == [line]


LAST_DAY = date(2026, 4, 26)


@pytest.mark.parametrize(
    ("left", "when"),
    [(14, "ends in 14 days"), (1, "ends in 1 day"), (0, "ends today"), (-1, "ended 1 day ago"),
     (-3, "ended 3 days ago")],
)  # fmt: skip
def test_warning_says_when_the_diary_ends_and_what_adds_to_it(left: int, when: str) -> None:
    warning = diary_warning(
        Path("my.db"), {"last_day": LAST_DAY.isoformat()}, LAST_DAY - timedelta(days=left)
    )
    assert (
        warning == f"The diary {when}, on 2026-04-26: `gpsim extend --weeks 8 --database my.db` adds to it."
    )


def test_no_warning_while_the_diary_goes_on() -> None:
    notes = {"last_day": LAST_DAY.isoformat()}
    assert diary_warning(Path("my.db"), notes, LAST_DAY - timedelta(days=15)) is None
    assert diary_warning(Path("my.db"), {}, LAST_DAY) is None


@pytest.mark.parametrize(("today", "lines"), [("2026-04-11", 0), ("2026-04-12", 1)])
def test_serve_warns_once_by_the_simulated_day(
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    today: str,
    lines: int,
) -> None:
    monkeypatch.setattr("simulator.serving.listening", nullcontext)
    monkeypatch.setattr("simulator.serving.serve_on", lambda *_: None)
    assert gpsim(monkeypatch, "serve", "--database", str(database), "--today", today) == 0
    warned = [line for line in capsys.readouterr().err.splitlines() if "gpsim extend" in line]
    assert len(warned) == lines

import sys
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.domain.audit import AuditEvent, Surface
from simulator.store.database import Store


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "ada")


def gpsim(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command in process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["gpsim", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code


def switches(store: Store) -> tuple[bool, bool]:
    with store.reading() as transaction:
        practice = transaction.practices.with_ods_code("Z90001")
        assert practice is not None
        return practice.enabled, practice.appointments_enabled


def events(store: Store) -> list[AuditEvent]:
    with store.reading() as transaction:
        return [event for _, event in transaction.audit.all()]


@pytest.mark.parametrize(
    ("options", "after", "told", "record"),
    [
        ((), (False, True), "GP Connect is off, Appointment Management is on; while GP Connect is off, so is"
         " all of it", "GP Connect"),
        (("--capability", "appointments"), (True, False), "GP Connect is on, Appointment Management is off",
         "appointments"),
    ],
)  # fmt: skip
def test_switching_off_and_on_is_told_and_recorded(
    database: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    after: tuple[bool, bool],
    told: str,
    record: str,
) -> None:
    common = ("--practice", "Z90001", "--database", str(database), *options)
    assert gpsim(monkeypatch, "disable", *common) == 0
    assert switches(store) == after
    assert capsys.readouterr().out == f"Z90001 Alderwick Surgery: {told}\n"
    assert gpsim(monkeypatch, "enable", *common) == 0
    assert switches(store) == (True, True)
    assert (
        capsys.readouterr().out
        == "Z90001 Alderwick Surgery: GP Connect is on, Appointment Management is on\n"
    )
    seen = [
        (each.surface, each.interaction, each.ods_code, each.record, each.user_name, each.status)
        for each in events(store)
    ]
    assert seen == [(Surface.OPERATOR, done, "Z90001", record, "ada", 200) for done in ("disable", "enable")]


def test_other_practices_stay_as_they_are(
    database: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpsim(monkeypatch, "disable", "--practice", "Z9A0A", "--database", str(database))
    assert switches(store) == (True, True)


def test_what_cannot_be_recorded_is_not_switched(
    database: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.connection.execute("alter table audit rename to gone")
    assert gpsim(monkeypatch, "disable", "--practice", "Z90001", "--database", str(database)) == 1
    assert capsys.readouterr().err == f"gpsim: {database}: cannot be written: no such table: audit\n"
    assert switches(store) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "line", "code", "recorded"),
    [
        (("--practice", "Z12345"), "gpsim: no practice in {database} has ODS code 'Z12345'", 1,
         [("enable", "Z12345", "GP Connect", "ada", 404, "NO_RECORD_FOUND")]),
        ((), "gpsim enable: Missing option '--practice'.", 2, []),
        (("--practice", "Z90001", "--capability", "records"),
         "gpsim enable: Invalid value for '--capability': 'records' is not 'appointments'.", 2, []),
    ],
)  # fmt: skip
def test_what_cannot_be_switched_is_said_in_one_line(
    database: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    line: str,
    code: int,
    recorded: list[tuple[str | int, ...]],
) -> None:
    assert gpsim(monkeypatch, "enable", *arguments, "--database", str(database)) == code
    assert capsys.readouterr().err == line.format(database=database) + "\n"
    seen = [
        (each.interaction, each.ods_code, each.record, each.user_name, each.status, each.code)
        for each in events(store)
    ]
    assert seen == recorded


def test_switched_off_practice_of_the_profile_can_be_switched_on(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gpsim(monkeypatch, "practices", "--database", str(database)) == 0
    assert "Z99001" not in capsys.readouterr().out
    assert gpsim(monkeypatch, "enable", "--practice", "Z99001", "--database", str(database)) == 0
    assert gpsim(monkeypatch, "practices", "--database", str(database)) == 0
    assert "Z99001" in capsys.readouterr().out

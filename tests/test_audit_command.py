"""`gpsim audit`: what it proves, what it shows, and how it ends."""

import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import main
from simulator.domain.audit import AuditEvent, Surface
from simulator.store.audit import Sought
from simulator.store.audit_chain import EVENT_COLUMNS
from simulator.store.audit_verification import Head
from simulator.store.database import Store
from simulator.store.schema import SCHEMA_VERSION
from tests.diary import instant
from tests.practice_client import BY_NAME
from tests.store.chains import COLUMNS, an_event, copied, make_chain, unguarded, verdict

BOOKING = BY_NAME["book_appointment"].id
AT = instant("2026-07-16T10:00:00+01:00")

Run = Callable[..., tuple[int | str | None, str, str]]


@pytest.fixture
def gpsim(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command in process, and returns exit code, standard output and error."""

    def run(*arguments: str) -> tuple[int | str | None, str, str]:
        monkeypatch.setattr(sys, "argv", ["gpsim", "audit", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return stop.value.code, said.out, said.err

    return run


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.db"
    make_chain(path, 9)
    return path


@pytest.fixture
def head(chain: Path) -> Head:
    reached = verdict(chain)
    assert isinstance(reached, Head)
    return reached


def test_a_whole_chain_is_proved_with_its_count_and_its_head(chain: Path, head: Head, gpsim: Run) -> None:
    code, said, _ = gpsim("verify", "--database", str(chain))
    assert code == 0
    assert said.splitlines() == [
        f"{chain}: every row of the audit trail is as it was written",
        "count 9",
        f"head {head.hash.hex()}",
    ]


def test_count_and_head_come_as_json_for_programs(chain: Path, head: Head, gpsim: Run) -> None:
    code, said, _ = gpsim("verify", "--json", "--database", str(chain))
    assert (code, json.loads(said)) == (0, {"count": 9, "head": head.hash.hex()})


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "update audit set user_name = 'Nobody' where sequence = 4",
            "row 4 was changed: it does not have the",
        ),
        ("delete from audit where sequence in (4, 5)", "rows 4 to 5 are missing"),
        ("update audit set sequence = 0 where sequence = 9", "row 0 is out of order"),
    ],
)
def test_a_broken_chain_ends_with_the_first_row_that_does_not_fit(
    chain: Path, gpsim: Run, statement: str, fault: str
) -> None:
    with closing(unguarded(chain)) as connection:
        connection.execute(statement)
    code, said, complaint = gpsim("verify", "--database", str(chain))
    assert (code, said) == (1, "")
    assert complaint.startswith(f"gpsim: {chain}: {fault}")
    assert complaint.count("\n") == 1


def test_a_head_noted_earlier_shows_a_tail_that_was_cut_off(chain: Path, head: Head, gpsim: Run) -> None:
    noted = ("--count", "9", "--head", head.hash.hex().upper())
    assert gpsim("verify", "--database", str(chain), *noted)[0] == 0
    path = copied(chain)
    with closing(unguarded(path)) as connection:
        connection.execute("delete from audit where sequence > 6")
    assert gpsim("verify", "--database", str(path))[0] == 0
    code, _, complaint = gpsim("verify", "--database", str(path), *noted)
    assert code == 1
    assert complaint == f"gpsim: {path}: rows 7 to 9 are missing: the trail ends with row 6\n"


def test_another_head_than_the_one_noted_is_a_fault(chain: Path, gpsim: Run) -> None:
    code, _, complaint = gpsim("verify", "--database", str(chain), "--count", "9", "--head", "ab" * 32)
    assert code == 1
    assert "row 9 was changed: it does not have the hash that was noted" in complaint


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--count", "9"), "--head and --count go together"),
        (("--head", "ab" * 32), "--head and --count go together"),
        (("--head", "ab", "--count", "9"), "'ab' is not a hash"),
        (("--head", "xy" * 32, "--count", "9"), "is not a hash"),
        (("--head", "ab" * 32, "--count", "-1"), "-1 is not in the range"),
    ],
)
def test_half_a_note_is_refused(chain: Path, gpsim: Run, options: tuple[str, ...], complaint: str) -> None:
    code, _, said = gpsim("verify", "--database", str(chain), *options)
    assert code == 2
    assert complaint in said


@pytest.mark.parametrize("command", ["verify", "show"])
def test_what_is_no_database_of_this_release_is_refused(tmp_path: Path, gpsim: Run, command: str) -> None:
    code, _, said = gpsim(command, "--database", str(tmp_path / "none.db"))
    assert code == 1
    assert "no such database" in said
    make_chain(tmp_path / "old.db", 0)
    with closing(unguarded(tmp_path / "old.db")) as connection:
        connection.execute("pragma user_version = 2")
    code, _, said = gpsim(command, "--database", str(tmp_path / "old.db"))
    assert code == 1
    assert f"has schema version 2, this release needs {SCHEMA_VERSION}; seed it again" in said


@pytest.fixture
def trail(database: Path, store: Store) -> Path:
    """Return the test's database with four rows in its trail."""
    events = [
        AuditEvent(AT, Surface.PRACTICE, "trace-a", BY_NAME["find_patient"].id, "Z90001",
                   nhs_number="9990000018", status=200),
        AuditEvent(AT + 60, Surface.PROXY, "trace-b", record="GET https://x/Z90001", status=200,
                   request_bytes=1, response_bytes=2, microseconds=3),
        AuditEvent(AT + 60, Surface.PRACTICE, "trace-b", BOOKING, "Z90001", user_id="u-7",
                   user_name="Ms Zoë \x1b[31mOkafor\n", organisation="Z88001",
                   record="Appointment/7", version=1, patient_id="12", status=201),
        AuditEvent(AT + 120, Surface.PRACTICE, "trace-c", BOOKING, "Z9A0A",
                   record="Appointment Slot/3", patient_id="12", status=409, code="DUPLICATE_REJECTED"),
    ]  # fmt: skip
    with store.writing() as transaction:
        transaction.audit.record(events)
    return database


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ((), [1, 2, 3, 4]),
        (("--limit", "2"), [3, 4]),
        (("--trace-id", "trace-b"), [2, 3]),
        (("--patient", "12"), [3, 4]),
        (("--patient", "Patient/12"), [3, 4]),
        (("--patient", "12", "--practice", "Z90001"), [3]),
        (("--patient", "9990000018"), [1]),
        (("--patient", "999 000 0018"), [1]),
        (("--patient", "9990000018", "--interaction", "book_appointment"), []),
        (("--interaction", "book_appointment"), [3, 4]),
        (("--interaction", BOOKING), [3, 4]),
        (("--appointment", "Z90001/7"), [3]),
        (("--appointment", "Z9A0A/7"), []),
        (("--changes",), [3]),
        (("--surface", "proxy"), [2]),
        (("--since", "2026-07-16T10:01:00"), [2, 3, 4]),
        (("--since", "2026-07-16T10:02:00+01:00"), [4]),
        (("--since", "2026-07-16T09:02:00+00:00"), [4]),
        (("--since", "2026-07-17"), []),
        (("--since", "2026-07-17", "--trace-id", "trace-b"), []),
    ],
    ids=str,
)
def test_rows_are_shown_as_asked(trail: Path, gpsim: Run, options: tuple[str, ...], rows: list[int]) -> None:
    code, said, _ = gpsim("show", "--json", "--database", str(trail), *options)
    assert code == 0
    assert [row["sequence"] for row in json.loads(said)] == rows


def test_as_json_a_row_has_every_column(trail: Path, store: Store, gpsim: Run) -> None:
    _, said, _ = gpsim("show", "--json", "--database", str(trail))
    shown: list[dict[str, Any]] = json.loads(said)
    with store.reading() as transaction:
        stored = transaction.audit.find(Sought(), 10)
    for row, expected in zip(shown, stored, strict=True):
        assert set(row) == set(COLUMNS)
        for name in set(EVENT_COLUMNS) - {"at"}:
            assert row[name] == getattr(expected.event, name)
    assert shown[0]["at"] == "2026-07-16T10:00:00+01:00"
    assert shown[0]["previous"] == "00" * 32
    assert shown[1]["previous"] == shown[0]["hash"] == stored[0].hash.hex()


def test_a_table_has_two_lines_a_row_that_no_text_can_break(trail: Path, gpsim: Run) -> None:
    _, said, _ = gpsim("show", "--database", str(trail))
    heads, *lines = said.splitlines()
    assert heads.split() == ["Row", "Time", "Surface", "Practice", "Interaction", "Outcome"]
    assert len(lines) == 8
    assert lines[4].split() == [
        *("3", "2026-07-16T10:01:00+01:00", "practice", "Z90001", "book_appointment", "201"),
    ]
    who = r"Ms Zoë \x1b[31mOkafor\n of Z88001"
    assert lines[5] == f"     trace trace-b, Appointment/7 version 1, patient 12, by {who}"
    assert lines[6].endswith("409 DUPLICATE_REJECTED")


def test_a_row_that_says_much_is_folded_at_120_columns(database: Path, store: Store, gpsim: Run) -> None:
    interaction = "urn:nhs:names:services:gpconnect:fhir:rest:search:slot-99"
    code = "ASID_CHECK_FAILED_MESSAGESENDER_200000000115"
    event = AuditEvent(
        AT, Surface.DEMOGRAPHICS, "6b0ab4d5-6f7b-4ab2-8f7b-2f1a0fd2a8b1", interaction, "Z90001",
        record="GET Device?organization=" + "https%3A%2F%2Ffhir.nhs.uk%2FId" * 9, patient_id="12",
        user_name="Ms Ruth Okonkwo", status=403, code=code,
    )  # fmt: skip
    with store.writing() as transaction:
        transaction.audit.record([event])
    _, said, _ = gpsim("show", "--database", str(database))
    _, first, *below = said.splitlines()
    assert first.split()[2:] == ["demographics", "Z90001", "...", "403", "..."]
    assert max(len(line) for line in said.splitlines()) <= 120
    assert all(line.startswith("     ") for line in below)
    whole = "".join(line.strip() for line in below).replace(" ", "")
    for part in (interaction, code, event.record, "patient12", "byMsRuthOkonkwo", f"trace{event.trace_id}"):
        assert part.replace(" ", "") in whole


def test_where_no_row_is_like_that_it_says_so(trail: Path, gpsim: Run) -> None:
    trace_id = "6b0ab4d5-6f7b-4ab2-8f7b-2f1a0fd2a8b1"
    assert gpsim("show", "--trace-id", trace_id, "--database", str(trail)) == (
        0,
        "",
        "No row of the audit trail is like that.\n",
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--since", "yesterday"), "'yesterday' is not a time"),
        (("--appointment", "7"), "'7' is no appointment"),
        (("--appointment", "/7"), "'/7' is no appointment"),
        (("--appointment", "Z90001/"), "'Z90001/' is no appointment"),
        (("--surface", "moon"), "'moon' is not one of"),
        (("--limit", "0"), "0 is not in the range"),
        (("--trace-id", "trace-z"), "--trace-id: 'trace-z' is no UUID"),
        (
            ("--interaction", "book_apointment"),
            "is no interaction (did you mean book_appointment?), and no row",
        ),
        (("--interaction", BOOKING[:-1]), f"did you mean {BOOKING}?"),
        (("--patient", "9990000019"), "'9990000019' is neither a logical id nor an NHS number"),
        (("--patient", "99 90 00 00"), "'99 90 00 00' is neither a logical id nor an NHS number"),
        (("--patient", "999"), "--patient: no patient of the database has the logical id '999', and no row"),
        (("--patient", "Okafor"), "'Okafor' is neither a logical id nor an NHS number"),
        (("--appointment", "Z90002/7"), "--appointment: no practice of the database has ODS code 'Z90002'"),
        (("--practice", "Z9OO01"), "--practice: no practice of the database has ODS code 'Z9OO01'"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(
    trail: Path, gpsim: Run, options: tuple[str, ...], complaint: str
) -> None:
    code, _, said = gpsim("show", "--database", str(trail), *options)
    assert code == 2
    assert complaint in said


def test_a_trail_of_many_parts_is_proved(tmp_path: Path, gpsim: Run) -> None:
    path = tmp_path / "long.db"
    make_chain(path, 0)
    with closing(Store(path)) as store, store.writing() as transaction:
        transaction.audit.record(an_event(number) for number in range(20_001))
    code, said, _ = gpsim("verify", "--database", str(path))
    assert code == 0
    assert "count 20001\n" in said

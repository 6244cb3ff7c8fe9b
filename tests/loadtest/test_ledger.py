import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from loadtest.ledger import (
    AppointmentSeen,
    LedgerError,
    LedgerHeader,
    LedgerWriter,
    Operation,
    read_ledger,
)

SEARCH = Operation(
    interaction="search_for_free_slots",
    client="7-1",
    trace="t1",
    practice="A81001",
    phase="load",
    start=100,
    end=250,
    outcome="ok",
    intended=90,
    status=200,
    bytes=5400,
    seen=("12", "13"),
    places=(("Schedule/1", "2026-11-24T09:00:00+00:00"), ("Schedule/1", "2026-11-24T09:10:00+00:00")),
    window=("2026-11-23", "2026-12-06"),
    duplicates=("Slot/12",),
)
BOOKING = Operation(
    interaction="book_appointment",
    client="7-1",
    trace="t2",
    practice="A81001",
    phase="load",
    start=300,
    end=400,
    outcome="ok",
    status=201,
    slots=("12", "13"),
    patient="77",
    appointment="901",
    version="1",
    appointments=(
        AppointmentSeen("901", "booked", "1", ("12", "13"), "77"),
        AppointmentSeen("902", "cancelled"),
    ),
)
REFUSAL = Operation(
    interaction="book_appointment",
    client="7-2",
    trace="t3",
    practice="A81001",
    phase="load",
    start=300,
    end=400,
    outcome="refused",
    status=409,
    code="DUPLICATE_REJECTED",
    slots=("12",),
)
LOST = Operation(
    "cancel_appointment", "7-1", "t4", "A81001", "load", 500, 900, "unknown", error="timeout", if_match="1"
)


def header(pid: int = 7, host: str = "bench one") -> LedgerHeader:
    return LedgerHeader("run-1", host, pid, "booking", monotonic_ns=10, wall_ns=20, seed=42)


def test_what_is_written_is_read_back_unchanged(tmp_path: Path) -> None:
    with LedgerWriter(tmp_path / "run", header()) as ledger:
        for operation in (SEARCH, BOOKING, REFUSAL, LOST):
            ledger.write(operation)
    read = read_ledger(tmp_path / "run")
    assert list(read) == [SEARCH, BOOKING, REFUSAL, LOST]
    assert list(read) == [SEARCH, BOOKING, REFUSAL, LOST]
    assert read.headers == (header(),)
    assert read.seed == 42
    assert read.torn == 0


def test_the_file_is_named_after_its_process_and_leaves_out_what_is_absent(tmp_path: Path) -> None:
    with LedgerWriter(tmp_path, header()) as ledger:
        ledger.write(LOST)
    assert ledger.path == tmp_path / "ledger-bench_one-7.jsonl"
    first, second = map(orjson.loads, ledger.path.read_bytes().splitlines())
    assert first["record"] == "header"
    assert first["format"] == 1
    assert second["record"] == "operation"
    assert "appointment" not in second
    assert "seen" not in second


def test_the_ledgers_of_all_processes_and_machines_are_read_as_one(tmp_path: Path) -> None:
    for directory, pid, operation in (("one", 1, SEARCH), ("one", 2, BOOKING), ("two", 1, LOST)):
        with LedgerWriter(tmp_path / directory, header(pid)) as ledger:
            ledger.write(operation)
    read = read_ledger(tmp_path / "one", tmp_path / "two")
    assert [operation.trace for operation in read] == ["t1", "t2", "t4"]
    assert len(read.headers) == 3


def test_queries_are_written_in_batches_and_commands_at_once(tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path, header())
    read = read_ledger(tmp_path)
    ledger.write(SEARCH)
    assert list(read) == []
    ledger.flush()
    assert list(read) == [SEARCH]
    ledger.write(SEARCH)
    ledger.write(BOOKING)
    assert list(read) == [SEARCH, SEARCH, BOOKING]
    for _ in range(200):
        ledger.write(SEARCH)
    assert 3 + 100 < len(list(read)) < 3 + 200
    ledger.close()
    ledger.close()
    assert len(list(read)) == 203


def test_an_acknowledged_booking_outlives_the_killed_process_that_wrote_it(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from loadtest.ledger import LedgerHeader, LedgerWriter, Operation
ledger = LedgerWriter(Path({str(tmp_path)!r}), LedgerHeader.of_this_process("run-1", "booking", 42))
ledger.write(Operation("book_appointment", "7-1", "t2", "A81001", "load", 300, 400, "ok", appointment="901"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [operation.appointment for operation in read_ledger(tmp_path)] == ["901"]


@pytest.mark.parametrize(
    "torn", [b'{"record":"operation","interac', b"{}", b"[]\n", b'{"record":"operation"}\n']
)
def test_an_unfinished_last_line_is_counted_and_left_out(tmp_path: Path, torn: bytes) -> None:
    with LedgerWriter(tmp_path, header()) as ledger:
        ledger.write(SEARCH)
    with ledger.path.open("ab") as file:
        file.write(torn)
    read = read_ledger(tmp_path)
    assert list(read) == [SEARCH]
    assert read.torn == 1
    assert list(read) == [SEARCH]
    assert read.torn == 1


def test_a_process_killed_before_its_header_was_whole_leaves_no_header(tmp_path: Path) -> None:
    (tmp_path / "ledger-bench-8.jsonl").write_bytes(b'{"record":"head')
    (tmp_path / "ledger-bench-9.jsonl").write_bytes(b"")
    read = read_ledger(tmp_path)
    assert read.headers == ()
    assert read.seed is None
    assert list(read) == []
    assert read.torn == 1


def test_a_damaged_line_inside_a_ledger_is_refused_with_its_place(tmp_path: Path) -> None:
    with LedgerWriter(tmp_path, header()) as ledger:
        ledger.write(SEARCH)
    with ledger.path.open("ab") as file:
        file.write(b'{"record":"opera\n{"record":"operation"}\n')
    with pytest.raises(LedgerError, match=r"ledger-bench_one-7\.jsonl, line 3"):
        list(read_ledger(tmp_path))


def test_a_directory_without_ledgers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=tmp_path.name):
        read_ledger(tmp_path)
    with pytest.raises(LedgerError):
        read_ledger()


@pytest.mark.parametrize("first", [b'{"record":"header","format":2}', b'{"record":"operation"}', b"[]"])
def test_another_format_is_refused(tmp_path: Path, first: bytes) -> None:
    (tmp_path / "ledger-bench-8.jsonl").write_bytes(first + b"\n")
    with pytest.raises(LedgerError, match="ledger format 1"):
        read_ledger(tmp_path)


def test_the_header_of_this_process_reads_both_clocks() -> None:
    mine = LedgerHeader.of_this_process("run-1", "booking", 42)
    assert mine.pid == os.getpid()
    assert mine.host
    assert mine.wall_ns > 1_700_000_000 * 10**9
    assert mine.monotonic_ns > 0


def test_only_a_duplicate_rejected_409_of_a_booking_with_slots_is_a_lost_race() -> None:
    assert REFUSAL.lost_race
    assert not BOOKING.lost_race
    assert not LOST.lost_race

import os
import signal
import subprocess
import sys
from dataclasses import replace
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
        AppointmentSeen("901", "booked", "1", ("12", "13"), "77", "0f1e2d3c4b5a"),
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


def header(pid: int = 7, host: str = "bench one", uncertainty: int = 0) -> LedgerHeader:
    return LedgerHeader(
        "run-1", host, pid, "booking", monotonic_ns=10, wall_ns=20, seed=42, clock_uncertainty_ns=uncertainty
    )


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


def test_times_of_another_machine_are_read_with_how_far_they_may_be_off(tmp_path: Path) -> None:
    for directory, uncertainty, operation in (("here", 0, SEARCH), ("there", 900, BOOKING)):
        with LedgerWriter(tmp_path / directory, header(uncertainty=uncertainty)) as ledger:
            ledger.write(operation)
    read = read_ledger(tmp_path / "here", tmp_path / "there")
    assert [(o.trace, o.start, o.uncertainty) for o in read] == [("t1", 100, 0), ("t2", 300, 900)]
    assert b"uncertainty" not in (tmp_path / "there" / ledger.path.name).read_bytes().splitlines()[1]


def test_of_an_uncertainty_that_was_measured_again_the_largest_counts_for_all_of_the_file(
    tmp_path: Path,
) -> None:
    with LedgerWriter(tmp_path, header(uncertainty=500)) as ledger:
        ledger.write(BOOKING)
        ledger.clock(700)
        ledger.write(LOST)
        ledger.clock(600)
    read = read_ledger(tmp_path)
    assert [operation.uncertainty for operation in read] == [700, 700]
    assert [each.clock_uncertainty_ns for each in read.headers] == [700]
    assert list(read) == [replace(BOOKING, uncertainty=700), replace(LOST, uncertainty=700)]


def test_a_clock_line_is_written_at_once_and_a_torn_one_says_nothing(tmp_path: Path) -> None:
    ledger = LedgerWriter(tmp_path, header())
    ledger.write(SEARCH)
    ledger.clock(700)
    assert [operation.uncertainty for operation in read_ledger(tmp_path)] == [700]
    with ledger.path.open("ab") as file:
        file.write(b'{"record":"clock","uncertainty_ns":9')
    read = read_ledger(tmp_path)
    assert [operation.uncertainty for operation in read] == [700]
    assert read.torn == 1
    ledger.close()


def test_two_processes_may_be_as_far_apart_as_the_worst_two_say_together(tmp_path: Path) -> None:
    for pid, uncertainty in ((1, 0), (2, 300), (3, 50), (4, 200)):
        LedgerWriter(tmp_path, header(pid, uncertainty=uncertainty)).close()
    assert read_ledger(tmp_path).clock_uncertainty_ns == 500


def test_a_header_without_clocks_and_phase_is_of_the_reference_machine(tmp_path: Path) -> None:
    with LedgerWriter(tmp_path, header()) as ledger:
        ledger.write(SEARCH)
    first, *others = ledger.path.read_bytes().splitlines(keepends=True)
    bare = {
        key: value
        for key, value in orjson.loads(first).items()
        if key not in ("phase", "begins_ns", "clock_offset_ns", "clock_uncertainty_ns")
    }
    ledger.path.write_bytes(orjson.dumps(bare) + b"\n" + b"".join(others))
    read = read_ledger(tmp_path)
    assert read.headers == (header(),)
    assert list(read) == [SEARCH]


def test_a_header_that_lacks_what_it_must_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger-bench-8.jsonl").write_bytes(b'{"record":"header","format":1,"run":"r"}\n')
    with pytest.raises(LedgerError, match=r"ledger-bench-8.*host"):
        read_ledger(tmp_path)


def test_the_header_of_a_process_elsewhere_tells_the_reference_clock() -> None:
    theirs = LedgerHeader.of_this_process(
        "run-1",
        "booking",
        42,
        phase="morning",
        begins_ns=77,
        clock_offset_ns=-(10**15),
        clock_uncertainty_ns=9,
    )
    mine = LedgerHeader.of_this_process("run-1", "booking", 42)
    assert 0 <= mine.monotonic_ns - (theirs.monotonic_ns + 10**15) < 60 * 10**9
    assert (theirs.phase, theirs.begins_ns, theirs.clock_uncertainty_ns) == ("morning", 77, 9)


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

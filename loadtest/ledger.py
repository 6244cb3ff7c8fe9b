"""The ledger: what each client did and saw, one JSON line per operation, one file per process.

The load driver writes it and the judge reads it; nothing else passes between them.
Times are CLOCK_MONOTONIC nanoseconds, comparable across the processes of one machine.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Self

import orjson

FORMAT = 1
FIRST_LOOK = "first look"
PLANNING = "planning"
READ_BACK = "read back"
NOT_LOAD = frozenset({FIRST_LOOK, PLANNING, READ_BACK})
DUPLICATE_REJECTED = "DUPLICATE_REJECTED"

Outcome = Literal["ok", "refused", "unknown"]

_REQUIRED = ("interaction", "client", "trace", "practice", "phase", "start", "end", "outcome")
_COMMANDS = frozenset({"book_appointment", "amend_appointment", "cancel_appointment", "register_patient"})
_BATCH = 64
_CLOCK_READINGS = 20


class LedgerError(Exception):
    """A directory that holds no ledger, or a ledger line that cannot be read; says which."""


@dataclass(frozen=True, slots=True)
class AppointmentSeen:
    """An Appointment as a response showed it: logical ids, `status` and `meta.versionId`."""

    id: str
    status: str
    version: str | None = None
    slots: tuple[str, ...] = ()
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One request and what became of it.

    `outcome` is "ok" (2xx), "refused" (a definite 4xx, or 501) or "unknown" (timeout, reset, other 5xx).
    `start`, `end` and `intended` are monotonic nanoseconds; `intended` only under open arrivals.
    `practice` is an ODS code; `slots`, `patient`, `appointment` and `seen` hold that practice's logical ids.
    `code` is the Spine code of a refusal, `bytes` the size of the response body. `places` are the Schedule
    and the start of each slot in `seen`, kept of the first look alone.
    """

    interaction: str
    client: str
    trace: str
    practice: str
    phase: str
    start: int
    end: int
    outcome: Outcome
    intended: int | None = None
    status: int | None = None
    code: str | None = None
    error: str | None = None
    bytes: int = 0
    slots: tuple[str, ...] = ()
    patient: str | None = None
    appointment: str | None = None
    version: str | None = None
    if_match: str | None = None
    seen: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    window: tuple[str, str] | None = None
    appointments: tuple[AppointmentSeen, ...] = ()
    duplicates: tuple[str, ...] = ()

    @property
    def lost_race(self) -> bool:
        """True for a booking refused as no longer free: 409 DUPLICATE_REJECTED on a slot, nothing else."""
        return (
            self.interaction == "book_appointment"
            and self.status == 409
            and self.code == DUPLICATE_REJECTED
            and bool(self.slots)
        )


@dataclass(frozen=True, slots=True)
class LedgerHeader:
    """The first line of a process's ledger: which run, which process, and both clocks at that moment."""

    run: str
    host: str
    pid: int
    scenario: str
    monotonic_ns: int
    wall_ns: int
    seed: int

    @classmethod
    def of_this_process(cls, run: str, scenario: str, seed: int) -> Self:
        """Return the header for the calling process, its clocks read now."""
        _, monotonic_ns, wall_ns = min(_read_clocks() for _ in range(_CLOCK_READINGS))
        return cls(run, socket.gethostname(), os.getpid(), scenario, monotonic_ns, wall_ns, seed)


def _read_clocks() -> tuple[int, int, int]:
    # The process may be put aside between two clocks: how long the reading took says how far to trust it.
    before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
    return after - before, (before + after) // 2, wall


class LedgerWriter:
    """Appends operations to `ledger-<host>-<pid>.jsonl` in a run's directory, which it makes if need be.

    Queries are written in batches. A command is written at once, with what came before it: if this process
    is killed, no booking whose answer it had is missing from the evidence. Safe to share between threads.
    Raises OSError where the directory or file cannot be written.
    """

    def __init__(self, directory: Path, header: LedgerHeader) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        host = re.sub(r"[^A-Za-z0-9.]+", "_", header.host)
        self.path = directory / f"ledger-{host}-{header.pid}.jsonl"
        self._lock = threading.Lock()
        self._lines: list[bytes] = []
        self._file = self.path.open("ab", buffering=0)
        self._lines.append(orjson.dumps({"record": "header", "format": FORMAT, **_present(header)}) + b"\n")
        self.flush()

    def write(self, operation: Operation) -> None:
        """Add one finished operation."""
        line = orjson.dumps({"record": "operation", **_present(operation)}) + b"\n"
        with self._lock:
            self._lines.append(line)
            if operation.interaction in _COMMANDS or len(self._lines) >= _BATCH:
                self._write_out()

    def flush(self) -> None:
        """Hand everything written so far to the operating system."""
        with self._lock:
            self._write_out()

    def close(self) -> None:
        """Flush and close; harmless the second time."""
        with self._lock:
            if not self._file.closed:
                self._write_out()
                self._file.close()

    def _write_out(self) -> None:
        if self._lines:
            remaining = memoryview(b"".join(self._lines))
            self._lines.clear()
            while remaining:
                remaining = remaining[self._file.write(remaining) or 0 :]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Ledger:
    """The recorded operations of one run or several, every process's file after the other.

    Iterate for the operations, in no particular order, as often as wanted. `headers` are read on opening;
    `torn` counts the unfinished last lines, which a killed process leaves, met by the latest iteration.
    """

    def __init__(self, directories: tuple[Path, ...]) -> None:
        self.paths = tuple(
            path for directory in directories for path in sorted(directory.glob("ledger-*.jsonl"))
        )
        if not self.paths:
            raise LedgerError(f"no ledger-*.jsonl in {', '.join(map(str, directories)) or 'no directory'}")
        self.torn = 0
        self.headers = tuple(header for path in self.paths if (header := _read_header(path)) is not None)

    @property
    def seed(self) -> int | None:
        """The seed of the run: that of the first header, or None where no header survived."""
        return self.headers[0].seed if self.headers else None

    def __iter__(self) -> Iterator[Operation]:
        self.torn = 0
        for path in self.paths:
            yield from self._operations(path)

    def _operations(self, path: Path) -> Iterator[Operation]:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    record = orjson.loads(line)
                    if record["record"] == "operation":
                        yield _read_operation(record)
                except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                    if lines.read(1):
                        raise LedgerError(
                            f"{path}, line {number} is not a ledger record: {error!r}"
                        ) from error
                    self.torn += 1
                    return


def read_ledger(*directories: Path) -> Ledger:
    """Open the ledgers of a run, one directory per machine.

    Raises LedgerError where there is none, where one is of another format, or, on iteration, where a line
    other than the last of its file is damaged.
    """
    return Ledger(directories)


def _present(record: Operation | LedgerHeader) -> dict[str, Any]:
    return {
        name: value
        for name in record.__slots__
        if (value := getattr(record, name)) is not None and value != ()
    }


def _read_header(path: Path) -> LedgerHeader | None:
    with path.open("rb") as lines:
        try:
            record = orjson.loads(lines.readline())
        except orjson.JSONDecodeError:
            return None
    if not isinstance(record, dict) or record.get("record") != "header" or record.get("format") != FORMAT:
        raise LedgerError(f"{path} does not begin with a header of ledger format {FORMAT}")
    return LedgerHeader(**{field.name: record[field.name] for field in fields(LedgerHeader)})


def _read_operation(record: dict[str, Any]) -> Operation:
    given = record.get
    window = given("window")
    # Names that recur on every line are kept once: a million operations must fit in memory.
    return Operation(
        interaction=sys.intern(record["interaction"]),
        client=sys.intern(record["client"]),
        trace=record["trace"],
        practice=sys.intern(record["practice"]),
        phase=sys.intern(record["phase"]),
        start=record["start"],
        end=record["end"],
        outcome=record["outcome"],
        intended=given("intended"),
        status=given("status"),
        code=given("code"),
        error=given("error"),
        bytes=given("bytes", 0),
        slots=tuple(map(sys.intern, given("slots") or ())),
        patient=given("patient"),
        appointment=given("appointment"),
        version=given("version"),
        if_match=given("if_match"),
        seen=tuple(given("seen") or ()),
        places=tuple((schedule, start) for schedule, start in given("places") or ()),
        window=(window[0], window[1]) if window else None,
        appointments=tuple(map(_read_appointment, given("appointments") or ())),
        duplicates=tuple(given("duplicates") or ()),
    )


def _read_appointment(record: dict[str, Any]) -> AppointmentSeen:
    return AppointmentSeen(
        id=record["id"],
        status=sys.intern(record["status"]),
        version=record.get("version"),
        slots=tuple(map(sys.intern, record.get("slots") or ())),
        patient=record.get("patient"),
    )

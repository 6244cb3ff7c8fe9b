"""The ledger: what each client did and saw, one JSON line per operation, one file per process.

The load driver writes it and the judge reads it; nothing else passes between them. Lines on arrivals are for
those who follow a run while it lasts, and the judge passes over them.
Times are nanoseconds of the run's reference clock, CLOCK_MONOTONIC of the machine that leads the run. A
process on another machine adds what its own clock lacks, and its file says how far that may be off.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Self

import orjson

from loadtest.operation import (
    DUPLICATE_REJECTED,
    FIRST_LOOK,
    NOT_LOAD,
    PLANNING,
    READ_BACK,
    AppointmentSeen,
    Operation,
    Outcome,
    operation_of,
    present,
)

__all__ = [
    "DUPLICATE_REJECTED",
    "FIRST_LOOK",
    "NOT_LOAD",
    "PLANNING",
    "READ_BACK",
    "AppointmentSeen",
    "Ledger",
    "LedgerError",
    "LedgerHeader",
    "LedgerWriter",
    "Operation",
    "Outcome",
    "read_ledger",
]

FORMAT = 1

_COMMANDS = frozenset({"book_appointment", "amend_appointment", "cancel_appointment", "register_patient"})
_BATCH = 64
_CLOCK_READINGS = 20
_OF_CLOCKS = (b'{"record":"header"', b'{"record":"clock"')


class LedgerError(Exception):
    """A directory that holds no ledger, or a ledger line that cannot be read; says which."""


@dataclass(frozen=True, slots=True)
class LedgerHeader:
    """The first line of a process's ledger: which run, which process, and both clocks at that moment.

    `monotonic_ns` is on the reference clock: `clock_offset_ns` has been added to this machine's own, and
    that is true to within `clock_uncertainty_ns`. `phase` is the plan's, which began at `begins_ns`; both
    are empty for `gpload` itself.
    """

    run: str
    host: str
    pid: int
    scenario: str
    monotonic_ns: int
    wall_ns: int
    seed: int
    phase: str = ""
    begins_ns: int = 0
    clock_offset_ns: int = 0
    clock_uncertainty_ns: int = 0

    @classmethod
    def of_this_process(
        cls,
        run: str,
        scenario: str,
        seed: int,
        *,
        phase: str = "",
        begins_ns: int = 0,
        clock_offset_ns: int = 0,
        clock_uncertainty_ns: int = 0,
    ) -> Self:
        """Return the header for the calling process, its clocks read now."""
        _, monotonic_ns, wall_ns = min(_read_clocks() for _ in range(_CLOCK_READINGS))
        return cls(
            run,
            socket.gethostname(),
            os.getpid(),
            scenario,
            monotonic_ns + clock_offset_ns,
            wall_ns,
            seed,
            phase,
            begins_ns,
            clock_offset_ns,
            clock_uncertainty_ns,
        )


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
        self._lines.append(orjson.dumps({"record": "header", "format": FORMAT, **present(header)}) + b"\n")
        self.flush()

    def write(self, operation: Operation) -> None:
        """Add one finished operation."""
        line = orjson.dumps({"record": "operation", **present(operation)}) + b"\n"
        with self._lock:
            self._lines.append(line)
            if operation.interaction in _COMMANDS or len(self._lines) >= _BATCH:
                self._write_out()

    def clock(self, uncertainty_ns: int) -> None:
        """Say how far this file's times may be off, measured again: the largest that was said counts."""
        with self._lock:
            self._lines.append(orjson.dumps({"record": "clock", "uncertainty_ns": uncertainty_ns}) + b"\n")
            self._write_out()

    def arrivals(self, begins_ns: int, at_ns: int, asked: float, begun: int, missed: int) -> None:
        """Say how the arrivals of a phase that began at `begins_ns` stand at `at_ns`.

        `asked` is this process's share of what the plan asks for just then, a second; `begun` and `missed`
        count since the phase began.
        """
        said = {"begins_ns": begins_ns, "at_ns": at_ns, "asked": asked, "begun": begun, "missed": missed}
        with self._lock:
            self._lines.append(orjson.dumps({"record": "arrivals", **said}) + b"\n")

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

    Iterate for the operations, in no particular order, as often as wanted. `headers` are read on opening,
    each with the largest uncertainty that its file tells of; `torn` counts the unfinished last lines, which a
    killed process leaves, met by the latest iteration.
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
    def clock_uncertainty_ns(self) -> int:
        """How far the clocks of any two processes may be apart, at most: what the worst two say together."""
        return sum(sorted(header.clock_uncertainty_ns for header in self.headers)[-2:])

    @property
    def seed(self) -> int | None:
        """The seed of the run: that of the first header, or None where no header survived."""
        return self.headers[0].seed if self.headers else None

    def __iter__(self) -> Iterator[Operation]:
        self.torn = 0
        for path in self.paths:
            yield from self._operations(path)

    def _operations(self, path: Path) -> Iterator[Operation]:
        uncertainty = _uncertainty(path)
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    record = orjson.loads(line)
                    if record["record"] == "operation":
                        yield operation_of(record, uncertainty)
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


def _read_header(path: Path) -> LedgerHeader | None:
    with path.open("rb") as lines:
        try:
            record = orjson.loads(lines.readline())
        except orjson.JSONDecodeError:
            return None
    if not isinstance(record, dict) or record.get("record") != "header" or record.get("format") != FORMAT:
        raise LedgerError(f"{path} does not begin with a header of ledger format {FORMAT}")
    given = {field.name: record[field.name] for field in fields(LedgerHeader) if field.name in record}
    try:
        header = LedgerHeader(**given)
    except TypeError as error:
        raise LedgerError(f"{path}: its header lacks a key: {error}") from error
    return replace(header, clock_uncertainty_ns=_uncertainty(path))


def _uncertainty(path: Path) -> int:
    """How far the file's times may be off: the largest of what its header and its clock lines say (ns)."""
    largest = 0
    with path.open("rb") as lines:
        for line in lines:
            if line.startswith(_OF_CLOCKS):
                with suppress(orjson.JSONDecodeError):
                    said = orjson.loads(line)
                    largest = max(largest, said.get("uncertainty_ns", said.get("clock_uncertainty_ns", 0)))
    return largest

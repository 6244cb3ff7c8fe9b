"""The machine a run was made on, and what it can tell of a process."""

import os
import platform
import sqlite3
from contextlib import suppress
from itertools import cycle
from pathlib import Path

from tests.bench.rates import CannotMeasure


def machine() -> str:
    """Return what this was measured on: processor, cores and versions."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model
        )
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {versions}"


def pin(pid: int, first: bool) -> None:
    """Keep a process on the first core, or on the last, where the system can do that and has two."""
    cores = _cores()
    if len(cores) > 1:
        _keep_on(pid, cores[0] if first else cores[-1])


def spread(pids: list[int]) -> None:
    """Keep each of several processes on a core of its own, in turn, where the system can do that."""
    for pid, core in zip(pids, cycle(_cores()), strict=False):
        _keep_on(pid, core)


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _keep_on(pid: int, core: int) -> None:
    with suppress(ProcessLookupError):
        os.sched_setaffinity(pid, {core})


def megabytes_resident(pid: int) -> float:
    """Return what a process holds in memory, pages of mapped files included, in MB of 1,000,000 bytes.

    Raises CannotMeasure where the system has no /proc.
    """
    return _status(pid, "VmRSS")


def megabytes_of_files(pid: int) -> float:
    """Return how much of that are pages of mapped files, which the system may take back at any time."""
    return _status(pid, "RssFile")


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started. Raises CannotMeasure where the system has no /proc."""
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    if not tasks.exists():
        raise CannotMeasure("the system has no /proc that names a process's children")
    return [int(child) for child in tasks.read_text().split()]


def sockets_of(pid: int) -> int:
    """Return how many sockets a process has open. Raises CannotMeasure where the system has no /proc."""
    directory = Path(f"/proc/{pid}/fd")
    if not directory.exists():
        raise CannotMeasure("the system has no /proc that lists a process's sockets")
    count = 0
    for each in directory.iterdir():
        with suppress(OSError):
            count += str(each.readlink()).startswith("socket:")
    return count


def _status(pid: int, key: str) -> float:
    file = Path(f"/proc/{pid}/status")
    if not file.exists():
        raise CannotMeasure("the system has no /proc that tells a process's memory")
    found = dict(line.split(":", 1) for line in file.read_text().splitlines() if ":" in line)
    return int(found[key].split()[0]) * 1024 / 1e6

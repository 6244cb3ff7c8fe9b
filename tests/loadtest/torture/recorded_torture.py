"""A short torture as it lies in a report directory: one kill and two stops, and blows to connections."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from loadtest.torture.events import FILE

SECOND = 1_000_000_000
MS = 1_000_000


def record_torture(directory: Path, began_ns: int = 0) -> None:
    """Write the events of a load of 30 s that began at `began_ns`; the relay is quiet for its last 3 s.

    Half a second between two phases lies before the last blow.
    """
    lines = [
        orjson.dumps({"record": "event", "at": began_ns + at, "kind": kind, "seed": 9, **facts})
        for at, kind, facts in _events()
    ]
    (directory / FILE).write_bytes(b"".join(line + b"\n" for line in lines))


def _events() -> Iterator[tuple[int, str, dict[str, Any]]]:
    yield -9 * SECOND, "begin", {"kills": 3, "command": "gpsim serve"}
    yield -8 * SECOND, "start", {"number": 1}
    yield -3 * SECOND, "ready", {"number": 1, "pid": 1, "took_ms": 5000.0}
    yield 0, "unleashed", {"seconds": 30.0}
    yield from _blow(4, 1, "kill", in_flight=4, gone_ms=10.0, start_ms=600.0)
    yield from _blow(11, 2, "stop", in_flight=4, gone_ms=400.0, start_ms=800.0)
    yield from _blow(15, 3, "stop", in_flight=0, gone_ms=10_000.0, start_ms=700.0, late=True, between=0.5)
    passed = {"connection": 1, "exchange": 1, "trace": None}
    for point in ("before the request", "in the answer", "in the answer"):
        yield 26 * SECOND, "drop", {"point": point, "reset": True, **passed}
    yield 26 * SECOND, "delay", {"point": "answer", "seconds": 16.0, "beyond": True, **passed}
    yield 26 * SECOND, "delay", {"point": "request", "seconds": 0.1, "beyond": False, **passed}
    yield 26 * SECOND, "cut", passed
    yield 27 * SECOND, "quiet", {}
    yield 27 * SECOND, "hushed", {"second": 27.0}
    yield 31 * SECOND, "quiet", {}
    yield 31 * SECOND, "relayed", {"exchanges": 1234, "refused": 56}


def _blow(
    second: int,
    number: int,
    sort: str,
    in_flight: int,
    gone_ms: float,
    start_ms: float,
    late: bool = False,
    between: float = 0.0,
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    at = second * SECOND
    gone = at + int(gone_ms) * MS
    ended = {"sort": sort, "took_ms": gone_ms, "exit_code": 0, "late": late, "left_behind": False}
    met = {"in_flight": in_flight, "commands": in_flight // 2}
    yield at, sort, {"number": number, "second": second - between, **met}
    yield gone, "ended", {"number": number, **ended}
    yield gone, "start", {"number": number + 1}
    ready = {"number": number + 1, "pid": number + 1, "took_ms": start_ms}
    yield gone + int(start_ms) * MS, "ready", ready

"""torture.jsonl: what was done to the server and to its connections, one JSON line an event.

Every line has `record` ("event"), `at` (monotonic ns of the machine where gpload runs, the clock of the
ledgers), `kind` and `seed`. By kind it also has:

- `begin`: `kills` (blows asked for), `command` of the server
- `start`: `number` of the start; `ready`: `number`, `pid`, `took_ms`
- `kill` (SIGKILL to all processes of the server) and `stop` (SIGTERM): `number`, `second` of the load,
  `in_flight` exchanges, `commands` among them
- `ended`: `number` and `sort` of the blow, `took_ms`, `exit_code`, `late` (a stop that had to be made a
  kill), `left_behind` (processes that outlived the one they belong to)
- `drop`: `point`, `reset`, `connection`, `exchange`, `trace`; `delay`: `point`, `seconds`, `beyond`,
  `connection`, `exchange`, `trace`
- `cut`: the server ended a connection with an exchange in flight: `connection`, `exchange`, `trace`
- `unleashed`: the load began, `seconds` of it, and from now on the relay drops and delays
- `hushed`: no more blows, and the relay only passes on, from this `second` of the load on
- `quiet`: from now on the relay only passes on; `drained`: nothing is in flight any more, or `in_flight`
- `failed`: `why` it could not go on
- `relayed`, once at the end: how many `exchanges` began, and connections were `refused` (server down)

Seconds of the load count from when its clients began, and stand still between phases.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

FILE = "torture.jsonl"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: monotonic ns, its kind, and what else is known of it by name."""

    at: int
    kind: str
    facts: dict[str, Any]


class EventLog:
    """Writes the events of one run as they happen. Safe to share between threads; close it at the end."""

    def __init__(self, directory: Path, seed: int) -> None:
        self._seed = seed
        # Reentrant: a signal may come while its thread notes something, and has something to note itself.
        self._lock = threading.RLock()
        self._file = (directory / FILE).open("ab", buffering=0)

    def note(self, kind: str, **facts: Any) -> int:
        """Write one event that happens now; returns its instant (monotonic ns)."""
        at = time.monotonic_ns()
        line = orjson.dumps({"record": "event", "at": at, "kind": kind, "seed": self._seed, **facts})
        with self._lock:
            if not self._file.closed:
                self._file.write(line + b"\n")
        return at

    def close(self) -> None:
        """Close the file; what is noted afterwards is let go."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_events(directory: Path) -> Iterator[Event]:
    """The events in a report directory, in the order written; none where nothing was tortured."""
    file = directory / FILE
    if not file.exists():
        return
    for line in file.read_bytes().splitlines():
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            # The last line of a process that was killed.
            return
        facts = {name: value for name, value in record.items() if name not in ("record", "at", "kind")}
        yield Event(record["at"], record["kind"], facts)

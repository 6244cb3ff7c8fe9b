"""What a run is doing at this moment, read from the ends of its ledgers while they are being written.

It shares the machine with the generator, so it reads little: no more often than it is asked, no more bytes at
a time than `MOST_BYTES`, and of a ledger that grows faster than that only the newest part. What was passed
over is estimated from what was read, and the figures say so. Verdicts rest on the whole ledgers instead.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from loadtest.figures.timings import NO_ANSWER, rank
from loadtest.ledger import DUPLICATE_REJECTED, NOT_LOAD

MOST_BYTES = 2 << 20
_WINDOW_NS = 5_000_000_000
_BATCHED_NS = 3_000_000_000
_TIMES_KEPT = 4000


@dataclass(frozen=True, slots=True)
class LiveArrivals:
    """Pieces of work a second in the latest seconds of an open phase: begun, and asked for meanwhile."""

    begun_per_second: float
    asked_per_second: float


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """The load so far. `per_second` and `p95_ms` are of the latest seconds, the counts of the whole load.

    `p95_ms` counts from the intended start where there is one, leaves out refusals and lost races, and is
    `NO_ANSWER` where it falls among requests without a definite answer, all as limits are judged; None where
    nothing was timed. `unknown` are those that the verdict calls errors. `estimated` says that a part of the
    ledgers was passed over. `arrivals` is None where none were told of just now; `missed` are the arrivals
    that no client was free for.
    """

    requests: int
    per_second: float
    p95_ms: float | None
    lost_races: int
    refused: int
    unknown: int
    estimated: bool
    arrivals: LiveArrivals | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class _Arrived:
    """How arrivals stood in one process, as it said in its ledger (`LedgerWriter.arrivals`)."""

    begins_ns: int
    at_ns: int
    asked: float
    begun: int
    missed: int


@dataclass(slots=True)
class _Tail:
    """One ledger: how far it was read, and the latest requests as (end ns, nanoseconds it took).

    None in place of these for what was turned down, `NO_ANSWER` for what had no definite answer.
    """

    path: Path
    offset: int = 0
    latest: deque[tuple[int, float | None]] = field(default_factory=lambda: deque(maxlen=_TIMES_KEPT))
    scale: float = 1.0
    arrived: deque[_Arrived] = field(default_factory=deque)

    def unread(self) -> int:
        try:
            return max(0, self.path.stat().st_size - self.offset)
        except OSError:
            return 0

    def lines(self, most_bytes: int) -> list[bytes]:
        """The complete lines that are new; the newest of them where there are more than `most_bytes`."""
        unread = self.unread()
        skipped = max(0, unread - most_bytes)
        with self.path.open("rb") as file:
            file.seek(self.offset + skipped)
            content = file.read(unread - skipped)
        whole = content.rfind(b"\n") + 1
        if not whole and skipped == 0:
            return []
        self.offset += skipped + whole
        lines = content[:whole].split(b"\n")[:-1]
        if skipped:
            lines = lines[1:]
            self.scale = (skipped + whole) / max(1, whole)
        return lines

    def rate(self, now: int) -> float:
        """Requests a second of the latest seconds. Its end lies back a little: lines come in batches."""
        while self.latest and self.latest[0][0] < now - _WINDOW_NS - _BATCHED_NS:
            self.latest.popleft()
        if len(self.latest) < 2:
            return 0.0
        oldest = min(end for end, _ in self.latest)
        newest = max(end for end, _ in self.latest)
        span = max(newest - oldest, now - _BATCHED_NS - oldest, 1)
        return (len(self.latest) - 1) * 1e9 / span * self.scale

    def add_arrivals(self, arrived: _Arrived) -> None:
        self.arrived.append(arrived)
        while self.arrived[0].at_ns < arrived.at_ns - _WINDOW_NS:
            self.arrived.popleft()


class LedgerTail:
    """Follows the ledgers of a run's directory on this machine, those that appear later too."""

    def __init__(self, directory: Path, most_bytes: int = MOST_BYTES) -> None:
        self._directory = directory
        self._most_bytes = most_bytes
        self._tails: dict[Path, _Tail] = {}
        self._counts = {"requests": 0.0, "lost_races": 0.0, "refused": 0.0, "unknown": 0.0}
        self._estimated = False

    def figures(self, now: int | None = None) -> LiveFigures:
        """Read what is new, and say how things stand. `now` is in monotonic nanoseconds, by default real."""
        for path in self._directory.glob("ledger-*.jsonl"):
            self._tails.setdefault(path, _Tail(path))
        growing = [tail for tail in self._tails.values() if tail.unread()]
        for tail in growing:
            tail.scale = 1.0
            self._take(tail, tail.lines(self._most_bytes // len(growing)))
        moment = time.monotonic_ns() if now is None else now
        rate = sum(tail.rate(moment) for tail in self._tails.values())
        counts = {name: round(count) for name, count in self._counts.items()}
        took = [each for tail in self._tails.values() for _, each in tail.latest if each is not None]
        told = [tail.arrived for tail in self._tails.values() if tail.arrived]
        return LiveFigures(
            per_second=rate,
            p95_ms=_p95_ms(took),
            estimated=self._estimated,
            arrivals=_arrivals(told, moment),
            missed=sum(arrived[-1].missed for arrived in told),
            **counts,
        )

    def _take(self, tail: _Tail, lines: Iterable[bytes]) -> None:
        self._estimated |= tail.scale > 1
        for line in lines:
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            kind = record.pop("record", None)
            if kind == "operation" and record["phase"] not in NOT_LOAD:
                self._count(tail, record)
            elif kind == "arrivals":
                tail.add_arrivals(_Arrived(**record))

    def _count(self, tail: _Tail, record: dict[str, Any]) -> None:
        self._counts["requests"] += tail.scale
        outcome, end = record["outcome"], record["end"]
        if outcome == "refused":
            lost = record.get("status") == 409 and record.get("code") == DUPLICATE_REJECTED
            booking = record["interaction"] == "book_appointment"
            self._counts["lost_races" if lost and booking else "refused"] += tail.scale
        elif outcome == "unknown":
            self._counts["unknown"] += tail.scale
        took: float | None = None
        if outcome != "refused":
            took = NO_ANSWER if outcome == "unknown" else end - record.get("intended", record["start"])
        tail.latest.append((end, took))


def _arrivals(told: Iterable[Sequence[_Arrived]], now: int) -> LiveArrivals | None:
    """The rates of all processes of the latest phase together; None where none told of it twice of late."""
    recent = [each for each in told if len(each) > 1 and each[-1].at_ns >= now - _WINDOW_NS - _BATCHED_NS]
    begins = max((each[-1].begins_ns for each in recent), default=0)
    spans = [(each[0], each[-1]) for each in recent if each[-1].begins_ns == begins]
    if not spans:
        return None
    return LiveArrivals(
        sum((last.begun - first.begun) * 1e9 / (last.at_ns - first.at_ns) for first, last in spans),
        sum((first.asked + last.asked) / 2 for first, last in spans),
    )


def _p95_ms(took: list[float]) -> float | None:
    if not took:
        return None
    took.sort()
    return took[rank(len(took), 95) - 1] / 1e6

"""What was done to a provider and how it bore it, from the evidence in a report directory alone.

Keys of `torture.json`: `format` 1, `seed`, `command`; `asked` and `made` blows, `kills` and `stops` among
them, `idle` (blows at which nothing was in flight), `late_stops`, `left_behind`, `slowest_stop_ms`;
`restarts` with `count`, `median_ms`, `worst_ms`; `exchanges`; `dropped` and `delayed` by point,
`beyond_patience` (delays that a client did not wait for); `cut` (connections that the server ended with an
exchange in flight), `refused` (while it was down); `unanswered` with `queries`, `commands`, `settled`,
`took_effect`, `had_none`; `failure` (null, or why it could not go on).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from loadtest.ledger import Operation
from loadtest.torture.events import Event
from loadtest.torture.unanswered import Unanswered, count_unanswered

FILE = "torture.json"


@dataclass(slots=True)
class Summary:
    """Figures of one tortured run; times in milliseconds."""

    asked: int = 0
    blows: Counter[str] = field(default_factory=Counter)
    idle: int = 0
    stops_ms: list[float] = field(default_factory=list)
    late_stops: int = 0
    left_behind: int = 0
    restarts_ms: list[float] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    delayed: Counter[str] = field(default_factory=Counter)
    beyond_patience: int = 0
    cut: int = 0
    exchanges: int = 0
    refused: int = 0
    unanswered: Unanswered = field(default_factory=Unanswered)
    failure: str | None = None
    seed: int | None = None
    command: str = ""

    @property
    def made(self) -> int:
        """Blows that were struck."""
        return self.blows.total()

    def add(self, event: Event) -> None:
        """Count one event."""
        facts = event.facts
        match event.kind:
            case "begin":
                self.asked, self.command, self.seed = facts["kills"], facts["command"], facts["seed"]
            case "kill" | "stop":
                self.blows[event.kind] += 1
                self.idle += not facts["in_flight"]
            case "ended":
                self._ended(facts)
            case "ready" if facts["number"] > 1:
                self.restarts_ms.append(facts["took_ms"])
            case "drop":
                self.dropped[facts["point"]] += 1
            case "delay":
                self.delayed[facts["point"]] += 1
                self.beyond_patience += facts["beyond"]
            case "cut":
                self.cut += 1
            case "relayed":
                self.exchanges, self.refused = facts["exchanges"], facts["refused"]
            case "failed":
                self.failure = facts["why"]

    def _ended(self, facts: dict[str, Any]) -> None:
        self.left_behind += facts["left_behind"]
        if facts["sort"] == "stop":
            self.stops_ms.append(facts["took_ms"])
            self.late_stops += facts["late"]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Label and text of each line for people."""
        yield "Torture", self._blows_said()
        if self.idle:
            yield "", f"{self.idle:,} of {self.made:,} struck while nothing was in flight: these prove less"
        if self.late_stops:
            yield "", f"{_counted(self.late_stops, 'stop')} took too long and became a kill"
        if self.left_behind:
            yield "", f"{_counted(self.left_behind, 'stop')} left processes behind, which were killed"
        yield "Relay", self._relay_said()
        yield "Unanswered", self._unanswered_said()

    def _blows_said(self) -> str:
        kills, stops = _counted(self.blows["kill"], "kill"), _counted(self.blows["stop"], "stop")
        said = f"{kills} (SIGKILL), {stops} (SIGTERM"
        said += f", at most {_seconds(max(self.stops_ms))})" if self.stops_ms else ")"
        if not self.restarts_ms:
            return said + "; never restarted"
        return (
            f"{said}; {_counted(len(self.restarts_ms), 'restart')}, answering after"
            f" {_seconds(median(self.restarts_ms))}"
            f" (median), {_seconds(max(self.restarts_ms))} (worst)"
        )

    def _relay_said(self) -> str:
        return (
            f"{self.exchanges:,} exchanges, {self.dropped.total():,} dropped{_listed(self.dropped)},"
            f" {self.delayed.total():,} delayed{_listed(self.delayed)}, {self.beyond_patience:,} of them"
            f" beyond the clients' patience; {self.cut:,} cut by the server's end, {self.refused:,}"
            " connections refused while it was down"
        )

    def _unanswered_said(self) -> str:
        counts = self.unanswered
        return (
            f"{counts.queries + counts.commands:,} requests had no definite answer, {counts.commands:,} of"
            f" them could change something: the read back settled {counts.settled:,}"
            f" ({counts.took_effect:,} took effect, {counts.had_none:,} did not)"
        )

    def to_json(self) -> dict[str, Any]:
        """As `torture.json` holds it; keys as this module lists them."""
        counts = self.unanswered
        return {
            "format": 1,
            "seed": self.seed,
            "command": self.command,
            "asked": self.asked,
            "made": self.made,
            "kills": self.blows["kill"],
            "stops": self.blows["stop"],
            "idle": self.idle,
            "late_stops": self.late_stops,
            "left_behind": self.left_behind,
            "slowest_stop_ms": max(self.stops_ms, default=None),
            "restarts": {
                "count": len(self.restarts_ms),
                "median_ms": median(self.restarts_ms) if self.restarts_ms else None,
                "worst_ms": max(self.restarts_ms, default=None),
            },
            "exchanges": self.exchanges,
            "dropped": dict(self.dropped),
            "delayed": dict(self.delayed),
            "beyond_patience": self.beyond_patience,
            "cut": self.cut,
            "refused": self.refused,
            "unanswered": {
                "queries": counts.queries,
                "commands": counts.commands,
                "settled": counts.settled,
                "took_effect": counts.took_effect,
                "had_none": counts.had_none,
            },
            "failure": self.failure,
        }


def summarise(events: Iterable[Event], operations: Iterable[Operation]) -> Summary:
    """The figures of one tortured run, from its events and its ledger."""
    summary = Summary()
    for event in events:
        summary.add(event)
    summary.unanswered = count_unanswered(operations)
    return summary


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f} s"


def _listed(counts: Counter[str]) -> str:
    if not counts:
        return ""
    return " (" + ", ".join(f"{count:,} {point}" for point, count in sorted(counts.items())) + ")"

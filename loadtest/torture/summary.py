"""What was done to a provider and how it bore it, from the evidence in report directories alone.

Keys of `torture.json`: `format` 1, `seed`, `command`; `asked` and `made` blows, `kills` and `stops` among
them, `idle` (blows at which nothing was in flight), `late_stops`, `left_behind`, `slowest_stop_ms`;
`restarts` with `count`, `median_ms`, `worst_ms`; `outages`, one for each blow (`number`, `sort`, `second` of
the load, `in_flight`, `commands` among them, `gone_ms`, `late`, `left_behind`, `start_ms` from the start
until it answered, `away_ms` from the blow until then); `load_seconds`, and `harmed_seconds` of them in which
the relay dropped and delayed (null where it was not noted), all three from when clients began, phases alone;
`exchanges`; `dropped` and `delayed` by point, `beyond_patience` (delays that a client did not wait for);
`cut` (connections that the server ended with an exchange in flight), `refused` (while it was down);
`unanswered` with `queries`, `commands`, `settled`, `took_effect`, `had_none`; `failure` (null, or why it
could not go on).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from loadtest.counting import count_of
from loadtest.ledger import Operation
from loadtest.torture.events import Event
from loadtest.torture.outage import Outage
from loadtest.torture.unanswered import Unanswered, count_unanswered

FILE = "torture.json"
_LATE_STOPS = "stops took too long and became kills"


@dataclass(slots=True)
class Summary:
    """Figures of one tortured run; times in milliseconds, instants in monotonic ns."""

    asked: int = 0
    outages: list[Outage] = field(default_factory=list)
    load_seconds: float | None = None
    harmed_seconds: float | None = None
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
        return len(self.outages)

    @property
    def idle(self) -> int:
        """Blows at which nothing was in flight."""
        return sum(not each.in_flight for each in self.outages)

    @property
    def late_stops(self) -> int:
        """Stops that took too long and became a kill."""
        return sum(each.late for each in self.outages)

    @property
    def left_behind(self) -> int:
        """Stops that left processes behind."""
        return sum(each.left_behind for each in self.outages)

    @property
    def stops_ms(self) -> list[float]:
        """How long each stop took."""
        return [each.gone_ms for each in self.outages if each.sort == "stop" and each.gone_ms is not None]

    @property
    def restarts_ms(self) -> list[float]:
        """How long each restart took until the server answered."""
        return [each.start_ms for each in self.outages if each.start_ms is not None]

    def struck(self, sort: str) -> int:
        """How many blows of a sort there were."""
        return sum(each.sort == sort for each in self.outages)

    def add(self, event: Event) -> None:
        """Count one event."""
        facts = event.facts
        match event.kind:
            case "begin":
                self.asked, self.command, self.seed = facts["kills"], facts["command"], facts["seed"]
            case "unleashed":
                self.load_seconds = facts["seconds"]
            case "hushed":
                self.harmed_seconds = facts["second"]
            case "kill" | "stop":
                met = facts["in_flight"], facts["commands"]
                self.outages.append(Outage(facts["number"], event.kind, event.at, *met, facts.get("second")))
            case "ended":
                outage = self.outages[-1]
                outage.gone_ms, outage.left_behind = facts["took_ms"], facts["left_behind"]
                outage.late = facts["late"]
            case "ready" if self.outages:
                self.outages[-1].start_ms, self.outages[-1].answered_at = facts["took_ms"], event.at
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

    def lines(self) -> Iterator[tuple[str, str]]:
        """Label and text of each line for people."""
        yield "Torture", self._blows_said()
        if self.idle:
            proves = "this proves" if self.idle == 1 else "these prove"
            yield "", f"{self.idle:,} of {self.made:,} struck while nothing was in flight: {proves} less"
        if self.late_stops:
            yield "", count_of(self.late_stops, "stop took too long and became a kill", _LATE_STOPS)
        if self.left_behind:
            yield "", f"{count_of(self.left_behind, 'stop')} left processes behind, which were killed"
        yield "Relay", self._relay_said()
        yield "Unanswered", self._unanswered_said()

    def _blows_said(self) -> str:
        kills, stops = count_of(self.struck("kill"), "kill"), count_of(self.struck("stop"), "stop")
        said = f"{kills} (SIGKILL), {stops} (SIGTERM"
        said += f", at most {_seconds(max(self.stops_ms))})" if self.stops_ms else ")"
        if not self.restarts_ms:
            return said + "; never restarted"
        return (
            f"{said}; {count_of(len(self.restarts_ms), 'restart')}, answering after"
            f" {_seconds(median(self.restarts_ms))}"
            f" (median), {_seconds(max(self.restarts_ms))} (worst)"
        )

    def _relay_said(self) -> str:
        said = (
            f"{count_of(self.exchanges, 'exchange')},"
            f" {self.dropped.total():,} dropped{_listed(self.dropped)},"
            f" {self.delayed.total():,} delayed{_listed(self.delayed)}, {self.beyond_patience:,} of them"
            f" beyond the clients' patience; {self.cut:,} cut by the server's end,"
            f" {count_of(self.refused, 'connection')} refused while it was down"
        )
        if self.load_seconds is None or self.harmed_seconds is None:
            return said
        return f"at work for {self.harmed_seconds:g} s of {self.load_seconds:g} s of load, then quiet: {said}"

    def _unanswered_said(self) -> str:
        counts = self.unanswered
        return (
            f"{count_of(counts.queries + counts.commands, 'request')} had no definite answer,"
            f" {counts.commands:,} of them could change something: the read back settled {counts.settled:,}"
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
            "kills": self.struck("kill"),
            "stops": self.struck("stop"),
            "idle": self.idle,
            "late_stops": self.late_stops,
            "left_behind": self.left_behind,
            "slowest_stop_ms": max(self.stops_ms, default=None),
            "restarts": {
                "count": len(self.restarts_ms),
                "median_ms": median(self.restarts_ms) if self.restarts_ms else None,
                "worst_ms": max(self.restarts_ms, default=None),
            },
            "outages": [each.to_json() for each in self.outages],
            "load_seconds": self.load_seconds,
            "harmed_seconds": self.harmed_seconds,
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


def summarise(events: Iterable[Event], operations: Iterable[Operation]) -> Summary | None:
    """The figures of one tortured run, from its events and its ledger; None where nothing was tortured."""
    summary = None
    for event in events:
        summary = summary or Summary()
        summary.add(event)
    if summary is not None:
        summary.unanswered = count_unanswered(operations)
    return summary


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f} s"


def _listed(counts: Counter[str]) -> str:
    if not counts:
        return ""
    return " (" + ", ".join(f"{count:,} {point}" for point, count in sorted(counts.items())) + ")"

"""A run with everything a report has to show: closed and open phases, a ramp, races, refusals, health."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson

from loadtest.arrivals import RateCurve
from loadtest.ledger import AppointmentSeen, LedgerHeader, LedgerWriter, Operation
from loadtest.plans.plan import Phase, Plan, to_json
from loadtest.report.verdict import Verdict, reach_verdicts

SECOND = 1_000_000_000
MS = 1_000_000
BEGAN = 5 * SECOND
MONDAY_NS = int(datetime(2030, 6, 3, 10, tzinfo=UTC).timestamp()) * SECOND
PHASES = (
    Phase("closed", {"booking": 1.0}, 8.0, users=5),
    Phase("ramp", {"national": 1.0}, 12.0, rate=RateCurve.ramp(5, 20, 12)),
    Phase("hot", {"hot_slot": 1.0}, 5.0, users=8),
)
PLAN = Plan("busy", "everything that a report has to show", PHASES, practices=("A",))


@dataclass(slots=True)
class _Day:
    """Makes the operations one by one; every slot is booked once and kept."""

    random: Random = field(default_factory=lambda: Random(7))
    slots: list[str] = field(default_factory=lambda: [str(number) for number in range(1000, 1300)])
    booked: list[AppointmentSeen] = field(default_factory=list)
    traces: int = 0

    def operation(self, interaction: str, phase: str, start: int, took: float, **more: Any) -> Operation:
        self.traces += 1
        given: dict[str, Any] = {
            "client": f"0.0.{self.traces % 8}",
            "trace": f"trace-{self.traces}",
            "outcome": "ok",
            "status": 200,
            "bytes": 1500,
        } | more
        return Operation(
            interaction=interaction,
            practice="A",
            phase=phase,
            start=start,
            end=start + int(took * MS),
            **given,
        )

    def search(self, phase: str, start: int, **more: Any) -> Operation:
        took = self.random.uniform(4, 30)
        shown = tuple(self.slots[:20])
        return self.operation(
            "search_for_free_slots", phase, start, took, seen=shown, bytes=len(shown) * 2700, **more
        )

    def booking(self, phase: str, start: int, took: float, **more: Any) -> Operation:
        slot, appointment = self.slots.pop(), str(9000 + len(self.booked))
        seen = AppointmentSeen(appointment, "booked", "1", (slot,), "77")
        self.booked.append(seen)
        made = {"status": 201, "slots": (slot,), "patient": "77", "appointment": appointment, "version": "1"}
        return self.operation("book_appointment", phase, start, took, appointments=(seen,), **made, **more)

    def lost(self, won: Operation, client: int) -> Operation:
        refused: dict[str, Any] = {"outcome": "refused", "status": 409, "code": "DUPLICATE_REJECTED"}
        later = won.start + client * MS // 4
        return replace(
            won, client=f"0.1.{client}", trace=f"{won.trace}-{client}", start=later,
            end=later + (20 + client) * MS, appointment=None, version=None, appointments=(), **refused,
        )  # fmt: skip


def operations() -> list[Operation]:
    """The whole run, in the order of time."""
    day = _Day()
    everything = tuple(day.slots)
    look = day.operation("search_for_free_slots", "first look", 0, 2, seen=everything)
    patients = day.operation("retrieve_patient_appointments", "first look", 3 * MS, 2, patient="77")
    load = [*_closed(day), *_ramp(day), *_hot(day)]
    end = 40 * SECOND
    back = day.operation(
        "retrieve_patient_appointments", "read back", end, 5, patient="77", appointments=tuple(day.booked)
    )
    free = day.operation("search_for_free_slots", "read back", end + 10 * MS, 5, seen=tuple(day.slots))
    return [look, patients, *load, back, free]


def _closed(day: _Day) -> Iterator[Operation]:
    for number in range(80):
        start = BEGAN + number * SECOND // 10
        yield day.search("closed", start)
        if number % 4 == 0:
            yield day.booking("closed", start + 40 * MS, day.random.uniform(8, 60))
        if number == 40:
            yield day.operation(
                "cancel_appointment", "closed", start, 6, outcome="refused", status=422,
                code="INVALID_RESOURCE", appointment="1", bytes=600,
            )  # fmt: skip


def _ramp(day: _Day) -> Iterator[Operation]:
    begins, at = BEGAN + 10 * SECOND, 0.0
    while at < 12:
        due = begins + int(at * SECOND)
        late = int(max(0.0, at - 9) * 100 * MS)
        yield day.search("ramp", due + late, intended=due)
        yield day.booking("ramp", due + late + 50 * MS, day.random.uniform(10, 90), intended=due + 50 * MS)
        at += 1 / (5 + 15 * at / 12)


def _hot(day: _Day) -> Iterator[Operation]:
    for number in range(10):
        won = day.booking("hot", BEGAN + 25 * SECOND + number * SECOND // 2, 15)
        yield won
        yield from (day.lost(won, client) for client in range(1, 8))


def recorded_busy_run(directory: Path, saturated: bool = False, **record: Any) -> Path:
    """The run as it lies in its directory."""
    with LedgerWriter(directory, LedgerHeader("busy-1", "here", 1, "busy", 0, MONDAY_NS, 7)) as ledger:
        for operation in operations():
            ledger.write(operation)
    parts = []
    for order, phase in enumerate(PHASES):
        begins = BEGAN + (0, 10, 25)[order] * SECOND
        pid = 20 + order
        header = LedgerHeader(
            "busy-1", "here", pid, "busy", 0, MONDAY_NS, 7, phase=phase.name, begins_ns=begins
        )
        LedgerWriter(directory, header).close()
        mark = _mark(phase, pid, begins, 0.97 if saturated and phase.rate else 0.4)
        (directory / f"generator-here-{pid}.json").write_bytes(orjson.dumps(mark))
        parts.append(
            {
                "scenario": phase.name, "users": phase.users, "rate": phase.rate and phase.rate.peak,
                "seconds": phase.seconds, "processes": 1, "began_ns": begins, "exit_code": 0, "log": "g.log",
            }
        )  # fmt: skip
    content = {
        "format": 1, "run": "busy-1", "scenario": "busy", "plan": to_json(PLAN), "seed": 7,
        "started": "2030-06-03T10:00:00+00:00", "ended": "2030-06-03T10:01:00+00:00", "interrupted": False,
        "cut_short": None, "read_back": "complete", "practices": ["A"], "parts": parts,
        "options": {"target": "http://127.0.0.1:8000", "proxy": None, "processes": 1},
        "provider": {"software": "a provider", "version": "1.2"},
        "data": {"practices": 1, "patients": 20, "free_slots": 300},
        "survey_ledger": "ledger-here-1.jsonl", "environment": {"locust": "2.47.0", "python": "3.11"},
    }  # fmt: skip
    (directory / "run.json").write_bytes(orjson.dumps(content | record))
    return directory


def _mark(phase: Phase, pid: int, begins: int, cpu: float) -> dict[str, Any]:
    due = 150 if phase.rate else 0
    samples = [
        {"at": float(second), "cpu_share": cpu, "lateness_ms": 3.0 + second}
        for second in range(1, int(phase.seconds))
    ]
    return {
        "worker": 0, "pid": pid, "phase": phase.name, "operations": 100, "exceptions": [], "rounds_made": 10,
        "rounds_missed": 0, "cpu_share": cpu, "worst_lateness_ms": 12.0, "arrivals_due": due,
        "arrivals_made": due, "arrivals_missed": 0, "begins_ns": begins, "samples": samples,
    }  # fmt: skip


def a_busy_verdict(directory: Path, saturated: bool = False, **record: Any) -> Verdict:
    """The verdict on it."""
    (verdict,) = reach_verdicts([recorded_busy_run(directory, saturated, **record)])
    return verdict

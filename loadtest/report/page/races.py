"""Contention: the slots most wanted, one race for a slot, and the witnesses of violations, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loadtest.integrity import CheckResult, Witness
from loadtest.ledger import Operation
from loadtest.report.charts.race_chart import Lane, draw_race
from loadtest.report.contention import Ending, Race
from loadtest.report.page.figures import Figure, Table, table
from loadtest.report.verdict import Verdict
from loadtest.report.verdict_rows import Tone, result_of, tone_of_check

WITNESSES_DRAWN = 3
DOUBTS_SHOWN = 10
_LANES_DRAWN = 20
_ENDINGS: Mapping[Ending, str] = {
    "won": "won the slot",
    "lost": "lost the race (409)",
    "refused": "refused by a rule",
    "unknown": "no definite answer",
}
_PROMISES: Mapping[int, str] = {
    1: "No slot is held by two live appointments at the same moment.",
    2: "Nobody is told that a slot is taken (409) while nobody holds it.",
    3: "No search shows a slot as free that was booked before the search began.",
    4: "A booking of several slots gets all of them or none.",
    5: "Versions of an appointment only rise, and each version is changed once.",
    6: "What is read back at the end is what the history of bookings and cancellations leads to.",
    7: "No resource is listed twice in one answer.",
    8: "What is read is what was answered when it was written.",
    9: "What the provider itself lists is what its clients were told.",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A witness: what happened, drawn, its requests, and the same as text to copy."""

    summary: str
    svg: str
    requests: Table
    timeline: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the judge with what it promises in plain words, its proofs and doubts."""

    result: CheckResult
    word: str
    tone: Tone
    promise: str
    proofs: tuple[Proof, ...]
    doubts: tuple[str, ...]


def checks(verdict: Verdict) -> tuple[Check, ...]:
    """Every check of the judge."""
    return tuple(
        Check(
            result=check,
            word=result_of(check),
            tone=tone_of_check(check),
            promise=_PROMISES.get(check.number, ""),
            proofs=tuple(
                _proof(f"witness-{check.number}-{number}", witness)
                for number, witness in enumerate(check.violations[:WITNESSES_DRAWN], 1)
            ),
            doubts=check.doubts[:DOUBTS_SHOWN],
        )
        for check in verdict.findings.checks
    )


def _proof(key: str, witness: Witness) -> Proof:
    operations = witness.operations
    origin = min((operation.start for operation in operations), default=0)
    lanes = tuple(
        Lane(
            name=f"{operation.interaction}, client {operation.client}",
            begin=(operation.start - origin) / 1e6,
            end=(operation.end - origin) / 1e6,
            outcome=_outcome(operation),
            answer=_answer(operation),
        )
        for operation in operations[:_LANES_DRAWN]
    )
    rows = [
        (
            operation.interaction,
            operation.client,
            operation.practice,
            " ".join(operation.slots),
            f"{(operation.start - origin) / 1e6:,.3f}",
            f"{(operation.end - origin) / 1e6:,.3f}",
            _answer(operation),
            operation.trace,
        )
        for operation in operations
    ]
    heads = ("request", "client", "practice", "slot", "began ms", "ended ms", "answer", "trace id")
    svg = draw_race(key, "Timeline of the proof", witness.summary, lanes)
    return Proof(
        witness.summary, svg, table("Requests of the proof", heads, rows, _LANES_DRAWN), witness.timeline
    )


def _outcome(operation: Operation) -> str:
    if operation.outcome == "ok":
        return "won"
    return "lost" if operation.lost_race else operation.outcome


def _answer(operation: Operation) -> str:
    answer = operation.answer
    return answer if operation.appointment is None else f"{answer}, appointment {operation.appointment}"


def contested_slots(verdict: Verdict) -> Table:
    """The slots that most clients wanted."""
    rows = [
        (
            slot.slot,
            slot.practice,
            *(f"{each:,}" for each in (slot.attempts, slot.most_at_once, slot.won, slot.lost, slot.refused)),
            f"{slot.unknown:,}",
        )
        for slot in verdict.contested_slots
    ]
    heads = ("slot", "practice", "attempts", "most at once", "won", "lost", "refused", "no answer")
    return table("Most contended slots; a slot can be won again after it was cancelled", heads, rows)


def race(verdict: Verdict) -> Iterator[Figure]:
    """One race for a slot, if there was any."""
    if verdict.race is not None:
        yield _race(verdict.race)


def _race(found: Race) -> Figure:
    origin = found.attempts[0].start
    lanes = tuple(
        Lane(
            name=f"client {attempt.client}",
            begin=(attempt.start - origin) / 1e6,
            end=(attempt.end - origin) / 1e6,
            outcome=attempt.ending,
            answer=_ENDINGS[attempt.ending],
        )
        for attempt in found.attempts
    )
    everyone = len(lanes) + found.left_out
    title = f"One race: slot {found.slot} of practice {found.practice}"
    winners = sum(lane.outcome == "won" for lane in lanes)
    description = f"{everyone} clients tried to book it at the same time; {winners} of those drawn won it."
    rows = [(lane.name, f"{lane.begin:,.3f}", f"{lane.end:,.3f}", lane.answer) for lane in lanes]
    data = table(title, ("client", "began ms", "ended ms", "what came of it"), rows)
    left_out = f" {found.left_out} more are not drawn." if found.left_out else ""
    return Figure(title, f"{description}{left_out}", draw_race("race", title, description, lanes), data)

"""What the judge found: per check a result, the witnesses of violations and the doubts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from loadtest.integrity.timeline import draw_timeline
from loadtest.integrity.widening import as_recorded
from loadtest.ledger import Operation

Result = Literal["passed", "violated", "unproven"]

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Witness:
    """The requests that prove a violation, in the order they began, drawn as text under 100 columns wide."""

    summary: str
    operations: tuple[Operation, ...]
    timeline: str
    seed: int | None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check over the whole history.

    `examined` counts what the check looked at (its own unit). `violations` and `doubts` hold the first of
    each, at most `SHOWN`, of violations the first of each subject before any second one; `violation_count`
    and `doubt_count` count them all. `notes` say what was met and is rightful as far as can be told: they
    decide nothing.
    """

    number: int
    name: str
    result: Result
    examined: int
    violations: tuple[Witness, ...]
    doubts: tuple[str, ...]
    violation_count: int
    doubt_count: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """The judge's findings over a run: one result per check, in the order of their numbers."""

    checks: tuple[CheckResult, ...]
    operations: int

    @property
    def violated(self) -> bool:
        """True where any check was proved to be violated."""
        return any(check.result == "violated" for check in self.checks)

    @property
    def unproven(self) -> bool:
        """True where any check could be neither proved nor refuted."""
        return any(check.result == "unproven" for check in self.checks)


class Inquiry:
    """Collects what one check finds; a violation outranks any doubt."""

    def __init__(self, number: int, name: str, seed: int | None) -> None:
        self.examined = 0
        self._number = number
        self._name = name
        self._seed = seed
        self._violations: list[Witness] = []
        self._again: list[Witness] = []
        self._subjects: set[Hashable] = set()
        self._doubts: list[str] = []
        self._violation_count = 0
        self._doubt_count = 0
        self._notes: list[str] = []

    @property
    def full(self) -> bool:
        """Whether further violations are only counted: their requests are looked at no more."""
        return len(self._violations) >= SHOWN

    def violated(self, summary: str, *operations: Operation, subject: Hashable = None) -> None:
        """Record a proved violation and the requests that prove it, if any client's do.

        Few of them are looked at: where a `subject` is given, such as a slot, those of different ones come
        first.
        """
        self._violation_count += 1
        again = subject in self._subjects
        kept = self._again if again else self._violations
        if subject is not None:
            self._subjects.add(subject)
        if len(kept) < SHOWN:
            recorded = map(as_recorded, operations)
            ordered = tuple(sorted(recorded, key=lambda operation: (operation.start, operation.end)))
            timeline = draw_timeline(ordered, self._seed)
            kept.append(Witness(summary, ordered, timeline, self._seed))

    def doubted(self, reason: str) -> None:
        """Record something that the history can neither prove nor refute."""
        self._doubt_count += 1
        if len(self._doubts) < SHOWN:
            self._doubts.append(reason)

    def noted(self, note: str) -> None:
        """Record something worth saying that speaks neither for nor against the provider."""
        self._notes.append(note)

    def result(self) -> CheckResult:
        """Return the check's result as it stands."""
        result: Result = (
            "violated" if self._violation_count else "unproven" if self._doubt_count else "passed"
        )
        return CheckResult(
            number=self._number,
            name=self._name,
            result=result,
            examined=self.examined,
            violations=tuple([*self._violations, *self._again][:SHOWN]),
            doubts=tuple(self._doubts),
            violation_count=self._violation_count,
            doubt_count=self._doubt_count,
            notes=tuple(self._notes),
        )

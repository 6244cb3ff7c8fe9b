"""Counts over a history beside those by interaction: by phase, by answer, and what is left."""

import re
from collections import Counter
from dataclasses import dataclass, field

from loadtest.ledger import NOT_LOAD, READ_BACK, Operation

OTHER_REASONS = "other reasons"
_KINDS_KEPT = 20
_PARTICULAR = re.compile(r"[^\s,;:()]*\d[^\s,;()]*")


@dataclass(slots=True)
class Tally:
    """Counts over a history. Everything but `free_slots_left` is of the load alone.

    `operations`, `booked` and `answered` (granted, or a lost race) count by phase. `answers` counts by
    interaction what was answered (`Operation.answer`), `endings` names how each such answer counts: `ok`,
    `lost race`, `refused`, `unknown`. `refusals` counts definite refusals by status and Spine code, lost
    races aside; `errors` the rest by status or connection error; `reasons` counts by interaction and answer
    what the provider gave as reasons (`kind_of_reason`); `free_slots_left` holds the slots that the read
    back showed free, by practice: of those whose slots were read back.
    """

    operations: Counter[str] = field(default_factory=Counter)
    booked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    endings: dict[tuple[str, str], str] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    reasons: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    searches: int = 0
    empty_searches: int = 0
    cancelled: int = 0
    free_slots_left: dict[str, set[str]] = field(default_factory=dict)

    def record(self, operation: Operation) -> None:
        """Add one operation."""
        phase = operation.phase
        if phase in NOT_LOAD:
            search = operation.interaction == "search_for_free_slots"
            if phase == READ_BACK and search and operation.outcome == "ok":
                self.free_slots_left.setdefault(operation.practice, set()).update(operation.seen)
            return
        self.operations[phase] += 1
        answer, lost = operation.answer, operation.lost_race
        self.answers.setdefault(operation.interaction, Counter())[answer] += 1
        self.endings[operation.interaction, answer] = "lost race" if lost else operation.outcome
        if operation.outcome == "ok" or lost:
            self.answered[phase] += 1
        else:
            counter = self.refusals if operation.outcome == "refused" else self.errors
            counter[answer] += 1
            self._note_reason(operation, answer)
        if operation.outcome == "ok":
            self._succeeded(operation)

    def _note_reason(self, operation: Operation, answer: str) -> None:
        if operation.reason is not None:
            kinds = self.reasons.setdefault((operation.interaction, answer), Counter())
            kind = kind_of_reason(operation.reason)
            kinds[kind if kind in kinds or len(kinds) < _KINDS_KEPT else OTHER_REASONS] += 1

    def _succeeded(self, operation: Operation) -> None:
        if operation.interaction == "search_for_free_slots":
            self.searches += 1
            self.empty_searches += not operation.seen
        self.booked[operation.phase] += operation.interaction == "book_appointment"
        self.cancelled += operation.interaction == "cancel_appointment"


def kind_of_reason(reason: str) -> str:
    """A reason without what differs from one request to the next: words with digits become an ellipsis."""
    return _PARTICULAR.sub("...", reason)

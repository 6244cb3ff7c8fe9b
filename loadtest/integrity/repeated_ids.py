"""Check 7: no id stands twice in one bundle.

Of searches the Slots are always compared, and every resource in those whose body was parsed.
"""

from __future__ import annotations

from loadtest.integrity.findings import CheckResult, Inquiry
from loadtest.integrity.history import History

NUMBER = 7
NAME = "no id twice in one bundle"
_NAMED = 5


def check_repeated_ids(history: History, seed: int | None) -> CheckResult:
    """Examine every bundle; a violation's witness is the request it answered."""
    inquiry = Inquiry(NUMBER, NAME, seed)
    inquiry.examined = history.bundles
    for operation in history.repeating:
        repeated = operation.duplicates
        more = f" and {len(repeated) - _NAMED} more" if len(repeated) > _NAMED else ""
        summary = (
            f"one bundle of practice {operation.practice} has {', '.join(repeated[:_NAMED])}{more} twice"
        )
        inquiry.violated(summary, operation)
    return inquiry.result()

from typing import Any

import pytest

from loadtest.ledger import Operation
from loadtest.report.tally import Tally, answer_of

SECOND = 1_000_000_000


def _operation(interaction: str, phase: str, start: float = 0, end: float = 1, **more: Any) -> Operation:
    fields: dict[str, Any] = {
        "interaction": interaction,
        "client": "1-0",
        "trace": "t",
        "practice": "A",
        "phase": phase,
        "start": int(start * SECOND),
        "end": int(end * SECOND),
        "outcome": "ok",
    }
    return Operation(**(fields | more))


def test_free_slots_left_are_those_the_read_back_showed_by_practice() -> None:
    tally = Tally()
    tally.record(_operation("search_for_free_slots", "first look", seen=("1", "2", "3")))
    tally.record(_operation("search_for_free_slots", "read back", seen=("1", "2")))
    tally.record(_operation("search_for_free_slots", "read back", seen=("2", "9"), practice="B"))

    assert tally.free_slots_left == {"A": {"1", "2"}, "B": {"2", "9"}}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"outcome": "refused", "status": 422, "code": "INVALID_RESOURCE"}, "422 INVALID_RESOURCE"),
        ({"outcome": "unknown", "status": 503}, "503"),
        ({"outcome": "unknown", "error": "timeout"}, "timeout"),
    ],
)
def test_refusals_and_errors_are_counted_apart_by_what_was_answered(
    answer: dict[str, Any], name: str
) -> None:
    operation = _operation("book_appointment", "booking", **answer)
    tally = Tally()
    tally.record(operation)

    assert answer_of(operation) == name
    counted, other = (tally.refusals, tally.errors) if "code" in answer else (tally.errors, tally.refusals)
    assert (counted, other) == ({name: 1}, {})

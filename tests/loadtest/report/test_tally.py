from typing import Any

import pytest

from loadtest.ledger import Operation
from loadtest.report.tally import OTHER_REASONS, Tally

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


def test_of_slots_that_could_not_be_read_back_nothing_is_said() -> None:
    tally = Tally()
    tally.record(_operation("search_for_free_slots", "read back", outcome="unknown", status=None, seen=()))

    assert tally.free_slots_left == {}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"outcome": "refused", "status": 422, "code": "INVALID_RESOURCE"}, "422 INVALID_RESOURCE"),
        ({"outcome": "refused", "status": 400, "code": "400"}, "400"),
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

    assert operation.answer == name
    counted, other = (tally.refusals, tally.errors) if "code" in answer else (tally.errors, tally.refusals)
    assert (counted, other) == ({name: 1}, {})


def test_reasons_are_counted_by_what_they_have_in_common() -> None:
    tally = Tally()
    refused: dict[str, Any] = {"outcome": "refused", "status": 422, "code": "INVALID_RESOURCE"}
    for reason in (
        "Slot/12 and Slot/13 are not adjacent: one ends 2026-11-23T10:00:00+00:00, the next later",
        "Slot/7 and Slot/99 are not adjacent: one ends 2026-12-01T08:10:00+00:00, the next later",
        "Appointment.description: is missing; expected exactly 1",
        None,
    ):
        tally.record(_operation("book_appointment", "booking", reason=reason, **refused))

    assert tally.reasons == {
        ("book_appointment", "422 INVALID_RESOURCE"): {
            "... and ... are not adjacent: one ends ..., the next later": 2,
            "Appointment.description: is missing; expected exactly ...": 1,
        }
    }


def test_a_provider_that_never_gives_the_same_reason_twice_fills_no_memory() -> None:
    tally = Tally()
    for number in range(100):
        reason = "because " + "again " * number
        tally.record(_operation("book_appointment", "booking", outcome="refused", status=422, reason=reason))

    (kinds,) = tally.reasons.values()
    assert len(kinds) == 21
    assert (kinds[OTHER_REASONS], kinds.total()) == (80, 100)

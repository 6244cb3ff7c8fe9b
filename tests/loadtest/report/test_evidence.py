from pathlib import Path
from typing import Any

import orjson
import pytest

from loadtest.ledger import LedgerError, LedgerHeader, LedgerWriter, Operation
from loadtest.report.evidence import Tally, answer_of, read_evidence

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


def _ledger(directory: Path, run: str, pid: int) -> None:
    LedgerWriter(directory, LedgerHeader(run, "here", pid, "booking", 0, 0, 1)).close()


def test_directories_of_one_run_are_judged_together_and_others_apart(tmp_path: Path) -> None:
    for name, run, pid in (("a", "r-1", 1), ("b", "r-2", 2), ("c", "r-1", 3)):
        _ledger(tmp_path / name, run, pid)

    found = list(read_evidence([tmp_path / name for name in "abc"]))

    assert [(each.run, [place.name for place in each.directories]) for each in found] == [
        ("r-1", ["a", "c"]),
        ("r-2", ["b"]),
    ]


def test_a_directory_without_a_ledger_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no ledger"):
        list(read_evidence([tmp_path]))


def test_processes_without_an_end_mark_are_those_of_the_generator(tmp_path: Path) -> None:
    for pid in (1, 2, 3):
        _ledger(tmp_path, "r", pid)
    (tmp_path / "run.json").write_bytes(orjson.dumps({"run": "r", "survey_ledger": "ledger-here-1.jsonl"}))
    (tmp_path / "generator-here-3.json").write_bytes(b"{}")

    (evidence,) = read_evidence([tmp_path])

    assert evidence.unmarked == ("ledger-here-2.jsonl",)


def test_rates_leave_out_the_gaps_between_scenarios_and_the_survey() -> None:
    tally = Tally()
    tally.record(_operation("search_for_free_slots", "first look", 0, 9))
    tally.record(_operation("search_for_free_slots", "slot_search", 10, 12))
    tally.record(_operation("search_for_free_slots", "booking", 20, 21))
    tally.record(_operation("book_appointment", "booking", 21, 24))

    assert tally.seconds() == 6.0
    assert tally.per_second(12) == 2.0
    assert tally.per_second(4, "book_appointment") == 1.0
    assert tally.per_second(1, "read_metadata") == 0.0
    assert tally.operations == {"slot_search": 1, "booking": 2}


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

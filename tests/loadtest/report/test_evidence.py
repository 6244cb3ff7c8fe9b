from pathlib import Path

import orjson
import pytest

from loadtest.ledger import LedgerError, LedgerHeader, LedgerWriter
from loadtest.report.evidence import read_evidence


def _ledger(directory: Path, run: str, pid: int, host: str = "here", wall_ns: int = 0) -> None:
    LedgerWriter(directory, LedgerHeader(run, host, pid, "booking", 0, wall_ns, 1)).close()


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


def test_a_run_of_two_machines_is_refused_because_their_clocks_cannot_be_compared(tmp_path: Path) -> None:
    _ledger(tmp_path / "a", "r-1", 1)
    _ledger(tmp_path / "b", "r-1", 2, host="there")

    with pytest.raises(LedgerError, match=r"run r-1 was recorded on here and there: their clocks cannot"):
        list(read_evidence([tmp_path / "a", tmp_path / "b"]))


def test_clocks_of_one_name_that_lie_apart_are_refused_too(tmp_path: Path) -> None:
    _ledger(tmp_path, "r-1", 1)
    _ledger(tmp_path, "r-1", 2, wall_ns=9_000_000)
    list(read_evidence([tmp_path]))
    _ledger(tmp_path, "r-1", 3, wall_ns=11_000_000)

    with pytest.raises(LedgerError, match="the clocks of its processes are 11 ms apart"):
        list(read_evidence([tmp_path]))

from pathlib import Path
from typing import Any

import orjson
import pytest

from loadtest.ledger import LedgerError, LedgerHeader, LedgerWriter
from loadtest.report.evidence import read_evidence


def _ledger(directory: Path, run: str, pid: int, host: str = "here", wall_ns: int = 0, **more: Any) -> None:
    LedgerWriter(directory, LedgerHeader(run, host, pid, "booking", 0, wall_ns, 1, **more)).close()


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


def test_two_machines_that_did_not_relate_their_clocks_are_refused(tmp_path: Path) -> None:
    _ledger(tmp_path / "a", "r-1", 1)
    _ledger(tmp_path / "b", "r-1", 2, host="there")

    with pytest.raises(LedgerError, match=r"run r-1 was recorded on here and there with clocks unrelated"):
        list(read_evidence([tmp_path / "a", tmp_path / "b"]))


def test_two_machines_whose_clocks_were_related_make_one_run(tmp_path: Path) -> None:
    _ledger(tmp_path / "a", "r-1", 1)
    _ledger(tmp_path / "b", "r-1", 2, "there", 10**15, clock_offset_ns=7, clock_uncertainty_ns=300)

    (evidence,) = read_evidence([tmp_path / "a", tmp_path / "b"])

    assert {header.host for header in evidence.ledger.headers} == {"here", "there"}


def test_processes_whose_machine_was_not_named_are_missed(tmp_path: Path) -> None:
    parts = [{"scenario": "rush", "processes": 3}, {"scenario": "lull", "processes": 1}]
    (tmp_path / "run.json").write_bytes(orjson.dumps({"run": "r", "parts": parts}))
    for pid, phase in ((1, ""), (2, "rush"), (3, "lull")):
        _ledger(tmp_path, "r", pid, phase=phase)

    (evidence,) = read_evidence([tmp_path])

    assert evidence.missing_processes == {"rush": 2}


def test_clients_whose_record_is_not_whole_are_writers_that_nobody_saw(tmp_path: Path) -> None:
    _ledger(tmp_path, "r", 1)
    record: dict[str, Any] = {"run": "r", "survey_ledger": "ledger-here-1.jsonl", "read_back": "complete"}

    def shared(**changed: Any) -> bool:
        (tmp_path / "run.json").write_bytes(orjson.dumps(record | changed))
        (evidence,) = read_evidence([tmp_path])
        return evidence.shared

    assert not shared()
    assert shared(options={"shared": True})
    assert shared(read_back="connection refused")
    assert shared(cut_short="timeout")
    assert shared(parts=[{"scenario": "rush", "processes": 1}])
    _ledger(tmp_path, "r", 2)
    assert shared(), "a process without an end mark"
    (tmp_path / "run.json").unlink()
    (alone,) = read_evidence([tmp_path])
    assert alone.shared, "one machine's directory of several"


def test_when_each_phase_began_is_in_the_ledgers_of_its_processes(tmp_path: Path) -> None:
    for pid, phase, begins in ((1, "", 0), (2, "rush", 40), (3, "rush", 40), (4, "lull", 90)):
        _ledger(tmp_path, "r", pid, phase=phase, begins_ns=begins)

    (evidence,) = read_evidence([tmp_path])

    assert evidence.begins == {"rush": 40, "lull": 90}


def test_clocks_of_one_name_that_lie_apart_are_refused_too(tmp_path: Path) -> None:
    _ledger(tmp_path, "r-1", 1)
    _ledger(tmp_path, "r-1", 2, wall_ns=9_000_000)
    list(read_evidence([tmp_path]))
    _ledger(tmp_path, "r-1", 3, wall_ns=11_000_000)

    with pytest.raises(LedgerError, match="the clocks of its processes are 11 ms apart"):
        list(read_evidence([tmp_path]))

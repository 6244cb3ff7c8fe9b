from pathlib import Path
from typing import Any

import orjson
import pytest

from loadtest.figures.timings import NO_ANSWER
from loadtest.ledger import LedgerHeader, LedgerWriter, Operation
from loadtest.report.live import LedgerTail, LiveArrivals

SECOND = 1_000_000_000
MS = 1_000_000


def operation(end: float, took_ms: float = 10, **more: Any) -> Operation:
    given: dict[str, Any] = {"interaction": "book_appointment", "phase": "booking", "outcome": "ok"} | more
    finish = int(end * SECOND)
    return Operation(
        client="1", trace="t", practice="A", start=finish - int(took_ms * MS), end=finish, **given
    )


def ledger(directory: Path, pid: int = 1) -> LedgerWriter:
    return LedgerWriter(directory, LedgerHeader("r", "here", pid, "booking", 0, 0, 1))


def test_what_was_written_since_the_last_look_is_added(tmp_path: Path) -> None:
    tail = LedgerTail(tmp_path)
    assert tail.figures(0).requests == 0, "not even a directory need be there"

    with ledger(tmp_path) as written:
        written.write(operation(1))
        assert tail.figures(SECOND).requests == 1
        written.write(operation(2))
        with ledger(tmp_path, pid=2) as other:
            other.write(operation(2))
        assert tail.figures(2 * SECOND).requests == 3
        assert tail.figures(2 * SECOND).requests == 3


def test_lost_races_refusals_and_unknown_outcomes_are_told_apart(tmp_path: Path) -> None:
    with ledger(tmp_path) as written:
        written.write(operation(1, outcome="refused", status=409, code="DUPLICATE_REJECTED"))
        written.write(operation(1, outcome="refused", status=422, code="INVALID_RESOURCE"))
        written.write(operation(1, outcome="unknown", error="timeout"))
        written.write(operation(1, outcome="ok", status=201))
    figures = LedgerTail(tmp_path).figures(SECOND)

    assert (figures.requests, figures.lost_races, figures.refused, figures.unknown) == (4, 1, 1, 1)


def test_the_survey_is_no_load(tmp_path: Path) -> None:
    with ledger(tmp_path) as written:
        for phase in ("first look", "planning", "read back"):
            written.write(operation(1, phase=phase))

    assert LedgerTail(tmp_path).figures(SECOND).requests == 0


def test_a_line_that_is_still_being_written_waits_for_the_next_look(tmp_path: Path) -> None:
    with ledger(tmp_path) as written:
        written.write(operation(1))
    line = orjson.dumps({"record": "operation", "phase": "booking", "outcome": "ok", "start": 0, "end": 1})
    tail = LedgerTail(tmp_path)
    with written.path.open("ab") as file:
        file.write(line[:20])
        file.flush()
        assert tail.figures(SECOND).requests == 1
        file.write(line[20:] + b"\n")
        file.flush()
        assert tail.figures(SECOND).requests == 2


def test_the_rate_is_that_of_the_latest_seconds_and_falls_when_the_provider_stalls(tmp_path: Path) -> None:
    with ledger(tmp_path) as written:
        for number in range(1, 101):
            written.write(operation(number / 10))
    tail = LedgerTail(tmp_path)

    assert tail.figures(10 * SECOND).per_second == pytest.approx(10, rel=0.05)
    assert tail.figures(14 * SECOND).per_second < 9
    assert tail.figures(30 * SECOND).per_second == 0


def test_p95_counts_from_the_intended_start_and_without_what_was_turned_down(tmp_path: Path) -> None:
    with ledger(tmp_path) as written:
        for _ in range(95):
            written.write(operation(5, took_ms=20))
        for _ in range(5):
            written.write(operation(5, took_ms=20, intended=int(4.5 * SECOND)))
        for _ in range(50):
            written.write(operation(5, took_ms=9000, outcome="refused", status=422))
    tail = LedgerTail(tmp_path)
    assert tail.figures(5 * SECOND).p95_ms == pytest.approx(20)

    with ledger(tmp_path, pid=2) as written:
        written.write(operation(5, took_ms=20, intended=int(4.5 * SECOND)))
    assert tail.figures(5 * SECOND).p95_ms == pytest.approx(500)


def test_connections_that_are_refused_at_once_never_make_p95_look_better(tmp_path: Path) -> None:
    with ledger(tmp_path) as written:
        for _ in range(95):
            written.write(operation(5, took_ms=20))
        for _ in range(5):
            written.write(operation(5, took_ms=0.2, outcome="unknown", error="connection refused"))
    tail = LedgerTail(tmp_path)
    assert tail.figures(5 * SECOND).p95_ms == pytest.approx(20)

    with ledger(tmp_path, pid=2) as written:
        written.write(operation(5, took_ms=0.2, outcome="unknown", error="connection refused"))
    assert tail.figures(5 * SECOND).p95_ms == NO_ANSWER


def test_arrivals_are_those_of_all_processes_in_the_latest_seconds(tmp_path: Path) -> None:
    for pid in (1, 2):
        with ledger(tmp_path, pid) as written:
            for second in range(11):
                written.arrivals(SECOND, second * SECOND, 5 + second, begun=4 * second, missed=second // 5)
    figures = LedgerTail(tmp_path).figures(10 * SECOND)

    assert figures.arrivals == LiveArrivals(begun_per_second=8, asked_per_second=2 * (10 + 15) / 2)
    assert figures.missed == 4


def test_arrivals_of_the_phase_before_do_not_count_as_begun_but_stay_missed(tmp_path: Path) -> None:
    for pid, begins, missed in ((1, 1, 7), (2, 2, 1)):
        with ledger(tmp_path, pid) as written:
            for second in (1, 2):
                written.arrivals(begins * SECOND, second * SECOND, 3, begun=3 * second, missed=missed)
    tail = LedgerTail(tmp_path)

    assert tail.figures(2 * SECOND).arrivals == LiveArrivals(3, 3)
    assert tail.figures(2 * SECOND).missed == 8
    assert tail.figures(30 * SECOND).arrivals is None, "nobody told of any of late"


def test_a_ledger_that_grows_too_fast_is_estimated_from_its_newest_part(tmp_path: Path) -> None:
    with ledger(tmp_path) as written:
        for number in range(1000):
            written.write(operation(number / 1000))
    size = written.path.stat().st_size
    figures = LedgerTail(tmp_path, most_bytes=size // 10).figures(SECOND)

    assert figures.estimated
    assert figures.requests == pytest.approx(1000, rel=0.05)
    assert not LedgerTail(tmp_path).figures(SECOND).estimated


def test_little_is_read_at_a_time_even_of_many_ledgers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid in range(4):
        with ledger(tmp_path, pid) as written:
            for number in range(200):
                written.write(operation(number / 200))
    parsed: list[bytes] = []
    loads = orjson.loads

    def counting(line: bytes) -> Any:
        parsed.append(line)
        return loads(line)

    monkeypatch.setattr("loadtest.report.live.orjson.loads", counting)
    LedgerTail(tmp_path, most_bytes=20_000).figures(SECOND)

    assert 0 < sum(map(len, parsed)) <= 20_000

from pathlib import Path
from typing import Any

from loadtest.torture.events import Event, EventLog, read_events
from loadtest.torture.summary import Summary, summarise


def recorded(directory: Path) -> Summary:
    ended: dict[str, Any] = {"exit_code": 0, "left_behind": False, "late": False}
    with EventLog(directory, 9) as log:
        log.note("begin", kills=3, command="gpsim serve")
        log.note("ready", number=1, pid=1, took_ms=5000.0)
        log.note("kill", number=1, in_flight=4, commands=2)
        log.note("ended", number=1, sort="kill", took_ms=10.0, **ended)
        log.note("ready", number=2, pid=2, took_ms=600.0)
        log.note("stop", number=2, in_flight=4, commands=2)
        log.note("ended", number=2, sort="stop", took_ms=400.0, **ended)
        log.note("ready", number=3, pid=3, took_ms=800.0)
        log.note("stop", number=3, in_flight=0, commands=0)
        log.note("ended", number=3, sort="stop", took_ms=10_000.0, **ended | {"late": True})
        log.note("ready", number=4, pid=4, took_ms=700.0)
        for point in ("before the request", "in the answer", "in the answer"):
            log.note("drop", point=point, reset=True, connection=1, exchange=1, trace=None)
        log.note("delay", point="answer", seconds=16.0, beyond=True, connection=1, exchange=1, trace=None)
        log.note("delay", point="request", seconds=0.1, beyond=False, connection=1, exchange=2, trace=None)
        log.note("cut", connection=1, exchange=1, trace=None)
        log.note("relayed", exchanges=1234, refused=56)
    return summarise(read_events(directory), [])


def test_the_figures_come_from_the_events(tmp_path: Path) -> None:
    figures = recorded(tmp_path).to_json()

    assert (figures["asked"], figures["made"], figures["kills"], figures["stops"]) == (3, 3, 1, 2)
    assert figures["idle"] == 1
    assert (figures["late_stops"], figures["slowest_stop_ms"]) == (1, 10_000.0)
    assert figures["restarts"] == {"count": 3, "median_ms": 700.0, "worst_ms": 800.0}, "the first is a start"
    assert figures["dropped"] == {"before the request": 1, "in the answer": 2}
    assert figures["delayed"] == {"answer": 1, "request": 1}
    assert (figures["beyond_patience"], figures["cut"]) == (1, 1)
    assert (figures["exchanges"], figures["refused"], figures["seed"]) == (1234, 56, 9)
    assert figures["failure"] is None


def test_the_figures_are_said_to_people(tmp_path: Path) -> None:
    said = "\n".join(text for _, text in recorded(tmp_path).lines())

    assert "1 kill (SIGKILL), 2 stops (SIGTERM, at most 10.00 s); 3 restarts" in said
    assert "answering after 0.70 s (median), 0.80 s (worst)" in said
    assert "1 of 3 struck while nothing was in flight: these prove less" in said
    assert "1 stop took too long and became a kill" in said
    assert "1,234 exchanges, 3 dropped (1 before the request, 2 in the answer)" in said
    assert "2 delayed (1 answer, 1 request), 1 of them beyond the clients' patience" in said


def test_a_server_that_was_never_struck_is_said_so() -> None:
    summary = summarise([Event(1, "failed", {"why": "it ended by itself"})], [])

    assert summary.failure == "it ended by itself"
    assert "never restarted" in next(iter(summary.lines()))[1]

from pathlib import Path

from loadtest.torture.events import Event, read_events
from loadtest.torture.summary import Summary, summarise
from tests.loadtest.torture.recorded_torture import SECOND, record_torture


def recorded(directory: Path) -> Summary:
    record_torture(directory)
    summary = summarise(read_events(directory), [])
    assert summary is not None
    return summary


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
    assert "1 of 3 struck while nothing was in flight: this proves less" in said
    assert "1 stop took too long and became a kill" in said
    assert "at work for 27 s of 30 s of load, then quiet: 1,234 exchanges, " in said
    assert "3 dropped (1 before the request, 2 in the answer)" in said
    assert "2 delayed (1 answer, 1 request), 1 of them beyond the clients' patience" in said


def test_a_server_that_was_never_struck_is_said_so() -> None:
    summary = summarise([Event(1, "failed", {"why": "it ended by itself"})], [])

    assert summary is not None
    assert summary.failure == "it ended by itself"
    assert "never restarted" in next(iter(summary.lines()))[1]


def test_a_run_in_which_nothing_was_tortured_has_no_figures_of_it(tmp_path: Path) -> None:
    assert summarise(read_events(tmp_path), []) is None


def test_each_blow_has_its_second_of_the_load_and_how_long_the_server_was_away(tmp_path: Path) -> None:
    outages = recorded(tmp_path).to_json()["outages"]

    assert [(each["number"], each["sort"], each["second"], each["away_ms"]) for each in outages] == [
        (1, "kill", 4.0, 610.0),
        (2, "stop", 11.0, 1_200.0),
        (3, "stop", 14.5, 10_700.0),
    ]


def test_a_server_that_did_not_come_back_was_away_for_nobody_knows_how_long() -> None:
    struck = Event(5 * SECOND, "kill", {"number": 1, "second": 4.1, "in_flight": 2, "commands": 1})
    summary = summarise([struck], [])

    assert summary is not None
    assert [(each.away_ms, each.gone_ms) for each in summary.outages] == [(None, None)]
    assert summary.to_json()["outages"][0]["second"] == 4.1, "of the load, wherever the instant lies"


def test_one_of_each_is_said_in_the_singular() -> None:
    summary = summarise([Event(1, "relayed", {"exchanges": 1, "refused": 1})], [])
    assert summary is not None
    said = "\n".join(text for _, text in summary.lines())

    assert "1 exchange, " in said
    assert "1 connection refused while it was down" in said

"""The relay between real sockets: each kind of drop and delay as both ends observe it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loadtest.torture.events import EventLog, read_events
from loadtest.torture.fates import Delay, DelayPoint, Drop, DropPoint, Fate, Fates, Fortune
from loadtest.torture.relay import Relay
from tests.loadtest.torture.line_server import ANSWER, PATIENCE_SECONDS, LineClient, LineServer, line_server

REQUEST = b"POST /Appointment HTTP/1.1\r\nSsp-TraceID: 09a01679\r\n\r\n"
QUERY = b"GET /Slot HTTP/1.1\r\n\r\n"
LONG = 60.0


@dataclass(frozen=True, slots=True)
class Declared:
    """The fates of the first exchange of each connection; every other exchange passes."""

    fates: tuple[Fate, ...]

    def of(self, connection: int, exchange: int) -> Fate:
        declared = exchange == 1 and connection <= len(self.fates)
        return self.fates[connection - 1] if declared else None


@contextmanager
def relayed(directory: Path, fortune: Fortune) -> Iterator[tuple[Relay, LineServer]]:
    """Yield a relay that is unleashed, and the server behind it."""
    with (
        EventLog(directory, 7) as log,
        line_server() as server,
        Relay("127.0.0.1", server.port, fortune, log) as relay,
    ):
        relay.unleash()
        yield relay, server


def events(directory: Path, kind: str) -> list[dict[str, Any]]:
    return [event.facts for event in read_events(directory) if event.kind == kind]


def wait_for(what: str, relay: Relay, count: int) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while getattr(relay, what) != count and time.monotonic() < give_up:
        time.sleep(0.005)
    assert getattr(relay, what) == count


def test_what_meets_no_fate_passes_unharmed_any_number_of_times_on_a_connection(tmp_path: Path) -> None:
    with relayed(tmp_path, Declared(())) as (relay, server):
        client = LineClient(relay.port)
        answers = [client.asks(b"%d" % number) for number in range(3)]
        heard = [server.hears() for _ in range(3)]
        client.close()
        assert server.hears() == "closed", "a client that hangs up is hung up on at the server"
        counts = relay.counts

    assert answers == [(ANSWER, "whole")] * 3
    assert heard == [b"0", b"1", b"2"]
    assert counts["exchanges"] == 3
    assert [event.kind for event in read_events(tmp_path)] == []


@pytest.mark.parametrize(("reset", "ending"), [(True, "reset"), (False, "closed")])
def test_a_request_that_is_dropped_never_reaches_the_server(tmp_path: Path, reset: bool, ending: str) -> None:
    fate = Drop(DropPoint.BEFORE_REQUEST, reset)
    with relayed(tmp_path, Declared((fate,))) as (relay, server):
        client = LineClient(relay.port)
        answer = client.asks(REQUEST)
        client.close()
        assert server.hears() == ending

    assert answer == (b"", ending)
    assert events(tmp_path, "drop") == [
        {
            "seed": 7,
            "connection": 1,
            "exchange": 1,
            "trace": "09a01679",
            "point": "before the request",
            "reset": reset,
        }
    ]


@pytest.mark.parametrize(("reset", "ending"), [(True, "reset"), (False, "closed")])
def test_after_the_request_both_sides_are_hung_up_on_while_the_server_works(
    tmp_path: Path, reset: bool, ending: str
) -> None:
    fate = Drop(DropPoint.AFTER_REQUEST, reset)
    with relayed(tmp_path, Declared((fate,))) as (relay, server):
        server.silent = True
        client = LineClient(relay.port)
        answer = client.asks(REQUEST)
        client.close()
        heard = server.hears(), server.hears()
        wait_for("in_flight", relay, 0)

    assert answer == (b"", ending)
    assert heard == (REQUEST, ending)
    assert [drop["point"] for drop in events(tmp_path, "drop")] == ["after the request"]


@pytest.mark.parametrize("reset", [True, False])
def test_an_answer_that_is_dropped_was_given_by_the_server_and_never_reaches_the_client(
    tmp_path: Path, reset: bool
) -> None:
    fate = Drop(DropPoint.BEFORE_ANSWER, reset)
    with relayed(tmp_path, Declared((fate,))) as (relay, server):
        client = LineClient(relay.port)
        answer = client.asks(REQUEST)
        client.close()
        assert server.hears() == REQUEST

    assert answer == (b"", "reset" if reset else "closed")
    assert [drop["point"] for drop in events(tmp_path, "drop")] == ["before the answer"]


@pytest.mark.parametrize("reset", [True, False])
def test_an_answer_is_cut_in_its_middle(tmp_path: Path, reset: bool) -> None:
    fate = Drop(DropPoint.IN_ANSWER, reset, passed=0.25)
    with relayed(tmp_path, Declared((fate,))) as (relay, server):
        client = LineClient(relay.port)
        part, ending = client.asks(REQUEST)
        client.close()
        assert server.hears() == REQUEST

    assert ending == ("reset" if reset else "closed")
    assert part == ANSWER[: len(part)] and 0 < len(part) < len(ANSWER)
    assert [drop["point"] for drop in events(tmp_path, "drop")] == ["in the answer"]


def test_a_delayed_request_reaches_the_server_later_and_whole(tmp_path: Path) -> None:
    fate = Delay(DelayPoint.REQUEST, 0.2, beyond=False)
    with relayed(tmp_path, Declared((fate,))) as (relay, server):
        client = LineClient(relay.port)
        begin = time.monotonic()
        client.says(REQUEST)
        heard = server.hears()
        took = time.monotonic() - begin
        answer = client.hears()
        client.close()

    assert took >= 0.2, "it cannot come sooner than it is let go"
    assert (heard, answer) == (REQUEST, (ANSWER, "whole"))
    assert [(delay["point"], delay["seconds"]) for delay in events(tmp_path, "delay")] == [("request", 0.2)]


def test_a_delayed_answer_reaches_the_client_later_and_whole(tmp_path: Path) -> None:
    fate = Delay(DelayPoint.ANSWER, 0.2, beyond=False)
    with relayed(tmp_path, Declared((fate,))) as (relay, server):
        client = LineClient(relay.port)
        begin = time.monotonic()
        client.says(REQUEST)
        assert server.hears() == REQUEST
        answer = client.hears()
        took = time.monotonic() - begin
        client.close()

    assert took >= 0.2
    assert answer == (ANSWER, "whole")
    assert [delay["point"] for delay in events(tmp_path, "delay")] == ["answer"]


def test_a_request_whose_client_gave_up_still_reaches_the_server_when_it_is_let_go(tmp_path: Path) -> None:
    fate = Delay(DelayPoint.REQUEST, LONG, beyond=True)
    with relayed(tmp_path, Declared((fate,))) as (relay, server):
        client = LineClient(relay.port)
        client.says(REQUEST)
        wait_for("held", relay, 1)
        client.close()
        relay.quiet()
        assert server.hears() == REQUEST
        assert relay.drain(PATIENCE_SECONDS)

    assert [delay["beyond"] for delay in events(tmp_path, "delay")] == [True]
    assert events(tmp_path, "cut") == [], "it was the client that hung up, not the server"


def test_a_quiet_relay_lets_go_what_it_holds_and_harms_nothing_more(tmp_path: Path) -> None:
    held = Delay(DelayPoint.ANSWER, LONG, beyond=True)
    with relayed(tmp_path, Declared((held, Drop(DropPoint.BEFORE_REQUEST, True)))) as (relay, server):
        first = LineClient(relay.port)
        first.says(REQUEST)
        wait_for("held", relay, 1)
        assert not relay.drain(0.05)
        relay.quiet()
        answers = [first.hears()]
        second = LineClient(relay.port)
        answers.append(second.asks(REQUEST))
        assert relay.drain(PATIENCE_SECONDS)
        assert server.hears() == server.hears() == REQUEST
        first.close()
        second.close()

    assert answers == [(ANSWER, "whole")] * 2
    assert events(tmp_path, "drop") == []
    assert [event.kind for event in read_events(tmp_path)] == ["delay", "drained", "quiet", "drained"]


def test_before_it_is_unleashed_nothing_is_harmed(tmp_path: Path) -> None:
    with EventLog(tmp_path, 1) as log, line_server() as server:
        fortune = Declared((Drop(DropPoint.BEFORE_REQUEST, True),))
        with Relay("127.0.0.1", server.port, fortune, log) as relay:
            client = LineClient(relay.port)
            answer = client.asks(REQUEST)
            client.close()

    assert answer == (ANSWER, "whole")


def test_what_is_in_flight_is_counted_and_commands_apart(tmp_path: Path) -> None:
    with relayed(tmp_path, Declared(())) as (relay, server):
        server.silent = True
        clients = [LineClient(relay.port) for _ in range(3)]
        for client, request in zip(clients, (REQUEST, QUERY, QUERY), strict=True):
            client.says(request)
        wait_for("in_flight", relay, 3)
        assert relay.commands_in_flight == 1
        for client in clients:
            client.close()
        wait_for("in_flight", relay, 0)
        assert relay.commands_in_flight == 0

    assert events(tmp_path, "cut") == [], "clients that hang up were not cut off by the server"


def test_the_next_command_to_reach_the_server_can_be_waited_for_and_a_query_is_none(tmp_path: Path) -> None:
    with relayed(tmp_path, Declared(())) as (relay, _):
        client = LineClient(relay.port)
        assert client.asks(QUERY) == (ANSWER, "whole")
        assert not relay.await_command(0.05)
        client.close()
        waiting = LineClient(relay.port)
        assert waiting.asks(REQUEST) == (ANSWER, "whole")
        assert not relay.await_command(0.0), "that one had come before"
        waiting.close()


def test_a_server_that_ends_in_the_middle_is_noted_and_its_client_is_told(tmp_path: Path) -> None:
    with relayed(tmp_path, Declared(())) as (relay, server):
        server.silent = True
        client = LineClient(relay.port)
        client.says(REQUEST)
        assert server.hears() == REQUEST
        server.leave()
        answer = client.hears()
        client.close()
        wait_for("in_flight", relay, 0)

    assert answer[0] == b"" and answer[1] in ("closed", "reset")
    assert [(cut["exchange"], cut["trace"]) for cut in events(tmp_path, "cut")] == [(1, "09a01679")]


def test_clients_of_a_server_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with EventLog(tmp_path, 1) as log:
        with line_server() as gone:
            port = gone.port
        with Relay("127.0.0.1", port, Declared(()), log) as relay:
            try:
                client = LineClient(relay.port)
                refused = client.hears()
                client.close()
            except ConnectionResetError:
                refused = b"", "reset"
            counts = relay.counts

    assert refused == (b"", "reset")
    assert counts["refused"] == 1


def test_the_same_seed_harms_the_same_exchanges_in_the_same_way(tmp_path: Path) -> None:
    def observed(directory: Path, seed: int) -> list[tuple[bytes, str]]:
        directory.mkdir()
        with relayed(directory, Fates(seed, drop=0.5, delay=0.0, patience=15.0)) as (relay, _):
            answers = []
            for number in range(40):
                client = LineClient(relay.port)
                part, ending = client.asks(b"%d" % number)
                answers.append((part if ending == "closed" else b"", ending))
                client.close()
            return answers

    once, again, other = (observed(tmp_path / name, seed) for name, seed in (("1", 1), ("2", 1), ("3", 2)))
    drops = [(drop["connection"], drop["point"], drop["reset"]) for drop in events(tmp_path / "1", "drop")]
    assert 10 < len(drops) < 30
    assert once == again != other
    assert drops == [
        (drop["connection"], drop["point"], drop["reset"]) for drop in events(tmp_path / "2", "drop")
    ]

"""Striking a server behind a relay while somebody sends commands."""

import http.client
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loadtest.torture.blows import CALM_SECONDS, Blow
from loadtest.torture.events import EventLog, read_events
from loadtest.torture.fates import Fates
from loadtest.torture.relay import Relay
from loadtest.torture.server import OwnedServer, ServerCommand
from loadtest.torture.tormentor import Struck, Tormentor
from tests.loadtest.torture import tiny_server

PATIENCE_SECONDS = 30.0
WAITING_FOR_WORK_SECONDS = 0.9
"""After so long the first blow is due, and waits for a request that it could strike."""

HARMLESS = Fates(1, drop=0.0, delay=0.0, patience=15.0)


@dataclass(slots=True)
class Load:
    """Sends one request after the other through a relay, whatever becomes of them."""

    port: int
    method: str
    rest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request(self.method, "/Appointment")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
            finally:
                connection.close()
            time.sleep(self.rest)


@contextmanager
def tormented(
    directory: Path, mode: str = "good", method: str = "POST", rest: float = 0.0
) -> Iterator[tuple[Tormentor, list[Struck]]]:
    """Yield a tormentor whose server is up and under load, and what it tells."""
    line = f"'{sys.executable}' '{tiny_server.__file__}' {mode} {{port}}"
    server = OwnedServer(ServerCommand.read(line, None), directory / "server.log", PATIENCE_SECONDS)
    told: list[Struck] = []
    with (
        EventLog(directory, 1) as log,
        Relay(server.command.host, server.command.port, HARMLESS, log) as relay,
    ):
        tormentor = Tormentor(server, relay, log, 0.5, told.append)
        tormentor.start_server()
        load = Load(relay.port, method, rest)
        thread = threading.Thread(target=load.run)
        thread.start()
        try:
            yield tormentor, told
        finally:
            load.over.set()
            thread.join()
            tormentor.abandon()
            server.close(0.1)


def blow(number: int, sort: str, at: float = 0.0, after_command: float = 0.0) -> Blow:
    return Blow(number, "kill" if sort == "kill" else "stop", at, after_command, 0.0)


def kinds_of(directory: Path) -> list[str]:
    """The events so far; what was cut meanwhile is left out."""
    return [event.kind for event in read_events(directory) if event.kind != "cut"]


def wait_until(tormentor: Tormentor, made: int) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while len(tormentor.struck) < made and tormentor.failure is None and time.monotonic() < give_up:
        time.sleep(0.02)


def test_each_blow_ends_the_server_and_starts_it_again(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, told):
        tormentor.begin([blow(1, "kill"), blow(2, "stop")], 600.0)
        wait_until(tormentor, 2)
        tormentor.finish()
        assert tormentor.server.exit_code is None, "it is up again"

    assert tormentor.failure is None
    assert [(each.blow.sort, each.ending.exit_code) for each in told] == [
        ("kill", -signal.SIGKILL),
        ("stop", -signal.SIGTERM),
    ]
    assert all(each.back_after is not None for each in told)
    kinds = kinds_of(tmp_path)
    struck = ["kill", "ended", "start", "ready", "stop", "ended", "start", "ready"]
    assert kinds == ["start", "ready", "unleashed", *struck, "quiet", "hushed", "quiet"]


def test_the_relay_harms_until_the_quiet_end_of_the_load_however_early_the_last_blow_fell(
    tmp_path: Path,
) -> None:
    with tormented(tmp_path) as (tormentor, _):
        tormentor.begin([blow(1, "kill")], 600.0)
        wait_until(tormentor, 1)
        time.sleep(0.3)
        assert "quiet" not in kinds_of(tmp_path)
        tormentor.finish()


def test_the_relay_is_quiet_before_the_load_ends(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, _):
        tormentor.begin([], CALM_SECONDS + 0.2)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while "hushed" not in kinds_of(tmp_path) and time.monotonic() < give_up:
            time.sleep(0.02)
        assert kinds_of(tmp_path)[-3:] == ["unleashed", "quiet", "hushed"], "nobody had to end it"


def test_a_server_that_ends_by_itself_after_the_last_blow_is_a_failure(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, _):
        tormentor.begin([blow(1, "stop")], 600.0)
        wait_until(tormentor, 1)
        assert tormentor.server.pid is not None
        os.kill(tormentor.server.pid, signal.SIGKILL)
        wait_until(tormentor, 2)

    assert tormentor.failure is not None and "ended by itself" in tormentor.failure


def test_a_load_without_commands_is_struck_too_once_it_is_said_to_have_begun(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET") as (tormentor, told):
        tormentor.begin([blow(1, "kill")], 600.0)
        time.sleep(0.5)
        assert told == []
        tormentor.phase_began(600.0)
        wait_until(tormentor, 1)
        tormentor.finish()

    assert [each.commands_in_flight for each in told] == [0]


def test_a_blow_waits_for_a_command_that_is_not_answered_yet(tmp_path: Path) -> None:
    answered_by_then = 2 * tiny_server.LEISURELY_SECONDS
    with tormented(tmp_path, "leisurely", rest=2 * answered_by_then) as (tormentor, told):
        tormentor.begin([blow(1, "kill", after_command=answered_by_then)], 600.0)
        wait_until(tormentor, 1)
        tormentor.finish()

    assert [(each.in_flight, each.commands_in_flight) for each in told] == [(1, 1)]


def test_a_blow_waits_for_a_query_where_there_are_no_commands(tmp_path: Path) -> None:
    with tormented(tmp_path, "leisurely", method="GET", rest=10 * tiny_server.LEISURELY_SECONDS) as (
        tormentor,
        told,
    ):
        tormentor.phase_began(600.0)
        tormentor.begin([blow(1, "kill")], 600.0)
        wait_until(tormentor, 1)
        tormentor.finish()

    assert [(each.in_flight, each.commands_in_flight) for each in told] == [(1, 0)]


def test_a_blow_that_waits_for_work_is_left_out_once_the_load_is_over(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET", rest=PATIENCE_SECONDS / 10) as (tormentor, told):
        tormentor.phase_began(600.0)
        tormentor.begin([blow(1, "kill")], 600.0)
        time.sleep(WAITING_FOR_WORK_SECONDS)
        tormentor.make_peace()
        tormentor.finish()

    assert told == []


def test_a_server_that_ends_while_a_blow_waits_for_work_is_not_taken_for_struck(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET", rest=PATIENCE_SECONDS / 10) as (tormentor, told):
        tormentor.phase_began(600.0)
        tormentor.begin([blow(1, "kill")], 600.0)
        time.sleep(WAITING_FOR_WORK_SECONDS)
        process = tormentor.server._process
        assert process is not None
        process.kill()
        process.wait(PATIENCE_SECONDS)
        time.sleep(0.3)
        tormentor.finish()

    assert told == []
    assert tormentor.failure is not None and "ended by itself" in tormentor.failure


def test_no_blow_falls_after_the_load_is_over(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, told):
        tormentor.begin([blow(1, "kill"), blow(2, "kill", at=500.0)], 600.0)
        wait_until(tormentor, 1)
        tormentor.finish()
        assert tormentor.server.exit_code is None

    assert [each.blow.number for each in told] == [1]


def test_blows_for_which_the_load_is_too_short_are_left_out(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, told):
        tormentor.begin([blow(1, "kill", at=0.0)], 0.0)
        time.sleep(1.0)
        tormentor.finish()

    assert told == []
    assert tormentor.failure is None


@pytest.mark.parametrize("before", [0, 1])
def test_a_server_that_ends_by_itself_is_a_failure(tmp_path: Path, before: int) -> None:
    blows = [blow(1, "stop"), blow(2, "kill", at=500.0)]
    with tormented(tmp_path) as (tormentor, told):
        tormentor.begin(blows[1 - before :], 600.0)
        wait_until(tormentor, before)
        assert tormentor.server.pid is not None
        os.kill(tormentor.server.pid, signal.SIGKILL)
        wait_until(tormentor, before + 1)

    assert len(told) == before
    assert tormentor.failure is not None
    assert "the server ended by itself with exit code -9; it wrote last:" in tormentor.failure
    assert [event.facts["why"] for event in read_events(tmp_path) if event.kind == "failed"] == [
        tormentor.failure
    ]


def test_a_stop_that_takes_too_long_is_told(tmp_path: Path) -> None:
    with tormented(tmp_path, "stubborn") as (tormentor, told):
        tormentor.begin([blow(1, "stop")], 600.0)
        wait_until(tormentor, 1)
        tormentor.finish()

    assert [(each.ending.late, each.ending.exit_code) for each in told] == [(True, -signal.SIGKILL)]
    ended = [event.facts for event in read_events(tmp_path) if event.kind == "ended"]
    assert [(each["sort"], each["late"]) for each in ended] == [("stop", True)]

"""Striking a server behind a relay while somebody sends commands."""

import os
import signal
import time
from pathlib import Path

import pytest

from loadtest.torture.events import read_events
from tests.loadtest.torture import tiny_server
from tests.loadtest.torture.tormented import PATIENCE_SECONDS, blow, kinds_of, tormented, wait_until

HALF_A_SECOND_NS = 500_000_000
WAITING_FOR_WORK_SECONDS = 0.9
"""After so long the first blow is due, and waits for a request that it could strike."""


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


def test_half_a_second_passes_between_an_answer_and_the_next_blow(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, _):
        tormentor.begin([blow(1, "kill"), blow(2, "kill")], 600.0)
        wait_until(tormentor, 2)
        tormentor.finish()

    at = [event.at for event in read_events(tmp_path) if event.kind in ("unleashed", "ready", "kill")]
    _, unleashed, first, ready, second, _ = at
    assert min(first - unleashed, second - ready) >= HALF_A_SECOND_NS


def test_a_blow_has_its_second_of_the_load_though_its_phase_was_told_before_it_began(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET") as (tormentor, _):
        began = time.monotonic() + 0.8
        tormentor.begin([blow(1, "kill", at=1.0)], 600.0)
        tormentor.phase_begins(began, 600.0)
        wait_until(tormentor, 1)
        tormentor.finish()

    unleashed, kill = (event for event in read_events(tmp_path) if event.kind in ("unleashed", "kill"))
    assert unleashed.at >= began * 1e9
    assert kill.at >= (began + 1.0) * 1e9
    assert kill.facts["second"] == pytest.approx(kill.at / 1e9 - began, abs=0.3)


def test_a_server_that_ends_by_itself_after_the_last_blow_is_a_failure(tmp_path: Path) -> None:
    with tormented(tmp_path) as (tormentor, _):
        tormentor.begin([blow(1, "stop")], 600.0)
        wait_until(tormentor, 1)
        assert tormentor.server.pid is not None
        os.kill(tormentor.server.pid, signal.SIGKILL)
        wait_until(tormentor, 2)
        assert tormentor._thread is not None
        tormentor._thread.join(PATIENCE_SECONDS / 3)
        assert kinds_of(tmp_path)[-3:] == ["failed", "quiet", "hushed"], "nothing is harmed any more"

    assert tormentor.failure is not None and "ended by itself" in tormentor.failure


def test_a_load_without_commands_is_struck_too_once_it_is_said_to_have_begun(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET") as (tormentor, told):
        tormentor.begin([blow(1, "kill")], 600.0)
        time.sleep(0.5)
        assert told == []
        tormentor.phase_begins(time.monotonic(), 600.0)
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
        tormentor.phase_begins(time.monotonic(), 600.0)
        tormentor.begin([blow(1, "kill")], 600.0)
        wait_until(tormentor, 1)
        tormentor.finish()

    assert [(each.in_flight, each.commands_in_flight) for each in told] == [(1, 0)]


def test_a_blow_that_waits_for_work_is_left_out_once_the_load_is_over(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET", rest=PATIENCE_SECONDS / 10) as (tormentor, told):
        tormentor.phase_begins(time.monotonic(), 600.0)
        tormentor.begin([blow(1, "kill")], 600.0)
        time.sleep(WAITING_FOR_WORK_SECONDS)
        tormentor.make_peace()
        tormentor.finish()

    assert told == []


def test_a_server_that_ends_while_a_blow_waits_for_work_is_not_taken_for_struck(tmp_path: Path) -> None:
    with tormented(tmp_path, method="GET", rest=PATIENCE_SECONDS / 10) as (tormentor, told):
        tormentor.phase_begins(time.monotonic(), 600.0)
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

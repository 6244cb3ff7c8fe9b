"""Who owns a server: it comes up or says why not, and nothing of it is left when it is ended."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from loadtest.torture.server import OwnedServer, ServerCommand, ServerError, answers
from tests.loadtest.torture import tiny_server

PATIENCE_SECONDS = 30.0


def command(mode: str) -> ServerCommand:
    return ServerCommand.read(f"'{sys.executable}' '{tiny_server.__file__}' {mode} {{port}}", None)


@contextmanager
def owned(mode: str, directory: Path, patience: float = PATIENCE_SECONDS) -> Iterator[OwnedServer]:
    server = OwnedServer(command(mode), directory / "server.log", patience)
    try:
        yield server
    finally:
        server.close()


def processes_of(group: int) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    states = [line.split() for line in listed.splitlines()]
    return [state for number, state in states if number == str(group) and not state.startswith("Z")]


def test_a_command_line_is_split_as_a_shell_would_and_the_port_is_filled_in() -> None:
    read = ServerCommand.read("serve 'a file' --port {port} --again={port}", None)

    assert read.arguments == ("serve", "a file", "--port", str(read.port), f"--again={read.port}")
    assert read.host == "127.0.0.1"
    assert read.port < 32_768, "below the ports that outgoing connections come from"


def test_a_target_says_where_a_command_without_a_place_for_the_port_listens() -> None:
    free = ServerCommand.read("serve {port}", None).port

    assert ServerCommand.read("serve", f"http://127.0.0.1:{free}").port == free
    assert ServerCommand.read("serve {port}", f"http://localhost:{free}").arguments == ("serve", str(free))


@pytest.mark.parametrize(
    ("text", "target", "complaint"),
    [
        ("serve 'it", None, "No closing quotation"),
        ("", None, "names no command"),
        ("serve", None, "where does the server listen? Put {port} into --serve"),
        ("serve", "https://127.0.0.1:8000", "only http"),
    ],
)
def test_a_command_that_cannot_be_used_is_refused(text: str, target: str | None, complaint: str) -> None:
    with pytest.raises(ServerError, match=complaint.replace("?", r"\?").replace("{", r"\{")):
        ServerCommand.read(text, target)


def test_a_port_that_somebody_serves_already_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"somebody listens on 127.0.0.1 port {port} already"):
            ServerCommand.read("serve", f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("mode", ["good", "foreign", "warming"])
def test_a_server_is_ready_once_it_answers(tmp_path: Path, mode: str) -> None:
    with owned(mode, tmp_path) as server:
        seconds = server.start()

        assert answers(server.command.host, server.command.port)
        assert server.exit_code is None
        if mode == "warming":
            assert seconds >= tiny_server.WARMING_SECONDS, "503 is not ready"


def test_a_server_that_exits_at_once_is_an_error_with_its_last_lines(tmp_path: Path) -> None:
    with (
        owned("failing", tmp_path) as server,
        pytest.raises(ServerError, match=r"(?s)exit code 3 before it answered.*no database here"),
    ):
        server.start()

    assert server.exit_code == 3


def test_a_server_that_never_listens_is_an_error_and_is_ended(tmp_path: Path) -> None:
    with owned("mute", tmp_path, patience=0.5) as server:
        with pytest.raises(
            ServerError, match=r"(?s)did not answer within 0.5 s; it wrote last:.*mute begins"
        ):
            server.start()
        group = server.pid
        server.close()

    assert group is not None and processes_of(group) == []


def test_a_program_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    server = OwnedServer(ServerCommand(("/nowhere/gpsim",), "127.0.0.1", 1), tmp_path / "log", 1.0)

    with pytest.raises(ServerError, match="/nowhere/gpsim: No such file or directory"):
        server.start()
    server.close()


def test_waiting_for_a_server_ends_when_it_is_given_up(tmp_path: Path) -> None:
    with owned("mute", tmp_path, patience=600) as server:
        threading.Timer(0.2, server.given_up.set).start()
        with pytest.raises(ServerError):
            server.start()


def test_a_kill_ends_every_process_of_the_group_and_it_can_start_again(tmp_path: Path) -> None:
    with owned("parent", tmp_path) as server:
        server.start()
        first = server.pid
        assert first is not None and len(processes_of(first)) == 2
        ending = server.kill()
        assert (ending.exit_code, ending.late) == (-signal.SIGKILL, False)
        assert processes_of(first) == []
        server.start()
        assert answers(server.command.host, server.command.port)
        assert server.pid != first


def test_a_stop_is_asked_for_with_sigterm(tmp_path: Path) -> None:
    with owned("good", tmp_path) as server:
        server.start()
        ending = server.stop(PATIENCE_SECONDS)

    assert (ending.exit_code, ending.late, ending.left_behind) == (-signal.SIGTERM, False, False)


def test_a_server_that_does_not_stop_in_time_is_killed_and_that_is_noted(tmp_path: Path) -> None:
    with owned("stubborn", tmp_path) as server:
        server.start()
        ending = server.stop(0.3)

    assert (ending.exit_code, ending.late) == (-signal.SIGKILL, True)
    assert ending.seconds >= 0.3


def test_processes_that_outlive_a_stop_are_ended_and_that_is_noted(tmp_path: Path) -> None:
    with owned("parent", tmp_path) as server:
        server.start()
        group = server.pid
        ending = server.stop(0.5)

    assert (ending.late, ending.left_behind) == (False, True)
    assert group is not None and processes_of(group) == []


def test_a_server_that_goes_on_outside_its_group_cannot_be_tortured(tmp_path: Path) -> None:
    with owned("daemon", tmp_path) as server:
        try:
            server.start()
            with pytest.raises(ServerError, match="is still served: it must run in the foreground"):
                server.kill()
        finally:
            _end_child(tmp_path / "server.log", server.command.port)


def test_closing_ends_every_process_of_a_running_server(tmp_path: Path) -> None:
    with owned("parent", tmp_path) as server:
        server.start()
        group = server.pid

    assert group is not None and processes_of(group) == []
    assert not answers(server.command.host, server.command.port)


def _end_child(log: Path, port: int) -> None:
    """End the process that the server named in its log, wherever the test stands."""
    found = re.search(r"child (\d+)", log.read_text())
    if found is not None:
        with suppress(ProcessLookupError):
            os.kill(int(found[1]), signal.SIGKILL)
    give_up = time.monotonic() + PATIENCE_SECONDS
    while answers("127.0.0.1", port) and time.monotonic() < give_up:
        time.sleep(0.05)

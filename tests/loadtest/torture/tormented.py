"""A tormentor, and a server behind a relay that is under load."""

import http.client
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.torture.blows import Blow
from loadtest.torture.events import EventLog, read_events
from loadtest.torture.fates import Fates
from loadtest.torture.relay import Relay
from loadtest.torture.server import OwnedServer, ServerCommand
from loadtest.torture.tormentor import Struck, Tormentor
from tests.loadtest.torture import tiny_server

PATIENCE_SECONDS = 30.0
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
    directory: Path,
    mode: str = "good",
    method: str = "POST",
    rest: float = 0.0,
    kind: type[OwnedServer] = OwnedServer,
) -> Iterator[tuple[Tormentor, list[Struck]]]:
    """Yield a tormentor whose server is up and under load, and what it tells."""
    line = f"'{sys.executable}' '{tiny_server.__file__}' {mode} {{port}}"
    server = kind(ServerCommand.read(line, None), directory / "server.log", PATIENCE_SECONDS)
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

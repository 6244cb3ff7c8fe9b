"""`gpsim serve` in a process of its own, for as long as a test needs it and never longer."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

PATIENCE_SECONDS = 60
"""How long anything may take on a slow machine before a test gives up waiting."""

ATTEMPTS = 5


@dataclass(slots=True)
class Served:
    """A running `gpsim serve`: its process, which leads a group of its own, and where it listens."""

    process: subprocess.Popen[bytes]
    port: int
    errors: Path
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """Return scheme, host and port."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """Return what it wrote to standard error."""
        return self.errors.read_text()

    def stop(self) -> int:
        """Ask it to stop, as a service manager would; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """Kill it and its workers, as a failing machine would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)

    def is_ready(self) -> bool:
        """Tell whether it answers."""
        health = f"{self.url}/control/health"
        with (
            suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(health, timeout=5, context=self.tls) as answer,
        ):
            return bool(answer.status == 200)
        return False


@contextmanager
def serving(
    database: Path, *options: str, port: int | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Served]:
    """Serve a database on a free port, or on one given, until the block ends; nothing is left running.

    `tls` is what a client needs where the options say that TLS is spoken.
    """
    for attempt in range(1, ATTEMPTS + 1):
        served = replace(_start(database, options, port or free_port()), tls=tls)
        try:
            # Between finding a free port and listening on it, somebody else may take it.
            if _came_up(served) or "cannot listen" not in served.said or attempt == ATTEMPTS:
                assert served.process.poll() is None, f"gpsim serve ended: {served.said}"
                yield served
                return
        finally:
            served.kill()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gpsim(*arguments: str) -> list[str]:
    """Return the command line of `gpsim` with arguments."""
    return [sys.executable, "-m", "simulator", *arguments]


def _start(database: Path, options: tuple[str, ...], port: int) -> Served:
    errors = database.with_suffix(f".{port}.stderr")
    command = gpsim(
        "serve", "--database", str(database), "--port", str(port), "--log-level", "warning", *options
    )
    # What a killed provider leaves behind goes when the test's own directory does.
    environment = {**os.environ, "TMPDIR": str(database.parent)}
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            env=environment,
        )
    return Served(process, port, errors)


def _came_up(served: Served) -> bool:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while served.process.poll() is None and time.monotonic() < give_up:
        if served.is_ready():
            return True
        time.sleep(0.05)
    return False

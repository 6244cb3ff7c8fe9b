"""The server under torture: started, stopped and killed by gpload, and never left behind."""

import contextlib
import http.client
import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import randbelow
from urllib.parse import urlsplit

LOG_FILE = "server.log"
PLACE = "{port}"
_LOOPBACK = "127.0.0.1"
_PORTS = range(20_000, 32_000)
"""Below the range that outgoing connections take theirs from: none gets the port while the server is down."""

_LINES_SHOWN = 10
_POLL_SECONDS = 0.02
_ASKING_SECONDS = 2.0
_GONE_SECONDS = 5.0
_HEALTH = "/control/health"
_ENDED = ("Z", "X")


class ServerError(Exception):
    """The server cannot be started, or did not come back; the message has its last lines."""


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """How to start the server, and the host and port where it then listens."""

    arguments: tuple[str, ...]
    host: str
    port: int

    @classmethod
    def read(cls, text: str, target: str | None) -> "ServerCommand":
        """The command in a line of text, split as a shell would; `{port}` in it stands for the port.

        The port is that of `target` (an http URL), or a free one. Raises ServerError where the line cannot be
        split, where nothing says the port, or where somebody listens there already.
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ServerError(f"--serve {text!r}: {error}") from error
        if not words:
            raise ServerError("--serve names no command")
        if target is None and not any(PLACE in word for word in words):
            raise ServerError(
                f"where does the server listen? Put {PLACE} into --serve, which becomes a free port,"
                " or say it with --target"
            )
        url = urlsplit(target or f"http://{_LOOPBACK}:{_free_port()}")
        if url.scheme != "http":
            raise ServerError(f"--target {target}: only http can be passed on by the relay")
        host, port = url.hostname or _LOOPBACK, url.port or 80
        if answers(host, port):
            raise ServerError(f"somebody listens on {host} port {port} already: stop it, or choose another")
        return cls(tuple(word.replace(PLACE, str(port)) for word in words), host, port)

    @property
    def text(self) -> str:
        """The command as one would type it."""
        return shlex.join(self.arguments)


@dataclass(frozen=True, slots=True)
class Ending:
    """How the server ended: seconds until its last process was gone, and the exit code (negative: signal).

    `late`: asked to stop, it had to be killed. `left_behind`: processes outlived the one they belong to.
    """

    seconds: float
    exit_code: int
    late: bool = False
    left_behind: bool = False


class OwnedServer:
    """A server in a session and process group of its own; what it writes goes to `log`. Close it at the end.

    `patience` is how many seconds it may take to answer after a start. `given_up` set by another thread ends
    every wait.
    """

    def __init__(self, command: ServerCommand, log: Path, patience: float) -> None:
        self.command = command
        self.given_up = threading.Event()
        self._log = log
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    @property
    def pid(self) -> int | None:
        """The process that was started; None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the process ended by itself; None while it runs or there is none."""
        return None if self._process is None else self._process.poll()

    def start(self) -> float:
        """Start it and wait until it answers; returns the seconds that took. Raises ServerError."""
        begin = time.monotonic()
        with self._log.open("ab") as log:
            self._said_before = log.tell()
            try:
                self._process = subprocess.Popen(  # noqa: S603  (the command is what we were asked to run)
                    self.command.arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ServerError(f"{self.command.text}: {error.strerror or error}") from error
        while time.monotonic() - begin < self._patience and not self.given_up.is_set():
            if self._process.poll() is not None:
                code = self._process.returncode
                raise ServerError(self._complaint(f"ended with exit code {code} before it answered"))
            if is_ready(self.command.host, self.command.port):
                return time.monotonic() - begin
            self.given_up.wait(_POLL_SECONDS)
        raise ServerError(self._complaint(f"did not answer within {self._patience:g} s"))

    def kill(self) -> Ending:
        """SIGKILL to all its processes, as if the machine failed. Raises ServerError if it lives on."""
        begin = time.monotonic()
        self._signal_all(signal.SIGKILL)
        return self._ended(begin, late=False, left_behind=False)

    def stop(self, seconds: float) -> Ending:
        """SIGTERM to the process that was started, as a service manager does; SIGKILL after `seconds`.

        Raises ServerError if it lives on.
        """
        process, begin = self._running(), time.monotonic()
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._signal_all(signal.SIGKILL)
            return self._ended(begin, late=True, left_behind=False)
        left_behind = self._wait_for_the_others(max(0.0, begin + seconds - time.monotonic()))
        self._signal_all(signal.SIGKILL)
        return self._ended(begin, late=False, left_behind=left_behind)

    def close(self, seconds: float = _GONE_SECONDS) -> None:
        """Stop it if it runs, whatever state it is in; afterwards none of its processes is left."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self._signal_all(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GONE_SECONDS)
        self._wait_for_the_others(_GONE_SECONDS)

    def last_lines(self) -> str:
        """What it wrote last since its latest start, indented; empty if it wrote nothing."""
        with self._log.open("rb") as log:
            log.seek(self._said_before)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-_LINES_SHOWN:])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerError("the server was never started")
        return self._process

    def _ended(self, begin: float, late: bool, left_behind: bool) -> Ending:
        try:
            code = self._running().wait(_GONE_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ServerError(f"{self.command.text}: cannot be killed") from error
        give_up = time.monotonic() + _GONE_SECONDS
        self._wait_for_the_others(_GONE_SECONDS)
        # A process counts as ended a moment before the last of its threads lets go of the socket.
        while served := answers(self.command.host, self.command.port):
            if time.monotonic() > give_up:
                break
            time.sleep(_POLL_SECONDS)
        seconds = time.monotonic() - begin
        if served:
            raise ServerError(
                f"{self.command.text}: all processes that it started in its group are gone, and port"
                f" {self.command.port} is still served: it must run in the foreground, in one process group"
            )
        return Ending(seconds, code, late, left_behind)

    def _signal_all(self, number: signal.Signals) -> bool:
        """Signal the whole process group; false when none of it is left."""
        try:
            os.killpg(self._running().pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _wait_for_the_others(self, seconds: float) -> bool:
        """Wait until the group is empty; true where it is not by then."""
        give_up = time.monotonic() + seconds
        while (alive := _group_lives(self._running().pid)) and time.monotonic() < give_up:
            time.sleep(_POLL_SECONDS)
        return alive

    def _complaint(self, what: str) -> str:
        lines = self.last_lines()
        said = f"; it wrote last:\n{lines}" if lines else ", and wrote nothing"
        return f"{self.command.text}: {what}{said}"


def is_ready(host: str, port: int) -> bool:
    """Whether the server answers: `/control/health` with 200, or another provider with any answer but 5xx."""
    connection = http.client.HTTPConnection(host, port, timeout=_ASKING_SECONDS)
    try:
        connection.request("GET", _HEALTH)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def answers(host: str, port: int) -> bool:
    """Whether anybody takes a connection there."""
    try:
        with socket.create_connection((host, port), timeout=_ASKING_SECONDS) as taken:
            return bool(taken.getsockname() != taken.getpeername())
    except OSError:
        return False


def _group_lives(group: int) -> bool:
    """Whether a process of the group still runs. One that has ended may wait long to be taken notice of."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    states = list(_states(group))
    return not states or any(state not in _ENDED for state in states)


def _states(group: int) -> Iterator[str]:
    """The state of each process of the group, where the system has /proc."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, which may hold anything, stands in the last parentheses; then state, parent, group.
            state, _, of = file.read_text(errors="replace").rpartition(")")[2].split()[:3]
            if of == str(group):
                yield state


def _free_port() -> int:
    for _ in range(len(_PORTS)):
        port = _PORTS[randbelow(len(_PORTS))]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((_LOOPBACK, port))
            return port
    raise ServerError(f"no port from {_PORTS.start} to {_PORTS.stop} is free")

"""Locust as a child process: started for one phase, watched, and stopped without losing what it recorded.

`import locust` patches the process it happens in and `--processes` lives in Locust's own main, so it never
runs in gpload's process.
"""

import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from loadtest.wire.tls import NO_FILES, TlsFiles

LOCUSTFILE = Path(__file__).parents[1] / "scenarios" / "locustfile.py"
DIRECTORY = "GPLOAD_DIRECTORY"
REMOTE = "GPLOAD_REMOTE"
LEAD_SECONDS = 1.0
STOP_SECONDS = 20
START_SECONDS = 60
WORKERS_WAIT_SECONDS = 300
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where a master and the workers of other machines meet, and how many worker processes there are."""

    host: str
    port: int
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Load:
    """One phase's load: the work order's file, clients, seconds until Locust ends it, processes.

    With a `meeting` all clients are at the workers of other machines.
    """

    order: Path
    clients: int
    seconds: float
    processes: int
    meeting: Meeting | None = None
    tls: TlsFiles = NO_FILES

    @property
    def log(self) -> Path:
        """Where the generator's own messages go."""
        return self.order.with_name(self.order.stem.replace("order", "generator", 1) + ".log")

    def arguments(self) -> list[str]:
        """Locust's arguments."""
        options = [
            *("--headless", "--users", str(self.clients), "--spawn-rate", str(self.clients)),
            *("--run-time", f"{max(1, math.ceil(self.seconds))}s", "--stop-timeout", str(STOP_SECONDS - 5)),
            *("--exit-code-on-error", "0", "--loglevel", "WARNING", "--only-summary"),
            *("--work-order", str(self.order)),
        ]
        if self.meeting is not None:
            return [
                *(*options, "--master", "--expect-workers", str(self.meeting.processes)),
                *("--expect-workers-max-wait", str(WORKERS_WAIT_SECONDS)),
                *("--master-bind-host", self.meeting.host, "--master-bind-port", str(self.meeting.port)),
            ]
        if self.processes > 1:
            port = str(_free_port())
            options += ["--processes", str(self.processes)]
            options += ["--master-bind-host", "127.0.0.1", "--master-bind-port", port]
            options += ["--master-host", "127.0.0.1", "--master-port", port]
        return options

    def environment(self) -> dict[str, str]:
        """What its processes must know that Locust has no option for."""
        return {DIRECTORY: str(self.order.parent.resolve()), **self.tls.environment()}


@dataclass(frozen=True, slots=True)
class Help:
    """This machine's workers for a master elsewhere, for one phase. Their evidence goes to `directory`."""

    meeting: Meeting
    directory: Path
    tls: TlsFiles = NO_FILES

    @property
    def log(self) -> Path:
        """Where the workers' own messages go."""
        return self.directory / "worker.log"

    def arguments(self) -> list[str]:
        """Locust's arguments."""
        options = ["--worker", "--master-host", self.meeting.host, "--master-port", str(self.meeting.port)]
        if self.meeting.processes > 1:
            options += ["--processes", str(self.meeting.processes)]
        return [*options, "--loglevel", "WARNING"]

    def environment(self) -> dict[str, str]:
        """What its processes must know that Locust has no option for."""
        return {DIRECTORY: str(self.directory.resolve()), REMOTE: "1", **self.tls.environment()}


class Generator:
    """A running Locust. `wait` for it until it is done; `stop` it to end the load early."""

    def __init__(self, load: Load | Help) -> None:
        with load.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
                [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *load.arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=child_environment(os.environ) | load.environment(),
                # A Ctrl-C at the terminal is gpload's to handle: it passes it on when it wants to.
                start_new_session=True,
            )

    def wait(self, seconds: float = _POLL_SECONDS) -> int | None:
        """The exit code if it ends within `seconds`, else None."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> int:
        """End the load: users finish what they are doing, ledgers are closed. Returns the exit code.

        What has not ended within `STOP_SECONDS` is killed.
        """
        # Every process is told: a master that is stopped while it starts leaves its workers to themselves.
        self._signal(signal.SIGTERM)
        give_up = time.monotonic() + STOP_SECONDS
        while self._signal(0) and time.monotonic() < give_up:
            self.wait(_POLL_SECONDS)
        self._signal(signal.SIGKILL)
        return self._process.wait()

    def _signal(self, number: int) -> bool:
        """Signal all its processes; false when none is left."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True


def child_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: ours, without settings of Locust or for it, with this package importable."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(("LOCUST_", "GPLOAD_"))}
    here = str(Path(__file__).parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [here, kept.get("PYTHONPATH")]))
    return kept


def begin_file(order: int) -> str:
    """The name of the file in which a phase's generator leaves the instant at which it began."""
    return f"begin-{order}.json"


def begun_at(directory: Path, order: int) -> int | None:
    """When a phase began (ns of the reference clock), or nothing if it has not yet."""
    try:
        return int(orjson.loads((directory / begin_file(order)).read_bytes())["begins_ns"])
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None


def end_marks(directory: Path) -> dict[str, dict[str, object]]:
    """The mark each generator process left at its end, by the name of its ledger file."""
    return {
        path.name.replace("generator-", "ledger-", 1).removesuffix(".json") + ".jsonl": orjson.loads(
            path.read_bytes()
        )
        for path in sorted(directory.glob("generator-*.json"))
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Locust as a child process: started for one scenario, watched, and stopped without losing what it recorded.

`import locust` patches the process it happens in and `--processes` lives in Locust's own main, so it never
runs in gpload's process.
"""

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

LOCUSTFILE = Path(__file__).parent / "scenarios" / "locustfile.py"
STOP_SECONDS = 20
START_SECONDS = 60
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Load:
    """One scenario's load: the work order's file, Locust user class, closed users, seconds, processes."""

    order: Path
    user_class: str
    users: int
    seconds: float
    processes: int

    @property
    def log(self) -> Path:
        """Where the generator's own messages go."""
        return self.order.with_name(self.order.stem.replace("order", "generator", 1) + ".log")


class Generator:
    """A running Locust. `poll` it until it is done; `stop` it to end the load early."""

    def __init__(self, load: Load) -> None:
        self.load = load
        with load.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
                command(load, sys.executable),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(os.environ),
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


def command(load: Load, python: str) -> list[str]:
    """The command line of the child."""
    options = [
        *("-m", "locust", "-f", str(LOCUSTFILE), load.user_class, "--headless"),
        *("--users", str(load.users), "--spawn-rate", str(load.users)),
        *("--run-time", f"{max(1, round(load.seconds))}s", "--stop-timeout", str(STOP_SECONDS - 5)),
        *("--exit-code-on-error", "0", "--loglevel", "WARNING", "--only-summary"),
        *("--work-order", str(load.order)),
    ]
    if load.processes > 1:
        port = str(_free_port())
        options += ["--processes", str(load.processes)]
        options += ["--master-bind-host", "127.0.0.1", "--master-bind-port", port]
        options += ["--master-host", "127.0.0.1", "--master-port", port]
    return [python, *options]


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: ours, without Locust's own settings, with this package importable."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("LOCUST_")}
    here = str(Path(__file__).parents[1])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [here, kept.get("PYTHONPATH")]))
    return kept


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def end_marks(directory: Path) -> dict[str, dict[str, object]]:
    """The mark each generator process left at its end, by the name of its ledger file."""
    return {
        path.name.replace("generator-", "ledger-", 1).removesuffix(".json") + ".jsonl": orjson.loads(
            path.read_bytes()
        )
        for path in sorted(directory.glob("generator-*.json"))
    }

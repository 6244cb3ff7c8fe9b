"""The wire tests against a server that runs already: `--base-url URL`, `--practices FILE`.

Such a test has only what a consumer has. One that also needs the provider's database, clock or process is
skipped; what a test booked is cancelled after it.
"""

import inspect
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx2
import pytest

from tests.practice_client import Json, PracticeClient

TIMEOUT_SECONDS = 30
ROOT = "/STU3/1/gpconnect"
NAMES_A_DAY = ("2026-0", "TODAY", "NOW", "STOPPED")
"""What the code of a test has in it that is about the day of the tests' own diary."""

STANDING_STILL = "07:30:00"
"""The time of day at which the tests' own clock stands."""

OURS_ALONE = {"shared_http", "answers", "caplog", "monkeypatch", "app", "template_database"}
"""The fixtures that lead past the wire, into the process of the tests."""


class WireClient(httpx2.Client):
    """A client that gives up where HTTP itself does not let a request through."""

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request, or skip the test."""
        try:
            return super().send(request, **options)
        except Exception as error:
            # The layer below has an error of the same name, and lets some of them through as they are.
            if type(error).__name__ != "LocalProtocolError":
                raise
            pytest.skip(f"cannot be sent over a socket: {error}")


@dataclass
class RunningServer:
    """A provider that somebody else has started."""

    url: str
    file: Path | None = None
    http: httpx2.Client = field(init=False)
    booked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        hooks: dict[str, list[Callable[..., Any]]] = {"response": [self._note]}
        self.http = WireClient(base_url=self.url, timeout=TIMEOUT_SECONDS, event_hooks=hooks)

    def consumer(self, number: int) -> PracticeClient:
        """Return a correct consumer of one of the practices."""
        practices = self._practices()
        if number >= len(practices):
            pytest.skip(f"needs {number + 1} practices, and {self.url} has {len(practices)}")
        return PracticeClient(self.http, practices[number], time.time, self.today())

    def leave_as_found(self) -> None:
        """Cancel what was booked and is not cancelled yet: later tests want the slots, and the limits."""
        while self.booked:
            path = self.booked.pop()
            ods_code = path.partition(ROOT)[0].strip("/")
            listed = next((each for each in self._practices() if each["ods_code"] == ods_code), None)
            if listed is None:
                continue
            consumer = PracticeClient(self.http, listed, time.time, self.today())
            appointment_id = path.partition("/Appointment/")[2].partition("/")[0]
            found = consumer.send("read_appointment", resource_id=appointment_id).json()
            if found.get("status") == "booked":
                consumer.cancel(found)

    def _note(self, response: httpx2.Response) -> None:
        if response.status_code == 201:
            self.booked.append(urlsplit(response.headers["location"]).path)

    def today(self) -> date:
        """Return the day that the provider keeps, or London's real one if it does not tell."""
        try:
            return date.fromisoformat(self.http.get("/control/health").json()["today"])
        except (KeyError, TypeError, ValueError):
            return datetime.now(ZoneInfo("Europe/London")).date()

    def _practices(self) -> list[Json]:
        listed = self.file.read_bytes() if self.file else self.http.get("/control/practices").content
        return list(json.loads(listed))


def add_options(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("running server", "tests of the wire against a provider that runs already")
    group.addoption("--base-url", help="scheme, host and port; tests that need more than the wire skip")
    group.addoption("--practices", type=Path, help="its practices, as `gpsim practices --json` has them")


def running_server_of(config: pytest.Config) -> RunningServer | None:
    """Return the server that the options name, None where the tests bring their own."""
    url, file = config.getoption("--base-url"), config.getoption("--practices")
    return RunningServer(url.rstrip("/"), file) if url else None


def why_not(test: Callable[..., object], today: date, day: date) -> str | None:
    """Return why a test cannot run against a server that keeps `today`, where the tests' own day is `day`."""
    code = inspect.getsource(test)
    past = OURS_ALONE & set(inspect.signature(test).parameters)
    if past:
        return f"needs the process of the provider: {', '.join(sorted(past))}"
    if STANDING_STILL in code:
        return "needs a clock that stands still"
    if "snapshot" in code:
        return "compares with what the tests' own data gave"
    if today != day and any(name in code for name in NAMES_A_DAY):
        return f"is about {day}; serve with --today {day}"
    return None


def skip_what_cannot_run(config: pytest.Config, items: list[pytest.Item], day: date) -> None:
    """Mark the tests that a running server cannot serve, where one is named."""
    running = running_server_of(config)
    if running is None:
        return
    today = running.today()
    for item in items:
        reason = why_not(item.function, today, day) if isinstance(item, pytest.Function) else None
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason=reason))
    running.http.close()

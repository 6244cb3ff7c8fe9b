"""One log line a request: what was asked, by the path alone, and what came of it.

Parameters are left out on purpose: a patient's NHS number is one. A line that comes by itself is written at
once; under load lines are put together and written a few times a second, for one alone costs a tenth of a
request.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable
from functools import lru_cache
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.domain.clock import Clock

LOG = logging.getLogger("gpsim.requests")
_PLAIN = re.compile("[A-Za-z0-9/$:@._~-]*")

MOST_TOGETHER = 32
"""How many lines are written together: while it waits, a request takes memory from those that follow it."""

PAUSE_SECONDS = 0.1
"""How long a line may wait for others."""


Logged = tuple[Scope, int, float, float]
"""A request, the status of its answer, how many seconds it took, and when it ended, in seconds since 1970."""


class RequestLog:
    """An ASGI application around another that logs each of its requests."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._waiting: list[Logged] = []
        self._last_written = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log it when it is answered."""
        if scope["type"] != "http" or not LOG.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            self._write()
            return
        began = time.perf_counter()
        status = 0

        def noting(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            return send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            ended = time.perf_counter()
            self._add((scope, status, ended - began, self._clock.wall()), ended)

    def _add(self, logged: Logged, now: float) -> None:
        self._waiting.append(logged)
        if len(self._waiting) == MOST_TOGETHER or now - self._last_written > PAUSE_SECONDS:
            self._write()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._write)

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            LOG.info("%s", "\n".join([_line(*logged) for logged in self._waiting]))
            self._waiting.clear()
            self._last_written = time.perf_counter()


def _line(scope: Scope, status: int, seconds: float, at: float) -> str:
    headers = dict(scope["headers"])
    interaction = headers.get(b"ssp-interactionid", b"-").rpartition(b":")[2].decode("latin-1")
    trace_id = headers.get(b"ssp-traceid", b"-").decode("latin-1")
    path = _printable(scope["path"])
    return (
        f"{_to_the_second(int(at))},{int(at % 1 * 1000):03} INFO {scope['method']} {path} {interaction}"
        f" {status} {seconds * 1000:.1f} ms trace={trace_id}"
    )


def _printable(path: str) -> str:
    """Return a path in which nothing can pass for another part of the line."""
    return path if _PLAIN.fullmatch(path) else quote(path, safe="/$:@")


@lru_cache(maxsize=2)
def _to_the_second(at: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))

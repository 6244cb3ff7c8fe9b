"""The generator: sends prepared requests over a few connections as fast as answers come back.

`python -m tests.bench.generator CALLS PORT SECONDS WARM_UP` prints what came of it as JSON. CALLS is a pickle
of (bytes, expected status) pairs, sent in order, each once, and again from the start until SECONDS are over;
so many of them as WARM_UP says are sent before the clock runs.
"""

import asyncio
import json
import pickle
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

import httptools
import uvloop

CONNECTIONS = 8

Prepared = list[tuple[bytes, int]]


class Line(asyncio.Protocol):
    """One connection, kept alive: sends the next request when an answer is complete."""

    def __init__(self, todo: Iterator[tuple[bytes, int]], done: "asyncio.Future[None]") -> None:
        self.answered = 0
        self.wrong: list[int] = []
        self._todo, self._done = todo, done
        self._expected = 0
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Take note of an answer and go on."""
        status = self._parser.get_status_code()
        if status != self._expected:
            self.wrong.append(status)
        self.answered += 1
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail where the server hangs up before everything is answered."""
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))

    def _next(self) -> None:
        request, self._expected = next(self._todo, (b"", 0))
        if request:
            self._transport.write(request)
        elif not self._done.done():
            self._done.set_result(None)


def again_and_again(prepared: Prepared, seconds: float) -> Iterator[tuple[bytes, int]]:
    """Yield every request once, and again from the start while time is left."""
    until = time.perf_counter() + seconds
    yield from prepared
    while time.perf_counter() < until:
        yield from prepared


async def drive(prepared: Prepared, port: int, seconds: float) -> dict[str, object]:
    """Return how many requests were answered in how many seconds, and any unexpected statuses."""
    loop = asyncio.get_running_loop()
    todo = again_and_again(prepared, seconds)
    lines, ends = [], []
    began = time.perf_counter()
    for _ in range(CONNECTIONS):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        _, line = await loop.create_connection(partial(Line, todo, done), "127.0.0.1", port)
        lines.append(line)
    await asyncio.gather(*ends)
    elapsed = time.perf_counter() - began
    return {
        "requests": sum(line.answered for line in lines),
        "seconds": elapsed,
        "wrong": sorted({status for line in lines for status in line.wrong}),
    }


def main() -> None:
    """Send what a file holds."""
    calls, port, seconds, warm_up = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    prepared: Prepared = pickle.loads(calls.read_bytes())
    if warm_up:
        uvloop.run(drive(prepared[:warm_up], port, 0.0))
    print(json.dumps(uvloop.run(drive(prepared[warm_up:], port, seconds))))


if __name__ == "__main__":
    main()

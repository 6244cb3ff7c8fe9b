"""The generator of a mix: searches, bookings and cancellations over many connections, closed or open.

`python -m tests.bench.mixed_generator MIX PORT SECONDS RATE WORKERS` prints what came of it as JSON. MIX is a
pickle of a Mix; RATE is requests a second, which begin when they begin, whatever the server does; 0 has each
connection send its next request when an answer is complete. WORKERS names the server's worker processes, with
commas: as many connections go to each. A delay is counted from the instant that a request was meant to begin.
"""

import asyncio
import json
import pickle
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import cast

import httptools
import orjson
import uvloop

from loadtest.appointments import Offer
from loadtest.arrivals import RateCurve, arrival_times
from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer
from loadtest.practices import Practice
from tests.bench.calls import call_of
from tests.bench.machine import sockets_of
from tests.bench.rates import BOOK, SEARCH

CANCEL = "cancel_appointment"
CONNECTIONS_A_WORKER = 16
PATIENCE_SECONDS = 30
SETTLING_SECONDS = 0.005
"""How long a server is given to notice that a connection was closed."""


@dataclass(frozen=True, slots=True)
class Mix:
    """What to send: searches ready for the wire, and what may be booked, each offer by one patient at a time.

    `turns` says what kind of request comes after what, again and again.
    """

    turns: tuple[str, ...]
    users: tuple[EndUser, ...]
    searches: tuple[bytes, ...]
    offers: tuple[tuple[Practice, Offer, str], ...]


@dataclass(slots=True)
class Seen:
    """What came back, by kind: delays in seconds, and statuses that were not expected."""

    delays: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sending:
    """One request on its way: what it is, when it was meant to begin, and what it books or cancels."""

    kind: str
    wire: bytes
    expected: int
    meant: float
    offer: tuple[Practice, Offer, str] | None = None


class Requests:
    """The mix as one endless row of requests; what is cancelled can be booked again."""

    def __init__(self, mix: Mix) -> None:
        self._turns, self._searches = cycle(mix.turns), cycle(mix.searches)
        self._users, self._chance = mix.users, Random(1)
        self._offers = deque(mix.offers)
        self._booked: deque[tuple[bytes, tuple[Practice, Offer, str]]] = deque()

    def next(self, meant: float) -> Sending:
        """Return the next request; a search where there is nothing left to book, or to cancel yet."""
        kind = next(self._turns)
        if kind == BOOK and self._offers:
            practice, offer, patient = one = self._offers.popleft()
            request = self._consumer(practice).book_appointment([offer], patient)
            return Sending(BOOK, call_of(BOOK, request).raw(), 201, meant, one)
        if kind == CANCEL and self._booked:
            body, one = self._booked.popleft()
            request = self._consumer(one[0]).cancel_appointment(orjson.loads(body), "No longer needed")
            return Sending(CANCEL, call_of(CANCEL, request).raw(), 200, meant, one)
        return Sending(SEARCH, next(self._searches), 200, meant)

    def _consumer(self, practice: Practice) -> Consumer:
        return Consumer(practice, Address(), self._chance.choice(self._users))

    def answered(self, sent: Sending, body: bytes) -> None:
        """Take note of what was booked, to be cancelled, and of what is free again."""
        if sent.offer and sent.kind == BOOK:
            self._booked.append((body, sent.offer))
        elif sent.offer:
            self._offers.append(sent.offer)


class Line(asyncio.Protocol):
    """One connection, kept alive, with at most one request on its way."""

    def __init__(self, crowd: "Crowd") -> None:
        self._crowd = crowd
        self._sent: Sending | None = None
        self._body: list[bytes] = []
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Keep what a booking's answer says."""
        if self._sent and self._sent.kind == BOOK:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """Take note of an answer and be ready again."""
        sent, self._sent = self._sent, None
        if not self.answer.done():
            self.answer.set_result(None)
        if sent:
            self._crowd.answered(self, sent, self._parser.get_status_code(), b"".join(self._body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail where the server hangs up with a request on its way."""
        if self._sent:
            self._crowd.failed(exc or ConnectionError("the server hung up"))

    def ask(self, wire: bytes) -> None:
        """Send a request whose answer only says that there is one."""
        self._parser = httptools.HttpResponseParser(self)
        self.transport.write(wire)

    def send(self, sending: Sending) -> None:
        """Send a request."""
        self._sent, self._body = sending, []
        self.ask(sending.wire)


class Crowd:
    """All the connections, and the requests that they send between them."""

    def __init__(self, requests: Requests, seconds: float, rate: float) -> None:
        self.seen = Seen()
        self._requests, self._seconds, self._rate = requests, seconds, rate
        self._idle: deque[Line] = deque()
        self._due: deque[float] = deque()
        self._on_their_way = 0
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, lines: list[Line]) -> float:
        """Send for so long and wait for the last answer; return the seconds from first to last."""
        self._idle.extend(lines)
        began = time.perf_counter()
        self._until = began + self._seconds
        if self._rate:
            arrivals = arrival_times(RateCurve.constant(self._rate, self._seconds), Random(1))
            self._arrive(arrivals, began, next(arrivals))
        else:
            for line in lines:
                self._begin(line, time.perf_counter())
        await self._over
        return time.perf_counter() - began

    def _arrive(self, arrivals: Iterator[float], began: float, upcoming: float | None) -> None:
        """Begin what is due, and come back when the next is."""
        now = time.perf_counter()
        while upcoming is not None and began + upcoming <= now:
            self._due.append(began + upcoming)
            upcoming = next(arrivals, None)
        self._hand_out()
        if upcoming is not None:
            wait = max(0.0, began + upcoming - time.perf_counter())
            asyncio.get_running_loop().call_later(wait, self._arrive, arrivals, began, upcoming)
        else:
            self._rate = 0.0
            self._finish()

    def _hand_out(self) -> None:
        while self._due and self._idle:
            self._begin(self._idle.popleft(), self._due.popleft())

    def _begin(self, line: Line, meant: float) -> None:
        self._on_their_way += 1
        line.send(self._requests.next(meant))

    def answered(self, line: Line, sent: Sending, status: int, body: bytes) -> None:
        """Take note of an answer, and go on."""
        now = time.perf_counter()
        self._on_their_way -= 1
        self.seen.delays[sent.kind].append(now - sent.meant)
        if status == sent.expected:
            self._requests.answered(sent, body)
        else:
            self.seen.wrong.add(status)
        if self._rate or self._due:
            self._idle.append(line)
            self._hand_out()
        elif now < self._until:
            self._begin(line, now)
        self._finish()

    def failed(self, error: Exception) -> None:
        """End with an error."""
        if not self._over.done():
            self._over.set_exception(error)

    def _finish(self) -> None:
        if not self._rate and not self._due and not self._on_their_way and not self._over.done():
            self._over.set_result(None)


async def connected(crowd: Crowd, port: int, workers: list[int]) -> list[Line]:
    """Return connections, as many to each worker process where those are known.

    Whichever worker is quickest takes a new connection, and one that is still starting takes none: those
    that went to a worker which has enough are closed, and others made. Raises ConnectionError where that
    never ends.
    """
    loop = asyncio.get_running_loop()
    wanted = dict.fromkeys(workers, CONNECTIONS_A_WORKER)
    lines: list[Line] = []
    give_up = time.monotonic() + PATIENCE_SECONDS
    while len(lines) < CONNECTIONS_A_WORKER * max(1, len(workers)):
        if time.monotonic() > give_up:
            raise ConnectionError(f"no connection in {PATIENCE_SECONDS} s went to some worker: {wanted}")
        before = {worker: sockets_of(worker) for worker in workers}
        _, line = await loop.create_connection(lambda: Line(crowd), "127.0.0.1", port)
        line.ask(b"GET /control/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await line.answer
        takers = [worker for worker in workers if sockets_of(worker) > before[worker]]
        if not workers:
            lines.append(line)
        elif len(takers) == 1 and wanted[takers[0]]:
            wanted[takers[0]] -= 1
            lines.append(line)
        else:
            line.transport.close()
            await asyncio.sleep(SETTLING_SECONDS)
    return lines


async def drive(mix: Mix, port: int, seconds: float, rate: float, workers: list[int]) -> dict[str, object]:
    """Return the delays of each kind in seconds, how long it all took, and unexpected statuses."""
    crowd = Crowd(Requests(mix), seconds, rate)
    lines = await connected(crowd, port, workers)
    took = await crowd.run(lines)
    return {"seconds": took, "delays": crowd.seen.delays, "wrong": sorted(crowd.seen.wrong)}


def main() -> None:
    """Send what a file holds."""
    file, port, seconds, rate, named = Path(sys.argv[1]), *sys.argv[2:6]
    workers = [int(each) for each in named.split(",") if each]
    mix: Mix = pickle.loads(file.read_bytes())
    print(json.dumps(uvloop.run(drive(mix, int(port), float(seconds), float(rate), workers))))


if __name__ == "__main__":
    main()

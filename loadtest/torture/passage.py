"""One client's connection through the relay, and what befalls the exchanges on it.

The relay does not read HTTP. A request begins with the first bytes that a client sends after an answer has
begun, and an answer with the first that the server sends after a request: HTTP/1.1 without pipelining takes
turns like that, with any number of requests to a connection.
"""

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from loadtest.torture.events import EventLog
from loadtest.torture.fates import Delay, DelayPoint, Drop, DropPoint, Fate, Fortune

MOST_BYTES = 65_536
_ANSWER_AFTER_HANG_UP_SECONDS = 30.0
_CLOSING_SECONDS = 5.0
_COMMANDS = (b"POST ", b"PUT ", b"PATCH ", b"DELETE ")
_TRACE = re.compile(rb"\r\nssp-traceid:\s*([^\r\n]+)", re.IGNORECASE)
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Traffic:
    """What the passages of one relay share. Any thread may read its numbers; the rest belongs to the loop.

    `calm` is set while the relay only passes on. `in_flight` exchanges have been passed to the server and not
    been answered; `held` wait in the relay. `command_passed` is set whenever a request that may change
    something reaches the server. `counts` are of exchanges and refused connections.
    """

    fates: Fortune
    log: EventLog
    calm: asyncio.Event
    command_passed: threading.Event
    in_flight: int = 0
    commands: int = 0
    held: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Side:
    """One of the two connections of a passage."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> bytes:
        """The next bytes; empty when there will be no more. A broken connection raises OSError."""
        return await self.reader.read(MOST_BYTES)

    async def write(self, data: bytes) -> None:
        """Send, and wait while the other end is slow to take it. A broken connection raises OSError."""
        self.writer.write(data)
        await self.writer.drain()

    def hang_up(self, reset: bool) -> None:
        """Close the connection, after what was written, or at once and rudely."""
        if reset:
            own: Any = self.writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                # Where the other end was quicker, there is no socket any more.
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.writer.transport.abort()
        else:
            self.writer.close()

    async def closed(self) -> None:
        """Wait until the connection is closed, not for ever."""
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self.writer.wait_closed()
        except (OSError, TimeoutError):
            pass
        finally:
            self.writer.transport.abort()


class Passage:
    """Passes bytes both ways until one side ends or a fate cuts it. `run` it once."""

    def __init__(self, number: int, client: Side, server: Side, traffic: Traffic) -> None:
        self._number = number
        self._client = client
        self._server = server
        self._traffic = traffic
        self._exchange = 0
        self._fate: Fate = None
        self._trace: str | None = None
        self._answered = True
        self._command = False
        self._under_way = False
        self._cut = False
        self._client_gone = False
        self._reset = False

    async def run(self) -> None:
        """Pass on until it is over; both connections are closed then."""
        requests = asyncio.create_task(self._pass_requests())
        answers = asyncio.create_task(self._pass_answers())
        try:
            await asyncio.wait({requests, answers}, return_when=asyncio.FIRST_COMPLETED)
            if not (self._cut or answers.done()):
                # The client has gone: the server may still be at work for it, and closes when it is done.
                await asyncio.wait({answers}, timeout=_ANSWER_AFTER_HANG_UP_SECONDS)
        finally:
            if self._under_way and not (self._cut or self._client_gone):
                self._note("cut")
            self._no_longer_under_way()
            for task in (requests, answers):
                task.cancel()
            for side in (self._client, self._server):
                side.hang_up(self._reset)
            await asyncio.gather(requests, answers, return_exceptions=True)
            await asyncio.gather(self._client.closed(), self._server.closed())

    async def _pass_requests(self) -> None:
        try:
            while data := await self._client.read():
                if not self._answered:
                    await self._server.write(data)
                    continue
                self._begin(data)
                if self._dropped(DropPoint.BEFORE_REQUEST):
                    return
                await self._delayed(DelayPoint.REQUEST)
                self._passed()
                await self._server.write(data)
                if self._dropped(DropPoint.AFTER_REQUEST):
                    return
            self._client_gone = True
            self._server.writer.write_eof()
        except OSError:
            self._client_gone = self._client.reader.exception() is not None
            self._server.hang_up(reset=False)

    async def _pass_answers(self) -> None:
        try:
            while data := await self._server.read():
                if not self._answered:
                    self._answered = True
                    self._no_longer_under_way()
                    if self._dropped(DropPoint.BEFORE_ANSWER):
                        return
                    if isinstance(self._fate, Drop) and self._fate.point == DropPoint.IN_ANSWER:
                        await self._client.write(data[: max(1, int(len(data) * self._fate.passed))])
                        self._dropped(DropPoint.IN_ANSWER)
                        return
                    await self._delayed(DelayPoint.ANSWER)
                await self._client.write(data)
        except OSError:
            # A server that was killed resets its connections: so does the relay, in its place.
            self._reset = True

    def _begin(self, data: bytes) -> None:
        traffic = self._traffic
        self._exchange += 1
        self._answered = False
        self._fate = None if traffic.calm.is_set() else traffic.fates.of(self._number, self._exchange)
        self._command = data.startswith(_COMMANDS)
        found = _TRACE.search(data)
        self._trace = found[1].decode("latin-1") if found else None
        traffic.counts["exchanges"] += 1

    def _passed(self) -> None:
        self._under_way = True
        self._traffic.in_flight += 1
        if self._command:
            self._traffic.commands += 1
            self._traffic.command_passed.set()

    def _no_longer_under_way(self) -> None:
        if self._under_way:
            self._under_way = False
            self._traffic.in_flight -= 1
            self._traffic.commands -= self._command

    def _dropped(self, point: DropPoint) -> bool:
        fate = self._fate
        if not isinstance(fate, Drop) or fate.point != point:
            return False
        self._cut, self._reset = True, fate.reset
        self._note("drop", point=point, reset=fate.reset)
        return True

    async def _delayed(self, point: DelayPoint) -> None:
        fate = self._fate
        if not isinstance(fate, Delay) or fate.point != point:
            return
        self._note("delay", point=point, seconds=round(fate.seconds, 3), beyond=fate.beyond)
        self._traffic.held += 1
        try:
            async with asyncio.timeout(fate.seconds):
                await self._traffic.calm.wait()
        except TimeoutError:
            pass
        finally:
            self._traffic.held -= 1

    def _note(self, kind: str, **facts: Any) -> None:
        self._traffic.log.note(
            kind, connection=self._number, exchange=self._exchange, trace=self._trace, **facts
        )

"""A TCP relay between clients and a server that drops and delays as the fates say, and only while unleashed.

It runs in a thread of its own with a loop of its own, in gpload's process, never where Locust patches.
"""

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from loadtest.torture.events import EventLog
from loadtest.torture.fates import Fortune
from loadtest.torture.passage import Passage, Side, Traffic

_HOST = "127.0.0.1"
_BACKLOG = 1024
_STARTING_SECONDS = 10.0
_POLL_SECONDS = 0.01


class Relay:
    """Listens on a free loopback port from `with` on, and passes every connection on to `host` and `port`.

    It is quiet until `unleash`. All methods may be called from any thread.
    """

    def __init__(self, host: str, port: int, fates: Fortune, log: EventLog) -> None:
        self._server = (host, port)
        self._log = log
        self._calm = asyncio.Event()
        self._calm.set()
        self._traffic = Traffic(fates, log, self._calm, threading.Event())
        self._numbers = itertools.count(1)
        self._passages: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._listening = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="relay")
        self.port = 0

    @property
    def url(self) -> str:
        """Where clients find it: scheme, host and port."""
        return f"http://{_HOST}:{self.port}"

    @property
    def in_flight(self) -> int:
        """Exchanges passed to the server and not answered yet."""
        return self._traffic.in_flight

    @property
    def held(self) -> int:
        """Exchanges whose request or answer waits in the relay."""
        return self._traffic.held

    @property
    def commands_in_flight(self) -> int:
        """Those of them that may change something: POST, PUT, PATCH, DELETE."""
        return self._traffic.commands

    @property
    def counts(self) -> Counter[str]:
        """How many `exchanges` began, and connections were `refused` while the server was down."""
        return Counter(self._traffic.counts)

    def unleash(self) -> None:
        """From now on exchanges meet their fates."""
        self._in_the_loop(self._calm.clear)

    def quiet(self) -> None:
        """From now on everything passes unharmed, and what is held goes on at once."""
        self._in_the_loop(self._calm.set)
        self._log.note("quiet")

    def drain(self, seconds: float) -> bool:
        """Wait until nothing is held or in flight; false where that takes longer."""
        give_up = time.monotonic() + seconds
        while self._traffic.held or self._traffic.in_flight:
            if time.monotonic() > give_up:
                self._log.note("drained", in_flight=self._traffic.in_flight)
                return False
            time.sleep(_POLL_SECONDS)
        self._log.note("drained", in_flight=0)
        return True

    def await_command(self, seconds: float) -> bool:
        """Wait for the next request that may change something to reach the server; false where none does."""
        self._traffic.command_passed.clear()
        return self._traffic.command_passed.wait(seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait(_STARTING_SECONDS)
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ending is not None:
            self._in_the_loop(self._ending.set)
        self._thread.join()

    def _in_the_loop(self, do: Callable[[], object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(do)

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        try:
            listener = await asyncio.start_server(self._accepted, _HOST, 0, backlog=_BACKLOG)
        except OSError as error:
            self._failure = error
            self._listening.set()
            return
        self.port = listener.sockets[0].getsockname()[1]
        self._listening.set()
        await self._ending.wait()
        listener.close()
        for passage in self._passages:
            passage.cancel()
        await asyncio.gather(*self._passages, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passage = asyncio.create_task(self._pass(next(self._numbers), Side(reader, writer)))
        self._passages.add(passage)
        passage.add_done_callback(self._passages.discard)
        # One that was cancelled before it began has closed nothing.
        passage.add_done_callback(lambda _: writer.transport.abort())

    async def _pass(self, number: int, client: Side) -> None:
        try:
            server = Side(*await asyncio.open_connection(*self._server))
        except OSError:
            self._traffic.counts["refused"] += 1
            client.hang_up(reset=True)
            await client.closed()
            return
        if _met_itself(server):
            # A connection to a free port of the ephemeral range may be given that very port to come from.
            self._traffic.counts["refused"] += 1
            server.hang_up(reset=True)
            client.hang_up(reset=True)
            await asyncio.gather(server.closed(), client.closed())
            return
        await Passage(number, client, server, self._traffic).run()


def _met_itself(side: Side) -> bool:
    return bool(side.writer.get_extra_info("sockname") == side.writer.get_extra_info("peername"))

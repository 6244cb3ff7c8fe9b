"""HTTP to providers outside: one process's connections, kept open between requests.

A request goes to the address that the directory has, whatever it or an answer says; a redirect is an answer
like any other. Bodies are passed on as they come, in both directions.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.types import Receive, Send

from simulator.spine.forwarding import ProviderCall, end_to_end
from simulator.spine.provider_answer import Answer, Broken
from simulator.spine.proxy_refusals import NoAnswerInTime, NoCommunication

LOG = logging.getLogger("gpsim.proxy")
CONNECT_SECONDS = 5.0
IDLE_SECONDS = 4.0
"""A connection that was not used for so long is not used again: many servers close it after five seconds."""

MOST_IDLE = 100
"""How many connections to one provider are kept open."""

AT_ONCE = 65_536
PORTS = {"http": 80, "https": 443}
OF_THE_SERVER = frozenset({b"date", b"strict-transport-security"})
"""What is our own server's to say: when it answered, and, over TLS, that it promises to go on with TLS."""


class Connection:
    """One connection to a provider, of one event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self.last_used = time.monotonic()

    @property
    def is_usable(self) -> bool:
        """Tell whether it may be used again: open, and used not long ago."""
        if self._loop is not asyncio.get_running_loop() or self._writer.is_closing():
            return False
        return time.monotonic() - self.last_used < IDLE_SECONDS and not self._reader.at_eof()

    async def ask(self, call: ProviderCall, receive: Receive, silence: float) -> None:
        """Send a request as its parts come in; raise Broken where whoever asks is gone before its end."""
        self._writer.write(call.head)
        more = call.has_body
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Broken("the consumer is gone")
            part, more = message.get("body", b""), message.get("more_body", False)
            if call.chunked:
                part = b"%x\r\n%b\r\n" % (len(part), part) if part else b""
                part += b"" if more else b"0\r\n\r\n"
            self._writer.write(part)
            try:
                async with asyncio.timeout(silence):
                    await self._writer.drain()
            except ConnectionError:
                # It may have answered, and closed, without reading to the end.
                return

    async def hear(self, answer: Answer, silence: float) -> None:
        """Read some more of an answer; raise Broken where there is no more, TimeoutError after silence."""
        async with asyncio.timeout(silence):
            data = await self._reader.read(AT_ONCE)
        if data:
            answer.feed(data)
        else:
            answer.end()

    def close(self) -> None:
        """Close it."""
        with suppress(RuntimeError):
            self._writer.close()


class ProviderConnections:
    """The open connections of one process."""

    def __init__(self, silence: float, make_tls: Callable[[], ssl.SSLContext]) -> None:
        """`silence` is the seconds that a provider may be silent; `make_tls` gives what https needs."""
        self._silence = silence
        self._make_tls = make_tls
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[str, list[Connection]] = {}

    async def forward(self, call: ProviderCall, receive: Receive, send: Send) -> None:
        """Have a provider answer a request.

        Raises NoCommunication where it cannot be reached or breaks off, NoAnswerInTime where it is silent.
        """
        failure = f"ERROR_COMMUNICATING_TO_ENDPOINT_URL_{call.url}"
        try:
            connection, answer = await self._heard(call, receive)
            try:
                await self._pass_on(connection, answer, send)
            except BaseException:
                connection.close()
                raise
        except TimeoutError as error:
            LOG.warning("%s did not answer within %g seconds", call.address, self._silence)
            raise NoAnswerInTime(failure) from error
        except (OSError, Broken) as error:
            LOG.warning("%s could not be asked: %s", call.address, _why(error))
            raise NoCommunication(failure) from error
        if answer.may_reuse:
            self._keep(call.address, connection)
        else:
            connection.close()

    async def _heard(self, call: ProviderCall, receive: Receive) -> tuple[Connection, Answer]:
        """Return a connection on which a request was sent, and the head of its answer."""
        while True:
            waiting = self._waiting(call.address)
            connection = waiting or await self._connect(call.address)
            answer = Answer()
            try:
                await connection.ask(call, receive, self._silence)
                while not answer.status:
                    await connection.hear(answer, self._silence)
            except BaseException as error:
                connection.close()
                # A provider may close a connection just as it is used again. What has no body is sent anew;
                # what has one could be done twice.
                lost = isinstance(error, OSError | Broken) and not isinstance(error, TimeoutError)
                if not (waiting and lost and not call.has_body):
                    raise
            else:
                return connection, answer

    async def _pass_on(self, connection: Connection, answer: Answer, send: Send) -> None:
        """Pass on an answer, part by part."""
        headers = end_to_end(answer.headers)
        headers = [header for header in headers if header[0] not in OF_THE_SERVER]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        while not answer.is_complete:
            part = answer.take()
            if part:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await connection.hear(answer, self._silence)
        await send({"type": "http.response.body", "body": answer.take()})

    async def _connect(self, address: str) -> Connection:
        """Open a connection to where the directory says; raise Broken where nobody answers there in time."""
        parts = urlsplit(address)
        if parts.scheme == "https" and self._tls is None:
            self._tls = self._make_tls()
        tls = self._tls if parts.scheme == "https" else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                streams = await asyncio.open_connection(
                    parts.hostname, parts.port or PORTS[parts.scheme], ssl=tls, limit=AT_ONCE
                )
        except TimeoutError as error:
            raise Broken("no connection in time") from error
        return Connection(*streams)

    def _waiting(self, address: str) -> Connection | None:
        """Return an open connection that waits to be used again, the one used last first."""
        idle = self._idle.get(address, [])
        while idle:
            connection = idle.pop()
            if connection.is_usable:
                return connection
            connection.close()
        return None

    def _keep(self, address: str, connection: Connection) -> None:
        connection.last_used = time.monotonic()
        idle = self._idle.setdefault(address, [])
        idle.append(connection)
        if len(idle) > MOST_IDLE:
            idle.pop(0).close()

    def close(self) -> None:
        """Close every connection that waits."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


def _why(error: Exception) -> str:
    """Return in words why a provider could not be asked."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not pass: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(error.reason or str(error)).lower().replace('_', ' ')}"
    return str(error) or type(error).__name__

"""LDAP's connections: bytes in, messages answered one after the other, bytes out, with or without TLS."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from simulator.spine.directory_ldap import Answer, DirectoryLdap, Then
from simulator.spine.handshakes import FAREWELL_SECONDS, TlsFront
from simulator.spine.ldap_ber import Malformed, end_of_first
from simulator.spine.ldap_messages import Message, ResultCode, disconnection, read_message

LOG = logging.getLogger("gpsim.ldap")

LONGEST_MESSAGE = 65_536
"""How many bytes a request may have; the longest that consumers send has some hundred."""

IDLE_SECONDS = 300
TURN_SECONDS, TURNS_TO_READ = 0.01, 1_000
"""How often it is looked whether a client has read that TLS may begin, and how often at most."""

MOST_CONNECTIONS = 1_000
"""How many clients one process answers at a time."""


@dataclass(frozen=True, slots=True)
class LdapListeners:
    """The sockets that LDAP, and LDAP over TLS from the first byte, are spoken on, as far as they are."""

    plain: socket.socket | None = None
    over_tls: socket.socket | None = None


NO_LDAP = LdapListeners()


class LdapConnection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, service: "LdapService", is_secure: bool) -> None:
        self._service = service
        self._is_secure = is_secure
        self._received = bytearray()
        self._is_full = False
        self._is_closing = False
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        if not self._service.admit(self):
            self.hang_up(ResultCode.UNAVAILABLE, "too many clients")
            return
        self._wait(IDLE_SECONDS, self._tire)

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self._is_closing = True
        if self._timer is not None:
            self._timer.cancel()
        self._service.forget(self)

    def data_received(self, data: bytes) -> None:
        """Answer what has come so far."""
        if not self._is_closing:
            self._received += data
            # At a turn of its own: this one may have looked at the database before the question came.
            asyncio.get_running_loop().call_soon(self._answer_next)

    def pause_writing(self) -> None:
        """Stop answering a client that does not read, and stop reading what it sends."""
        self._is_full = True
        self._read(False)

    def resume_writing(self) -> None:
        """Go on, at a later turn: the loop is not done with its writing, and closing now would upset it."""
        self._is_full = False
        asyncio.get_running_loop().call_soon(self._answer_next)

    def hang_up(self, code: ResultCode, why: str, at_once: bool = False) -> None:
        """Tell the client why, and close the connection: `at_once`, or as soon as the client does.

        What a client sends meanwhile is read and thrown away. Unread, it would reset the connection, and the
        client might never see why.
        """
        if self._is_closing:
            return
        self._read(True)
        self._is_closing = True
        self._transport.write(disconnection(code, why))
        if at_once or not self._transport.can_write_eof():
            self._transport.close()
            return
        self._transport.write_eof()
        self._wait(FAREWELL_SECONDS, self._transport.abort)

    def _answer_next(self) -> None:
        """Answer one message, if a whole one is there, and the next at a later turn: others have theirs."""
        if self._is_full or self._is_closing:
            return
        try:
            message = self._next_message()
        except Malformed as error:
            LOG.info("LDAP connection closed: %s", error)
            self.hang_up(ResultCode.PROTOCOL_ERROR, str(error))
            return
        self._read(message is None)
        if message is not None:
            self._wait(IDLE_SECONDS, self._tire)
            self._give(self._service.directory.answer(message, self._is_secure))
            asyncio.get_running_loop().call_soon(self._answer_next)

    def _next_message(self) -> Message | None:
        """Return the first message of what has come; None where it has not all come. Raises Malformed."""
        end = end_of_first(self._received)
        if end is not None and end > LONGEST_MESSAGE:
            raise Malformed(f"a message has {end} bytes; expected at most {LONGEST_MESSAGE}")
        if end is None or end > len(self._received):
            return None
        data = bytes(self._received[:end])
        del self._received[:end]
        return read_message(data)

    def _read(self, is_reading: bool) -> None:
        if not self._is_closing and self._transport.is_reading() != is_reading:
            (self._transport.resume_reading if is_reading else self._transport.pause_reading)()

    def _give(self, answer: Answer) -> None:
        if answer.then is Then.START_TLS and self._received:
            # What came in the clear must not be taken for something said under TLS.
            self.hang_up(ResultCode.PROTOCOL_ERROR, "more came with StartTLS; expected TLS next")
            return
        self._transport.write(answer.data)
        if answer.then is Then.HANG_UP:
            self._is_closing = True
            self._transport.close()
        elif answer.then is Then.START_TLS:
            self._is_closing = True
            self._service.start_tls(self._transport)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        """Give the client some time, instead of what was left of it."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _tire(self) -> None:
        self.hang_up(ResultCode.UNAVAILABLE, f"nothing more came for {IDLE_SECONDS} seconds")


class LdapService:
    """LDAP as one process speaks it, on sockets that listen already."""

    def __init__(self, directory: DirectoryLdap, context: ssl.SSLContext | None) -> None:
        """`context` is what TLS is spoken with, where the directory has certificates."""
        self.directory = directory
        self._context = context
        self._connections: set[LdapConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def start(self, listeners: LdapListeners) -> None:
        """Begin to answer."""
        loop = asyncio.get_running_loop()
        for listener, make_protocol in (
            (listeners.plain, partial(LdapConnection, self, False)),
            (listeners.over_tls, self._front),
        ):
            if listener is not None:
                self._servers.append(await loop.create_server(make_protocol, sock=listener))

    def stop(self) -> None:
        """Take nobody on any more, and take leave of those who are there."""
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.hang_up(ResultCode.UNAVAILABLE, "the server stops", at_once=True)
        for task in self._tasks:
            task.cancel()

    def admit(self, connection: LdapConnection) -> bool:
        """Take note of a connection; tell whether it is not one too many."""
        self._connections.add(connection)
        return len(self._connections) <= MOST_CONNECTIONS

    def forget(self, connection: LdapConnection) -> None:
        """Take note that a connection has ended."""
        self._connections.discard(connection)

    def start_tls(self, transport: asyncio.Transport) -> None:
        """Have a connection shake hands once all that was said on it in the clear is sent."""
        transport.pause_reading()
        task = asyncio.get_running_loop().create_task(self._hand_over(transport))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, transport: asyncio.Transport) -> None:
        for _ in range(TURNS_TO_READ):
            if transport.is_closing():
                return
            if not transport.get_write_buffer_size():
                self._front().connection_made(transport)
                return
            await asyncio.sleep(TURN_SECONDS)
        transport.abort()

    def _front(self) -> TlsFront:
        """Return what shakes hands with a client and then lets LDAP in."""
        return TlsFront(partial(LdapConnection, self, True), cast(ssl.SSLContext, self._context))

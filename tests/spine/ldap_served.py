"""LDAP as it is served to clients: a listener on a free port, and connections to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from simulator.spine import ldap_connections
from simulator.spine.directory_ldap import DirectoryLdap
from simulator.spine.ldap_connections import LdapListeners, LdapService
from tests.spine.ldap_client import Reply, read_replies

PATIENCE_SECONDS = 30
KERNEL_HOLDS = 32_768
"""How many bytes of a connection the kernel keeps: what it keeps hides whether the server goes on."""


@dataclass(slots=True)
class Client:
    """A connection to the directory."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *messages: bytes) -> None:
        """Send bytes."""
        self.writer.write(b"".join(messages))

    async def replies(self, count: int = 1) -> list[Reply]:
        """Return so many replies, as soon as they are there."""
        data, found = b"", list[Reply]()
        while len(found) < count:
            more = await asyncio.wait_for(self.reader.read(65_536), PATIENCE_SECONDS)
            assert more, f"hung up after {found}"
            data += more
            found = whole(data)
        return found

    async def rest(self) -> list[Reply]:
        """Return every reply until the server hangs up."""
        data = await asyncio.wait_for(self.reader.read(), PATIENCE_SECONDS)
        return read_replies(data)


def whole(data: bytes) -> list[Reply]:
    """Return the replies in some bytes, none where the last one has not all come."""
    try:
        return read_replies(data)
    except (AssertionError, ValueError):
        return []


@asynccontextmanager
async def served(
    directory: DirectoryLdap,
) -> AsyncIterator[tuple[LdapService, Callable[[], Awaitable[Client]]]]:
    """Serve on a free port; yield the service, and what connects to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_HOLDS)
        service = LdapService(directory, None)
        await service.start(LdapListeners(listener))
        clients: list[Client] = []

        async def connect() -> Client:
            own = socket.socket()
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_HOLDS)
            own.setblocking(False)
            await asyncio.get_running_loop().sock_connect(own, listener.getsockname())
            clients.append(Client(*await asyncio.open_connection(sock=own)))
            return clients[-1]

        try:
            yield service, connect
        finally:
            service.stop()
            for client in clients:
                client.writer.close()
                with suppress(OSError):
                    await asyncio.wait_for(client.writer.wait_closed(), PATIENCE_SECONDS)
            while service._connections:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.001)


async def until(
    look: Callable[[], list[ldap_connections.LdapConnection]],
) -> list[ldap_connections.LdapConnection]:
    """Return what is looked for, as soon as there is any."""
    for _ in range(PATIENCE_SECONDS * 100):
        found = look()
        if found:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("nothing came")

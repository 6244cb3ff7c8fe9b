"""When a connection of LDAP reads, answers and closes: turn by turn, without a network."""

import asyncio

from simulator.spine.directory_ldap import DirectoryLdap
from simulator.spine.ldap_ber import element
from simulator.spine.ldap_connections import LdapConnection, LdapService
from simulator.spine.ldap_messages import UNBIND
from tests.spine.ldap_client import bind, read_replies, sent


class Wire(asyncio.Transport):
    """What a connection writes to, and whether it reads and is open."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reads, self.is_open = True, True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes."""
        self.written += bytes(data)

    def is_reading(self) -> bool:
        """Tell whether the connection wants more."""
        return self.reads

    def pause_reading(self) -> None:
        """Bring nothing more."""
        self.reads = False

    def resume_reading(self) -> None:
        """Bring more."""
        self.reads = True

    def close(self) -> None:
        """End."""
        self.is_open = False


def test_who_does_not_read_is_neither_answered_nor_read_from(directory: DirectoryLdap) -> None:
    async def go() -> None:
        wire, connection = Wire(), LdapConnection(LdapService(directory, None), False)
        connection.connection_made(wire)
        connection.pause_writing()
        assert not wire.reads
        connection.data_received(sent(bind(), 1))
        await asyncio.sleep(0)
        assert (wire.written, wire.reads) == (b"", False)
        connection.resume_writing()
        await asyncio.sleep(0)
        assert [each.message_id for each in read_replies(wire.written)] == [1]
        await asyncio.sleep(0)
        assert wire.reads
        connection.connection_lost(None)

    asyncio.run(go())


def test_a_good_bye_that_waited_closes_only_once_the_loop_has_written(directory: DirectoryLdap) -> None:
    """While it writes, the loop goes on to use a connection that it has told to resume."""

    async def go() -> None:
        wire, connection = Wire(), LdapConnection(LdapService(directory, None), False)
        connection.connection_made(wire)
        connection.pause_writing()
        connection.data_received(sent(element(UNBIND), 1))
        connection.resume_writing()
        assert wire.is_open
        await asyncio.sleep(0)
        assert not wire.is_open
        connection.connection_lost(None)

    asyncio.run(go())

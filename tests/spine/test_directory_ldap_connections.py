"""LDAP's connections: many messages at once, none whole, too long, none at all, and the end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path

import pytest

from simulator.spine import ldap_connections
from simulator.spine.directory_ldap import DirectoryLdap
from simulator.spine.ldap_ber import SEQUENCE, element, text
from simulator.spine.ldap_connections import LONGEST_MESSAGE
from simulator.spine.ldap_messages import DISCONNECTION, EXTENDED_RESPONSE, START_TLS, UNBIND, ResultCode
from simulator.store.database import Store
from tests.spine.ldap_client import ORGANISATIONS, bind, extended, is_equal, search, sent
from tests.spine.ldap_served import PATIENCE_SECONDS, served, until

Run = Callable[[Callable[[], Coroutine[None, None, None]]], None]

FIND = search(is_equal("nhsIDCode", "Z90001"), "nhsIDCode")
SETTLED, MANY = 20, 40
MUCH = 200_000
"""More bytes than wait for a client that does not read; all of its answers have many times more."""

HUNG_UP = (0, EXTENDED_RESPONSE, DISCONNECTION)


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Return what runs a coroutine, in the event loop of the standard library and in the faster one."""

    def on_loop(main: Callable[[], Coroutine[None, None, None]]) -> None:
        upset: list[object] = []
        factory = pytest.importorskip("uvloop").new_event_loop if request.param == "uvloop" else None
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.get_loop().set_exception_handler(lambda loop, context: upset.append(context))
            runner.run(main())
        assert not upset

    return on_loop


def test_messages_are_answered_in_order_however_they_are_cut(run: Run, directory: DirectoryLdap) -> None:
    async def go() -> None:
        async with served(directory) as (_, connect):
            client = await connect()
            data = b"".join((sent(bind(), 1), *(sent(FIND, number) for number in range(2, 40))))
            for at in range(0, len(data), 7):
                client.send(data[at : at + 7])
                await client.writer.drain()
            replies = await client.replies(39)
            assert [each.message_id for each in replies] == list(range(1, 40))
            assert all(each.code == ResultCode.SUCCESS for each in replies)

    run(go)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        bytes.fromhex("3080020101"),
        sent(b"\x7f\x00"),
        sent(FIND, 0),
        element(SEQUENCE, text("x" * LONGEST_MESSAGE)),
        bytes.fromhex("308400010001"),
        bytes.fromhex("16030100c8010000c4"),
    ],
    ids=["HTTP", "indefinite", "no operation", "id 0", "too long", "to be too long", "TLS"],
)
def test_what_is_no_ldap_is_told_so_and_hung_up_on(
    run: Run, directory: DirectoryLdap, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        async with served(directory) as (_, connect):
            client = await connect()
            client.send(sent(FIND, 5), data, sent(FIND, 6))
            found, notice = await client.rest()
            assert (found.message_id, found.code) == (5, ResultCode.SUCCESS)
            assert (notice.message_id, notice.tag, notice.oid) == HUNG_UP
            assert notice.code == ResultCode.PROTOCOL_ERROR
            assert notice.why
            other = await connect()
            other.send(sent(FIND))
            assert (await other.replies())[0].entries

    caplog.set_level(logging.DEBUG)
    run(go)
    assert not [record for record in caplog.records if record.exc_info or record.levelno > logging.INFO]


def test_who_goes_on_sending_is_told_why_the_server_hangs_up(run: Run, directory: DirectoryLdap) -> None:
    """What a server leaves unread resets the connection, and with it what it said last."""

    async def go() -> None:
        async with served(directory) as (_, connect):
            client = await connect()
            client.send(b"GET / HTTP/1.1\r\n\r\n", b"x" * 4_000_000)
            await client.writer.drain()
            (notice,) = await client.rest()
            assert (notice.message_id, notice.tag, notice.oid) == HUNG_UP

    run(go)


def test_good_bye_ends_the_connection_without_a_word(run: Run, directory: DirectoryLdap) -> None:
    async def go() -> None:
        async with served(directory) as (_, connect):
            client = await connect()
            client.send(sent(FIND), sent(element(UNBIND), 8), sent(FIND, 9))
            assert [each.message_id for each in await client.rest()] == [7]

    run(go)


def test_what_comes_with_start_tls_is_not_taken_for_something_secret(
    run: Run, directory: DirectoryLdap, over_tls: DirectoryLdap
) -> None:
    async def go() -> None:
        async with served(over_tls) as (_, connect):
            client = await connect()
            client.send(sent(extended(START_TLS)), sent(FIND, 8))
            (notice,) = await client.rest()
            assert (notice.message_id, notice.tag, notice.oid) == HUNG_UP
            assert "StartTLS" in notice.why

    run(go)


def test_a_client_that_does_not_read_is_not_answered_for_ever(run: Run, directory: DirectoryLdap) -> None:
    """Its answers wait with it: the server neither keeps them all nor forgets any."""

    async def go() -> None:
        async with served(directory) as (service, connect):
            client, wide = await connect(), search(base="o=nhs")
            for number in range(1, MANY + 1):
                client.send(sent(wide, number))
            (connection,) = await until(lambda: [each for each in service._connections if each._is_full])
            held = [-1]
            while len(held) < SETTLED or len(set(held[-SETTLED:])) > 1 or not connection._is_full:
                held.append(connection._transport.get_write_buffer_size())
                assert len(held) < PATIENCE_SECONDS * 100, held[-SETTLED:]
                await asyncio.sleep(0.01)
            assert held[-1] < MUCH
            assert not connection._transport.is_reading()
            other = await connect()
            other.send(sent(FIND))
            assert (await other.replies())[0].entries
            client.send(sent(element(UNBIND), MANY + 1))
            assert [each.message_id for each in await client.rest()] == list(range(1, MANY + 1))

    run(go)


def test_a_client_that_says_nothing_more_is_hung_up_on(
    run: Run, directory: DirectoryLdap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap_connections, "IDLE_SECONDS", 0.05)

    async def go() -> None:
        async with served(directory) as (_, connect):
            client = await connect()
            client.send(sent(FIND)[:9])
            (notice,) = await client.rest()
            assert (notice.code, notice.oid) == (ResultCode.UNAVAILABLE, DISCONNECTION)

    run(go)


def test_one_client_too_many_is_told_so(
    run: Run, directory: DirectoryLdap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap_connections, "MOST_CONNECTIONS", 2)

    async def go() -> None:
        async with served(directory) as (service, connect):
            first, _ = await connect(), await connect()
            refused = await connect()
            (notice,) = await refused.rest()
            assert (notice.code, notice.why) == (ResultCode.UNAVAILABLE, "too many clients")
            refused.writer.close()
            first.send(sent(element(UNBIND)))
            await first.rest()
            await until(lambda: list(service._connections) if len(service._connections) == 1 else [])
            another = await connect()
            another.send(sent(FIND))
            assert (await another.replies())[0].entries

    run(go)


def test_who_is_connected_when_the_server_stops_is_told_so(run: Run, directory: DirectoryLdap) -> None:
    async def go() -> None:
        async with served(directory) as (service, connect):
            client = await connect()
            client.send(sent(FIND))
            await client.replies()
            service.stop()
            (notice,) = await client.rest()
            assert (notice.code, notice.why) == (ResultCode.UNAVAILABLE, "the server stops")
            assert not service._connections

    run(go)


def test_without_a_context_nothing_is_served_over_tls(run: Run, directory: DirectoryLdap) -> None:
    async def go() -> None:
        async with served(directory) as (_, connect):
            client = await connect()
            client.send(sent(extended(START_TLS)), sent(FIND, 8))
            refused, found = await client.replies(2)
            assert refused.code == ResultCode.PROTOCOL_ERROR
            assert found.entries

    run(go)


def test_a_search_is_answered_as_things_are_when_it_comes_whatever_its_turn_has_looked_at(
    run: Run, directory: DirectoryLdap, store: Store, database: Path
) -> None:
    name = "RENAMED MEANWHILE"

    async def go() -> None:
        async with served(directory) as (service, connect):
            client = await connect()
            (connection,) = await until(lambda: list(service._connections))
            store.glance().directory.changes()
            with closing(Store(database)) as elsewhere, elsewhere.writing():
                elsewhere.connection.execute("update organizations set name = ?", (name,))
            # So do some loops, within the turn.
            connection.data_received(sent(search(is_equal("uniqueIdentifier", "Z90001"), base=ORGANISATIONS)))
            (reply,) = await client.replies()
            assert [entry["o"] for entry in reply.entries.values()] == [[name]]

    run(go)

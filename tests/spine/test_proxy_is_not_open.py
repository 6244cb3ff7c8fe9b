"""No request reaches a host that is not in the directory, whatever is sent to the proxy."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message

from simulator.application import create_app
from simulator.control.directory import Operator, Registration, register
from simulator.domain.directory import GP_CONNECT_INTERACTIONS
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import STOPPED

ADDRESS = "https://provider.example:8443/A99999/STU3/1/gpconnect"
OURS = "http://testserver/Z90001/STU3/1/gpconnect"
REQUEST = re.compile(
    rb"GET /A99999/STU3/1/gpconnect[!-~]* HTTP/1\.1\r\nhost: provider\.example:8443\r\nforwarded: [ -~]+\r\n"
    rb"(ssp-[a-z]+: [ -~]+\r\n){4}\r\n"
)
"""What the provider is asked: one request, below its service root, with nothing added to it."""

PROVIDER, PRACTICE = "200000777777", "200000100001"


@dataclass
class World:
    """An application that has one provider outside; which connections it opens, and what it says there."""

    app: ASGIApp
    loop: asyncio.AbstractEventLoop
    opened: list[tuple[str, int]] = field(default_factory=list)
    said: bytes = b""

    async def open_connection(self, host: str, port: int, **_: Any) -> tuple[asyncio.StreamReader, Any]:
        """Open a connection to somebody who hangs up without a word."""
        self.opened.append((host, port))
        silent = asyncio.StreamReader()
        silent.feed_eof()
        return silent, Hearing(self)

    def forget(self) -> None:
        """Forget what was before."""
        self.opened, self.said = [], b""

    def ask(self, raw_path: bytes, query: bytes, receiver: str, host: str) -> int:
        """Send a request as a server hands it on; return the status of its answer."""
        return self.loop.run_until_complete(self._ask(raw_path, query, receiver, host))

    async def _ask(self, raw_path: bytes, query: bytes, receiver: str, host: str) -> int:
        status = 0

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)

        headers = {
            "host": host, "ssp-from": "200000000115", "ssp-to": receiver,
            "ssp-interactionid": GP_CONNECT_INTERACTIONS[0], "ssp-traceid": "x",
        }  # fmt: skip
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": "/https://x", "raw_path": raw_path, "query_string": query,
            "root_path": "", "client": None, "server": ("testserver", 80), "state": {},
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        await self.app(scope, receive, send)
        return status


@dataclass
class Hearing:
    """The writing end of a connection that keeps what is said."""

    world: World

    def write(self, data: bytes) -> None:
        """Keep what is said."""
        self.world.said += data

    def close(self) -> None:
        """Hang up."""


@pytest.fixture(scope="module")
def world(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return an application with one provider outside, which hangs up on whoever calls."""
    path = Path(shutil.copy(template_database, tmp_path_factory.mktemp("open") / "practices.db"))
    store = Store(path)
    with store.writing() as transaction:
        register(transaction, Registration(PROVIDER, "A99999", address=ADDRESS), Operator(0))
    made = World(create_app(replace(Settings(), database=path), store, STOPPED), asyncio.new_event_loop())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asyncio, "open_connection", made.open_connection)
        yield made
    made.loop.close()
    store.close()


HOSTS = st.sampled_from(
    (
        "provider.example:8443", "provider.example", "evil.example", "provider.example:8443@evil.example",
        "evil.example#provider.example:8443", "provider.example:8443.evil.example", "127.0.0.1:22", "[::1]",
        "testserver", "testserver@evil.example", "localhost", "\\\\evil.example", "%65vil.example", "",
    )
)  # fmt: skip
PIECES = st.sampled_from(
    (
        "/A99999/STU3/1/gpconnect", "/Z90001/STU3/1/gpconnect", "/Patient/1", "/..", "/.", "/%2e%2e", "#",
        "?", "//evil.example", "/https://evil.example", "@evil.example", "\\", "%00", "\r\n", " ", ":80",
        "%0d%0aHost: evil.example",
    )
)  # fmt: skip
SCHEMES = st.sampled_from(
    ("https://", "http://", "https:/", "HTTPS://", "https:///", "http:", "https://https://")
)


def encoded(url: str) -> str:
    return quote(url, safe="")


WAYS = st.sampled_from((lambda url: url, encoded, lambda url: quote(quote(url, safe=""))))
PATHS = st.builds("{}{}{}".format, SCHEMES, HOSTS, st.lists(PIECES, max_size=4).map("".join))


@settings(max_examples=300)
@given(
    st.one_of(PATHS, st.text(max_size=40).map(ADDRESS.__add__), st.text(max_size=40)),
    WAYS,
    st.sampled_from((PROVIDER, PRACTICE, "200000999999")),
    st.sampled_from(("testserver", "provider.example:8443", "evil.example")),
    st.sampled_from((b"", b"x=1", b"url=https://evil.example")),
)
@example(ADDRESS, lambda url: url, PROVIDER, "testserver", b"")
@example(f"{ADDRESS}?x HTTP/1.1\r\nHost: evil.example", encoded, PROVIDER, "testserver", b"")
def test_no_request_reaches_a_host_that_is_not_in_the_directory(
    world: World, url: str, way: Any, receiver: str, host: str, query: bytes
) -> None:
    world.forget()
    status = world.ask(b"/" + way(url).encode("utf-8", "replace"), query, receiver, host)
    assert set(world.opened) <= {("provider.example", 8443)}
    assert (status == 502) == bool(world.opened)
    if world.opened:
        assert receiver == PROVIDER
        assert REQUEST.fullmatch(world.said), world.said


def test_a_request_to_the_address_in_the_directory_does_go_there(world: World) -> None:
    world.forget()
    assert world.ask(f"/{ADDRESS}/metadata".encode(), b"", PROVIDER, "testserver") == 502
    assert world.opened == [("provider.example", 8443)]


def test_a_host_name_of_its_own_makes_no_practice_of_anything(world: World) -> None:
    """Where our practices are said to be follows the request; who answers there does not."""
    world.forget()
    target = b"/http://evil.example/Z90001/STU3/1/gpconnect/metadata"
    assert world.ask(target, b"", PRACTICE, "evil.example") == 400
    assert not world.opened

"""Bytes in, bytes out: one HTTP exchange with the application, past every client's good manners.

A test client would repair what is being tested: it encodes headers, joins chunks and refuses odd verbs.
"""

import asyncio
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from simulator.fhir.xml import read_xml


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as a server hands it over: names of headers in lower case, the body in pieces."""

    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: tuple[bytes, ...]

    def __str__(self) -> str:
        """Return the request for a person to read: the line, the headers, the head of the body."""
        line = f"{self.method} {self.path!r} ?{self.query[:600]!r}"
        headers = [f"  {name.decode()}: {value[:200]!r}" for name, value in self.headers]
        size = sum(map(len, self.body))
        return "\n".join([line, *headers, f"  ({size} bytes) {b''.join(self.body)[:3000]!r}"])

    def scope(self) -> Scope:
        """Return the ASGI scope of the request."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": unquote(self.path.decode("ascii")),
            "raw_path": self.path,
            "query_string": self.query,
            "root_path": "",
            "headers": list(self.headers),
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }


@dataclass(frozen=True, slots=True)
class RawResponse:
    """What came back; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def plain(self) -> bytes:
        """Return the body out of its compression."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    def resource(self) -> Any:
        """Return the body as a resource, whichever format it is in; JSON is read strictly."""
        if self.headers["content-type"].startswith("application/fhir+xml"):
            return read_xml(self.plain)
        return json.loads(self.plain, parse_constant=_not_json)


def _not_json(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True, slots=True)
class Wire:
    """Sends raw requests to an application, one after the other, on a loop of its own."""

    app: ASGIApp
    loop: asyncio.AbstractEventLoop

    def send(self, request: RawRequest) -> RawResponse:
        """Return what the application answers; an exception out of it is raised here."""
        return self.loop.run_until_complete(self._exchange(request))

    async def _exchange(self, request: RawRequest) -> RawResponse:
        pieces = list(request.body) or [b""]
        messages: list[Message] = []

        async def receive() -> Message:
            return _piece(pieces.pop(0), more=bool(pieces)) if pieces else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            messages.append(message)

        await self.app(request.scope(), receive, send)
        start, *rest = messages
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        return RawResponse(start["status"], headers, b"".join(each.get("body", b"") for each in rest))


def _piece(body: bytes, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}

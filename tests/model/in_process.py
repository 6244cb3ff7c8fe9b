"""A fast client: each request goes straight into the application, on one loop."""

import asyncio

import httpx2
from starlette.types import ASGIApp

from tests.fuzz.wire import RawRequest, Wire


class IntoTheApplication(httpx2.BaseTransport):
    """A transport without a network; many times as fast as a test client, which starts a thread a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._loop = asyncio.new_event_loop()
        self._wire = Wire(app, self._loop)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        path, _, query = request.url.raw_path.partition(b"?")
        headers = tuple((name.lower(), value) for name, value in request.headers.raw)
        body = request.read()
        answer = self._wire.send(RawRequest(request.method, path, query, headers, (body,) if body else ()))
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()


def in_process(app: ASGIApp) -> httpx2.Client:
    """Return a client of an application."""
    return httpx2.Client(transport=IntoTheApplication(app), base_url="http://testserver")

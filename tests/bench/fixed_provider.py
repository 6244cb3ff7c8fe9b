"""A provider that answers at once: every search with the same free slots, as an HTTP server at its fastest.

`python -m tests.bench.fixed_provider PORT` serves it: what loads it is what is measured.
"""

import socket
import sys

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.serving import server_config
from simulator.settings import Settings
from tests.bench.floor import FHIR_JSON
from tests.loadtest.fake_provider import ODS, TODAY, FakeProvider

SLOTS = 116
SEARCH_PATH = f"/{ODS}/STU3/1/gpconnect/Slot"


def application() -> Starlette:
    """The provider: one practice, whose search has one answer of some 60 kB."""
    provider = FakeProvider(slots=SLOTS)
    _, found = provider.answer("GET", f"{SEARCH_PATH}?start=ge{TODAY}&end=le2099-01-01", b"")
    body = orjson.dumps(found)

    async def search(request: Request) -> Response:
        return Response(body, headers={"content-type": FHIR_JSON})

    async def anything(request: Request) -> Response:
        status, content = provider.answer(request.method, f"{request.url.path}?{request.url.query}", b"")
        return Response(orjson.dumps(content), status, {"content-type": FHIR_JSON})

    return Starlette(routes=[Route(SEARCH_PATH, search), Route("/{path:path}", anything)])


def main() -> None:
    """Serve it."""
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048) as listener:
        uvicorn.Server(server_config(application, Settings())).run(sockets=[listener])


if __name__ == "__main__":
    main()

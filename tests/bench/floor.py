"""The floor: a bare Starlette application that returns fixed bodies, under the simulator's uvicorn settings.

`python -m tests.bench.floor BODIES PORT` serves it. BODIES is a directory with a file for each kind of work.
"""

import gzip
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.server.rendering import QUICK
from simulator.serving import server_config
from simulator.settings import Settings

FHIR_JSON = "application/fhir+json;charset=utf-8"
GZIPPED = "gzipped"
"""What the name of work ends in whose answer is compressed."""


def floor(bodies: dict[str, bytes]) -> Starlette:
    """Return the application: `/NAME` answers with the body of that name, any verb."""
    return Starlette(routes=[_route(name, body) for name, body in bodies.items()])


def _route(name: str, body: bytes) -> Route:
    async def fixed(request: Request) -> Response:
        return Response(body, 201 if request.method == "POST" else 200, {"content-type": FHIR_JSON})

    async def compressed(request: Request) -> Response:
        packed = gzip.compress(body, QUICK, mtime=0)
        return Response(packed, headers={"content-type": FHIR_JSON, "content-encoding": "gzip"})

    return Route(f"/{name}", compressed if name.endswith(GZIPPED) else fixed, methods=["GET", "POST"])


def serve(make_app: Callable[[dict[str, bytes]], Starlette], directory: Path, port: int) -> None:
    """Serve an application that is made of the bodies in a directory."""
    bodies = {each.name: each.read_bytes() for each in sorted(directory.iterdir())}
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
        uvicorn.Server(server_config(lambda: make_app(bodies), Settings())).run(sockets=[listener])


def main() -> None:
    """Serve the floor."""
    serve(floor, Path(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    main()

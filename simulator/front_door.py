"""What is asked most is handed on by how its path begins, without looking through the routes."""

from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.fhir.urls import service_root
from simulator.spine.proxy_target import PROXY_PATH

BELOW_THE_CODE = service_root("", "").split("/")[2:]
"""The segments of a service root's path that follow the ODS code."""


class FrontDoor:
    """An ASGI application before all others: it knows the Spine Secure Proxy's paths and service roots."""

    def __init__(self, app: ASGIApp, proxy: ASGIApp, service_roots: ASGIApp) -> None:
        """`app` gets everything else; `service_roots` finds `ods_code` and `path` in `path_params`."""
        self._app = app
        self._proxy = proxy
        self._service_roots = service_roots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one request. Some paths of the proxy would do for a service root too: they are its."""
        app = self._app
        if scope["type"] == "http":
            path = scope["path"]
            segments = path.split("/", 5)
            if PROXY_PATH.fullmatch(path) is not None:
                app = self._proxy
            elif segments[2:5] == BELOW_THE_CODE and segments[1]:
                scope["path_params"] = {"ods_code": segments[1], "path": "".join(segments[5:])}
                app = self._service_roots
        await app(scope, receive, send)

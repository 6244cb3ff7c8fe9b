"""One log line a request: what was asked, by the path alone, and what came of it.

Parameters are left out on purpose: a patient's NHS number is one.
"""

import logging
import time
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("gpsim.requests")


class RequestLog:
    """An ASGI application around another that logs each of its requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log it when it is answered."""
        if scope["type"] != "http" or not LOG.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            headers = Headers(scope=scope)
            LOG.info(
                "%s %s %s %d %.1f ms trace=%s",
                scope["method"],
                quote(scope["path"], safe="/$:@"),
                headers.get("ssp-interactionid", "-").rpartition(":")[2],
                status,
                (time.perf_counter() - began) * 1000,
                headers.get("ssp-traceid", "-"),
            )

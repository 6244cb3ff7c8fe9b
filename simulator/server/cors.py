"""Letting pages of other origins call: a true preflight of an allowed origin is answered, nothing else is.

A plain OPTIONS, or a preflight from elsewhere, is a wrong verb like any other and gets the same refusal.
"""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.domain.refusals import BadRequest, shown
from simulator.server.header_fields import HeaderFields


def refuse_preflight(headers: HeaderFields) -> None:
    """Raise BadRequest for a preflight that was not answered: a browser says nothing of the reason."""
    origin, wanted = headers.get("origin"), headers.get("access-control-request-method")
    if origin and wanted:
        raise BadRequest(
            f"verb OPTIONS: is a browser's preflight for {shown(wanted)} by a page of {shown(origin)};"
            f" expected GET, POST or PUT by a page of an origin that `gpsim serve --cors-origin` names"
        )


class AllowedOrigins(CORSMiddleware):
    """An ASGI application around another that lets the pages of some origins call it."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        """Allow origins such as `https://portal.example.nhs.uk`, or all with `*`."""
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["*"],
            expose_headers=["ETag", "Location", "Content-Location", "Last-Modified"],
        )
        self.preflight_headers["Cache-Control"] = "no-store"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, add to the answer for a page of an allowed origin, pass on all else."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        wanted = headers.get("access-control-request-method", "GET")
        if origin is not None and self.is_allowed_origin(origin) and wanted in self.allow_methods:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

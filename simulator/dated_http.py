"""uvicorn's HTTP, which tells the application what `Date` an answer will have: it is up to a second old."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.server.rendering import ADDED_FIELDS


class DatedHttp(HttpToolsProtocol):
    """HTTP on one connection; the scope of each request has the fields that uvicorn adds to its answer."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {ADDED_FIELDS: self.server_state.default_headers}

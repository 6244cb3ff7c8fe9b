"""A small keep-alive HTTP client for what `gpload` itself asks, outside the load."""

import http.client
from urllib.parse import urlsplit

from loadtest.responses import Response

TIMEOUT_SECONDS = 15.0


class Connection:
    """One client's connections, kept open per host. It sends once: trying again is the caller's decision."""

    def __init__(self, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        self._open: dict[tuple[str, str], http.client.HTTPConnection] = {}

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        """Send one request. A refused, reset or timed out connection is a Response with its `error` set."""
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        connection = self._open.get(place)
        if connection is None:
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            connection = self._open[place] = kind(parts.netloc, timeout=self._timeout)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target or "/", body=body, headers=headers)
            answer = connection.getresponse()
            return Response(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            # A connection that failed once has unread bytes on it: the next request needs a new one.
            connection.close()
            del self._open[place]
            return Response(0, error=connection_error(error))

    def close(self) -> None:
        """Close every connection."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()


def connection_error(error: BaseException) -> str:
    """A short name for what went wrong with a connection, the same from every transport."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, (ConnectionError, http.client.RemoteDisconnected)):
        return "connection reset"
    return f"{type(error).__name__}: {error}".rstrip(": ")

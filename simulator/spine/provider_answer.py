"""One response of a provider, as it is read off a connection."""

import httptools

from simulator.spine.forwarding import Header

LONGEST_HEAD = 65_536


class Broken(Exception):
    """The connection ended too early, or what came is no HTTP."""


class Answer:
    """The head of a response, once `status` is set, and what came of its body and was not taken."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._read = 0
        self.headers: list[Header] = []
        self.status = 0
        self.is_complete = False
        self.may_reuse = False

    def feed(self, data: bytes) -> None:
        """Read on; raise Broken for what is no HTTP, or a head without end."""
        self._read += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.may_reuse = False
            if not self.is_complete:
                raise Broken(f"not HTTP: {error}") from error
        if not self.status and self._read > LONGEST_HEAD:
            raise Broken(f"the head is over {LONGEST_HEAD} bytes")

    def end(self) -> None:
        """Note that the connection has ended; raise Broken where the body should have ended before."""
        if not self.status or {name for name, _ in self.headers} & {b"content-length", b"transfer-encoding"}:
            raise Broken("closed by the provider")
        self.is_complete = True

    def take(self) -> bytes:
        """Return what has come of the body since the last time."""
        parts, self._parts = self._parts, []
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def on_message_begin(self) -> None:
        """Note what comes after a complete answer: nobody asked for it, and nothing of it is kept."""
        self.may_reuse = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        if not self.is_complete:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Keep the status; one of 1xx only says that an answer is to come."""
        status = self._parser.get_status_code()
        if self.is_complete:
            return
        if status >= 200:
            self.status = status
        else:
            self.headers.clear()

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body."""
        if not self.is_complete:
            self._parts.append(part)

    def on_message_complete(self) -> None:
        """Note that all of it has come."""
        if self.status and not self.is_complete:
            self.is_complete = True
            self.may_reuse = self._parser.should_keep_alive()

"""One request of a benchmark, as the application, the floor and the generator each want it."""

from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from starlette.types import Scope

from loadtest.consumer import Request


@dataclass(frozen=True, slots=True)
class Call:
    """A request: what kind of work it is, and its parts; `target` is path and query."""

    work: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def expected(self) -> int:
        """Return the status that the application must answer with."""
        return 201 if self.method == "POST" else 200

    def at_the_floor(self) -> "Call":
        """Return the same request to the floor, which has one path for each kind of work."""
        query = self.target.partition("?")[2]
        return replace(self, target=f"/{self.work}{'?' + query if query else ''}")

    def scope(self) -> Scope:
        """Return the request as a server hands it to an application."""
        path, _, query = self.target.partition("?")
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers]
        if self.body:
            headers.append((b"content-length", str(len(self.body)).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"127.0.0.1"), *headers],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }

    def raw(self) -> bytes:
        """Return the request as it goes over a socket."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def call_of(work: str, request: Request, **headers: str) -> Call:
    """Return a consumer's request as a call; headers may be added, `_` in their names standing for `-`."""
    parts = urlsplit(request.url)
    added = {name.replace("_", "-"): value for name, value in headers.items()}
    return Call(
        work,
        request.interaction.method,
        f"{parts.path}{'?' + parts.query if parts.query else ''}",
        tuple({**request.headers, **added}.items()),
        request.body or b"",
    )

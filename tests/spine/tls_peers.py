"""A server over TLS in a thread, and clients of any kind that shake hands with it."""

import json
import logging
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.domain.client_certificate import CLIENT_CERTIFICATE
from simulator.spine.certificate_files import AUTHORITY, certificate_file, key_file
from simulator.tls_serving import TlsConfig

PATIENCE_SECONDS = 30
GOOD_CONSUMER = "consumer-200000000115"


async def who_calls(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer any request with what the server knows of its client, and how long the body was."""
    length = 0
    while (message := await receive())["type"] == "http.request":
        length += len(message["body"])
        if not message.get("more_body"):
            break
    certificate = scope["extensions"][CLIENT_CERTIFICATE]
    known = {"names": certificate.names, "of_proxy": certificate.of_proxy, "body": length}
    body = json.dumps(known | {"scheme": scope["scheme"], "client": scope["client"]}).encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Lines(logging.Handler):
    """Keeps what is logged. The tests wait for a line, because it comes from another thread."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[logging.LogRecord] = []
        self._news = threading.Condition()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        with self._news:
            self.said.append(record)
            self._news.notify_all()

    def about(self, port: int) -> str:
        """Return the line about the client at a port, when it has come."""
        with self._news:
            assert self._news.wait_for(lambda: self._found(port), PATIENCE_SECONDS), self.said
            (line,) = self._found(port)
            return line

    def _found(self, port: int) -> list[str]:
        return [line for each in self.said if f" port {port} " in (line := each.getMessage())]


@dataclass(frozen=True, slots=True)
class TlsServer:
    """A server that runs: its port, its certificates, and what it logs."""

    port: int
    directory: Path
    log: Lines


@contextmanager
def tls_server(
    directory: Path, chosen: str = "good", app: ASGIApp = who_calls, loop: str = "auto"
) -> Iterator[TlsServer]:
    """Serve an application over TLS on a free port, in a thread, until the block ends."""
    config = TlsConfig(
        directory,
        chosen,
        lambda: app,
        factory=True,
        loop=loop,
        log_config=None,
        access_log=False,
        lifespan="off",
        interface="asgi3",
    )
    server, lines = uvicorn.Server(config), Lines()
    logger = logging.getLogger("gpsim.tls")
    before = logger.level
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield TlsServer(listener.getsockname()[1], directory, lines)
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            logger.removeHandler(lines)
            logger.setLevel(before)


def client(
    directory: Path,
    name: str | None = GOOD_CONSUMER,
    version: ssl.TLSVersion | None = None,
    ciphers: str | None = None,
) -> ssl.SSLContext:
    """Return a client's context with a certificate, or none, that speaks one version or any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(directory / AUTHORITY)
    if name:
        context.load_cert_chain(certificate_file(directory, name), key_file(directory, name))
    if ciphers:
        context.set_ciphers(ciphers)
    if version:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
    return context


@contextmanager
def connected(port: int, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """Shake hands with a server here, called localhost."""
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        yield secure


def ask(
    connection: ssl.SSLSocket, path: str = "/", body: bytes = b"", headers: str = ""
) -> tuple[str, bytes]:
    """Send a request on a connection; return the head and the body of the answer."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    connection.sendall(head.encode() + body)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    answer_head, _, answer = received.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in answer_head.splitlines()
        if line.lower().startswith(b"content-length:")
    )
    while len(answer) < length:
        answer += _more(connection)
    return answer_head.decode(), answer


def asked(port: int, context: ssl.SSLContext) -> dict[str, Any]:
    """Return what `who_calls` answers a client."""
    with connected(port, context) as connection:
        return dict(json.loads(ask(connection)[1]))


@dataclass(slots=True)
class Turned:
    """A client that was turned away: from which port, why as TLS told it, and how far it had come."""

    port: int = 0
    reason: str = ""
    had_shaken_hands: bool = False


def turned_away(port: int, context: ssl.SSLContext, body: bytes = b"") -> Turned:
    """Return how a server turns a client away that sends a body if it can; fail if it answers."""
    turned = Turned()
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as plain:
        turned.port = plain.getsockname()[1]
        try:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                turned.had_shaken_hands = True
                answer = ask(secure, body=body)
        except ssl.SSLError as error:
            turned.reason = error.reason or str(error)
            return turned
    raise AssertionError(f"was answered: {answer}")


def _more(connection: ssl.SSLSocket) -> bytes:
    received = connection.recv(65_536)
    assert received, "the server hung up"
    return received

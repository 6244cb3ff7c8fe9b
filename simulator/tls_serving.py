"""uvicorn over TLS with certificates on both sides: each request carries on whose certificate it came."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from simulator.dated_http import DatedHttp
from simulator.domain.client_certificate import CLIENT_CERTIFICATE
from simulator.domain.clock import Clock
from simulator.spine.certificate_contents import check_in_date, names_of
from simulator.spine.certificate_files import BAD, PROXY, SERVER, certificate_file
from simulator.spine.handshakes import TlsFront
from simulator.spine.tls import client_context, read_client_certificate, server_context

HSTS = ("Strict-Transport-Security", "max-age=3600")
"""For an hour: a browser keeps it for a whole host, and `localhost` has other servers on other days."""


def shown_certificate(chosen: str) -> str:
    """Return the name of the certificate that a server is to show: its own, or a bad one of that kind."""
    return SERVER if chosen == "good" else f"{BAD}/{SERVER}-{chosen}"


def check_directory(directory: Path, chosen: str, clock: Clock) -> None:
    """Raise TlsUnusable, naming the file, where a directory lacks what serving and the proxy need.

    A certificate that is bad on purpose may be out of date; nothing else may.
    """
    now = datetime.fromtimestamp(clock.real(), UTC)
    server_context(directory, shown_certificate(chosen))
    client_context(directory)
    check_in_date(directory, PROXY, now)
    if chosen == "good":
        check_in_date(directory, SERVER, now)


class TlsConfig(uvicorn.Config):
    """How uvicorn serves over TLS; each worker process reads the certificates for itself."""

    def __init__(self, directory: Path, chosen: str, make_app: Callable[[], Any], **options: Any) -> None:
        super().__init__(make_app, http=UvicornFront, headers=[HSTS], **options)
        self.directory = directory
        self.chosen = chosen

    def load(self) -> None:
        """Make the application and the context; raises TlsUnusable."""
        super().load()
        self.tls_context: ssl.SSLContext = server_context(self.directory, shown_certificate(self.chosen))
        self.proxy_names = names_of(certificate_file(self.directory, PROXY))


class UvicornFront(TlsFront):
    """What uvicorn makes for each connection."""

    def __init__(
        self,
        config: TlsConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        make_http = partial(CertifiedHttp, config, server_state, app_state, _loop)
        super().__init__(make_http, config.tls_context, _loop)


class CertifiedHttp(DatedHttp):
    """HTTP on a connection whose client has shown a certificate."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read the certificate once for all requests of the connection."""
        super().connection_made(cast(asyncio.Transport, transport))
        proxy_names = cast(TlsConfig, self.config).proxy_names
        self.certificate = read_client_certificate(transport.get_extra_info("peercert"), proxy_names)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        cast(dict[str, Any], self.scope)["extensions"][CLIENT_CERTIFICATE] = self.certificate

"""Serving: the socket, the worker processes, and what they are told.

Everything that can be wrong with a setting is found before a worker starts, and said in one line.
"""

import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from simulator.application import create_app
from simulator.dated_http import DatedHttp
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.spine.ldap_connections import NO_LDAP, LdapListeners
from simulator.store.checkpointing import checkpointing
from simulator.store.database import Store
from simulator.store.database_file import check_writable, checkpoint
from simulator.store.unsafe import UnsafeStore, unsafe_copy

GRACE_SECONDS = 20
BACKLOG = 2048


class CannotServe(Exception):
    """Serving cannot start; the message is one line for a person."""


def serve(settings: Settings) -> None:
    """Serve until a signal says stop. Raises CannotServe and DatabaseUnusable before anything is served."""
    check_tls(settings)
    with listening(settings) as listener, ldap_listening(settings) as ldap:
        serve_on(listener, settings, ldap)


def serve_on(listener: socket.socket, settings: Settings, ldap: LdapListeners = NO_LDAP) -> None:
    """Serve on sockets that listen already; raises DatabaseUnusable before anything is served."""
    if settings.booking_mode == "safe":
        check_writable(settings.database)
    # uvicorn, stopped by a signal, raises it again at its end; what is open here must be closed then.
    signal.signal(signal.SIGTERM, _stopped)
    with _database_to_serve(settings) as served, checkpointing(served.database):
        config = server_config(partial(worker_app, served, ldap), settings)
        try:
            if settings.workers == 1:
                uvicorn.Server(config).run(sockets=[listener])
            else:
                Multiprocess(config, sockets=[listener]).run()
        finally:
            checkpoint(served.database)


def server_config(make_app: Callable[[], ASGIApp], settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves an application that each worker makes for itself."""
    options: dict[str, Any] = {
        "factory": True,
        "workers": settings.workers,
        "log_config": log_config(settings.log_level),
        "access_log": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "lifespan": "on",
        "server_header": False,
        "proxy_headers": False,
    }
    if settings.tls is None:
        return uvicorn.Config(make_app, http=DatedHttp, **options)
    # What TLS needs is slow to load, and most serve without it.
    from simulator.tls_serving import TlsConfig

    return TlsConfig(settings.tls, settings.server_certificate, make_app, **options)


def check_tls(settings: Settings) -> None:
    """Raise CannotServe where TLS is asked for and cannot be spoken with what there is."""
    if settings.tls is None:
        for option, given in (
            ("--bind-asid", settings.bind_asid),
            ("--server-certificate", settings.server_certificate != "good"),
            ("--ldaps-port", settings.ldaps_port is not None),
        ):
            if given:
                raise CannotServe(f"{option} is for TLS: give --tls too, a directory of `gpsim certificates`")
        return
    from simulator.spine.certificate_files import TlsUnusable
    from simulator.tls_serving import check_directory

    try:
        check_directory(settings.tls, settings.server_certificate, Clock())
    except TlsUnusable as error:
        raise CannotServe(str(error)) from error


def _stopped(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def worker_app(settings: Settings, ldap: LdapListeners) -> ASGIApp:
    """Return the application of one worker process, with a store of its own."""
    _stop_with_the_parent()
    _spare_the_collector()
    kind = UnsafeStore if settings.booking_mode == "unsafe" else Store
    store = kind(settings.database, settings.durability)
    store.leave_folding()
    return create_app(settings, store, Clock.on(settings.today), ldap)


def _spare_the_collector() -> None:
    """Have the garbage collector look seldom, and never at what is there from the start.

    Requests leave next to nothing behind that only it could find; its looking took a tenth of their time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _stop_with_the_parent() -> None:
    """Have a worker stop when the process that started it is gone: killed, it could not say so."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def stop() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Hold the listening socket; raise CannotServe where the address cannot be had."""
    with _bound(settings.host, settings.port, "--port") as listener:
        yield listener


@contextmanager
def ldap_listening(settings: Settings) -> Iterator[LdapListeners]:
    """Hold the sockets of LDAP that are asked for; raise CannotServe where one cannot be had.

    They are bound here, once, and every worker process answers on them.
    """
    with ExitStack() as stack:
        plain, over_tls = (
            None if port is None else stack.enter_context(_bound(settings.host, port, option))
            for port, option in ((settings.ldap_port, "--ldap-port"), (settings.ldaps_port, "--ldaps-port"))
        )
        yield LdapListeners(plain, over_tls)


@contextmanager
def _bound(host: str, port: int, option: str) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"cannot listen on {host} port {port}: {error.strerror or error};"
            f" choose another with --host or {option}"
        ) from error
    listener.set_inheritable(True)
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def _database_to_serve(settings: Settings) -> Iterator[Settings]:
    """Yield the settings to serve with: in unsafe mode they name a copy, which goes when serving ends."""
    if settings.booking_mode == "safe":
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="gpsim-unsafe-") as directory:
        copy = unsafe_copy(settings.database, Path(directory))
        click.echo(
            "UNSAFE BOOKING MODE: slots can be double-booked, on purpose, to prove that the judge can fail."
            f" Running on a copy; {settings.database} stays as it is.",
            err=True,
        )
        yield replace(settings, database=copy)


def log_config(level: str) -> dict[str, Any]:
    """Return the logging of a worker: everything to standard error, at one level."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(message)s"},
            "lines": {"format": "%(message)s"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "requests": {"class": "logging.StreamHandler", "formatter": "lines"},
        },
        "loggers": {
            "gpsim": {"level": level.upper()},
            "gpsim.requests": {"handlers": ["requests"], "propagate": False},
            "uvicorn": {"level": "WARNING" if level == "info" else level.upper()},
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
    }

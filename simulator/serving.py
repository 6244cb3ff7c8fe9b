"""Serving: the socket, the worker processes, and what they are told.

Everything that can be wrong with a setting is found before a worker starts, and said in one line.
"""

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store, check_writable, checkpoint
from simulator.store.unsafe import UnsafeStore, unsafe_copy

GRACE_SECONDS = 20
BACKLOG = 2048


class CannotServe(Exception):
    """Serving cannot start; the message is one line for a person."""


def serve(settings: Settings) -> None:
    """Serve until a signal says stop. Raises CannotServe and DatabaseUnusable before anything is served."""
    with listening(settings) as listener:
        serve_on(listener, settings)


def serve_on(listener: socket.socket, settings: Settings) -> None:
    """Serve on a socket that listens already; raises DatabaseUnusable before anything is served."""
    if settings.booking_mode == "safe":
        check_writable(settings.database)
    # uvicorn, stopped by a signal, raises it again at its end; what is open here must be closed then.
    signal.signal(signal.SIGTERM, _stopped)
    with _database_to_serve(settings) as served:
        config = server_config(partial(worker_app, served), settings)
        try:
            if settings.workers == 1:
                uvicorn.Server(config).run(sockets=[listener])
            else:
                Multiprocess(config, sockets=[listener]).run()
        finally:
            checkpoint(served.database)


def server_config(make_app: Callable[[], Starlette], settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves an application that each worker makes for itself."""
    return uvicorn.Config(
        make_app,
        factory=True,
        workers=settings.workers,
        log_config=log_config(settings.log_level),
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
        server_header=False,
    )


def _stopped(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def worker_app(settings: Settings) -> Starlette:
    """Return the application of one worker process, with a store of its own."""
    _stop_with_the_parent()
    kind = UnsafeStore if settings.booking_mode == "unsafe" else Store
    return create_app(settings, kind(settings.database, settings.durability), Clock.on(settings.today))


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
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error};"
            " choose another with --host or --port"
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
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            "gpsim": {"level": level.upper()},
            "uvicorn": {"level": "WARNING" if level == "info" else level.upper()},
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
    }

"""What `python -m locust -f` loads: the user class, and what master and workers tell each other.

The master sends the work order and the instant at which the phase begins to every worker before it has users
started; a worker on another machine asks the master for the time, now and again, to relate its clock. The
phase is over when the clients of all workers have done what they had to do, on their own.
"""

import logging
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import orjson
from gevent.queue import Empty, Queue
from locust import events
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtest.running.clocks import MEASURED_EVERY_SECONDS, Exchange, ReferenceClock, clock_from
from loadtest.running.generator import DIRECTORY, LEAD_SECONDS, REMOTE, begin_file
from loadtest.running.order import WorkOrder, order_from
from loadtest.scenarios.client import GpConnectUser
from loadtest.scenarios.session import Session
from loadtest.scenarios.telling import keep_telling
from loadtest.wire.tls import TlsFiles

__all__ = ["GpConnectUser"]

_READINGS = 20
_WATCHED_EVERY_SECONDS = 0.2
_READING_SECONDS = 2.0


def add_work_order_option(parser: ArgumentParser) -> None:
    """The one option of ours, for the master; workers are sent what is in the file."""
    parser.add_argument("--work-order", default="", help="JSON written by gpload")


def join_in(environment: Environment, runner: Any, **_: object) -> None:
    """Make this process what it is in the run: master, worker, or both in one."""
    # Locust is told of no request, and would put empty tables into the log, which is for what went wrong.
    logging.getLogger("locust.stats_logger").disabled = True
    logging.getLogger("locust.runners").addFilter(_tells_of_more_than_spawning)
    if runner is not None:
        gevent.spawn(_outlive_nobody, runner, os.getppid())
    if isinstance(runner, MasterRunner):
        _Master(environment, runner).listen()
    elif runner is not None:
        _Worker(environment, runner).listen()


def _tells_of_more_than_spawning(record: logging.LogRecord) -> bool:
    """False for Locust's warning of clients that are started too fast: here none sends before all begin.

    Spawned in steps, most would not be there yet at the instant at which the phase begins.
    """
    return "spawn rate is very high" not in record.getMessage()


class _Master:
    """Sends the order, tells the time, and ends the phase when every worker is done."""

    def __init__(self, environment: Environment, runner: MasterRunner) -> None:
        self._environment = environment
        self._runner = runner
        self._done: set[str] = set()

    def listen(self) -> None:
        """Register for what Locust and the workers tell."""
        _listen(self._environment.events.test_start, self._begin)
        self._runner.register_message("time", self._tell_time)
        self._runner.register_message("done", self._note_done, concurrent=True)

    def _begin(self, **_: object) -> None:
        # However many came: each has its share of the arrivals, and of the clients.
        order = replace(_read_order(self._environment), processes=len(self._runner.clients))
        self._runner.send_message("begin", {"order": order.to_text(), "begins": _agree_begin(order)})

    def _tell_time(self, msg: Any, **_: object) -> None:
        told = {"asked": msg.data["asked"], "told": time.monotonic_ns()}
        self._runner.send_message("time", told, client_id=msg.node_id)

    def _note_done(self, msg: Any, **_: object) -> None:
        self._done.add(msg.node_id)
        if len(self._done) == len(self._runner.clients):
            self._runner.quit()


class _Worker:
    """Has the clients: opens the session when the order comes, closes it when Locust quits."""

    def __init__(self, environment: Environment, runner: Any) -> None:
        self._environment = environment
        self._runner = runner
        self._session: Session | None = None
        self._times: Queue[Exchange] = Queue()

    def listen(self) -> None:
        """Register for what Locust and the master tell."""
        hooks = self._environment.events
        if isinstance(self._runner, WorkerRunner):
            self._runner.register_message("begin", self._begin, concurrent=True)
            self._runner.register_message("time", self._hear_time)
        else:
            _listen(hooks.test_start, self._begin_alone)
        _listen(hooks.user_error, self._note_exception)
        # Not `quitting`: on a signal that comes first, while users are still finishing what they are doing.
        _listen(hooks.quit, self._close)

    def _begin_alone(self, **_: object) -> None:
        order = _read_order(self._environment)
        self._open(order, _agree_begin(order), 0, None)
        gevent.spawn(self._watch, self._runner.quit)

    def _begin(self, msg: Any, **_: object) -> None:
        remote = bool(os.environ.get(REMOTE))
        order = order_from(msg.data["order"], "the master's work order")
        clock = self._measure() if remote else None
        session = self._open(order, msg.data["begins"], self._runner.worker_index, clock)
        gevent.spawn(self._watch, lambda: self._runner.send_message("done", {}))
        while remote:
            gevent.sleep(MEASURED_EVERY_SECONDS)
            session.measured_again(self._measure())

    def _open(self, order: WorkOrder, begins: int, worker: int, clock: ReferenceClock | None) -> Session:
        session = Session.open(order, Path(os.environ[DIRECTORY]), begins, worker, clock)
        GpConnectUser.session = self._session = session
        GpConnectUser.tls = TlsFiles.of_environment(os.environ).context()
        GpConnectUser.ready.set()
        keep_telling(session)
        return session

    def _watch(self, tell: Callable[[], None]) -> None:
        """Tell when the clients of this process are all done. By the begin those it has are there."""
        if self._session is not None:
            gevent.sleep(
                max(0.0, (self._session.begins - self._session.now()) / 1e9) + _WATCHED_EVERY_SECONDS
            )
        while self._runner.user_count:
            gevent.sleep(_WATCHED_EVERY_SECONDS)
        tell()

    def _measure(self) -> ReferenceClock:
        """Relate this machine's clock to the master's. Raises ValueError where it does not answer."""
        exchanges = []
        for _ in range(_READINGS):
            self._runner.send_message("time", {"asked": time.monotonic_ns()})
            with suppress(Empty):
                exchanges.append(self._times.get(timeout=_READING_SECONDS))
        return clock_from(exchanges)

    def _hear_time(self, msg: Any, **_: object) -> None:
        self._times.put(Exchange(msg.data["asked"], msg.data["told"], time.monotonic_ns()))

    def _note_exception(self, exception: BaseException, **_: object) -> None:
        if self._session is not None:
            self._session.failed(exception)

    def _close(self, **_: object) -> None:
        if self._session is not None:
            self._session.close()


def _outlive_nobody(runner: Any, parent: int) -> None:
    """End the load when whoever started this process is gone: nobody else would stop it."""
    while os.getppid() == parent:
        gevent.sleep(_WATCHED_EVERY_SECONDS)
    runner.quit()


def _agree_begin(order: WorkOrder) -> int:
    """The instant at which the phase begins (ns of this clock), also left in a file for `gpload`."""
    begins = time.monotonic_ns() + int(LEAD_SECONDS * 1e9)
    path = Path(os.environ[DIRECTORY]) / begin_file(order.order)
    path.write_bytes(orjson.dumps({"phase": order.phase.name, "begins_ns": begins}))
    return begins


def _read_order(environment: Environment) -> WorkOrder:
    if environment.parsed_options is None:
        raise RuntimeError("Locust was started without options")
    path = Path(environment.parsed_options.work_order)
    return order_from(path.read_bytes(), str(path))


def _listen(event: Any, listener: Callable[..., None]) -> None:
    event.add_listener(listener)


_listen(events.init_command_line_parser, add_work_order_option)
_listen(events.init, join_in)

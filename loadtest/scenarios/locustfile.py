"""What `python -m locust -f` loads: the user classes, and each process's session from the work order."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locust import events
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtest.order import read_order
from loadtest.scenarios.booking import BookingUser
from loadtest.scenarios.client import GpConnectUser
from loadtest.scenarios.hot_slot import HotSlotUser
from loadtest.scenarios.session import Session
from loadtest.scenarios.slot_search import SlotSearchUser

__all__ = ["BookingUser", "HotSlotUser", "SlotSearchUser"]


def add_work_order_option(parser: ArgumentParser) -> None:
    """The one option of ours; text, because a master sends its options to its workers as they are."""
    parser.add_argument("--work-order", required=True, help="JSON written by gpload")


def open_session(environment: Environment, runner: object, **_: object) -> None:
    """One session per process that makes requests; a master of several makes none."""
    if isinstance(runner, MasterRunner) or environment.parsed_options is None:
        return
    session = Session.open(read_order(Path(environment.parsed_options.work_order)))
    GpConnectUser.session = session

    def number_worker(**_: Any) -> None:
        # The master has given this process its number by the time the test starts, not before.
        session.worker = runner.worker_index if isinstance(runner, WorkerRunner) else 0

    def note_exception(exception: BaseException, **_: Any) -> None:
        session.failed(exception)

    def close_session(**_: Any) -> None:
        session.close()

    _listen(environment.events.test_start, number_worker)
    _listen(environment.events.user_error, note_exception)
    # Not `quitting`: on a signal that comes first, while users are still finishing what they are doing.
    _listen(environment.events.quit, close_session)


def _listen(event: Any, listener: Callable[..., None]) -> None:
    event.add_listener(listener)


_listen(events.init_command_line_parser, add_work_order_option)
_listen(events.init, open_session)

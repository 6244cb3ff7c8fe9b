"""Commands wait for the one writer's turn without holding up anybody else, and those that wait go together.

The event loop answers queries meanwhile. What a commit costs is paid once for all commands that came while
the ones before them were at work; each is still done, or refused and undone, by itself. Nearly all that are
refused have written nothing yet, so what it costs to undo one alone is paid only when a turn turns out to
need it: then all of that turn is undone, and done again.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from simulator.interactions.interaction import InteractionResponse
from simulator.store.database import LOOK_AGAIN_SECONDS, Spoilt, Store
from simulator.store.database_file import BUSY_TIMEOUT_MS

MOST_AT_ONCE = 32
"""How many commands go together at most: another process may be waiting for its turn."""

Work = Callable[[], InteractionResponse]


@dataclass(slots=True)
class Waiting:
    """A command, what waits for its outcome, and since when, in seconds of the monotonic clock."""

    work: Work
    outcome: "asyncio.Future[InteractionResponse]"
    since: float


class CommandQueue:
    """The commands of one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[Waiting] = []
        self._is_due = False
        self._each_is_undone = False

    async def run(self, work: Work) -> InteractionResponse:
        """Return what a command answers once that is committed, or raise what it raises.

        Raises sqlite3.OperationalError where another process keeps the database locked.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[InteractionResponse] = loop.create_future()
        self._waiting.append(Waiting(work, outcome, time.monotonic()))
        if not self._is_due:
            self._is_due = True
            loop.call_soon(self._take_turn, loop)
        return await outcome

    def _take_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run what waits, or come back when the other writer may be done."""
        self._is_due = False
        turn, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        pause = 0.0
        try:
            if self._store.begin_several(self._each_is_undone):
                self._each_is_undone = False
                self._run_together(turn)
            else:
                self._waiting = _still_patient(turn) + self._waiting
                pause = LOOK_AGAIN_SECONDS
        except Spoilt:
            self._each_is_undone = True
            self._waiting = turn + self._waiting
        except Exception as error:
            for each in turn:
                _fail(each, error)
        if self._waiting:
            self._is_due = True
            loop.call_later(pause, self._take_turn, loop)

    def _run_together(self, turn: list[Waiting]) -> None:
        """Run commands in one transaction; tell nobody that something was done before it is committed."""
        answers: list[tuple[Waiting, InteractionResponse]] = []
        refusals: list[tuple[Waiting, Exception]] = []
        with self._store.committing_several():
            for each in turn:
                try:
                    answers.append((each, each.work()))
                except Exception as error:
                    if not self._store.has_begun:
                        # SQLite has undone everything, what went before included.
                        raise
                    refusals.append((each, error))
        for each, answer in answers:
            if not each.outcome.done():
                each.outcome.set_result(answer)
        for each, refusal in refusals:
            _fail(each, refusal)


def _still_patient(turn: list[Waiting]) -> list[Waiting]:
    """Fail the commands of a turn that have waited too long, and return the others."""
    came_too_early = time.monotonic() - BUSY_TIMEOUT_MS / 1000
    for each in turn:
        if each.since < came_too_early:
            _fail(each, sqlite3.OperationalError(f"database is locked for over {BUSY_TIMEOUT_MS} ms"))
    return [each for each in turn if each.since >= came_too_early]


def _fail(waiting: Waiting, error: Exception) -> None:
    if not waiting.outcome.done():
        waiting.outcome.set_exception(error)

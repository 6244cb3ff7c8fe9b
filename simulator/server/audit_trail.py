"""Recording what was asked: queries in batches, refused commands at once, in a transaction of their own.

A command that succeeds is recorded by its interaction, in the transaction that does it. A killed process
loses at most the queries of the last batch.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import nullcontext

from simulator.domain.audit import AuditEvent, Surface
from simulator.interactions.interaction import Kind
from simulator.store.database import Store
from simulator.store.database_file import BUSY_TIMEOUT_MS

LOG = logging.getLogger("gpsim")
BATCH = 64
SECONDS = 0.5
LOOK_AGAIN_SECONDS = 0.005
"""How soon queries are tried again where somebody else was writing."""

MOST_DOUBLINGS = 6
"""How often the pause doubles between two tries to write what could not be written: half a minute, then."""

MOST_WAITING = 10_000
"""How many rows may wait for a database that cannot be written before the oldest queries are given up."""

DROPPED = "dropped"
"""The interaction of a row that stands for queries which were given up."""


class AuditTrail:
    """The audit trail of one process, for whatever surface; an `AuditRecorder`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Kind, AuditEvent]] = []
        self._failures = 0
        self._dropped = 0
        self._busy_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_failing(self) -> bool:
        """Tell whether rows wait that could not be written when it was last tried."""
        return self._failures > 0

    def soon(self, event: AuditEvent) -> None:
        """Record a query with others, when there are enough of them or half a second has gone by.

        It waits for nobody: while somebody else is writing it comes back later. While the database cannot be
        written only time counts, lest every query wait for another failure.
        """
        self._waiting.append((Kind.QUERY, event))
        if len(self._waiting) >= BATCH and not self._failures and self._busy_since is None:
            self._flush_unless_busy()
        elif self._timer is None:
            self._flush_later()

    def now(self, event: AuditEvent) -> None:
        """Record a command at once, with whatever else is waiting, however long somebody else is writing."""
        self._waiting.append((Kind.COMMAND, event))
        self.flush()

    def flush(self) -> None:
        """Record what is waiting. What cannot be recorded now goes on waiting, within bounds, and is retried.

        The event loop stands still while a locked database is waited for.
        """
        self._flush(waits=True)

    def _flush_unless_busy(self) -> None:
        """Record what is waiting, or come back where somebody else is writing."""
        # A store for threads has no turns to wait for.
        self._flush(waits=not self._store.one_at_a_time)

    def _flush(self, waits: bool) -> None:
        self._cancel_timer()
        batch = [event for _, event in self._waiting]
        if not batch:
            return
        if self._dropped:
            batch.append(self._what_was_dropped(batch[-1]))
        try:
            if not waits and self._is_busy():
                self._drop_oldest_queries()
                self._call_later(LOOK_AGAIN_SECONDS, self._flush_unless_busy)
                return
            alone = nullcontext() if waits else self._store.committing_several()
            with alone, self._store.writing() as transaction:
                transaction.audit.record(batch)
        except Exception:
            self._busy_since = None
            if not self._failures:
                LOG.exception("%d audit rows could not be written; they are tried again", len(batch))
            self._failures += 1
            self._drop_oldest_queries()
            self._flush_later()
        else:
            if self._failures:
                LOG.warning("%d audit rows that had to wait are written now", len(batch))
            self._waiting = []
            self._failures = self._dropped = 0
            self._busy_since = None

    def _is_busy(self) -> bool:
        """Tell whether somebody else is writing; where nobody is, it is our turn, until that is committed.

        Raises sqlite3.OperationalError where they have been too long at it.
        """
        if self._store.begin_several():
            return False
        now = time.monotonic()
        if self._busy_since is None:
            self._busy_since = now
        if now - self._busy_since > BUSY_TIMEOUT_MS / 1000:
            raise sqlite3.OperationalError(f"database is locked for over {BUSY_TIMEOUT_MS} ms")
        return True

    def close(self) -> None:
        """Record what is waiting, for the last time; what cannot be recorded is lost, and that is said."""
        self.flush()
        self._cancel_timer()
        if self._waiting:
            LOG.error("%d audit rows could not be written and are lost", len(self._waiting))

    def _flush_later(self) -> None:
        """Set the timer; each retry after a failure comes later than the one before."""
        self._call_later(SECONDS * 2 ** min(self._failures, MOST_DOUBLINGS), self._flush_unless_busy)

    def _call_later(self, pause: float, call: Callable[[], None]) -> None:
        """Set the timer, where there is a loop to keep it."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._timer = loop.call_later(pause, call)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drop_oldest_queries(self) -> None:
        """Give up the oldest queries over the bound, and say so once; commands wait, however many."""
        excess = len(self._waiting) - MOST_WAITING
        if excess <= 0:
            return
        if not self._dropped:
            LOG.error("over %d audit rows wait; the oldest queries among them are dropped", MOST_WAITING)
        kept = []
        for kind, event in self._waiting:
            if kind is Kind.QUERY and excess > 0:
                excess -= 1
                self._dropped += 1
            else:
                kept.append((kind, event))
        self._waiting = kept

    def _what_was_dropped(self, last: AuditEvent) -> AuditEvent:
        """Return the row that says how many are missing from the trail."""
        record = f"{self._dropped} queries before this row could not be written and are not in the trail"
        return AuditEvent(last.at, surface=Surface.OPERATOR, interaction=DROPPED, record=record, status=500)

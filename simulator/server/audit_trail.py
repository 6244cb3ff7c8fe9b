"""Recording what was asked: queries in batches, refused commands at once, in a transaction of their own.

A command that succeeds is recorded by its interaction, in the transaction that does it. A killed process
loses at most the queries of the last batch.
"""

import asyncio
import logging

from simulator.domain.audit import AuditEvent
from simulator.store.database import Store

LOG = logging.getLogger("gpsim")
BATCH = 64
SECONDS = 0.5


class AuditTrail:
    """The audit trail of one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[AuditEvent] = []
        self._timer: asyncio.TimerHandle | None = None

    def soon(self, event: AuditEvent) -> None:
        """Record a query with others, when there are enough of them or half a second has gone by."""
        self._waiting.append(event)
        if len(self._waiting) >= BATCH:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECONDS, self.flush)

    def now(self, event: AuditEvent) -> None:
        """Record an event at once, with whatever else is waiting."""
        self._waiting.append(event)
        self.flush()

    def flush(self) -> None:
        """Record what is waiting. What cannot be recorded now goes on waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            with self._store.writing() as transaction:
                transaction.audit.record(batch)
        except Exception:
            LOG.exception("%d audit rows could not be written; they are tried again", len(batch))
            self._waiting = batch + self._waiting

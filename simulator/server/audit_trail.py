"""Recording what was asked: queries in batches, refused commands at once, in a transaction of their own.

A command that succeeds is recorded by its interaction, in the transaction that does it. A killed process
loses at most the queries of the last batch.
"""

import asyncio
import logging
import re
from itertools import islice

from simulator.domain.audit import AuditEvent
from simulator.interactions.interaction import Kind
from simulator.store.database import Store

LOG = logging.getLogger("gpsim")
BATCH = 64
SECONDS = 0.5
MOST_WAITING = 10_000
"""How many rows may wait for a database that cannot be written before the oldest queries are given up."""

AUDITED = 200
"""How many characters of what a request says are kept for audit."""

_NHS_NUMBER = re.compile(
    rb'/nhs-number"[^0-9]{0,80}"([0-9]{10})"'
    rb'|"([0-9]{10})"\s{0,80},\s{0,80}"system"\s{0,80}:\s{0,80}"[^"]{0,80}/nhs-number"'
)
_REFERENCES = tuple(
    re.compile(rb"\b(" + resource_type + rb')\\?/([A-Za-z0-9.-]{1,64})"')
    for resource_type in (b"Patient", b"Slot")
)
_MOST_SUBJECTS = 30


def subjects(body: bytes) -> list[str]:
    """Return whom and what a body in JSON or XML is about, however broken it is: no parser is asked.

    In order: NHS numbers of ten digits, and the patients and slots referred to; each once, the first of many.
    """
    numbers = (b"NHS number " + (one or other) for one, other in _found(_NHS_NUMBER, body))
    references = (b"/".join(parts) for each in _REFERENCES for parts in _found(each, body))
    return list(dict.fromkeys(found.decode() for found in (*numbers, *references)))


def _found(pattern: re.Pattern[bytes], body: bytes) -> list[tuple[bytes, bytes]]:
    return [(each[1], each[2]) for each in islice(pattern.finditer(body), _MOST_SUBJECTS)]


class AuditTrail:
    """The audit trail of one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Kind, AuditEvent]] = []
        self._is_failing = False
        self._is_dropping = False
        self._timer: asyncio.TimerHandle | None = None

    def soon(self, event: AuditEvent) -> None:
        """Record a query with others, when there are enough of them or half a second has gone by.

        While the database cannot be written only time counts, lest every query wait for another failure.
        """
        self._waiting.append((Kind.QUERY, event))
        if len(self._waiting) >= BATCH and not self._is_failing:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECONDS, self.flush)

    def now(self, event: AuditEvent) -> None:
        """Record a command at once, with whatever else is waiting."""
        self._waiting.append((Kind.COMMAND, event))
        self.flush()

    def flush(self) -> None:
        """Record what is waiting. What cannot be recorded now goes on waiting, within bounds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            with self._store.writing() as transaction:
                transaction.audit.record([event for _, event in batch])
        except Exception:
            LOG.exception("%d audit rows could not be written; they are tried again", len(batch))
            self._waiting = batch + self._waiting
            self._is_failing = True
            self._drop_oldest_queries()
        else:
            self._is_failing = self._is_dropping = False

    def _drop_oldest_queries(self) -> None:
        """Give up the oldest queries over the bound, and say so once; commands wait, however many."""
        excess = len(self._waiting) - MOST_WAITING
        if excess <= 0:
            return
        if not self._is_dropping:
            self._is_dropping = True
            LOG.error("over %d audit rows wait; the oldest queries among them are dropped", MOST_WAITING)
        kept = []
        for kind, event in self._waiting:
            if kind is Kind.QUERY and excess > 0:
                excess -= 1
            else:
                kept.append((kind, event))
        self._waiting = kept

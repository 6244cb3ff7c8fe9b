"""What a process keeps of practices between requests, and how it knows that it is still so.

One statement says what changed at all practices since it was last asked, whichever process changed it. It is
asked once for all requests that are answered at one moment.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from simulator.domain.clock import Instant
from simulator.domain.organization import Organization
from simulator.interactions.bookable_diary import BookableDiary
from simulator.store.database import Store, Transaction
from simulator.store.practice_changes import PracticeChanges

MOST_BYTES = 60_000_000
"""How much text is kept of the diaries of all practices together; with all beside it, it takes 80 MB."""

MOST_PRACTICES = 10_000
MOST_CHANGED = 200
"""How many slots may have changed before a diary is read anew rather than mended."""


@dataclass(slots=True)
class KeptPractice:
    """A practice; `diary` is read when it is first searched.

    `stale` are the slots that changed since the diary was in step with the database.
    """

    organization: Organization
    diary: BookableDiary | None = None
    stale: set[int] = field(default_factory=set)


class KeptPractices:
    """The practices of one process, used by one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, KeptPractice] = OrderedDict()
        self._by_id: dict[int, KeptPractice] = {}
        self._size = 0
        self._moment = -1
        self._number: int | None = None

    def find(self, ods_code: str) -> KeptPractice | None:
        """Return a practice as it is at this moment; None where there is none with that ODS code."""
        changes = self._store.glance().changes
        if self._store.moment != self._moment:
            self._moment = self._store.moment
            self._take_note(changes)
        return self._kept.get(ods_code) or self._read(ods_code)

    def diary(self, practice: KeptPractice, now: Instant) -> BookableDiary:
        """Return the diary of a practice that was found just now, in step with the database."""
        ods_code = practice.organization.ods_code
        if self._is_kept(practice):
            self._kept.move_to_end(ods_code)
            if practice.diary is not None and not practice.stale:
                return practice.diary
        with self._store.reading() as transaction:
            # Others may have written since the practice was found: what is shown is of one moment.
            self._take_note(transaction.changes)
            if not self._is_kept(practice):
                # Another request made room, or something else has changed: it is read anew when next found.
                return BookableDiary.read(practice.organization, transaction, now)
            before = _size(practice)
            practice.diary = _in_step(practice, transaction, now)
        practice.stale.clear()
        self._size += practice.diary.size - before
        self._make_room()
        return practice.diary

    def _take_note(self, changes: PracticeChanges) -> None:
        """Take note of what changed, at whatever practice, since this was done last."""
        if self._number is None:
            self._number = changes.last()
        for number, organization_id, slot_id in changes.since(self._number):
            self._number = number
            kept = self._by_id.get(organization_id)
            if kept is None:
                continue
            if slot_id is None or len(kept.stale) >= MOST_CHANGED:
                self._forget(kept.organization.ods_code)
            elif kept.diary is not None:
                kept.stale.add(slot_id)

    def _is_kept(self, practice: KeptPractice) -> bool:
        return self._kept.get(practice.organization.ods_code) is practice

    def _read(self, ods_code: str) -> KeptPractice | None:
        with self._store.reading() as transaction:
            organization = transaction.practices.with_ods_code(ods_code)
        if organization is None:
            return None
        kept = self._kept[ods_code] = self._by_id[organization.id] = KeptPractice(organization)
        if len(self._kept) > MOST_PRACTICES:
            self._forget(next(iter(self._kept)))
        return kept

    def _forget(self, ods_code: str) -> None:
        practice = self._kept.pop(ods_code)
        del self._by_id[practice.organization.id]
        self._size -= _size(practice)

    def _make_room(self) -> None:
        """Let go of the diaries that were searched longest ago, never of the last one."""
        while self._size > MOST_BYTES and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))


def _in_step(practice: KeptPractice, transaction: Transaction, now: Instant) -> BookableDiary:
    """Mend a diary where that will do, else read it."""
    if practice.diary is not None:
        slots = transaction.slots.find(practice.organization.id, sorted(practice.stale))
        if practice.diary.knows(slots):
            practice.diary.mend(slots)
            return practice.diary
    return BookableDiary.read(practice.organization, transaction, now)


def _size(practice: KeptPractice) -> int:
    return 0 if practice.diary is None else practice.diary.size

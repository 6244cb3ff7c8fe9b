"""What a process keeps of practices between requests, and how it knows that it is still so.

One statement a request says what changed at the practice since the last one, whichever process did it.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from simulator.domain.clock import Instant
from simulator.domain.organization import Organization
from simulator.interactions.bookable_diary import BookableDiary
from simulator.store.database import Store, Transaction

MOST_BYTES = 60_000_000
"""How much text is kept of the diaries of all practices together; with all beside it, it takes 80 MB."""

MOST_PRACTICES = 10_000
MOST_CHANGED = 200
"""How many slots may have changed before a diary is read anew rather than mended."""


@dataclass(slots=True)
class KeptPractice:
    """A practice as of one of its changes; `diary` is read when it is first searched.

    `stale` are the slots that changed since the diary was in step with the database.
    """

    organization: Organization
    change: int
    diary: BookableDiary | None = None
    stale: set[int] = field(default_factory=set)


class KeptPractices:
    """The practices of one process, used by one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[str, KeptPractice] = OrderedDict()
        self._size = 0

    def find(self, ods_code: str) -> KeptPractice | None:
        """Return a practice as it is now; None where there is none with that ODS code."""
        kept = self._kept.get(ods_code)
        if kept is None:
            return self._read(ods_code)
        changes = self._store.glance().changes
        for number, slot_id in changes.since(kept.organization.id, kept.change):
            if slot_id is None or len(kept.stale) >= MOST_CHANGED:
                self._forget(ods_code)
                return self._read(ods_code)
            kept.change = number
            if kept.diary is not None:
                kept.stale.add(slot_id)
        return kept

    def diary(self, practice: KeptPractice, now: Instant) -> BookableDiary:
        """Return the diary of a practice that was found just now, in step with the database."""
        ods_code = practice.organization.ods_code
        if self._kept.get(ods_code) is not practice:
            # Another request made room since the practice was found.
            with self._store.reading() as transaction:
                return BookableDiary.read(practice.organization, transaction, now)
        self._kept.move_to_end(ods_code)
        if practice.diary is not None and not practice.stale:
            return practice.diary
        before = _size(practice)
        with self._store.reading() as transaction:
            practice.diary = self._in_step(practice, transaction, now)
        practice.stale.clear()
        self._size += practice.diary.size - before
        self._make_room()
        return practice.diary

    def _in_step(self, practice: KeptPractice, transaction: Transaction, now: Instant) -> BookableDiary:
        """Mend a diary where that will do, else read it; what comes of it is of one moment."""
        organization_id = practice.organization.id
        is_new = practice.diary is None
        # Others may have written since the practice was found.
        for number, slot_id in transaction.changes.since(organization_id, practice.change):
            if slot_id is None:
                # The practice itself may have changed too: it is read anew when it is next found.
                is_new = True
                break
            practice.change = number
            practice.stale.add(slot_id)
        slots = [] if is_new else transaction.slots.find(organization_id, sorted(practice.stale))
        if practice.diary is None or is_new or not practice.diary.knows(slots):
            return BookableDiary.read(practice.organization, transaction, now)
        practice.diary.mend(slots)
        return practice.diary

    def _read(self, ods_code: str) -> KeptPractice | None:
        with self._store.reading() as transaction:
            organization = transaction.practices.with_ods_code(ods_code)
            if organization is None:
                return None
            kept = KeptPractice(organization, transaction.changes.last(organization.id))
        self._kept[ods_code] = kept
        if len(self._kept) > MOST_PRACTICES:
            self._forget(next(iter(self._kept)))
        return kept

    def _forget(self, ods_code: str) -> None:
        self._size -= _size(self._kept.pop(ods_code))

    def _make_room(self) -> None:
        """Let go of the diaries that were searched longest ago, never of the last one."""
        while self._size > MOST_BYTES and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))


def _size(practice: KeptPractice) -> int:
    return 0 if practice.diary is None else practice.diary.size

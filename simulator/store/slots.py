"""Slots and the schedules they belong to."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from simulator.domain.availability import Opening
from simulator.domain.clock import Instant
from simulator.domain.schedule import Schedule
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus
from simulator.store.schema import Row

_SLOT = (
    "slots.id, slots.schedule_id, slots.start, slots.minutes, slots.status, slot_types.text,"
    " slots.delivery_channel, slots.access_profile_id, slots.version"
)


def slot_of(row: Row) -> Slot:
    """Return the columns of `_SLOT` as a slot."""
    id_, schedule_id, start, minutes, status, service_type, channel, access_profile_id, version = row
    return Slot(
        id_, schedule_id, start, start + minutes * 60, SlotStatus(status), service_type,
        DeliveryChannel(channel), access_profile_id, version,
    )  # fmt: skip


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


class Slots:
    """What a transaction sees of slots and schedules."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def free(self, openings: Sequence[Opening], start: Instant, end: Instant) -> list[Slot]:
        """Return the free slots of the openings that lie wholly between two instants, in order of time.

        One statement; its cost grows with what it returns, not with the diary.
        """
        if not openings:
            return []
        bounds = [
            (opening.access_profile_id, max(opening.earliest, start), min(opening.latest, end))
            for opening in openings
        ]
        values = ", ".join("(?, ?, ?)" for _ in bounds)
        rows = self._execute(
            f"with opening (profile, earliest, latest) as (values {values})"
            f" select {_SLOT} from opening"
            " cross join slots on slots.access_profile_id = opening.profile"
            "   and slots.status = 'free' and slots.start between opening.earliest and opening.latest"
            " join slot_types on slot_types.id = slots.slot_type_id"
            " where slots.start + slots.minutes * 60 <= ?"
            " order by slots.start, slots.id",
            [value for bound in bounds for value in bound] + [end],
        )
        return [slot_of(row) for row in rows]

    def find(self, organization_id: int, slot_ids: Sequence[int]) -> list[Slot]:
        """Return those of a practice's slots that exist, in order of time.

        The ids are one value: a request can name more of them than a statement may have values.
        """
        rows = self._execute(
            f"select {_SLOT} from slots"
            " join slot_types on slot_types.id = slots.slot_type_id"
            " join schedules on schedules.id = slots.schedule_id"
            " where schedules.organization_id = ? and slots.id in (select value from json_each(?))"
            " order by slots.start, slots.id",
            (organization_id, json.dumps(list(slot_ids))),
        )
        return [slot_of(row) for row in rows]

    def schedules(self, schedule_ids: Iterable[int]) -> list[Schedule]:
        """Return schedules by id, in order of id."""
        wanted = sorted(set(schedule_ids))
        rows = self._execute(
            f"select * from schedules where id in ({_places(wanted)}) order by id", tuple(wanted)
        )
        return [Schedule(*row) for row in rows]

    def take(self, slot_ids: Sequence[int]) -> bool:
        """Make free slots busy; tell whether every one of them was still free."""
        cursor = self._execute(
            "update slots set status = 'busy', version = version + 1"
            f" where status = 'free' and id in ({_places(slot_ids)})",
            tuple(slot_ids),
        )
        return cursor.rowcount == len(slot_ids)

    def release(self, slot_ids: Sequence[int]) -> None:
        """Make slots free again."""
        self._execute(
            f"update slots set status = 'free', version = version + 1 where id in ({_places(slot_ids)})",
            tuple(slot_ids),
        )

    def free_count(self, organization_id: int, start: Instant) -> int:
        """Return how many GP Connect bookable slots of a practice are free from an instant on."""
        (number,) = self._execute(
            "select count(*) from access_profiles cross join slots"
            " on slots.access_profile_id = access_profiles.id and slots.status = 'free' and slots.start >= ?"
            " where access_profiles.organization_id = ?",
            (start, organization_id),
        ).fetchone()
        return int(number)

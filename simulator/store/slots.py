"""Slots and the schedules they belong to."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from simulator.domain.availability import AccessProfile
from simulator.domain.clock import Instant
from simulator.domain.schedule import Schedule
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus
from simulator.store.practices import access_profile_of
from simulator.store.schema import TABLES, Row

_SLOT = (
    "slots.id, slots.schedule_id, slots.start, slots.minutes, slots.status, slot_types.text,"
    " slots.delivery_channel, slots.access_profile_id, slots.version"
)


FEW = 8
"""How many ids a statement has as values of its own: the texts of statements stay few, and are kept."""

_STATUSES = {str(each): each for each in SlotStatus}
_CHANNELS = {str(each): each for each in DeliveryChannel}
"""By what stands in a row: to call an enumeration costs five times as much, for each of very many rows."""

_in_order_of_time = itemgetter(2, 0)

_SCHEDULE = _SLOT.count(",") + 1
_PROFILE = _SCHEDULE + len(TABLES["schedules"])
"""Where the columns of the schedule, and those of the access profile, follow those of a slot."""


class SlotsAsked(NamedTuple):
    """Slots in order of time, the schedule of the first, and the access profiles of all, by id."""

    slots: list[Slot]
    schedule: Schedule | None
    access_profiles: dict[int, AccessProfile]


def slot_of(row: Row) -> Slot:
    """Return the columns of `_SLOT` as a slot."""
    id_, schedule_id, start, minutes, status, service_type, channel, access_profile_id, version = row
    return Slot(
        id_, schedule_id, start, start + minutes * 60, _STATUSES[status], service_type,
        _CHANNELS[channel], access_profile_id, version,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _profile(row: Row) -> AccessProfile:
    return access_profile_of(row)


def _any_of(ids: Sequence[int]) -> tuple[str, tuple[object, ...]]:
    """Return what SQL is to look among for some ids, and its values.

    Many are one value: a request can name more of them than a statement may have values.
    """
    if len(ids) <= FEW:
        return f"({_places(ids)})", tuple(ids)
    return "(select value from json_each(?))", (json.dumps(list(ids)),)


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


@lru_cache(maxsize=FEW)
def _asked_for(wanted: str) -> str:
    return (
        f"select {_SLOT}, schedules.*, access_profiles.* from slots"
        " join slot_types on slot_types.id = slots.slot_type_id"
        " join schedules on schedules.id = slots.schedule_id"
        " left join access_profiles on access_profiles.id = slots.access_profile_id"
        f" where slots.id in {wanted} and schedules.organization_id = ?"
    )


@lru_cache(maxsize=FEW)
def _taking(places: str) -> str:
    return (
        f"update slots set status = 'busy', version = version + 1 where status = 'free' and id in ({places})"
    )


class Slots:
    """What a transaction sees of slots and schedules."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute

    def bookable(self, organization_id: int, start: Instant) -> list[Slot]:
        """Return a practice's GP Connect bookable slots that are free, from an instant on, in order of time.

        One statement; its cost grows with what it returns, not with the diary.
        """
        rows = self._execute(
            f"select {_SLOT} from access_profiles"
            " cross join slots on slots.access_profile_id = access_profiles.id"
            "   and slots.status = 'free' and slots.start >= ?"
            " join slot_types on slot_types.id = slots.slot_type_id"
            " where access_profiles.organization_id = ?"
            " order by slots.start, slots.id",
            (start, organization_id),
        )
        return [slot_of(row) for row in rows]

    def find(self, organization_id: int, slot_ids: Sequence[int]) -> list[Slot]:
        """Return those of a practice's slots that exist, in order of time."""
        wanted, values = _any_of(slot_ids)
        rows = self._execute(
            f"select {_SLOT} from slots"
            " join slot_types on slot_types.id = slots.slot_type_id"
            " join schedules on schedules.id = slots.schedule_id"
            f" where slots.id in {wanted} and schedules.organization_id = ?"
            " order by slots.start, slots.id",
            (*values, organization_id),
        )
        return [slot_of(row) for row in rows]

    def asked_for(self, organization_id: int, slot_ids: Sequence[int]) -> SlotsAsked:
        """Return those of a practice's slots that exist, with what decides who may book them."""
        wanted, values = _any_of(slot_ids)
        rows = self._execute(_asked_for(wanted), (*values, organization_id)).fetchall()
        if not rows:
            return SlotsAsked([], None, {})
        # To have one row sorted costs SQLite a fifth of the statement.
        rows.sort(key=_in_order_of_time)
        return SlotsAsked(
            [slot_of(row[:_SCHEDULE]) for row in rows],
            Schedule(*rows[0][_SCHEDULE:_PROFILE]),
            {row[_PROFILE]: _profile(row[_PROFILE:]) for row in rows if row[_PROFILE] is not None},
        )

    def schedules(self, schedule_ids: Iterable[int]) -> list[Schedule]:
        """Return schedules by id, in order of id."""
        wanted, values = _any_of(sorted(schedule_ids))
        rows = self._execute(f"select * from schedules where id in {wanted} order by id", values)
        return [Schedule(*row) for row in rows]

    def held(self, schedule_ids: Iterable[int]) -> list[tuple[int, int, str, int]]:
        """Return how many slots of some schedules organisations have booked.

        Each row is of a schedule, an access profile and an ODS code. One statement.
        """
        return self._execute(
            "select a.schedule_id, slots.access_profile_id, a.booking_ods_code, count(*)"
            " from json_each(?) wanted"
            " cross join appointments a on a.schedule_id = wanted.value"
            "   and a.booking_ods_code is not null and a.status <> 'cancelled'"
            " join appointment_slots held on held.appointment_id = a.id and held.live = 1"
            " join slots on slots.id = held.slot_id and slots.access_profile_id is not null"
            " group by a.schedule_id, slots.access_profile_id, a.booking_ods_code",
            (json.dumps(list(schedule_ids)),),
        ).fetchall()

    def take(self, slot_ids: Sequence[int]) -> bool:
        """Make free slots busy; tell whether every one of them was still free."""
        cursor = self._execute(_taking(_places(slot_ids)), tuple(slot_ids))
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

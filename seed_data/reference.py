"""The reference tables: published distributions and the field's own words, each row with its source."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import TypeVar

from seed_data.chance import Shares
from simulator.domain.slot import DeliveryChannel

Value = TypeVar("Value")
Record = dict[str, str]

GP = "gp"
PARTS = ("morning", "afternoon")


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a clinician's week is filled: whole days, and days with a morning or an afternoon only."""

    full_days: int
    half_days: int


@dataclass(frozen=True, slots=True)
class SessionTime:
    """When a surgery begins, in minutes after midnight, and how many minutes of slots it has."""

    start: int
    minutes: int


@dataclass(frozen=True, slots=True)
class LeadTime:
    """The share of appointments made from `first_day` to `last_day` days before they are held."""

    first_day: int
    last_day: int
    share: float


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything the reference tables say, by the kind of clinician where that matters.

    `slot_types` are texts in the order of their ids, which begin at 1; `slot_type_ids` has the ids of those
    that a kind of clinician has on a channel.
    """

    kinds: dict[str, str]
    job_roles: Shares[str]
    patterns: dict[str, Shares[Pattern]]
    session_times: dict[str, Shares[SessionTime]]
    session_names: dict[tuple[str, str], tuple[str, ...]]
    slot_minutes: dict[str, Shares[int]]
    channels: dict[str, Shares[DeliveryChannel]]
    slot_types: tuple[str, ...]
    slot_type_ids: dict[tuple[str, DeliveryChannel], tuple[int, ...]]
    reasons: dict[str, tuple[str, ...]]
    weekdays: dict[int, float]
    lead_times: tuple[LeadTime, ...]
    ages: Shares[tuple[int, int]]
    genders: Shares[str]
    languages: Shares[str]
    list_sizes: Shares[tuple[int, int]]
    places: dict[str, tuple[str, ...]]


def records(table: str) -> list[Record]:
    """Return the rows of a reference table by column name."""
    with resources.files("seed_data").joinpath("reference", f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _shares(rows: list[Record], value: Callable[[Record], Value]) -> Shares[Value]:
    return Shares.of((value(row), float(row["share"])) for row in rows)


def _by(column: str, rows: list[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def _shares_by(column: str, table: str, value: Callable[[Record], Value]) -> dict[str, Shares[Value]]:
    return {key: _shares(rows, value) for key, rows in _by(column, records(table)).items()}


def _texts_by(column: str, rows: list[Record]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(row["text"] for row in group) for key, group in _by(column, rows).items()}


def _minutes_after_midnight(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _session_names() -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (kind, part): texts
        for kind, rows in _by("kind", records("session_names")).items()
        for part, texts in _texts_by("part", rows).items()
    }


def _slot_type_ids(rows: list[Record]) -> dict[tuple[str, DeliveryChannel], tuple[int, ...]]:
    ids: dict[tuple[str, DeliveryChannel], tuple[int, ...]] = {}
    for id_, row in enumerate(rows, 1):
        key = row["kind"], DeliveryChannel(row["channel"])
        ids[key] = (*ids.get(key, ()), id_)
    return ids


def read_reference() -> Reference:
    """Return the reference tables, read from the package's files."""
    roles, slot_types = records("job_roles"), records("slot_types")
    return Reference(
        kinds={row["job_role"]: row["kind"] for row in roles},
        job_roles=_shares(roles, lambda row: row["job_role"]),
        patterns=_shares_by(
            "kind", "session_patterns", lambda row: Pattern(int(row["full_days"]), int(row["half_days"]))
        ),
        session_times=_shares_by(
            "part",
            "session_times",
            lambda row: SessionTime(_minutes_after_midnight(row["start"]), int(row["minutes"])),
        ),
        session_names=_session_names(),
        slot_minutes=_shares_by("kind", "slot_lengths", lambda row: int(row["minutes"])),
        channels=_shares_by("kind", "delivery_channels", lambda row: DeliveryChannel(row["channel"])),
        slot_types=tuple(row["text"] for row in slot_types),
        slot_type_ids=_slot_type_ids(slot_types),
        reasons=_texts_by("kind", records("appointment_reasons")),
        weekdays={int(row["weekday"]): float(row["share"]) for row in records("weekdays")},
        lead_times=tuple(
            LeadTime(int(row["first_day"]), int(row["last_day"]), float(row["share"]))
            for row in records("lead_times")
        ),
        ages=_shares(records("ages"), lambda row: (int(row["first_age"]), int(row["last_age"]))),
        genders=_shares(records("genders"), lambda row: row["gender"]),
        languages=_shares(records("languages"), lambda row: row["language"]),
        list_sizes=_shares(records("list_sizes"), lambda row: (int(row["first"]), int(row["last"]))),
        places=_texts_by("kind", records("place_names")),
    )

import re
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from seed_data import extending
from seed_data.extending import ExtendSummary, extend
from seed_data.refusals import SeedRefused
from seed_data.seeding import SeedOptions, seed
from simulator.store.database_file import DatabaseUnusable

TODAY = date(2026, 6, 1)
SCHEDULES = (
    "select organization_id, location_id, practitioner_id, practitioner_role, service_category, start"
    " from schedules order by 1, 3, 6"
)
SLOTS = (
    "select organization_id, practitioner_id, slots.start, minutes, status, slot_type_id, delivery_channel,"
    " access_profile_id from slots join schedules on schedules.id = schedule_id order by 1, 2, 3"
)
BOOKINGS = (
    "select organization_id, patient_id, practitioner_id, start, status, description from appointments"
    " order by 1, 2, 4"
)


def made(path: Path, days: int, profile: str = "demo") -> Path:
    seed(path, SeedOptions(TODAY, profile, practices=2, patients=30, days=days))
    return path


def rows(path: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def note(path: Path, key: str) -> str:
    ((value,),) = rows(path, "select value from about where key = ?", key)
    return str(value)


def extended(path: Path, weeks: int) -> ExtendSummary:
    return extend(path, weeks, lambda done, total: None)


@pytest.mark.parametrize("profile", ["demo", "assurance", "england"])
def test_extending_makes_what_a_longer_seeding_would_have_made(tmp_path: Path, profile: str) -> None:
    short, long = made(tmp_path / "short.db", 10, profile), made(tmp_path / "long.db", 45, profile)
    extended(short, 2)
    extended(short, 3)
    for query in (SCHEDULES, SLOTS, BOOKINGS):
        assert rows(short, query) == rows(long, query)
    assert note(short, "last_day") == note(long, "last_day") == "2026-07-15"


def test_extended_schedules_that_are_named_cases_are_noted_after_the_seeded_ones(tmp_path: Path) -> None:
    path = made(tmp_path / "practices.db", 14)
    key = "named_schedule:Z90001:embargoed_clinic"
    before = note(path, key).split()
    extended(path, 4)
    after = note(path, key).split()
    assert after[: len(before)] == before
    assert len(after) == len(before) + 4
    categories = rows(
        path, f"select distinct service_category from schedules where id in ({', '.join(after)})"
    )
    assert categories == [("Embargoed clinic",)]


def test_summary_counts_what_was_added(tmp_path: Path) -> None:
    path = made(tmp_path / "practices.db", 7)
    (before,), (slots_before,) = (
        rows(path, f"select count(*) from {table}") for table in ("schedules", "slots")
    )
    seen: list[tuple[int, int]] = []
    summary = extend(path, 1, lambda done, total: seen.append((done, total)))
    assert rows(path, "select count(*) from schedules") == [(before[0] + summary.schedules,)]
    assert rows(path, "select count(*) from slots") == [(slots_before[0] + summary.slots,)]
    assert (summary.practices, summary.last_day) == (3, date(2026, 6, 14))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_bookings_and_people_that_came_meanwhile_stay_as_they_are(tmp_path: Path) -> None:
    path, other = made(tmp_path / "practices.db", 7), made(tmp_path / "other.db", 7)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update slots set status = 'busy', version = 9 where id = 5")
        connection.execute(
            "insert into patients (organization_id, nhs_number, given, family, birth_date, active)"
            " values (1, '9990000018', 'New', 'Comer', '1980-01-01', 1)"
        )
    extended(path, 2)
    extended(other, 2)
    assert rows(path, "select status, version from slots where id = 5") == [("busy", 9)]
    assert rows(path, BOOKINGS) == rows(other, BOOKINGS)


def test_an_extension_that_was_stopped_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = made(tmp_path / "practices.db", 7), made(tmp_path / "other.db", 7)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(extending, "DAYS_A_WRITING", 5)
    with pytest.raises(KeyboardInterrupt):
        extend(path, 3, stop)
    assert note(path, "last_day") == "2026-06-07"
    assert note(path, "last_day:Z90001") == "2026-06-28"
    extended(path, 3)
    extended(other, 3)
    assert rows(path, SLOTS) == rows(other, SLOTS)
    assert rows(path, "select key from about where key like 'last_day:%'") == []


def test_two_extensions_at_once_add_what_one_would_have_added(tmp_path: Path) -> None:
    path, other = made(tmp_path / "practices.db", 7), made(tmp_path / "other.db", 7)
    within: list[ExtendSummary] = []

    def interleave(done: int, total: int) -> None:
        if not within:
            within.append(extended(path, 3))

    extend(path, 3, interleave)
    extended(other, 3)
    assert rows(path, SLOTS) == rows(other, SLOTS)
    assert note(path, "last_day") == note(other, "last_day")


def test_a_diary_may_not_go_on_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "practices.db"
    seed(path, SeedOptions(date(2089, 12, 1), practices=1, patients=5, days=7))
    with pytest.raises(SeedRefused, match="--weeks: got 8, expected a diary that ends by 2090-01-01"):
        extended(path, 8)


def test_a_database_held_by_another_writer_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "practices.db", 7)
    monkeypatch.setattr("simulator.store.database.BUSY_TIMEOUT_MS", 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(SeedRefused) as refusal:
            extended(path, 1)
    assert re.fullmatch(
        rf"{path}: cannot be extended: database is locked[^\n]*; running it again finishes what was begun",
        str(refusal.value),
    )


def test_only_a_database_of_ours_can_be_extended(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="no such database"):
        extended(tmp_path / "nothing.db", 1)
    path = made(tmp_path / "practices.db", 7)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("delete from about where key = 'declaration'")
    with pytest.raises(SeedRefused, match="has no note of its declaration"):
        extended(path, 1)

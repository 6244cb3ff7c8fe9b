import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from seed_data import making
from seed_data.people import Names
from seed_data.profile import read_profile
from seed_data.refusals import SeedRefused
from seed_data.seeding import SeedOptions, seed
from seed_data.summary import SeedSummary
from simulator.store import loading
from simulator.store.loading import Loading
from simulator.store.schema import AFTER_ROWS, TABLES

TODAY = date(2026, 6, 1)
SMALL = SeedOptions(TODAY, practices=2, patients=30, days=10)


def made(path: Path, **asked: Any) -> SeedSummary:
    """Seed a small database, with what is asked for in place of the small options."""
    return seed(path, replace(SMALL, **asked))


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"select * from {table} order by 1, 2").fetchall() for table in TABLES
        }


@pytest.mark.parametrize("profile", ["demo", "england"])
def test_same_seed_and_day_make_the_same_content(tmp_path: Path, profile: str) -> None:
    made(tmp_path / "one.db", profile=profile, patients=None)
    made(tmp_path / "two.db", profile=profile, patients=None)
    assert content(tmp_path / "one.db") == content(tmp_path / "two.db")


def test_another_seed_makes_other_content(tmp_path: Path) -> None:
    made(tmp_path / "one.db")
    made(tmp_path / "two.db", seed=2)
    one, two = content(tmp_path / "one.db"), content(tmp_path / "two.db")
    for table in ("patients", "practitioners", "slots", "appointments"):
        assert one[table] != two[table]


def test_another_day_moves_the_diary(tmp_path: Path) -> None:
    made(tmp_path / "one.db")
    made(tmp_path / "two.db", today=TODAY + timedelta(days=7))
    one, two = content(tmp_path / "one.db"), content(tmp_path / "two.db")
    assert [(row[0], row[2] + 7 * 86_400) for row in one["slots"]] == [
        (row[0], row[2]) for row in two["slots"]
    ]


def test_adding_practices_leaves_the_earlier_ones_as_they_were(tmp_path: Path) -> None:
    profile = tmp_path / "none_off.toml"
    profile.write_text(read_profile("demo").declaration.replace("switched_off = 1", "switched_off = 0"))
    made(tmp_path / "two.db", profile=str(profile))
    made(tmp_path / "three.db", profile=str(profile), practices=3)
    fewer, more = content(tmp_path / "two.db"), content(tmp_path / "three.db")
    patients = {row[2] for row in fewer["patients"]}
    for tables in (fewer, more):
        tables["national_record"] = [row for row in tables["national_record"] if row[0] in patients]
    for table in TABLES:
        if table == "data_sharing_agreements":
            assert set(fewer[table]) < set(more[table])
        elif table != "about":
            assert more[table][: len(fewer[table])] == fewer[table]
    assert len(more["slots"]) > len(fewer["slots"])


def test_switched_off_practice_is_the_same_however_many_others_there_are(tmp_path: Path) -> None:
    made(tmp_path / "two.db")
    made(tmp_path / "three.db", practices=3)
    seen = []
    for name in ("two.db", "three.db"):
        tables = content(tmp_path / name)
        practice = tables["organizations"][-1]
        staff = [row[4:9] for row in tables["practitioners"] if row[1] == practice[0]]
        starts = [row[6:8] for row in tables["schedules"] if row[1] == practice[0]]
        seen.append((practice[1:10], practice[11:], staff, starts))
    assert seen[0] == seen[1]
    assert seen[0][0][0] == "Z99001"
    assert seen[0][1][0] == 0


def test_no_id_depends_on_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "one.db")
    monkeypatch.setattr(making, "name_pools", lambda _: Names(("Zoë",), ("Zak",), ("Zeta",)))
    made(tmp_path / "two.db")
    one, two = content(tmp_path / "one.db"), content(tmp_path / "two.db")
    assert one["patients"] != two["patients"]
    assert [row[:3] for row in one["patients"]] == [row[:3] for row in two["patients"]]
    assert [row[:4] for row in one["practitioners"]] == [row[:4] for row in two["practitioners"]]
    for table in ("organizations", "locations", "schedules", "slots", "appointments", "appointment_slots"):
        assert one[table] == two[table]


def test_numbers_asked_for_override_the_profile(tmp_path: Path) -> None:
    summary = made(tmp_path / "practices.db", practices=3, practitioners=4, patients=25, days=8, seed=9)
    assert (summary.practices, summary.switched_off) == (3, 1)
    assert (summary.practitioners, summary.patients) == (16, 95)
    assert (summary.first_day, summary.last_day, summary.seed) == (TODAY, date(2026, 6, 8), 9)
    with closing(sqlite3.connect(tmp_path / "practices.db")) as connection:
        (days,) = connection.execute("select count(distinct date(start, 'unixepoch')) from slots").fetchone()
    assert days == 6


def test_demo_profile_is_five_practices_for_eight_weeks(demo: sqlite3.Connection) -> None:
    assert demo.execute("select enabled, count(*) from organizations group by 1").fetchall() == [
        (0, 1),
        (1, 5),
    ]
    for table, fewest, most in (("locations", 1, 3), ("practitioners", 6, 12), ("patients", 200, 200)):
        counts = demo.execute(
            f"select count(*) from {table} where organization_id <= 5 group by organization_id"
        ).fetchall()
        assert len(counts) == 5
        assert all(fewest <= count <= most for (count,) in counts), table
    about = dict(demo.execute("select key, value from about").fetchall())
    assert (about["first_day"], about["last_day"], about["days"]) == ("2026-03-23", "2026-05-17", "56")


def test_summary_counts_what_is_in_the_database(tmp_path: Path) -> None:
    path = tmp_path / "practices.db"
    summary = made(path)
    tables = content(path)
    assert summary.slots == len(tables["slots"]) == sum(kind.free + kind.booked for kind in summary.kinds)
    assert summary.appointments == len(tables["appointments"])
    assert summary.size == path.stat().st_size
    names = {row[0]: row[2] for row in tables["access_profiles"]}
    for kind in summary.kinds:
        of_kind = [
            row[4] for row in tables["slots"] if (names.get(row[7], "Not GP Connect bookable")) == kind.kind
        ]
        assert (of_kind.count("free"), of_kind.count("busy")) == (kind.free, kind.booked)


def test_a_slot_takes_at_most_two_hundred_bytes(crowd_path: Path, crowd: sqlite3.Connection) -> None:
    (slots,) = crowd.execute("select count(*) from slots").fetchone()
    assert crowd_path.stat().st_size / slots <= 200


def test_a_country_takes_at_most_two_hundred_bytes_a_slot(tmp_path: Path) -> None:
    summary = seed(tmp_path / "practices.db", SeedOptions(TODAY, "england", practices=20, days=14))
    assert summary.bytes_per_slot <= 200


@pytest.mark.parametrize("practitioners", [1, 2, 3])
def test_small_practices_have_a_gp_every_working_day(tmp_path: Path, practitioners: int) -> None:
    made(tmp_path / "practices.db", practices=4, practitioners=practitioners, patients=1, days=7)
    with closing(sqlite3.connect(tmp_path / "practices.db")) as connection:
        rows = connection.execute(
            "select organization_id, count(distinct date(start, 'unixepoch')) from schedules"
            " where practitioner_role = 'R0260' group by 1"
        ).fetchall()
    assert rows == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_a_weekend_alone_has_no_diary(tmp_path: Path) -> None:
    summary = made(tmp_path / "practices.db", today=date(2026, 6, 6), days=2)
    assert (summary.slots, summary.appointments, summary.bytes_per_slot) == (0, 0, 0)


def test_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "practices.db"
    made(path, patients=1)
    before = path.read_bytes()
    with pytest.raises(SeedRefused, match=r"practices\.db: exists already; --force replaces it"):
        made(path)
    assert path.read_bytes() == before
    made(path, force=True)
    assert path.read_bytes() != before


def test_one_of_another_release_or_an_empty_one_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "practices.db"
    path.touch()
    made(path, force=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 1")
    made(path, force=True)


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("kind", ["text", "database", "device"])
def test_what_is_no_database_of_ours_is_kept_even_if_forced(tmp_path: Path, kind: str, force: bool) -> None:
    path = tmp_path / "notes.md"
    if kind == "database":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("create table mine (id)")
    elif kind == "device":
        path.symlink_to("/dev/null")
    else:
        path.write_text("mine" * 100)
    before = path.read_bytes()
    with pytest.raises(SeedRefused, match=r"notes\.md: is not a simulator database, and stays as it is"):
        made(path, force=force)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "no/such/practices.db"])
def test_path_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SeedRefused, match=r"is a directory|there is no directory") as refusal:
        made(tmp_path / name)
    assert "\n" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_day_beyond_the_calendar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeedRefused, match="--today: got 2190-01-01, expected a day from 2000-01-01"):
        made(tmp_path / "practices.db", today=date(2190, 1, 1))


@pytest.mark.parametrize("before", [False, True])
def test_interrupted_seeding_leaves_everything_as_it_was(tmp_path: Path, before: bool) -> None:
    path = tmp_path / "practices.db"
    if before:
        made(path)
    content_before = content(path) if before else None

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed(path, replace(SMALL, force=True), interrupt)
    assert [file.name for file in tmp_path.iterdir()] == (["practices.db"] if before else [])
    assert content_before == (content(path) if before else None)


@pytest.mark.parametrize("step", ["insert_statement", "AFTER_ROWS"])
def test_full_disk_leaves_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> str:
        raise sqlite3.OperationalError("database or disk is full")

    if step == "AFTER_ROWS":
        monkeypatch.setattr(Loading, "_execute_stoppably", fail)
    else:
        monkeypatch.setattr(loading, step, fail)
    with pytest.raises(SeedRefused, match=r"practices\.db: cannot be written: database or disk is full"):
        made(tmp_path / "practices.db")
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_practices(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    seed(tmp_path / "a.db", SMALL, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_what_follows_the_practices_is_counted_too(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    seed(tmp_path / "a.db", SMALL, finishing=lambda done, total: seen.append((done, total)))
    assert seen == [(done, len(AFTER_ROWS)) for done in range(1, len(AFTER_ROWS) + 1)]

"""The database of a country is kept as long as it fits, and made anew when it does not."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from seed_data.profile import read_profile
from seed_data.seeding import SeedOptions, seed
from tests.bench import england
from tests.bench.databases import Database
from tests.bench.england import bookable_slots, country, five_like
from tests.bench.rates import CannotMeasure

DAY = date(2026, 3, 16)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A country of two practices that says it is of the profile as it is declared now."""
    path = tmp_path / "england.db"
    seed(path, SeedOptions(DAY, practices=2, patients=20, days=14))
    with closing(sqlite3.connect(path)) as connection, connection:
        declared = read_profile(england.PROFILE).declaration
        connection.execute("update about set value = ? where key = 'declaration'", (declared,))
    return path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What would have been seeded, which takes minutes."""
    seeded: list[Path] = []

    def make(path: Path) -> float:
        seeded.append(path)
        return 4.5

    monkeypatch.setattr(england, "_make", make)
    return seeded


def test_a_kept_country_that_fits_is_used_as_it_is(kept: Path, made: list[Path]) -> None:
    assert country(None, kept).path == kept
    assert made == []


def test_a_country_of_another_declaration_is_made_anew(kept: Path, made: list[Path]) -> None:
    with closing(sqlite3.connect(kept)) as connection, connection:
        connection.execute("update about set value = 'title = 1' where key = 'declaration'")
    found = country(None, kept)
    assert made == [kept]
    assert found.minutes == 4.5
    assert [each.what for each in found.findings().amounts] == ["slots", "database", "seeding"]


def test_a_country_of_another_schema_is_made_anew(kept: Path, made: list[Path]) -> None:
    with closing(sqlite3.connect(kept)) as connection:
        connection.execute("pragma user_version = 1")
    country(None, kept)
    assert made == [kept]


def test_a_given_database_that_cannot_be_used_is_a_reason_not_to_measure(tmp_path: Path) -> None:
    with pytest.raises(CannotMeasure, match="no such database"):
        country(tmp_path / "absent.db", tmp_path / "england.db")


def test_five_practices_are_made_for_the_same_days_as_the_country(tmp_path: Path) -> None:
    seed(tmp_path / "large.db", SeedOptions(DAY, practices=8, patients=20, days=14))
    large = Database(tmp_path / "large.db", tmp_path / "copy.db")
    five = five_like(large, 100.0, tmp_path)
    assert len(five.practices) == 5
    assert (five.today, five.last_day) == (large.today, large.last_day) == (DAY, date(2026, 3, 29))
    assert set(bookable_slots(five)) == {each.ods_code for each in five.practices}

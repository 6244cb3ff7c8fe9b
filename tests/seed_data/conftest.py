"""Seeded databases to look at, made once a run, and ways to look at them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from seed_data.seeding import SeedOptions, seed

TODAY = date(2026, 3, 23)
"""A Monday: the clocks go forward six days later, and Easter comes two weeks later."""


@pytest.fixture(scope="session")
def demo_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo profile as it comes."""
    path = tmp_path_factory.mktemp("demo") / "practices.db"
    seed(path, SeedOptions(TODAY))
    return path


@pytest.fixture
def demo(demo_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the demo database."""
    with closing(sqlite3.connect(f"file:{demo_path}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.fixture(scope="session")
def crowd_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough practices for shares to show."""
    path = tmp_path_factory.mktemp("crowd") / "practices.db"
    seed(path, SeedOptions(date(2026, 6, 1), practices=80, patients=150, days=35))
    return path


@pytest.fixture(scope="session")
def country_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small country: the england profile with fewer practices, for five weeks as the crowd has."""
    path = tmp_path_factory.mktemp("country") / "practices.db"
    seed(path, SeedOptions(date(2026, 6, 1), "england", practices=50, days=35))
    return path


@pytest.fixture
def country(country_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the small country, 1 June 2026 on."""
    with closing(sqlite3.connect(f"file:{country_path}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.fixture
def crowd(crowd_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a database of many practices, 1 June 2026 on: no bank holiday in it."""
    with closing(sqlite3.connect(f"file:{crowd_path}?mode=ro", uri=True)) as connection:
        yield connection

"""Ada Lark, whom anybody may register, and one answer of every interaction in each format."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from simulator.domain.organization import Organization
from simulator.interactions.bookable_diary import BookableDiary
from simulator.interactions.interaction import Format
from simulator.store.database import Transaction
from tests.conftest import STOPPED, a_consumer, serving
from tests.diary import Diary
from tests.interactions.every_response import every_response
from tests.interactions.registrations import ADA
from tests.interactions.two_workers import TwoWorkers
from tests.practice_client import PracticeClient

Answers = dict[tuple[str, Format], httpx2.Response]


@pytest.fixture
def ada_on_record(diary: Diary) -> Diary:
    """Put Ada Lark on the national record; return the first practice's diary."""
    diary.national_record(ADA)
    return diary


@pytest.fixture
def xml_consumer(consumer: PracticeClient) -> PracticeClient:
    """Return the correct consumer of the first practice, speaking XML."""
    return replace(consumer, format=Format.XML)


def sds_user_id(path: Path, organization_id: int = 1) -> str:
    """Return the SDS user id of a practice's first practitioner."""
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute(
            "select sds_user_id from practitioners where organization_id = ? order by id", (organization_id,)
        ).fetchone()
    return str(found)


@pytest.fixture
def world(database: Path) -> Iterator[TwoWorkers]:
    """Return two workers on the test's own database."""
    workers = TwoWorkers(database)
    yield workers
    workers.close()


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the ODS code of every diary that is read, rather than mended or kept."""
    noted: list[str] = []
    read = BookableDiary.read.__func__  # type: ignore[attr-defined]  # a class method has one

    def noting(organization: Organization, transaction: Transaction, now: int) -> Any:
        noted.append(organization.ods_code)
        return read(BookableDiary, organization, transaction, now)

    monkeypatch.setattr(BookableDiary, "read", noting)
    return noted


@pytest.fixture(scope="session")
def answers(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Return one answer of each interaction in each format, from a database of their own."""
    found: Answers = {}
    for spoken in Format:
        path = Path(shutil.copy(template_database, tmp_path_factory.mktemp("answers") / "practices.db"))
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            Diary(connection).national_record(ADA)
        with serving(path) as http:
            consumer = replace(a_consumer(http, STOPPED, 0), format=spoken)
            for name, response in every_response(consumer, sds_user_id(path)).items():
                found[name, spoken] = response
    return found

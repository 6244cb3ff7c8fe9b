"""Find a patient whose NHS number was never verified: the national record is asked there and then."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulator.fhir import urls
from tests.diary import Diary
from tests.practice_client import Json, PracticeClient, assert_searchset

UNVERIFIED = {"given": "Ada", "family": "Lark", "birth_date": "1980-02-03", "verified": 0}


@pytest.fixture
def number(diary: Diary) -> str:
    """Make the first patient Ada Lark, whose number was never verified; return the number."""
    diary.update("patients", 1, **UNVERIFIED)
    return diary.nhs_number(1)


def found(consumer: PracticeClient, number: str) -> list[Json]:
    return assert_searchset(consumer.find_patient(number))


def state(diary: Diary) -> tuple[int, int]:
    row = diary.connection.execute("select verified, version from patients where id = 1").fetchone()
    return tuple(row)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"given": "Beth", "family": "Wren"},
        {"birth_date": "1980-02-04"},
        {"birth_date": "1980-03-03", "given": "ANNA", "family": "larkin"},
        {"birth_date": "1981-02-03", "gender": "male", "city": "York"},
    ],
    ids=["the same", "other names", "another day", "another month", "another year"],
)
def test_whom_the_national_record_confirms_is_verified_and_shown(
    consumer: PracticeClient, diary: Diary, number: str, record: dict[str, Any]
) -> None:
    diary.national_record(number, **record)
    (patient,) = found(consumer, number)
    assert patient["meta"]["versionId"] == "2"
    (status,) = patient["identifier"][0]["extension"]
    assert status["url"] == urls.VERIFICATION_STATUS
    assert status["valueCodeableConcept"]["coding"][0]["code"] == "01"
    assert state(diary) == (1, 2)
    assert found(consumer, number) == [patient]
    assert consumer.send("read_patient", resource_id="1").json() == patient


@pytest.mark.parametrize(
    "record",
    [
        {"birth_date": "1980-03-04"},
        {"birth_date": "1980-02-04", "family": "Wren"},
        {"birth_date": "1980-02-04", "given": "Beth"},
        {"deceased_on": "2026-01-02"},
        {"sensitive": 1},
        {"invalid": 1},
        {"superseded_by": "9434765919"},
    ],
    ids=lambda record: "+".join(record),
)
def test_whom_the_national_record_does_not_confirm_is_left_out(
    consumer: PracticeClient, diary: Diary, number: str, record: dict[str, Any]
) -> None:
    diary.national_record(number, **record)
    assert found(consumer, number) == []
    assert state(diary) == (0, 1)


def test_who_is_not_on_the_national_record_is_left_out(
    consumer: PracticeClient, diary: Diary, number: str
) -> None:
    diary.connection.execute("delete from national_record")
    assert found(consumer, number) == []
    assert state(diary) == (0, 1)


@pytest.mark.parametrize(
    "hidden", [{"sensitive": 1}, {"deceased_on": "2026-01-02"}], ids=lambda each: next(iter(each))
)
def test_whom_the_practice_may_not_show_stays_hidden(
    consumer: PracticeClient, diary: Diary, number: str, hidden: dict[str, Any]
) -> None:
    diary.national_record(number)
    diary.update("patients", 1, **hidden)
    assert found(consumer, number) == []


def test_a_lapsed_patient_is_not_even_verified(consumer: PracticeClient, diary: Diary, number: str) -> None:
    diary.national_record(number)
    diary.update("patients", 1, active=0)
    assert found(consumer, number) == []
    assert state(diary) == (0, 1)


def test_whom_somebody_verified_meanwhile_is_not_verified_twice(
    consumer: PracticeClient,
    diary: Diary,
    number: str,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    diary.national_record(number)

    def verified_elsewhere(patient: object, record: object) -> bool:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("update patients set verified = 1, version = 2 where id = 1")
        return True

    monkeypatch.setattr("simulator.interactions.find_patient.may_verify", verified_elsewhere)
    (patient,) = found(consumer, number)
    assert patient["meta"]["versionId"] == "2"
    assert state(diary) == (1, 2)

"""People on the national record whom nobody has registered yet, and people whom nobody may register."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simulator.domain.national_record import NationalRecord
from simulator.domain.nhs_number import is_valid
from simulator.fhir import urls
from simulator.store.national_record import national_record_row
from simulator.store.schema import insert_statement
from tests.practice_client import Json

ORDINARY = 4
STATES: tuple[Json, ...] = (
    {"deceased_on": date(2020, 2, 2)},
    {"sensitive": True},
    {"invalid": True},
    {"superseded_by": "9990000018"},
)


@dataclass(slots=True)
class NationalPeople:
    """The national record behind a practice: whom a registration makes a patient, and whom it must not.

    `nowhere` are valid numbers that the record does not have; `lapsed` was a patient of the practice before.
    """

    database: Path
    ordinary: list[NationalRecord]
    flagged: list[NationalRecord]
    lapsed: NationalRecord
    nowhere: list[str]
    last_patient: int

    def forget_registrations(self) -> None:
        """Make the practice's register what it was before anybody was registered."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            connection.execute("delete from patients where id > ?", (self.last_patient,))
            connection.execute(
                "update patients set active = 0 where nhs_number = ?", (self.lapsed.nhs_number,)
            )


def put_on_record(database: Path, ods_code: str) -> NationalPeople:
    """Put people on the national record of a database; return them."""
    numbers = _numbers(ORDINARY + len(STATES) + 2)
    person = NationalRecord(
        numbers[0], "Ms", "Ottoline", "Marchbanks", "female", date(1971, 5, 23), None, "01632960777"
    )
    ordinary = [person._replace(nhs_number=number) for number in numbers[:ORDINARY]]
    flagged = [
        person._replace(nhs_number=number, **state)
        for number, state in zip(numbers[ORDINARY:], STATES, strict=False)
    ]
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        row = connection.execute(
            "select patients.nhs_number, prefix, given, family, gender, birth_date from patients"
            " join organizations on organizations.id = organization_id where ods_code = ?"
            " and not active and patients.deceased_on is null and not sensitive",
            (ods_code,),
        ).fetchone()
        number, prefix, given, family, gender, birth_date = row
        born = date.fromisoformat(birth_date)
        lapsed = NationalRecord(number, prefix, given, family, gender, born, None, None)
        statement = insert_statement("national_record").replace("insert", "insert or replace", 1)
        connection.executemany(statement, map(national_record_row, [*ordinary, *flagged, lapsed]))
        (last,) = connection.execute("select max(id) from patients").fetchone()
    return NationalPeople(database, ordinary, flagged, lapsed, numbers[-2:], last)


def registration(person: NationalRecord) -> Json:
    """Return a correct registration of a person."""
    line = {"line": ["1 Test Row"], "city": "Kelver", "postalCode": "ZZ99 1AA"}
    language = {"coding": [{"system": urls.HUMAN_LANGUAGES, "code": "fr", "display": "French"}]}
    return {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "registerPatient",
                "resource": {
                    "resourceType": "Patient",
                    "meta": {"profile": [urls.PATIENT]},
                    "extension": [
                        {
                            "url": urls.NHS_COMMUNICATION,
                            "extension": [
                                {"url": "language", "valueCodeableConcept": language},
                                {"url": "interpreterRequired", "valueBoolean": True},
                            ],
                        }
                    ],
                    "identifier": [{"system": urls.NHS_NUMBER, "value": person.nhs_number}],
                    "name": [{"use": "official", "family": person.family, "given": [person.given]}],
                    "telecom": [
                        {"system": "phone", "value": "01632960888", "use": "home"},
                        {"system": "email", "value": "ottoline@example.org", "use": "home"},
                    ],
                    "gender": person.gender,
                    "birthDate": person.birth_date.isoformat(),
                    "address": [{"use": "home", **line}, {"use": "temp", **line}],
                },
            }
        ],
    }


def _numbers(count: int) -> list[str]:
    """Return valid numbers that seeding is unlikely to have given: those at the end of the range."""
    found = (number for last in range(9_990_000, 0, -1) if is_valid(number := f"999{last:07d}"))
    return [next(found) for _ in range(count)]

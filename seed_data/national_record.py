"""The national record: everybody, as the Personal Demographics Service has them.

Written apart from the practices' own records. It agrees with them on who a person is, and sometimes not on
where the person lives; the named cases disagree on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from seed_data.chance import Chance, below
from seed_data.named_cases import INVALID, SUPERSEDED, UNREGISTERED, YOUNGEST, national_case
from seed_data.people import Register, make_patient
from seed_data.practices import address
from simulator.domain.national_record import NationalRecord
from simulator.domain.patient import Patient

MOVED = 0.04
"""Share of patients whose address one of the two records has not caught up with. An assumption."""

REGISTERED_ELSEWHERE = 0.8
ELSEWHERE = tuple(f"Z98{number:03d}" for number in range(1, 10))
"""ODS codes of practices that no database has, where people from elsewhere are registered."""


def record_of(patient: Patient, ods_code: str | None) -> NationalRecord:
    """Return the national record that a patient of a practice has, if the two agree."""
    return NationalRecord(
        nhs_number=patient.nhs_number,
        prefix=patient.prefix,
        given=patient.given,
        family=patient.family,
        gender=patient.gender,
        birth_date=patient.birth_date,
        address=patient.address,
        phone=patient.phone,
        ods_code=ods_code if patient.active else None,
        deceased_on=patient.deceased_on,
        sensitive=patient.sensitive,
    )


def records_of(
    patients: list[Patient], cases: dict[int, str], register: Register, chance: Chance
) -> Iterator[NationalRecord]:
    """Yield the national records of a practice's patients. `cases` has the named ones, by patient id."""
    organization = register.site.organization
    for patient in patients:
        record = record_of(patient, organization.ods_code)
        if chance.random() < MOVED:
            record = replace(record, address=address(chance, register.reference, organization.address.city))
        known = national_case(record, cases.get(patient.id), register.today)
        if known is not None:
            yield known


@dataclass(frozen=True, slots=True)
class Outsiders:
    """People on the national record who are no practice's patients: ordinary ones, and cases by name."""

    ordinary: tuple[NationalRecord, ...]
    cases: dict[str, NationalRecord]

    def records(self) -> list[NationalRecord]:
        """Return every one of them."""
        return [*self.ordinary, *self.cases.values()]

    def cases_for(self, number: int) -> dict[str, str]:
        """Return NHS numbers by case for the `number`th practice, from 1: each its own to register."""
        cases = {case: self.cases[case].nhs_number for case in (SUPERSEDED, INVALID)}
        if not self.ordinary:
            return cases
        return {UNREGISTERED: self.ordinary[(number - 1) % len(self.ordinary)].nhs_number} | cases


def make_outsiders(register: Register, count: int, numbers: Iterator[str], chance: Chance) -> Outsiders:
    """Return `count` ordinary people and the named ones, who live where a practice's patients do."""
    ordinary = tuple(_person(register, next(numbers), chance) for _ in range(count))
    current = _person(register, next(numbers), chance)
    cases = {
        SUPERSEDED: superseded(current, next(numbers)),
        "current": current,
        INVALID: replace(_person(register, next(numbers), chance), invalid=True),
    }
    return Outsiders(ordinary, cases)


def superseded(current: NationalRecord, nhs_number: str) -> NationalRecord:
    """Return the record that a person had under a number that is no longer used."""
    return replace(current, nhs_number=nhs_number, superseded_by=current.nhs_number)


def _person(register: Register, nhs_number: str, chance: Chance) -> NationalRecord:
    """Return a grown person, female or male: a conformance run's mapping files can say no other gender."""
    while True:
        patient = make_patient(register, 0, nhs_number, chance, YOUNGEST)
        if patient.gender in ("female", "male"):
            elsewhere = ELSEWHERE[below(chance, len(ELSEWHERE))]
            return record_of(patient, elsewhere if chance.random() < REGISTERED_ELSEWHERE else None)

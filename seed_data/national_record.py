"""The national record: everybody, as the Personal Demographics Service has them.

Written apart from the practices' own records. It agrees with them on who a person is, and sometimes not on
where the person lives; the named cases disagree on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from seed_data.chance import Chance, below, pick
from seed_data.named_cases import (
    INVALID,
    REGISTERED_ELSEWHERE,
    RENAMED,
    SUPERSEDED,
    TWIN,
    UNREGISTERED,
    YOUNGEST,
    national_case,
)
from seed_data.people import Register, make_patient
from seed_data.practices import address
from simulator.domain.national_record import NationalRecord
from simulator.domain.patient import Patient

MOVED = 0.04
"""Share of patients whose address one of the two records has not caught up with. An assumption."""

CALLED_OTHERWISE = 0.05
"""Share of patients who once had another family name. An assumption."""

ELSEWHERE_ALREADY = 0.8
"""Share of people who are no patients here and are registered with some other practice. An assumption."""

LATELY = timedelta(days=21)
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
        mobile=patient.mobile,
        email=patient.email,
        registered_on=patient.registered_on,
    )


def records_of(
    patients: list[Patient], cases: dict[int, str], register: Register, chance: Chance
) -> Iterator[NationalRecord]:
    """Yield the national records of a practice's patients. `cases` has the named ones, by patient id."""
    organization = register.site.organization
    for patient in patients:
        record = record_of(patient, organization.ods_code)
        if chance.random() < MOVED:
            record = _moved(record, register, chance)
        if chance.random() < CALLED_OTHERWISE:
            record = record._replace(former_family=pick(chance, register.names.family))
        record = _disagreeing(record, cases.get(patient.id), register, chance)
        known = national_case(record, cases.get(patient.id), register.today)
        if known is not None:
            yield known


def _moved(record: NationalRecord, register: Register, chance: Chance) -> NationalRecord:
    """Return a record with another address, as the practice does not know yet."""
    town = register.site.organization.address.city
    former = record.address.postal_code if record.address else None
    moved_to = address(chance, register.reference, town)
    return record._replace(address=moved_to, former_postal_code=former)


def _disagreeing(
    record: NationalRecord, case: str | None, register: Register, chance: Chance
) -> NationalRecord:
    """Return a record with what the practice does not know yet, in the cases about that."""
    lately = register.today - LATELY
    if case == RENAMED:
        family = f"{record.family}-{pick(chance, register.names.family)}"
        return record._replace(family=family, former_family=record.family, registered_on=lately)
    if case == REGISTERED_ELSEWHERE:
        return record._replace(ods_code=ELSEWHERE[0], registered_on=lately)
    return record


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
        cases = {case: self.cases[case].nhs_number for case in (SUPERSEDED, INVALID, TWIN)}
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
        INVALID: _person(register, next(numbers), chance)._replace(invalid=True),
    }
    twin = _person(register, next(numbers), chance)
    cases[TWIN] = twin
    cases["other twin"] = _other_twin(twin, register, next(numbers), chance)
    return Outsiders(ordinary, cases)


def superseded(current: NationalRecord, nhs_number: str) -> NationalRecord:
    """Return the record that a person had under a number that is no longer used."""
    return current._replace(nhs_number=nhs_number, superseded_by=current.nhs_number)


def _other_twin(twin: NationalRecord, register: Register, nhs_number: str, chance: Chance) -> NationalRecord:
    """Return somebody who is called otherwise, and like a person in all that a search can name besides."""
    pool = register.names.female if twin.gender == "female" else register.names.male
    given = pick(chance, [name for name in pool if name != twin.given] or ["Robin"])
    return twin._replace(nhs_number=nhs_number, given=given, mobile=None, email=None)


def _person(register: Register, nhs_number: str, chance: Chance) -> NationalRecord:
    """Return a grown person, female or male: a conformance run's mapping files can say no other gender."""
    while True:
        patient = make_patient(register, 0, nhs_number, chance, YOUNGEST)
        if patient.gender in ("female", "male"):
            elsewhere = ELSEWHERE[below(chance, len(ELSEWHERE))]
            return record_of(patient, elsewhere if chance.random() < ELSEWHERE_ALREADY else None)

"""The people of the practice under test, mapped to the keys of the published conformance suite."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from seed_data.chance import Chance
from seed_data.conformance import NOBODY_AT_ALL, Conformance
from seed_data.named_cases import SUPERSEDED, YOUNGEST, local_case, national_case
from seed_data.national_record import record_of, superseded
from seed_data.people import Register, make_patient, next_of_kin, role_profiles
from seed_data.practices import Site, ods_code
from seed_data.refusals import SeedRefused
from simulator.domain.national_record import NationalRecord
from simulator.domain.nhs_number import NOBODY
from simulator.domain.patient import Patient
from simulator.domain.practitioner import Practitioner
from simulator.store.mappings import LOCATIONS, ORGANISATIONS, PATIENTS, PRACTITIONERS, mapping_key


@dataclass(frozen=True, slots=True)
class MappedPeople:
    """The mapped patients, their national records, and what is noted of whom a key stands for."""

    patients: list[Patient]
    records: list[NationalRecord]
    notes: dict[str, str]


def map_patients(
    plan: Conformance, register: Register, first_id: int, numbers: Iterator[str], chance: Chance
) -> MappedPeople:
    """Return the mapped patients, numbered from `first_id`."""
    mapped = MappedPeople([], [], {})
    branch_id = register.site.locations[-1].id
    for wanted in plan.patients:
        if wanted.case == NOBODY_AT_ALL:
            mapped.notes[mapping_key(PATIENTS, wanted.key)] = NOBODY
            continue
        # The suite's own arithmetic takes no check digit 0.
        number = next(each for each in numbers if not each.endswith("0"))
        patient = make_patient(register, first_id + len(mapped.patients), number, chance, YOUNGEST)
        if wanted.contact is not None:
            kin = next_of_kin(chance, register.names, patient.family) if wanted.contact else None
            patient = patient._replace(contact=kin)
        patient = local_case(patient, wanted.case, branch_id, register.today)
        mapped.patients.append(patient)
        mapped.notes[mapping_key(PATIENTS, wanted.key)] = number
        record = national_case(
            record_of(patient, register.site.organization.ods_code), wanted.case, register.today
        )
        if record is not None and wanted.case == SUPERSEDED:
            current = record._replace(nhs_number=next(numbers))
            mapped.records.append(current)
            record = superseded(current, number)
        if record is not None:
            mapped.records.append(record)
    return mapped


def map_practitioners(
    plan: Conformance, practitioners: list[Practitioner]
) -> tuple[list[Practitioner], dict[str, str]]:
    """Return a practice's practitioners, the first with as many role profiles as mapped; and notes."""
    wanted = plan.practitioners
    if len(wanted) > len(practitioners):
        raise SeedRefused(
            f"--practitioners: got {len(practitioners)} for the practice under test,"
            f" expected at least the {len(wanted)} that the profile maps"
        )
    mapped = [
        replace(who, sds_role_profile_ids=role_profiles(who.id, each.role_profiles))
        for each, who in zip(wanted, practitioners, strict=False)
    ]
    notes = {
        mapping_key(PRACTITIONERS, each.key): who.sds_user_id
        for each, who in zip(wanted, mapped, strict=True)
    }
    return mapped + practitioners[len(wanted) :], notes


def map_places(plan: Conformance, site: Site, practices: int) -> dict[str, str]:
    """Return what is noted of organisations and surgeries; `site` is the practice under test.

    Surgeries have invented site codes: the practice's, and three digits more.
    """
    surgeries = {f"SIT{n}": location for n, location in enumerate(site.locations, 1)}
    codes = {f"ORG{number}": ods_code(number) for number in range(1, min(practices, 2) + 1)}
    codes["ORG3"] = plan.requesting_organisation
    codes |= {key: f"{site.organization.ods_code}{key[-1]:0>3}" for key in surgeries}
    codes["unknownORG"] = plan.unknown_organisation
    return {mapping_key(ORGANISATIONS, key): code for key, code in codes.items()} | {
        mapping_key(LOCATIONS, key): str(location.id) for key, location in surgeries.items()
    }

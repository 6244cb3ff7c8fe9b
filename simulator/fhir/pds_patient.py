"""A person as the Personal Demographics Service has one (UK Core Patient, R4), and its searchsets.

Of a sensitive person nothing is said that tells where they are. Source: the published specification of the
Personal Demographics Service FHIR API.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from simulator.domain.clock import start_of_day, uk_local
from simulator.domain.national_record import NationalRecord
from simulator.domain.person_search import digits
from simulator.fhir.resource import Json, without_nothing
from simulator.fhir.urls import NHS_NUMBER, ODS_ORGANIZATION_CODE

_UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
_UK_CORE_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def render_person(record: NationalRecord, in_full: bool) -> Json:
    """Return a person; a search has less of one than a look-up, which is `in_full`."""
    is_open = not record.sensitive
    return without_nothing(
        {
            "resourceType": "Patient",
            "id": record.nhs_number,
            "meta": {"versionId": str(record.version), "security": [_confidentiality(record.sensitive)]},
            "identifier": [_nhs_number(record)],
            "name": _names(record, in_full),
            "gender": record.gender,
            "birthDate": record.birth_date.isoformat(),
            "deceasedDateTime": uk_local(start_of_day(record.deceased_on)) if record.deceased_on else None,
            "address": _addresses(record) if is_open else [],
            "telecom": _telecom(record) if is_open else [],
            "generalPractitioner": [_practice(record) | {"id": _id(record, "practice")}]
            if is_open and record.ods_code
            else [],
            "managingOrganization": _practice(record) if in_full and is_open and record.ods_code else None,
            "extension": [_death(record.deceased_on)] if record.deceased_on else [],
        }
    )


def _confidentiality(is_sensitive: bool) -> Json:
    code, display = ("R", "restricted") if is_sensitive else ("U", "unrestricted")
    return {"system": CONFIDENTIALITY, "code": code, "display": display}


def _id(record: NationalRecord, what: str) -> str:
    """Return the id of a part of a record: always the same."""
    return hashlib.sha256(f"{record.nhs_number} {what}".encode()).hexdigest()[:8].upper()


def _coded(system: str, code: str, display: str) -> Json:
    coding = {"system": _UK_CORE_CODES + system, "version": "1.0.0", "code": code, "display": display}
    return {"coding": [coding]}


def _nhs_number(record: NationalRecord) -> Json:
    status = _coded("NHSNumberVerificationStatus", "01", "Number present and verified")
    return {
        "system": NHS_NUMBER,
        "value": record.nhs_number,
        "extension": [
            {"url": _UK_CORE + "NHSNumberVerificationStatus", "valueCodeableConcept": status},
        ],
    }


def _since(record: NationalRecord) -> date:
    """Return since when what may change is as it is."""
    return record.registered_on or record.birth_date


def _names(record: NationalRecord, in_full: bool) -> list[Json]:
    given, prefix = record.given.split(), [record.prefix] if record.prefix else []
    start = _since(record) if record.former_family else record.birth_date
    usual = {
        "id": _id(record, "name"),
        "use": "usual",
        "period": {"start": start.isoformat()},
        "given": given,
        "family": record.family,
        "prefix": prefix,
    }
    names = [without_nothing(usual)]
    if record.former_family and in_full:
        period = {
            "start": record.birth_date.isoformat(),
            "end": max(start - timedelta(days=1), record.birth_date).isoformat(),
        }
        former = {"id": _id(record, "former name"), "use": "old", "period": period, "given": given}
        names.append({**former, "family": record.former_family})
    return names


def _addresses(record: NationalRecord) -> list[Json]:
    address = record.address
    if address is None:
        return []
    return [
        {
            "id": _id(record, "address"),
            "use": "home",
            "period": {"start": _since(record).isoformat()},
            "line": [line for line in (*address.lines, address.city, address.district) if line],
            "postalCode": address.postal_code,
        }
    ]


def _telecom(record: NationalRecord) -> list[Json]:
    ways = (
        ("phone", digits(record.phone or ""), "home"),
        ("phone", digits(record.mobile or ""), "mobile"),
        ("email", record.email, "home"),
    )
    period = {"start": _since(record).isoformat()}
    return [
        {"id": _id(record, f"{system} {use}"), "period": period, "system": system, "value": value, "use": use}
        for system, value, use in ways
        if value
    ]


def _practice(record: NationalRecord) -> Json:
    identifier = {
        "system": ODS_ORGANIZATION_CODE,
        "value": record.ods_code,
        "period": {"start": _since(record).isoformat()},
    }
    return {"type": "Organization", "identifier": identifier}


def _death(day: date) -> Json:
    status = _coded("DeathNotificationStatus", "2", "Formal - death notice received from Registrar of Deaths")
    return {
        "url": _UK_CORE + "DeathNotificationStatus",
        "extension": [
            {"url": "deathNotificationStatus", "valueCodeableConcept": status},
            {"url": "systemEffectiveDate", "valueDateTime": uk_local(start_of_day(day))},
        ],
    }


def render_people(found: Sequence[tuple[NationalRecord, float]], url: str, timestamp: str) -> Json:
    """Return a searchset of people with their scores; `url` is what is before their numbers.

    Where nobody is found there is no `entry`.
    """
    entries = [
        {
            "fullUrl": f"{url}/{record.nhs_number}",
            "search": {"score": score},
            "resource": render_person(record, in_full=False),
        }
        for record, score in found
    ]
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": timestamp,
        "total": len(entries),
    }
    return bundle | {"entry": entries} if entries else bundle

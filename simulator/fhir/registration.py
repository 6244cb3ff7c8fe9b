"""What a consumer sends to register a patient: a Parameters resource with one Patient in it.

Source: specification, page "Register a patient"; the published conformance suite where it is more exact.
"""

import re
from datetime import date
from typing import Any

from simulator.domain.organization import Address
from simulator.domain.refusals import BadRequest, InvalidNhsNumber, InvalidResource, shown
from simulator.domain.registration import Registration
from simulator.fhir import profiles, urls
from simulator.fhir.languages import HUMAN_LANGUAGES
from simulator.fhir.reading import check_base
from simulator.fhir.resource import Json

PARAMETER = "registerPatient"
ALLOWED = frozenset(
    "resourceType id meta text extension identifier name telecom gender birthDate address".split()
)
"""The elements of Patient that registration takes; every other one is refused."""

GENDERS = ("male", "female", "other", "unknown")
ADDRESS_USES = ("home", "temp")
PHONE_USES = ("home", "work", "mobile", "temp")
EMAIL_USES = (*PHONE_USES, "old")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def read_registration(resource: Json) -> Registration:
    """Return what is asked; raise BadRequest, InvalidNhsNumber or InvalidResource naming the element."""
    patient = _patient(resource)
    for element in patient:
        if element not in ALLOWED:
            raise InvalidResource(f"Patient.{element}: must not be sent to register a patient")
    nhs_number = _nhs_number(patient)
    name = _official_name(patient)
    language, interpreter = _communication(patient)
    phones, email, email_use = _telecom(patient)
    addresses = _addresses(patient)
    birth_date, gender = _birth_date(patient), _gender(patient)
    # Last, because the conformance suite wants codes of their own for what the checks before refuse.
    profiles.check_profile(patient, profiles.PATIENT)
    return Registration(
        nhs_number=nhs_number,
        prefix=next(iter(name.get("prefix", [])), None),
        given=tuple(_one_line(each, "Patient.name.given") for each in name["given"]),
        family=name["family"],
        birth_date=birth_date,
        gender=gender,
        address=addresses.get("home"),
        phone=phones.get("home"),
        work_phone=phones.get("work"),
        mobile=phones.get("mobile"),
        email=email,
        email_use=email_use,
        language=language,
        interpreter_required=interpreter,
        temporary_address=addresses.get("temp"),
        temporary_phone=phones.get("temp"),
    )


def _patient(resource: Json) -> Json:
    """Return the Patient of the one `registerPatient` parameter."""
    check_base(resource, "Parameters")
    named = [each for each in resource.get("parameter", []) if each.get("name") == PARAMETER]
    if len(named) > 1:
        raise BadRequest(f"Parameters.parameter: {PARAMETER} came {len(named)} times; expected exactly 1")
    if len(named) != 1 or len(resource["parameter"]) != 1:
        names = [each.get("name") for each in resource.get("parameter", [])]
        raise InvalidResource(
            f"Parameters.parameter: {shown(names or None)} was sent; expected 1, {PARAMETER}"
        )
    patient = named[0].get("resource")
    if not isinstance(patient, dict):
        raise InvalidResource(f"Parameters.parameter({PARAMETER}).resource: is missing; expected a Patient")
    check_base(patient, "Patient")
    return patient


def _nhs_number(patient: Json) -> str:
    identifiers = patient.get("identifier", [])
    for number, each in enumerate(identifiers):
        if not each.get("system"):
            raise BadRequest(f"Patient.identifier[{number}].system: is missing; expected exactly 1")
    values = [each.get("value") for each in identifiers if each["system"] == urls.NHS_NUMBER]
    if len(values) > 1:
        raise BadRequest(f"Patient.identifier: has {len(values)} NHS numbers; expected exactly 1")
    if not values or not values[0]:
        came = "has none" if not values else "has one without value"
        raise InvalidNhsNumber(
            f"Patient.identifier: {came} of system {urls.NHS_NUMBER}; expected exactly 1, an NHS number"
        )
    return str(values[0])


def _official_name(patient: Json) -> Json:
    names: list[Json] = [each for each in patient.get("name", []) if each.get("use") == "official"]
    if len(names) != 1:
        raise BadRequest(f"Patient.name: has {len(names)} with use official; expected exactly 1")
    if not names[0].get("family"):
        raise BadRequest("Patient.name.family: is missing; expected exactly 1")
    if not names[0].get("given"):
        raise InvalidResource("Patient.name.given: is missing; expected at least 1")
    return names[0]


def _birth_date(patient: Json) -> date:
    text = patient.get("birthDate")
    if text is None:
        raise BadRequest("Patient.birthDate: is missing; expected yyyy-mm-dd")
    try:
        if not isinstance(text, str) or _DATE.match(text) is None:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidResource(f"Patient.birthDate: {shown(text)} was sent; expected yyyy-mm-dd") from None


def _gender(patient: Json) -> str | None:
    gender = patient.get("gender")
    if gender is not None and gender not in GENDERS:
        raise InvalidResource(
            f"Patient.gender: {shown(gender)} was sent; expected one of {', '.join(GENDERS)}"
        )
    return gender


def _telecom(patient: Json) -> tuple[dict[str, str], str | None, str]:
    """Return telephone numbers by use, the email address, and the use of that."""
    phones: dict[str, str] = {}
    emails: list[tuple[str, str]] = []
    for number, each in enumerate(patient.get("telecom", [])):
        where = f"Patient.telecom[{number}]"
        system, use, value = each.get("system"), each.get("use"), each.get("value")
        for element in ("system", "value"):
            if not each.get(element):
                raise InvalidResource(f"{where}.{element}: is missing; expected exactly 1")
        if system == "email" and use in (None, *EMAIL_USES):
            emails.append((value, use or "home"))
        elif system != "phone" or use not in PHONE_USES:
            raise InvalidResource(
                f"{where}: has system {shown(system)} and use {shown(use)};"
                f" expected email or phone with use {', '.join(PHONE_USES)}"
            )
        elif use in phones:
            raise BadRequest(f"{where}.use: {shown(use)} came more than once; expected each use once")
        else:
            phones[use] = value
    if len(emails) > 1:
        raise BadRequest(f"Patient.telecom: has {len(emails)} email addresses; expected at most 1")
    email, email_use = emails[0] if emails else (None, "home")
    return phones, email, email_use


def _addresses(patient: Json) -> dict[str, Address]:
    """Return addresses by use; one that says nothing is none."""
    addresses: dict[str, Address] = {}
    uses: set[str] = set()
    for number, each in enumerate(patient.get("address", [])):
        where, use = f"Patient.address[{number}].use", each.get("use")
        if use not in ADDRESS_USES:
            raise InvalidResource(f"{where}: {shown(use)} was sent; expected {' or '.join(ADDRESS_USES)}")
        if use in uses:
            raise InvalidResource(f"{where}: {shown(use)} came more than once; expected each use once")
        uses.add(use)
        lines = each.get("line") or ([each["text"]] if "text" in each else [])
        address = Address(
            tuple(_one_line(line, f"Patient.address[{number}].line") for line in lines),
            each.get("city", ""),
            each.get("district", ""),
            each.get("postalCode", ""),
            each.get("country", "GBR"),
        )
        if address._replace(country="") != Address((), "", "", "", ""):
            addresses[use] = address
    return addresses


def _one_line(text: str, where: str) -> str:
    """Return a text that is one of several and so must have no line end of its own."""
    if "\n" in text or "\r" in text:
        raise InvalidResource(f"{where}: {shown(text)} has a line end; expected one line in each")
    return text


def _communication(patient: Json) -> tuple[str | None, bool]:
    """Return the language and whether an interpreter is needed, from the one extension that may come."""
    extensions = patient.get("extension", [])
    for each in extensions:
        if each.get("url") != urls.NHS_COMMUNICATION:
            raise InvalidResource(
                f"Patient.extension({each.get('url')}): must not be sent to register a patient"
            )
    if len(extensions) > 1:
        raise InvalidResource(
            f"Patient.extension({urls.NHS_COMMUNICATION}): came {len(extensions)} times; expected 1"
        )
    if not extensions:
        return None, False
    parts = {each.get("url"): each for each in extensions[0].get("extension", [])}
    code = _language_code(parts.get("language", {}))
    return code, bool(parts.get("interpreterRequired", {}).get("valueBoolean", False))


def _language_code(part: Any) -> str:
    codings = part.get("valueCodeableConcept", {}).get("coding", [])
    code = codings[0].get("code") if codings else None
    if code not in HUMAN_LANGUAGES:
        raise InvalidResource(
            f"Patient.extension(nhsCommunication).language: {shown(code)} was sent;"
            " expected a code of CareConnect-HumanLanguage-1"
        )
    return str(code)

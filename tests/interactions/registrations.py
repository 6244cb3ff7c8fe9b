"""Registrations: what is sent to register Ada Lark, who is on the national record and nobody's patient."""

from typing import Any

from simulator.fhir import urls
from tests.practice_client import Json, PracticeClient, resource_of

ADA = "9876543210"
VERIFIED = {
    "coding": [{"system": urls.VERIFICATION_STATUSES, "code": "01", "display": "Number present and verified"}]
}


def nhs_number(value: str = ADA) -> Json:
    """Return an NHS number as it is sent to register."""
    return {
        "extension": [{"url": urls.VERIFICATION_STATUS, "valueCodeableConcept": VERIFIED}],
        "system": urls.NHS_NUMBER,
        "value": value,
    }


def ada(number: str = ADA, **changes: Any) -> Json:
    """Return the Patient that is sent; a change to None leaves an element out."""
    patient = {
        "resourceType": "Patient",
        "meta": {"profile": [urls.PATIENT]},
        "identifier": [nhs_number(number)],
        "name": [{"use": "official", "family": "Lark", "given": ["Ada"]}],
        "gender": "female",
        "birthDate": "1980-02-03",
    } | changes
    return {name: value for name, value in patient.items() if value is not None}


def parameters(*patients: Json) -> Json:
    """Return what registration posts: by rights one Patient."""
    named = [{"name": "registerPatient", "resource": patient} for patient in patients]
    return {"resourceType": "Parameters", "parameter": named}


def registered(consumer: PracticeClient, patient: Json | None = None) -> Json:
    """Register and return the Patient that comes back."""
    response = consumer.send("register_patient", body=parameters(patient or ada()))
    assert response.status_code == 200, response.text
    (entry,) = resource_of(response)["entry"]
    return dict(entry["resource"])


def communication(language: str = "de", interpreter: bool | None = True) -> Json:
    """Return the extension that names a language."""
    display = {"de": "German", "pl": "Polish"}.get(language, "Unknown")
    coding = {"system": urls.HUMAN_LANGUAGES, "code": language, "display": display}
    parts: list[Json] = [{"url": "language", "valueCodeableConcept": {"coding": [coding]}}]
    if interpreter is not None:
        parts.append({"url": "interpreterRequired", "valueBoolean": interpreter})
    return {"url": urls.NHS_COMMUNICATION, "extension": parts}


def phone(use: str, value: str = "01632 960777") -> Json:
    """Return a telephone number."""
    return {"system": "phone", "value": value, "use": use}


def email(use: str = "temp") -> Json:
    """Return an email address, with the use that the conformance suite sends."""
    return {"system": "email", "value": "ada@example.org", "use": use}


def address(use: str, city: str = "Leeds") -> Json:
    """Return an address."""
    return {"use": use, "line": ["2 Beck Row", "Holbeck"], "city": city, "postalCode": "ZZ99 2BB"}

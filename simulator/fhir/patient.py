"""Patient to FHIR (profile CareConnect-GPC-Patient-1).

Never populated, as the interaction pages ask: ethnicity, religion, residence, treatment category, birth
place, marital status, multiple birth.
"""

from simulator.domain.patient import Contact, Patient
from simulator.fhir import urls
from simulator.fhir.languages import communication_extension
from simulator.fhir.organization import render_address, render_phone
from simulator.fhir.resource import Json, coding, meta, reference, without_nothing

REGISTRATION_TYPES = {
    "R": "Regular",
    "E": "Emergency",
    "IN": "Immediately necessary",
    "T": "Temporary",
    "P": "Private",
    "O": "Other",
    "S": "Synthetic Record",
}
"""Value set CareConnect-RegistrationType-1, code to display."""

VERIFICATION_STATUSES = {
    True: ("01", "Number present and verified"),
    False: ("02", "Number present but not traced"),
}
"""Whether an NHS number was verified, as CareConnect-NHSNumberVerificationStatus-1 says it."""


def render_patient(patient: Patient) -> Json:
    """Return a patient as find and read show one."""
    extensions = [_registration_details(patient)]
    if patient.language is not None:
        extensions.append(communication_extension(patient.language, patient.interpreter_required))
    return without_nothing(
        {
            "resourceType": "Patient",
            "id": str(patient.id),
            "meta": meta(urls.PATIENT, patient.version),
            "extension": extensions,
            "identifier": [_nhs_number(patient)],
            "active": patient.active,
            "name": [_official_name(patient)],
            "telecom": _telecom(patient),
            "gender": patient.gender,
            "birthDate": patient.birth_date.isoformat(),
            "address": _addresses(patient),
            "contact": [_contact(patient.contact)] if patient.contact else [],
            "generalPractitioner": [reference("Practitioner", patient.usual_practitioner_id)]
            if patient.usual_practitioner_id
            else [],
            "managingOrganization": reference("Organization", patient.organization_id),
        }
    )


def _nhs_number(patient: Patient) -> Json:
    code, display = VERIFICATION_STATUSES[patient.verified]
    status = coding(urls.VERIFICATION_STATUSES, code, display)
    return {
        "extension": [{"url": urls.VERIFICATION_STATUS, "valueCodeableConcept": status}],
        "system": urls.NHS_NUMBER,
        "value": patient.nhs_number,
    }


def _official_name(patient: Patient) -> Json:
    return without_nothing(
        {
            "use": "official",
            "text": f"{patient.given} {patient.family}",
            "family": patient.family,
            "given": [patient.given, *patient.other_given],
            "prefix": [patient.prefix] if patient.prefix else [],
        }
    )


def _telecom(patient: Patient) -> list[Json]:
    telecom = []
    if patient.phone:
        telecom.append(render_phone(patient.phone, "home"))
    if patient.work_phone:
        telecom.append(render_phone(patient.work_phone, "work"))
    if patient.mobile:
        telecom.append(render_phone(patient.mobile, "mobile"))
    if patient.email:
        email = {"system": "email", "value": patient.email, "use": patient.email_use}
        telecom.append(email | (_until_registration_ends(patient) if patient.email_use == "temp" else {}))
    if patient.temporary_phone:
        telecom.append(render_phone(patient.temporary_phone, "temp") | _until_registration_ends(patient))
    return telecom


def _addresses(patient: Patient) -> list[Json]:
    addresses = [render_address(patient.address, "home")] if patient.address else []
    if patient.temporary_address:
        addresses.append(
            render_address(patient.temporary_address, "temp") | _until_registration_ends(patient)
        )
    return addresses


def _until_registration_ends(patient: Patient) -> Json:
    """Return the period of what is temporary: it ends with the registration."""
    return {"period": {"end": patient.registered_until.isoformat()}} if patient.registered_until else {}


def _registration_details(patient: Patient) -> Json:
    period = without_nothing(
        {
            "start": patient.registered_on.isoformat() if patient.registered_on else None,
            "end": patient.registered_until.isoformat() if patient.registered_until else None,
        }
    )
    kind = coding(
        urls.REGISTRATION_TYPES, patient.registration_type, REGISTRATION_TYPES[patient.registration_type]
    )
    parts: list[Json] = [{"url": "registrationPeriod", "valuePeriod": period}] if period else []
    parts.append({"url": "registrationType", "valueCodeableConcept": kind})
    if patient.preferred_location_id is not None:
        branch = reference("Location", patient.preferred_location_id)
        parts.append({"url": "preferredBranchSurgery", "valueReference": branch})
    return {"url": urls.REGISTRATION_DETAILS, "extension": parts}


def _contact(contact: Contact) -> Json:
    return without_nothing(
        {
            "relationship": [{"text": contact.relationship}],
            "name": {"use": "official", "family": contact.family, "given": [contact.given]},
            "telecom": [render_phone(contact.phone, "home")],
            "gender": contact.gender,
        }
    )

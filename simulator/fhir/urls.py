"""The names GP Connect gives things: identifier systems, profiles, extensions, code systems.

Source: specification, pages "FHIR resources" and "General API guidance".
"""

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_ORGANIZATION_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
SDS_USER_ID = "https://fhir.nhs.uk/Id/sds-user-id"
SDS_ROLE_PROFILE_ID = "https://fhir.nhs.uk/Id/sds-role-profile-id"

_DEFINITION = "https://fhir.nhs.uk/STU3/StructureDefinition/"
_CODE_SYSTEM = "https://fhir.nhs.uk/STU3/CodeSystem/"

APPOINTMENT = _DEFINITION + "GPConnect-Appointment-1"
SLOT = _DEFINITION + "GPConnect-Slot-1"
SCHEDULE = _DEFINITION + "GPConnect-Schedule-1"
OPERATION_OUTCOME = _DEFINITION + "GPConnect-OperationOutcome-1"
SEARCHSET = _DEFINITION + "GPConnect-Searchset-Bundle-1"
PATIENT = _DEFINITION + "CareConnect-GPC-Patient-1"
PRACTITIONER = _DEFINITION + "CareConnect-GPC-Practitioner-1"
ORGANIZATION = _DEFINITION + "CareConnect-GPC-Organization-1"
LOCATION = _DEFINITION + "CareConnect-GPC-Location-1"

BOOKING_ORGANISATION = _DEFINITION + "Extension-GPConnect-BookingOrganisation-1"
CANCELLATION_REASON = _DEFINITION + "Extension-GPConnect-AppointmentCancellationReason-1"
PRACTITIONER_ROLE = _DEFINITION + "Extension-GPConnect-PractitionerRole-1"
DELIVERY_CHANNEL = _DEFINITION + "Extension-GPConnect-DeliveryChannel-2"
REGISTRATION_DETAILS = _DEFINITION + "Extension-CareConnect-GPC-RegistrationDetails-1"
NHS_COMMUNICATION = _DEFINITION + "Extension-CareConnect-GPC-NHSCommunication-1"
VERIFICATION_STATUS = _DEFINITION + "Extension-CareConnect-GPC-NHSNumberVerificationStatus-1"
MAIN_LOCATION = _DEFINITION + "Extension-CareConnect-GPC-MainLocation-1"

SPINE_ERROR_CODES = _CODE_SYSTEM + "Spine-ErrorOrWarningCode-1"
SDS_JOB_ROLES = _CODE_SYSTEM + "CareConnect-SDSJobRoleName-1"
ORGANISATION_TYPES = _CODE_SYSTEM + "GPConnect-OrganisationType-1"
REGISTRATION_TYPES = _CODE_SYSTEM + "CareConnect-RegistrationType-1"
VERIFICATION_STATUSES = _CODE_SYSTEM + "CareConnect-NHSNumberVerificationStatus-1"
HUMAN_LANGUAGES = _CODE_SYSTEM + "CareConnect-HumanLanguage-1"

REGISTER_PATIENT_OPERATION = (
    "https://fhir.nhs.uk/STU3/OperationDefinition/GPConnect-RegisterPatient-Operation-1"
)
STRUCTURED_RECORD_OPERATION = (
    "https://fhir.nhs.uk/STU3/OperationDefinition/GPConnect-GetStructuredRecord-Operation-1/_history/1.12"
)

DECLARED_PROFILES = (
    PATIENT,
    ORGANIZATION,
    PRACTITIONER,
    _DEFINITION + "CareConnect-GPC-PractitionerRole-1",
    LOCATION,
    OPERATION_OUTCOME,
    APPOINTMENT,
    SCHEDULE,
    SLOT,
    *(
        _DEFINITION + name
        for name in (
            "CareConnect-GPC-AllergyIntolerance-1",
            "CareConnect-GPC-Medication-1",
            "CareConnect-GPC-MedicationStatement-1",
            "CareConnect-GPC-MedicationRequest-1",
            "CareConnect-GPC-List-1",
            "GPConnect-StructuredRecord-Bundle-1",
        )
    ),
)
"""What the published template of a capability statement lists; the conformance suite asks for all."""


def service_root(base_url: str, ods_code: str) -> str:
    """Return the service root of a practice: where its interactions are, below a scheme, host and port.

    Source: specification, page "General API guidance", service root URL.
    """
    return f"{base_url}/{ods_code}/STU3/1/gpconnect"

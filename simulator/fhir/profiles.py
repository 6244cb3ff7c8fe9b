"""What GP Connect's profiles ask of what is sent, as a table.

Source: the published GP Connect structure definitions, and the interaction pages where those ask for more.
"""

from simulator.fhir import urls
from simulator.fhir.profile_check import Profile, Rule, Slice
from simulator.fhir.profile_check import check_profile as check_profile  # who has the table checks by it
from simulator.fhir.profile_parts import VERIFICATION_STATUSES, codes, each, identifier, telecom, texts

_BUSINESS_IDENTIFIER = (
    *texts("system value", 1, within="identifier."),
    *each("use type period assigner", most=0, within="identifier."),
)

APPOINTMENT = Profile(
    "Appointment",
    urls.APPOINTMENT,
    (
        *_BUSINESS_IDENTIFIER,
        Rule(
            "status", 1, 1,
            codes=codes("proposed pending booked arrived fulfilled cancelled noshow entered-in-error"),
        ),
        *each(
            "appointmentType indication supportingInformation incomingReferral requestedPeriod reason"
            " specialty", most=0,
        ),
        Rule("description", 1, 1, "text"),
        Rule("start", 1, 1, "instant"),
        Rule("end", 1, 1, "instant"),
        Rule("slot", 1, None),
        Rule("slot.reference", 1, 1, "text"),
        Rule("created", 0, 1, "moment"),
        Rule("participant", 1, None),
        Rule("participant.actor", 1, 1),
        Rule("participant.actor.reference", 1, 1, "text"),
        Rule("participant.status", 1, 1, codes=codes("accepted declined tentative needs-action")),
        Rule("participant.required", 0, 1, codes=codes("required optional information-only")),
    ),
    (
        Slice(urls.BOOKING_ORGANISATION, 1, "valueReference"),
        Slice(urls.CANCELLATION_REASON, 1, "valueString"),
        Slice(urls.PRACTITIONER_ROLE, None, "valueCodeableConcept"),
        Slice(urls.DELIVERY_CHANNEL, 1, "valueCode"),
    ),
)  # fmt: skip

ORGANIZATION = Profile(
    "Organization",
    urls.ORGANIZATION,
    (
        *each("contained", most=0),
        Rule("id", 0, 1, "id"),
        Rule("meta.versionId", 0, 1, "id"),
        Rule("type", 0, 1),
        Rule("name", 1, 1, "text"),
        Rule("address.use", 0, 1, codes=codes("work temp old")),
        Rule("address.state", 0, 0),
        *telecom("telecom", "work temp old mobile", use_least=0),
    ),
    (identifier(urls.ODS_ORGANIZATION_CODE, 1),),
)

PATIENT = Profile(
    "Patient",
    urls.PATIENT,
    (Rule("id", 0, 1, "id"), Rule("name.use", 1, 1), Rule("address.state", 0, 0)),
    (
        # Consumers commonly leave out how the number was verified: the national record is asked in any case.
        identifier(
            urls.NHS_NUMBER, 1,
            slices=(
                Slice(
                    urls.VERIFICATION_STATUS, 1, "valueCodeableConcept",
                    rules=(
                        *each("valueCodeableConcept", 1),
                        Rule(
                            "valueCodeableConcept.coding.code", 0, 1, codes=frozenset(VERIFICATION_STATUSES)
                        ),
                    ),
                ),
            ),
        ),
        Slice(
            urls.NHS_COMMUNICATION, 1,
            slices=(
                Slice("language", 1, "valueCodeableConcept", 1, each("valueCodeableConcept", 1)),
                Slice("preferred", None, "valueBoolean"),
                Slice("modeOfCommunication", None, "valueCodeableConcept"),
                Slice("communicationProficiency", 1, "valueCodeableConcept"),
                Slice("interpreterRequired", 1, "valueBoolean", 0, each("valueBoolean", 1)),
            ),
        ),
    ),
)  # fmt: skip
"""What a Patient that is sent to be registered must keep to, besides what registration itself asks."""

"""What may stand in an answer, as a table: every element of every resource, how often, and with what values.

The interaction pages narrow the profiles further: what they say shall not be populated may not stand here,
what they say shall be must. Nothing is checked against it as it goes out; tests do that.
Source: the published GP Connect structure definitions, and the page of each interaction.
"""

from dataclasses import replace

from simulator.domain.practitioner import JOB_ROLES
from simulator.fhir import urls
from simulator.fhir.languages import HUMAN_LANGUAGES
from simulator.fhir.organization import ORGANISATION_TYPES
from simulator.fhir.patient import REGISTRATION_TYPES
from simulator.fhir.profile_check import Profile, Rule, Slice
from simulator.fhir.profile_parts import (
    GENDERS,
    SPINE_CODES,
    VERIFICATION_STATUSES,
    address,
    codes,
    concept,
    each,
    identifier,
    name,
    period,
    reference,
    telecom,
    texts,
)
from simulator.fhir.profiles import APPOINTMENT, ORGANIZATION


def _answered(profile: Profile, *rules: Rule, slices: tuple[Slice, ...] = ()) -> Profile:
    """Return a profile as it binds what we answer with: id, version and profile must stand there."""
    common = (
        Rule("id", 1, 1, "id"),
        Rule("meta", 1, 1),
        Rule("meta.versionId", 1, 1, "text"),
        Rule("meta.profile", 1, 1, fixed=profile.url),
        *each("implicitRules language text modifierExtension", most=0),
    )
    return replace(profile, rules=(*common, *profile.rules, *rules), slices=(*profile.slices, *slices))


ROLE = Slice(
    urls.PRACTITIONER_ROLE, 1, "valueCodeableConcept", 1,
    concept("valueCodeableConcept", urls.SDS_JOB_ROLES, JOB_ROLES),
)  # fmt: skip
CHANNEL = Slice(
    urls.DELIVERY_CHANNEL, 1, "valueCode", 1,
    (Rule("valueCode", 1, 1, codes=codes("In-person Telephone Video")),),
)  # fmt: skip
COMMUNICATION = Slice(
    urls.NHS_COMMUNICATION, None,
    slices=(
        Slice(
            "language", 1, "valueCodeableConcept", 1,
            concept("valueCodeableConcept", urls.HUMAN_LANGUAGES, HUMAN_LANGUAGES),
        ),
        Slice("interpreterRequired", 1, "valueBoolean", 0, each("valueBoolean", 1)),
    ),
)  # fmt: skip
VERIFICATION = Slice(
    urls.VERIFICATION_STATUS, 1, "valueCodeableConcept", 1,
    concept("valueCodeableConcept", urls.VERIFICATION_STATUSES, VERIFICATION_STATUSES),
)  # fmt: skip
REGISTRATION = Slice(
    urls.REGISTRATION_DETAILS, 1, "", 1,
    slices=(
        Slice("registrationPeriod", 1, "valuePeriod", 0, period("valuePeriod")),
        Slice(
            "registrationType", 1, "valueCodeableConcept", 1,
            concept("valueCodeableConcept", urls.REGISTRATION_TYPES, REGISTRATION_TYPES),
        ),
        Slice("preferredBranchSurgery", 1, "valueReference", 0, reference("valueReference", 1, 1)),
    ),
)  # fmt: skip
CAPABILITIES = Profile(
    "CapabilityStatement",
    "",
    (
        *each("id meta url title implementation", most=0),
        Rule("version", 1, 1, fixed="1.2.7"),
        Rule("name", 1, 1, fixed="GP Connect"),
        Rule("status", 1, 1, fixed="active"),
        Rule("date", 1, 1, "dateTime"),
        *texts("publisher description copyright contact.name", 1),
        Rule("contact", 1, None),
        Rule("kind", 1, 1, fixed="capability"),
        *texts("software.name software.version", 1),
        Rule("software", 1, 1),
        Rule("software.releaseDate", 1, 1, "dateTime"),
        Rule("fhirVersion", 1, 1, fixed="3.0.1"),
        Rule("acceptUnknown", 1, 1, fixed="both"),
        Rule("format", 2, 2, codes=codes("application/fhir+json application/fhir+xml")),
        Rule("profile", 15, 15),
        *texts("profile.reference", 1),
        Rule("rest", 1, 1),
        Rule("rest.mode", 1, 1, fixed="server"),
        Rule("rest.security", 1, 1),
        Rule("rest.security.cors", 1, 1),
        Rule("rest.resource", 6, 6),
        Rule(
            "rest.resource.type", 1, 1,
            codes=codes("Patient Organization Practitioner Location Appointment Slot"),
        ),
        Rule("rest.resource.interaction", 1, None),
        Rule("rest.resource.interaction.code", 1, 1, codes=codes("read search-type create update")),
        Rule("rest.resource.updateCreate", 0, 1),
        Rule("rest.resource.searchInclude", 0, None, "text"),
        Rule("rest.resource.searchParam", 0, None),
        *texts("rest.resource.searchParam.name", 1),
        Rule("rest.resource.searchParam.type", 1, 1, codes=codes("token date")),
        Rule("rest.operation", 2, 2),
        *texts("rest.operation.name rest.operation.definition.reference", 1),
        Rule("rest.operation.definition", 1, 1),
    ),
)  # fmt: skip

ANSWERS = {
    "Appointment": _answered(
        APPOINTMENT,
        *each("contained identifier participant", most=None),
        Rule("serviceCategory", 1, 1),
        *texts("serviceCategory.text", 1),
        Rule("serviceType", 1, 1),
        *texts("serviceType.text", 1),
        Rule("priority", 0, 1),
        *texts("comment"),
        *each("minutesDuration"),
        Rule("created", 1, 1, "uk"),
        Rule("start", 1, 1, "uk"),
        Rule("end", 1, 1, "uk"),
        *reference("slot", 1, None),
        *reference("participant.actor", 1, 1),
        Rule("participant.type", 0, None),
        *each("participant.period", most=0),
        slices=(ROLE, CHANNEL, Slice(
            urls.BOOKING_ORGANISATION, 1, "valueReference", 0,
            (Rule("valueReference.reference", 1, 1, "contained"),),
        )),
    ),
    "Slot": _answered(
        Profile("Slot", urls.SLOT, ()),
        *each("identifier contained serviceCategory specialty appointmentType comment overbooked", most=0),
        Rule("serviceType", 1, 1),
        *texts("serviceType.text", 1),
        *reference("schedule", 1, 1),
        Rule("status", 1, 1, codes=codes("busy free busy-unavailable busy-tentative entered-in-error")),
        Rule("start", 1, 1, "uk"),
        Rule("end", 1, 1, "uk"),
        slices=(CHANNEL,),
    ),
    "Schedule": _answered(
        Profile("Schedule", urls.SCHEDULE, ()),
        *each("identifier contained active serviceType specialty comment", most=0),
        Rule("serviceCategory", 0, 1),
        *texts("serviceCategory.text", 1),
        *reference("actor", 1, None),
        Rule("planningHorizon", 1, 1),
        *period("planningHorizon", 1, "uk"),
        slices=(ROLE,),
    ),
    "Patient": _answered(
        Profile("Patient", urls.PATIENT, ()),
        *each(
            "contained deceasedBoolean deceasedDateTime maritalStatus multipleBirthBoolean"
            " multipleBirthInteger photo animal communication link",
            most=0,
        ),
        Rule("identifier", 1, None),
        Rule("identifier.system", 1, 1, "text"),
        Rule("active", 1, 1),
        Rule("name", 1, None),
        *name("name"),
        Rule("telecom", 0, None),
        *telecom("telecom", "home work temp mobile"),
        Rule("telecom.period", 0, 1),
        *period("telecom.period"),
        Rule("gender", 0, 1, codes=GENDERS),
        Rule("birthDate", 1, 1, "date"),
        Rule("address", 0, None),
        *address("address", "home temp"),
        Rule("address.period", 0, 1),
        *period("address.period"),
        Rule("contact", 0, None),
        Rule("contact.relationship", 1, None),
        *texts("contact.relationship.text", 1),
        *each("contact.relationship.coding contact.address contact.organization contact.period", most=0),
        Rule("contact.name", 1, 1),
        *name("contact.name"),
        Rule("contact.telecom", 0, None),
        *telecom("contact.telecom", "home work temp mobile"),
        Rule("contact.gender", 0, 1, codes=GENDERS),
        *reference("generalPractitioner", 0, 1),
        *reference("managingOrganization", 1, 1),
        slices=(
            identifier(urls.NHS_NUMBER, 1, 1, (VERIFICATION,)),
            Slice("official", 1, least=1, element="name", by="use"),
            REGISTRATION,
            replace(COMMUNICATION, most=1),
        ),
    ),
    "Practitioner": _answered(
        Profile("Practitioner", urls.PRACTITIONER, ()),
        *each("contained telecom address birthDate photo qualification communication", most=0),
        Rule("identifier", 1, None),
        Rule("identifier.system", 1, 1, codes=frozenset({urls.SDS_USER_ID, urls.SDS_ROLE_PROFILE_ID})),
        Rule("active", 0, 1),
        Rule("name", 1, 1),
        *name("name"),
        Rule("gender", 0, 1, codes=GENDERS),
        slices=(
            identifier(urls.SDS_USER_ID, 1, 1),
            identifier(urls.SDS_ROLE_PROFILE_ID, None),
            COMMUNICATION,
        ),
    ),
    "Organization": _answered(
        ORGANIZATION,
        *each("alias contact endpoint partOf", most=0),
        Rule("identifier", 1, 1),
        Rule("identifier.system", 1, 1, fixed=urls.ODS_ORGANIZATION_CODE),
        Rule("active", 0, 1),
        *concept("type", urls.ORGANISATION_TYPES, ORGANISATION_TYPES, 0),
        Rule("telecom", 0, None),
        *telecom("telecom", "work temp mobile"),
        Rule("address", 0, None),
        *address("address", "work temp"),
        slices=(
            Slice(urls.MAIN_LOCATION, 1, "valueReference", 0, reference("valueReference", 1, 1)),
        ),
    ),
    "Location": _answered(
        Profile("Location", urls.LOCATION, ()),
        *each(
            "contained identifier operationalStatus alias description mode type physicalType position partOf"
            " endpoint",
            most=0,
        ),
        Rule("status", 0, 1, codes=codes("active suspended inactive")),
        *texts("name", 1),
        Rule("telecom", 0, None),
        *telecom("telecom", "work temp mobile"),
        Rule("address", 1, 1),
        *address("address", "work temp"),
        *reference("managingOrganization", 1, 1),
    ),
    "OperationOutcome": Profile(
        "OperationOutcome",
        urls.OPERATION_OUTCOME,
        (
            Rule("meta.profile", 1, 1, fixed=urls.OPERATION_OUTCOME),
            Rule("issue", 1, None),
            Rule("issue.severity", 1, 1, fixed="error"),
            Rule(
                "issue.code", 1, 1,
                codes=codes(
                    "invalid value business-rule not-found forbidden duplicate conflict not-supported"
                    " processing"
                ),
            ),
            Rule("issue.details", 1, 1),
            Rule("issue.details.coding", 1, 1),
            Rule("issue.details.coding.system", 1, 1, fixed=urls.SPINE_ERROR_CODES),
            Rule("issue.details.coding.code", 1, 1, codes=SPINE_CODES),
            *texts("issue.details.coding.display", 1),
            *each("version userSelected", most=0, within="issue.details.coding."),
            *texts("issue.diagnostics", 1),
        ),
    ),
    "Bundle": Profile(
        "Bundle",
        urls.SEARCHSET,
        (
            *each("id identifier total link signature", most=0),
            Rule("meta", 0, 1),
            Rule("meta.profile", 1, 1, fixed=urls.SEARCHSET),
            Rule("type", 1, 1, fixed="searchset"),
            Rule("entry", 0, None),
            Rule("entry.resource", 1, 1),
            *each("fullUrl link search request response", most=0, within="entry."),
        ),
    ),
    "CapabilityStatement": CAPABILITIES,
}  # fmt: skip
"""What each type of resource must keep to where it stands in an answer, itself or in a Bundle."""

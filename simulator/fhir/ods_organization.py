"""An Organization as the Organisation Data Service's STU3 API has it.

Its JSON is not quite FHIR's: `meta.profile`, `identifier` and `type.coding` are single values where FHIR has
lists, and consumers read them so. Its XML is FHIR's. Source: the published ODS STU3 API.
"""

from simulator.domain.directory import PRESCRIBING_COST_CENTRE, ROLES, ListedOrganization
from simulator.domain.organization import Address
from simulator.fhir.resource import Json
from simulator.fhir.urls import ODS_ORGANIZATION_CODE, SPINE_ERROR_CODES

_DEFINITION = "https://fhir.nhs.uk/STU3/StructureDefinition/"
_ROLE_SYSTEM = "https://directory.spineservices.nhs.uk/STU3/CodeSystem/ODSAPI-OrganizationRole-1"
_RECORD_CLASS = "https://fhir.nhs.uk/STU3/CodeSystem/ODSAPI-OrganizationRecordClass-1"
SINCE = "2014-04-01"
"""Since when every organisation here has been active; the first practices opened to GP Connect later."""

GP_PRACTICE = "76"


def render_ods_organization(organization: ListedOrganization) -> Json:
    """Return an organisation; a practice is a prescribing cost centre first, and a GP practice besides."""
    roles = [organization.role]
    if organization.role == PRESCRIBING_COST_CENTRE:
        roles.append(GP_PRACTICE)
    return {
        "resourceType": "Organization",
        "id": organization.ods_code,
        "meta": {"lastUpdated": f"{SINCE}T00:00:00+00:00", "profile": f"{_DEFINITION}ODSAPI-Organization-1"},
        "extension": [
            {"url": f"{_DEFINITION}Extension-ODSAPI-ActivePeriod-1", "valuePeriod": _operational()},
            *(_role(role, is_primary=role == organization.role) for role in roles),
        ],
        "identifier": {"system": ODS_ORGANIZATION_CODE, "value": organization.ods_code},
        "active": True,
        "type": {"coding": {"system": _RECORD_CLASS, "code": "1", "display": "HSCOrg"}},
        "name": organization.name.upper(),
        "address": {name: value for name, value in _address(organization.address).items() if value},
    }


def _address(address: Address) -> Json:
    return {
        "line": [line.upper() for line in address.lines],
        "city": address.city.upper(),
        "district": address.district.upper(),
        "postalCode": address.postal_code,
        "country": "ENGLAND",
    }


def _operational() -> Json:
    kind = {"url": f"{_DEFINITION}Extension-ODSAPI-DateType-1", "valueString": "Operational"}
    return {"extension": [kind], "start": SINCE}


def _role(code: str, is_primary: bool) -> Json:
    coding = {"system": _ROLE_SYSTEM, "code": code, "display": ROLES[code]}
    return {
        "url": f"{_DEFINITION}Extension-ODSAPI-OrganizationRole-1",
        "extension": [
            {"url": "role", "valueCoding": coding},
            {"url": "primaryRole", "valueBoolean": is_primary},
            {"url": "activePeriod", "valuePeriod": _operational()},
            {"url": "status", "valueString": "Active"},
        ],
    }


def render_ods_outcome(code: str, display: str, issue_type: str, diagnostics: str) -> Json:
    """Return the OperationOutcome of a look-up that failed (profile Spine-OperationOutcome-1)."""
    coding = {"system": SPINE_ERROR_CODES, "code": code, "display": display}
    return {
        "resourceType": "OperationOutcome",
        "meta": {"profile": [f"{_DEFINITION}Spine-OperationOutcome-1"]},
        "issue": [
            {
                "severity": "error",
                "code": issue_type,
                "details": {"coding": [coding]},
                "diagnostics": diagnostics,
            }
        ],
    }

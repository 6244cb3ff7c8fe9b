"""Organization to FHIR (profile CareConnect-GPC-Organization-1), and the addresses of anything."""

from simulator.domain.organization import Address, Organization
from simulator.fhir import urls
from simulator.fhir.resource import Json, meta, reference, without_nothing

ORGANISATION_TYPES = {"gp-practice": "GP Practice", "urgent-care": "Urgent Care"}
"""Value set GPConnect-OrganisationType-1, code to display."""


def render_address(address: Address, use: str) -> Json:
    """Return an address by its parts; `district` is the county."""
    return without_nothing(
        {
            "use": use,
            "line": list(address.lines),
            "city": address.city,
            "district": address.district,
            "postalCode": address.postal_code,
            "country": address.country,
        }
    )


def render_phone(number: str, use: str) -> Json:
    """Return a telephone number as a contact point."""
    return {"system": "phone", "value": number, "use": use}


def render_organization(organization: Organization) -> Json:
    """Return a practice."""
    resource: Json = {
        "resourceType": "Organization",
        "id": str(organization.id),
        "meta": meta(urls.ORGANIZATION, organization.version),
    }
    if organization.main_location_id is not None:
        main = reference("Location", organization.main_location_id)
        resource["extension"] = [{"url": urls.MAIN_LOCATION, "valueReference": main}]
    return resource | {
        "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": organization.ods_code}],
        "active": True,
        "type": [
            {"coding": [{"system": urls.ORGANISATION_TYPES, "code": "gp-practice", "display": "GP Practice"}]}
        ],
        "name": organization.name,
        "telecom": [render_phone(organization.phone, "work")],
        "address": [render_address(organization.address, "work")],
    }

"""Location to FHIR (profile CareConnect-GPC-Location-1)."""

from simulator.domain.location import Location
from simulator.fhir import urls
from simulator.fhir.organization import render_address, render_phone
from simulator.fhir.resource import Json, meta, reference


def render_location(location: Location) -> Json:
    """Return a surgery."""
    return {
        "resourceType": "Location",
        "id": str(location.id),
        "meta": meta(urls.LOCATION, location.version),
        "status": "active",
        "name": location.name,
        "telecom": [render_phone(location.phone, "work")],
        "address": render_address(location.address, "work"),
        "managingOrganization": reference("Organization", location.organization_id),
    }

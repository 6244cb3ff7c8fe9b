"""Practitioner to FHIR (profile CareConnect-GPC-Practitioner-1)."""

from simulator.domain.practitioner import Practitioner
from simulator.fhir import urls
from simulator.fhir.languages import communication_extension
from simulator.fhir.resource import Json, meta, without_nothing


def render_practitioner(practitioner: Practitioner) -> Json:
    """Return a practitioner."""
    roles = [
        {"system": urls.SDS_ROLE_PROFILE_ID, "value": role_profile_id}
        for role_profile_id in practitioner.sds_role_profile_ids
    ]
    return without_nothing(
        {
            "resourceType": "Practitioner",
            "id": str(practitioner.id),
            "meta": meta(urls.PRACTITIONER, practitioner.version),
            "extension": [communication_extension(language) for language in practitioner.languages],
            "identifier": [{"system": urls.SDS_USER_ID, "value": practitioner.sds_user_id}, *roles],
            "active": True,
            "name": [
                without_nothing(
                    {
                        "use": "official",
                        "family": practitioner.family,
                        "given": [practitioner.given],
                        "prefix": [practitioner.prefix] if practitioner.prefix else [],
                    }
                )
            ],
            "gender": practitioner.gender,
        }
    )

"""The Spine Directory Service's Device and Endpoint (R4), and the bundles it answers with.

Source: the published specification of the Spine Directory Service FHIR API.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from simulator.domain.directory import RELIABILITY, AccreditedSystem, Endpoint
from simulator.fhir.resource import Json
from simulator.fhir.urls import ODS_ORGANIZATION_CODE

SERVICE_INTERACTION_ID = "https://fhir.nhs.uk/Id/nhsServiceInteractionId"
PARTY_KEY = "https://fhir.nhs.uk/Id/nhsMhsPartyKey"
ASID = "https://fhir.nhs.uk/Id/nhsSpineASID"
FQDN = "https://fhir.nhs.uk/Id/nhsMhsFQDN"
CPA_ID = "https://fhir.nhs.uk/Id/nhsMhsCPAId"
MHS_ID = "https://fhir.nhs.uk/Id/nhsMHSId"

_EXTENSION = "https://fhir.nhs.uk/StructureDefinition/Extension-SDS-"
MANUFACTURING_ORGANISATION = _EXTENSION + "ManufacturingOrganisation"
INTERACTION = _EXTENSION + "NhsServiceInteractionId"
RELIABILITY_CONFIGURATION = _EXTENSION + "ReliabilityConfiguration"


def stable_uuid(*parts: str) -> str:
    """Return a UUID that is always the same for the same texts."""
    return str(uuid5(NAMESPACE_URL, " ".join(parts)))


def identifier(system: str, value: str) -> Json:
    """Return an Identifier."""
    return {"system": system, "value": value}


def _names(url: str, system: str, value: str) -> Json:
    return {"url": url, "valueReference": {"identifier": identifier(system, value)}}


def render_device(system: AccreditedSystem) -> Json:
    """Return an accredited system as a Device: its supplier comes first of the extensions."""
    return {
        "resourceType": "Device",
        "id": stable_uuid("Device", system.asid),
        "extension": [
            _names(MANUFACTURING_ORGANISATION, ODS_ORGANIZATION_CODE, system.manufacturer_ods_code),
            *(_names(INTERACTION, SERVICE_INTERACTION_ID, each) for each in system.interactions),
        ],
        "identifier": [identifier(ASID, system.asid), identifier(PARTY_KEY, system.party_key)],
        "owner": {"identifier": identifier(ODS_ORGANIZATION_CODE, system.ods_code)},
    }


def render_endpoint(endpoint: Endpoint, interaction: str, address: str) -> Json:
    """Return where one interaction of an endpoint is sent, as an Endpoint: each has a resource of its own."""
    return {
        "resourceType": "Endpoint",
        "id": stable_uuid("Endpoint", endpoint.cpa_id, interaction),
        "extension": [
            {
                "url": RELIABILITY_CONFIGURATION,
                "extension": [
                    {"url": name, "valueInteger" if isinstance(value, int) else "valueString": value}
                    for name, value in RELIABILITY.items()
                ],
            },
            _names(INTERACTION, SERVICE_INTERACTION_ID, interaction),
        ],
        "identifier": [
            identifier(FQDN, urlsplit(address).hostname or ""),
            identifier(PARTY_KEY, endpoint.party_key),
            identifier(CPA_ID, endpoint.cpa_id),
            identifier(MHS_ID, endpoint.mhs_id(interaction)),
        ],
        "status": "active",
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "hl7-fhir-msg",
            "display": "HL7 FHIR Messaging",
        },
        "managingOrganization": {"identifier": identifier(ODS_ORGANIZATION_CODE, endpoint.ods_code)},
        "payloadType": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type",
                        "code": "any",
                        "display": "Any",
                    }
                ]
            }
        ],
        "address": address,
    }


def render_directory_bundle(resources: Sequence[Json], url: str, asked: str) -> Json:
    """Return a searchset of resources below `url`; `asked` is the whole URL of the search, decoded.

    Unlike a practice's it has totals, links and full URLs, and `entry` even where nothing is found.
    """
    return {
        "resourceType": "Bundle",
        "id": stable_uuid("Bundle", asked),
        "type": "searchset",
        "total": len(resources),
        "link": [{"relation": "self", "url": asked}],
        "entry": [
            {"fullUrl": f"{url}/{each['id']}", "resource": each, "search": {"mode": "match"}}
            for each in resources
        ],
    }

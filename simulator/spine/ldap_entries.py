"""What the Spine Directory Service's LDAP holds: its tree, and each system and organisation as an entry.

Attributes are spelt as the real directory spells them, which is not one way. Source: specification, page
"Spine Directory Service".
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from simulator.domain.directory import (
    PRESCRIBING_COST_CENTRE,
    RELIABILITY,
    AccreditedSystem,
    Endpoint,
    ListedOrganization,
)
from simulator.spine.ldap_names import Name, escaped, read_name

SUFFIX_DN, SERVICES_DN, ORGANISATIONS_DN = "o=nhs", "ou=Services,o=nhs", "ou=Organisations,o=nhs"

_PRACTICE = ("nhsGPPractice", "PR", "GP Practice")
_TYPES = {
    PRESCRIBING_COST_CENTRE: _PRACTICE,
    "76": _PRACTICE,
    "92": ("nhsOrg", "AP", "Application Service Provider"),
    "157": ("nhsOrg", "NN", "Non-NHS Organisation"),
    "172": ("nhsOrg", "PH", "Independent Sector Healthcare Provider"),
    "197": ("nhsOrg", "TR", "NHS Trust"),
}
"""Object class, type code and type of an organisation, by its role."""

ADDRESS_LINES = 3
"""How many lines come before town and county; consumers split at `$` and go by the place."""

SERVICE_PARTS = 5
"""How many parts of an interaction id name the service: `urn:nhs:names:services:gpconnect`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its distinguished name, and its attributes with their values, in order."""

    dn: str
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    name: Name = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", read_name(self.dn))


def _entry(dn: str, classes: Iterable[str], **attributes: str | tuple[str, ...]) -> Entry:
    values = {"objectClass": tuple(classes), **attributes}
    return Entry(
        dn, tuple((name, (value,) if isinstance(value, str) else value) for name, value in values.items())
    )


def container_entries() -> tuple[Entry, ...]:
    """Return the entries that others are below: the suffix first."""
    return (
        _entry(SUFFIX_DN, ("top", "organization"), o="nhs"),
        _entry(SERVICES_DN, ("top", "organizationalUnit"), ou="Services"),
        _entry(ORGANISATIONS_DN, ("top", "organizationalUnit"), ou="Organisations"),
    )


def root_entry(extensions: tuple[str, ...]) -> Entry:
    """Return the entry that says what the server can do; `extensions` are object identifiers."""
    return _entry(
        "",
        ("top",),
        namingContexts=SUFFIX_DN,
        supportedLDAPVersion="3",
        **{"supportedExtension": extensions} if extensions else {},
    )


def system_entry(system: AccreditedSystem) -> Entry:
    """Return an accredited system (`nhsAs`), which has one entry for all its interactions."""
    return _entry(
        f"uniqueIdentifier={escaped(system.asid)},{SERVICES_DN}",
        ("nhsAs", "top"),
        uniqueIdentifier=system.asid,
        nhsIDCode=system.ods_code,
        nhsAsClient=system.ods_code,
        nhsMHSPartyKey=system.party_key,
        nhsMhsManufacturerOrg=system.manufacturer_ods_code,
        nhsProductName=system.product_name,
        nhsAsSvcIA=system.interactions,
    )


def endpoint_entry(endpoint: Endpoint, interaction: str, address: str) -> Entry:
    """Return where one interaction is sent (`nhsMhs`); `address` is the service root as it is published."""
    parts = interaction.split(":")
    identifier = endpoint.mhs_id(interaction)
    return _entry(
        f"uniqueIdentifier={identifier},{SERVICES_DN}",
        ("nhsMhs", "top"),
        uniqueIdentifier=identifier,
        nhsIDCode=endpoint.ods_code,
        nhsMHSPartyKey=endpoint.party_key,
        nhsMHSEndPoint=address,
        nhsMhsFQDN=urlsplit(address).hostname or "",
        nhsMhsCPAId=endpoint.cpa_id,
        nhsMhsSvcIA=interaction,
        nhsMHsSN=":".join(parts[:SERVICE_PARTS]),
        nhsMHsIN=":".join(parts[SERVICE_PARTS:]) or interaction,
        nhsEPInteractionType="FHIR",
        nhsMHSIsAuthenticated="none",
        **{name: str(value) for name, value in RELIABILITY.items()},
    )


def organisation_entry(organization: ListedOrganization) -> Entry:
    """Return an organisation: its address is one text, with `$` between the lines, empty ones too."""
    object_class, code, kind = _TYPES[organization.role]
    address = organization.address
    lines = [*address.lines, *[""] * ADDRESS_LINES][:ADDRESS_LINES]
    return _entry(
        f"uniqueIdentifier={escaped(organization.ods_code)},{ORGANISATIONS_DN}",
        (object_class, "top"),
        uniqueIdentifier=organization.ods_code,
        nhsIDCode=organization.ods_code,
        o=organization.name.upper(),
        postalAddress="$".join([*lines, address.city, address.district]).upper(),
        postalCode=address.postal_code,
        l=address.district.upper(),
        nhsOrgTypeCode=code,
        nhsOrgType=kind,
        nhsCountry="England",
        nhsSyntheticIndicator="1",
    )


KNOWN = frozenset(
    name.lower()
    for name in (
        "objectClass o ou l namingContexts supportedLDAPVersion supportedExtension uniqueIdentifier nhsIDCode"
        " nhsAsClient nhsMHSPartyKey nhsMhsManufacturerOrg nhsProductName nhsAsSvcIA nhsMHSEndPoint"
        " nhsMhsFQDN nhsMhsCPAId nhsMhsSvcIA nhsMHsSN nhsMHsIN nhsEPInteractionType nhsMHSIsAuthenticated"
        " postalAddress postalCode nhsOrgTypeCode nhsOrgType nhsCountry nhsSyntheticIndicator"
    ).split()
) | {name.lower() for name in RELIABILITY}
"""Every attribute there is, in lower case: a filter that names another one is undefined."""

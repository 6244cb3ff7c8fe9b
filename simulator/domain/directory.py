"""What the national directories hold: accredited systems, endpoints, agreements and organisations.

Source: specification, pages "Spine Directory Service" and "Registering systems".
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from simulator.domain.organization import Address

GP_CONNECT_INTERACTIONS = tuple(
    f"urn:nhs:names:services:gpconnect:fhir:{suffix}"
    for suffix in (
        "rest:read:metadata-1",
        "rest:search:patient-1",
        "rest:read:patient-1",
        "operation:gpc.registerpatient-1",
        "rest:search:practitioner-1",
        "rest:read:practitioner-1",
        "rest:search:organization-1",
        "rest:read:organization-1",
        "rest:read:location-1",
        "rest:search:slot-1",
        "rest:search:patient_appointments-1",
        "rest:create:appointment-1",
        "rest:read:appointment-1",
        "rest:update:appointment-1",
        "rest:cancel:appointment-1",
    )
)
"""The ids of the interactions of GP Connect 1.2.7 Foundations and Appointment Management."""

PRESCRIBING_COST_CENTRE = "177"
"""The primary role of a general practice."""

ROLES = {
    PRESCRIBING_COST_CENTRE: "PRESCRIBING COST CENTRE",
    "76": "GP PRACTICE",
    "92": "APPLICATION SERVICE PROVIDER",
    "157": "NON-NHS ORGANISATION",
    "172": "INDEPENDENT SECTOR HEALTHCARE PROVIDER",
    "197": "NHS TRUST",
}
"""The roles that organisations have here, and how the Organisation Data Service displays them."""

RELIABILITY: dict[str, str | int] = {
    "nhsMHSSyncReplyMode": "None",
    "nhsMHSRetryInterval": "PT0S",
    "nhsMHSRetries": 0,
    "nhsMHSPersistDuration": "PT0S",
    "nhsMHSDuplicateElimination": "never",
    "nhsMHSAckRequested": "never",
    "nhsMHSActor": "urn:oasis:names:tc:ebxml-msg:actor:toPartyMSH",
}
"""How messages are repeated and acknowledged, by directory attribute: GP Connect does neither."""

_ASID = re.compile(r"[0-9]{12}\Z")
_PARTY_KEY = re.compile(r"[A-Z0-9]{3,8}-[0-9]{6,7}\Z")
_INTERACTION = re.compile(r"urn:[!-~]{1,196}\Z")
_HOST = r"(?:[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*|\[[0-9A-Fa-f:.]+\])"
_ADDRESS = re.compile(rf"https?://{_HOST}(:[0-9]{{1,5}})?(/[A-Za-z0-9._~-]+)*\Z")
LONGEST_HOST = 253


@dataclass(frozen=True, slots=True)
class AccreditedSystem:
    """A system deployed at one organisation (`nhsAs`), and the interactions it may send or receive.

    `manufacturer_ods_code` is that of its supplier.
    """

    asid: str
    ods_code: str
    party_key: str
    manufacturer_ods_code: str
    product_name: str
    interactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A message handling server (`nhsMhs`): where the interactions of a party key are sent.

    `address` is the service root, byte for byte; None stands for a practice of this simulator, whose
    service root is below wherever it is served. LDAP has one entry for each interaction.
    """

    cpa_id: str
    ods_code: str
    party_key: str
    address: str | None
    interactions: tuple[str, ...]

    def mhs_id(self, interaction: str) -> str:
        """Return the unique identifier of the entry for one interaction: twelve digits, always the same."""
        digest = hashlib.sha256(f"{self.cpa_id} {interaction}".encode()).digest()
        return f"9{int.from_bytes(digest[:8]) % 10**11:011d}"


@dataclass(frozen=True, slots=True)
class DataSharingAgreement:
    """That a consumer's organisation may ask a provider's."""

    consumer_ods_code: str
    provider_ods_code: str


@dataclass(frozen=True, slots=True)
class ListedOrganization:
    """An organisation as the ODS directory has it; `role` is its primary one, of ROLES."""

    ods_code: str
    name: str
    role: str
    address: Address


def is_asid(value: str) -> bool:
    """Tell whether a text is shaped like an ASID."""
    return _ASID.match(value) is not None


def is_party_key(value: str) -> bool:
    """Tell whether a text is shaped like a party key."""
    return _PARTY_KEY.match(value) is not None


def is_interaction_id(value: str) -> bool:
    """Tell whether a text may be an interaction id: a URN, printable, without a space."""
    return _INTERACTION.match(value) is not None


def is_endpoint_address(value: str) -> bool:
    """Tell whether a text is a service root that can be called: scheme, host, plain path, no final slash."""
    if _ADDRESS.match(value) is None:
        return False
    try:
        parts = urlsplit(value)
        is_host = len(parts.hostname or "") <= LONGEST_HOST
        return is_host and parts.port != 0 and not {".", ".."} & set(parts.path.split("/"))
    except ValueError:
        return False

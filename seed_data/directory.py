"""The national directories: every practice and consumer registered, agreements, and organisations.

Two consumer systems are there to be refused by the Spine Secure Proxy: one whose organisation has no
agreement with any practice, one that is accredited to look for free slots and for nothing else.
"""

from collections.abc import Iterable, Iterator

from seed_data.chance import chance_for, pick
from seed_data.national_record import ELSEWHERE
from seed_data.practices import address
from seed_data.profile import Profile
from seed_data.reference import Reference
from simulator.domain.directory import (
    GP_CONNECT_INTERACTIONS,
    PRESCRIBING_COST_CENTRE,
    AccreditedSystem,
    DataSharingAgreement,
    Endpoint,
    ListedOrganization,
)
from simulator.domain.organization import Consumer, Organization
from simulator.store.directory import agreement_row, endpoint_row, listed_organization_row, system_row
from simulator.store.loading import Loading

SUPPLIERS = (
    ("Z9S01", "Fellbeck Health Systems", "Fellbeck Practice"),
    ("Z9S02", "Ormeswater Clinical", "Ormeswater Web"),
    ("Z9S03", "Tarnhow Software", "Tarnhow Consult"),
)
"""Invented suppliers of practice systems, with their products; each has every third practice."""

CONSUMER_SUPPLIER = ("Z9S04", "Kelver Digital", "Kelver Bookings")

WITHOUT_AGREEMENT = Consumer("200000099001", "Z9U98", "Moorside Urgent Treatment Centre", "urgent-care")
SLOT_SEARCH_ONLY = Consumer("200000099002", "Z9U99", "Harrowden Slot Finder", "urgent-care")
TO_BE_REFUSED = (WITHOUT_AGREEMENT, SLOT_SEARCH_ONLY)
SLOT_SEARCH = tuple(
    each for each in GP_CONNECT_INTERACTIONS if each.endswith(("rest:read:metadata-1", "rest:search:slot-1"))
)

ROLES_BY_TYPE = {"gp-practice": PRESCRIBING_COST_CENTRE, "urgent-care": "172"}
SUPPLIER_ROLE = "92"


def practice_system(organization: Organization) -> AccreditedSystem:
    """Return a practice's system: the interactions are on both its records, as for every provider."""
    supplier, _, product = SUPPLIERS[int(organization.asid) % len(SUPPLIERS)]
    return AccreditedSystem(
        asid=organization.asid,
        ods_code=organization.ods_code,
        party_key=organization.party_key,
        manufacturer_ods_code=supplier,
        product_name=product,
        interactions=GP_CONNECT_INTERACTIONS,
    )


def practice_endpoint(organization: Organization) -> Endpoint:
    """Return a practice's endpoint; its service root is below wherever the database is served."""
    return Endpoint(
        cpa_id=f"S{organization.asid}",
        ods_code=organization.ods_code,
        party_key=organization.party_key,
        address=None,
        interactions=GP_CONNECT_INTERACTIONS,
    )


def consumer_system(
    consumer: Consumer, interactions: tuple[str, ...] = GP_CONNECT_INTERACTIONS
) -> AccreditedSystem:
    """Return a consumer's system: it has no endpoint, for nobody calls it."""
    supplier, _, product = CONSUMER_SUPPLIER
    party_key = f"{consumer.ods_code}-9{consumer.asid[-5:]}"
    return AccreditedSystem(consumer.asid, consumer.ods_code, party_key, supplier, product, interactions)


class Registrations:
    """The directories of one database in the making."""

    def __init__(self, loading: Loading, profile: Profile, reference: Reference) -> None:
        self._add = loading.add
        self._profile = profile
        self._reference = reference
        self._sharing = tuple(dict.fromkeys((*_ods_codes(profile.consumers), SLOT_SEARCH_ONLY.ods_code)))

    def practice(self, organization: Organization) -> None:
        """Register a practice, with agreements with every consumer but one."""
        self._add("accredited_systems", [system_row(practice_system(organization))])
        self._add("endpoints", [endpoint_row(practice_endpoint(organization))])
        agreements = (DataSharingAgreement(each, organization.ods_code) for each in self._sharing)
        self._add("data_sharing_agreements", map(agreement_row, agreements))

    def others(self) -> None:
        """Register the consumers, and list every organisation that is no practice of this database."""
        taken = {consumer.asid for consumer in self._profile.consumers}
        systems = [consumer_system(each) for each in self._profile.consumers]
        systems += [
            consumer_system(each, interactions)
            for each, interactions in (
                (WITHOUT_AGREEMENT, GP_CONNECT_INTERACTIONS),
                (SLOT_SEARCH_ONLY, SLOT_SEARCH),
            )
            if each.asid not in taken
        ]
        self._add("accredited_systems", map(system_row, systems))
        listed = {each.ods_code: each for each in self._organizations()}
        self._add("listed_organizations", map(listed_organization_row, listed.values()))

    def _organizations(self) -> Iterator[ListedOrganization]:
        reference = self._reference
        names = reference.places["practice"]
        for n, code in enumerate(ELSEWHERE, 1):
            yield self._organization(code, f"{names[-n]} Lane Surgery", PRESCRIBING_COST_CENTRE)
        for code, name, _ in (*SUPPLIERS, CONSUMER_SUPPLIER):
            yield self._organization(code, name, SUPPLIER_ROLE)
        for consumer in (*TO_BE_REFUSED, *self._profile.consumers):
            role = ROLES_BY_TYPE[consumer.organisation_type]
            yield self._organization(consumer.ods_code, consumer.name, role)

    def _organization(self, ods_code: str, name: str, role: str) -> ListedOrganization:
        chance = chance_for(self._profile.seed, ods_code, "listed organisation")
        town = pick(chance, self._reference.places["town"])
        return ListedOrganization(ods_code, name, role, address(chance, self._reference, town))


def _ods_codes(consumers: Iterable[Consumer]) -> Iterator[str]:
    return (consumer.ods_code for consumer in consumers)

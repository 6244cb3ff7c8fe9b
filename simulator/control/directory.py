"""The directory as its owner sees and changes it: systems, where they are, and who may call whom.

Every change is recorded in the audit trail, in the transaction that makes it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from simulator.domain.audit import AuditEvent, Surface
from simulator.domain.clock import Instant
from simulator.domain.directory import (
    GP_CONNECT_INTERACTIONS,
    PRESCRIBING_COST_CENTRE,
    AccreditedSystem,
    DataSharingAgreement,
    Endpoint,
    ListedOrganization,
    is_asid,
    is_endpoint_address,
    is_interaction_id,
    is_party_key,
)
from simulator.domain.ods_code import is_ods_code
from simulator.domain.organization import Address
from simulator.domain.refusals import InvalidParameter, NoRecordFound, shown
from simulator.fhir.resource import Json
from simulator.fhir.urls import service_root
from simulator.store.database import Transaction

NOT_SAID = "Not said"
"""The product of a system that was registered without one."""

CONSUMER_ROLE = "172"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who changes the directory, as far as is known, and when."""

    at: Instant
    user_name: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """What is to be registered of a system; None leaves what is there, or a default, in its place.

    With an `address` it is a provider outside, with `here` a practice of ours, with neither a consumer.
    `name` is that of its organisation. `share` makes agreements with everybody who has any.
    """

    asid: str
    ods_code: str | None = None
    party_key: str | None = None
    address: str | None = None
    here: bool = False
    name: str | None = None
    manufacturer_ods_code: str | None = None
    product_name: str | None = None
    interactions: tuple[str, ...] | None = None
    share: bool = True


def list_directory(transaction: Transaction, base_url: str, ods_code: str | None = None) -> Json:
    """Return systems with their endpoints, and agreements: all, or those of one organisation.

    `base_url` is where the practices of this simulator are published.
    """
    directory = transaction.directory
    endpoints = {each.party_key: each for each in directory.endpoints(ods_code)}
    return {
        "systems": [
            _system(each, endpoints.get(each.party_key), base_url) for each in directory.systems(ods_code)
        ],
        "agreements": [
            {"consumer": each.consumer_ods_code, "provider": each.provider_ods_code}
            for each in directory.agreements(ods_code)
        ],
    }


def _system(system: AccreditedSystem, endpoint: Endpoint | None, base_url: str) -> Json:
    return {
        "asid": system.asid,
        "ods_code": system.ods_code,
        "party_key": system.party_key,
        "manufacturer_ods_code": system.manufacturer_ods_code,
        "product_name": system.product_name,
        "interactions": list(system.interactions),
        "endpoint": endpoint
        and {
            "cpa_id": endpoint.cpa_id,
            "address": endpoint.address or service_root(base_url, endpoint.ods_code),
            "here": endpoint.address is None,
            "interactions": list(endpoint.interactions),
        },
    }


def register(transaction: Transaction, wanted: Registration, by: Operator) -> AccreditedSystem:
    """Register a system, or change what is registered of it. Raises InvalidParameter."""
    directory = transaction.directory
    known = directory.system(_checked("asid", wanted.asid, is_asid, "twelve digits"))
    system = _wanted_system(wanted, known)
    endpoint = _wanted_endpoint(wanted, system, directory.endpoint(cpa_id_of(system.asid)))
    directory.put_system(system)
    if endpoint is not None:
        _check_provider(transaction, endpoint)
        directory.put_endpoint(endpoint)
    if directory.organization(system.ods_code) is None:
        role = PRESCRIBING_COST_CENTRE if endpoint else CONSUMER_ROLE
        name = wanted.name or f"Organisation {system.ods_code}"
        directory.put_organization(ListedOrganization(system.ods_code, name, role, Address((), "", "", "")))
    if wanted.share and known is None:
        _share_with_all(transaction, system.ods_code, is_provider=endpoint is not None)
    where = f" at {wanted.address}" if wanted.address else ""
    _record(transaction, by, "register", system.ods_code, f"{system.asid}{where}")
    return system


def _wanted_system(wanted: Registration, known: AccreditedSystem | None) -> AccreditedSystem:
    """Return the system that a registration asks for; raise InvalidParameter."""
    ods_code = wanted.ods_code or (known.ods_code if known else "")
    if not ods_code:
        raise InvalidParameter(f"ods_code: is needed: no system has ASID {wanted.asid} yet")
    _checked("ods_code", ods_code, is_ods_code, "three to eight capital letters and digits")
    new = AccreditedSystem(
        wanted.asid, ods_code, f"{ods_code}-9{wanted.asid[-5:]}", ods_code, NOT_SAID, GP_CONNECT_INTERACTIONS
    )
    before = known or new
    system = AccreditedSystem(
        asid=wanted.asid,
        ods_code=ods_code,
        party_key=wanted.party_key or before.party_key,
        manufacturer_ods_code=wanted.manufacturer_ods_code or before.manufacturer_ods_code,
        product_name=wanted.product_name or before.product_name,
        interactions=before.interactions if wanted.interactions is None else wanted.interactions,
    )
    _checked("party_key", system.party_key, is_party_key, "an ODS code, a hyphen and six or seven digits")
    _checked("manufacturer_ods_code", system.manufacturer_ods_code, is_ods_code, "an ODS code")
    for each in system.interactions:
        _checked("interactions", each, is_interaction_id, "an interaction id")
    return system


def _wanted_endpoint(
    wanted: Registration, system: AccreditedSystem, known: Endpoint | None
) -> Endpoint | None:
    """Return the endpoint that a system has by a registration, None for a consumer.

    One that was registered before stays where it is; what is said of the system goes for it too.
    """
    address = wanted.address
    if address is None and not wanted.here:
        if known is None:
            return None
        address = known.address
    if wanted.address is not None:
        if wanted.here:
            raise InvalidParameter("address: was given with here; choose one of the two")
        expected = "http:// or https://, a host, a plain path and no / at the end"
        _checked("address", wanted.address, is_endpoint_address, expected)
    return Endpoint(cpa_id_of(system.asid), system.ods_code, system.party_key, address, system.interactions)


def _check_provider(transaction: Transaction, wanted: Endpoint) -> None:
    """Raise InvalidParameter where an organisation would have two providers, or ours is no practice."""
    ods_code = shown(wanted.ods_code)
    for each in transaction.directory.endpoints(wanted.ods_code):
        if each.cpa_id != wanted.cpa_id:
            asids = ", ".join(other.asid for other in transaction.directory.systems(party_key=each.party_key))
            raise InvalidParameter(f"ods_code: {ods_code} has a provider already: {asids}; remove it first")
    if wanted.address is None and transaction.practices.with_ods_code(wanted.ods_code) is None:
        raise InvalidParameter(f"ods_code: {ods_code} is no practice of this database")


def _share_with_all(transaction: Transaction, ods_code: str, is_provider: bool) -> None:
    """Make agreements between an organisation and every one on the other side that has any."""
    directory = transaction.directory
    if is_provider:
        agreements = [DataSharingAgreement(each, ods_code) for each in directory.consumers()]
    else:
        agreements = [DataSharingAgreement(ods_code, each) for each in directory.providers()]
    for each in agreements:
        directory.share(each)


def remove(transaction: Transaction, asid: str, by: Operator) -> AccreditedSystem:
    """Remove a system and its endpoint, and return it; agreements stay. Raises NoRecordFound."""
    system = _known(transaction, asid)
    transaction.directory.remove_system(asid)
    transaction.directory.remove_endpoint(cpa_id_of(asid))
    _record(transaction, by, "remove", system.ods_code, asid)
    return system


def accredit(transaction: Transaction, asid: str, interaction: str, may: bool, by: Operator) -> None:
    """Give a system an interaction, or take it away, at its endpoint too. Raises NoRecordFound."""
    directory = transaction.directory
    system = _known(transaction, asid)
    _checked("interaction", interaction, is_interaction_id, "an interaction id")
    directory.put_system(replace(system, interactions=_with(system.interactions, interaction, may)))
    for endpoint in directory.endpoints(party_key=system.party_key):
        directory.put_endpoint(replace(endpoint, interactions=_with(endpoint.interactions, interaction, may)))
    action = "accredit" if may else "no longer accredit"
    _record(transaction, by, action, system.ods_code, f"{asid} for {interaction}")


def share(transaction: Transaction, consumer: str, provider: str, may: bool, by: Operator) -> None:
    """Make a data-sharing agreement, or end one. Raises InvalidParameter, NoRecordFound."""
    for name, code in (("consumer", consumer), ("provider", provider)):
        _checked(name, code, is_ods_code, "an ODS code")
    agreement = DataSharingAgreement(consumer, provider)
    if may:
        _check_sides(transaction, agreement)
        transaction.directory.share(agreement)
    elif not transaction.directory.stop_sharing(agreement):
        raise NoRecordFound(f"there is no agreement between {consumer} and {provider}")
    _record(transaction, by, "share" if may else "no longer share", provider, f"{consumer} with {provider}")


def _check_sides(transaction: Transaction, wanted: DataSharingAgreement) -> None:
    """Raise InvalidParameter where a side of an agreement is nobody, or the other side."""
    consumer, provider = wanted.consumer_ods_code, wanted.provider_ods_code
    can_ask, can_be_asked = _sides(transaction, consumer)
    asks, answers = _sides(transaction, provider)
    if can_be_asked and asks and not (can_ask and answers):
        raise InvalidParameter(
            f"{consumer} is the provider and {provider} the consumer: they are the wrong way round"
        )
    for name, code, is_right in (("consumer", consumer, can_ask), ("provider", provider, answers)):
        if not is_right:
            raise InvalidParameter(f"{name}: {code} is no {name} of the directory; register it first")


def _sides(transaction: Transaction, ods_code: str) -> tuple[bool, bool]:
    """Tell whether an organisation has a system that is no provider's, and whether it has a provider."""
    providers = {each.cpa_id for each in transaction.directory.endpoints(ods_code)}
    systems = transaction.directory.systems(ods_code)
    return any(cpa_id_of(each.asid) not in providers for each in systems), bool(providers)


def agreements_that_stay(transaction: Transaction, ods_code: str) -> int:
    """Return how many agreements an organisation has that has no system any more; 0 where it has one."""
    directory = transaction.directory
    return 0 if directory.systems(ods_code) else len(directory.agreements(ods_code))


def _with(interactions: tuple[str, ...], interaction: str, may: bool) -> tuple[str, ...]:
    others = tuple(each for each in interactions if each != interaction)
    if not may:
        return others
    return interactions if interaction in interactions else (*others, interaction)


def _known(transaction: Transaction, asid: str) -> AccreditedSystem:
    system = transaction.directory.system(asid)
    if system is None:
        raise NoRecordFound(f"no system has ASID {shown(asid)}")
    return system


def cpa_id_of(asid: str) -> str:
    """Return the CPA id of the endpoint of a system."""
    return f"S{asid}"


def _checked(name: str, value: str, is_right: Callable[[str], bool], expected: str) -> str:
    if not is_right(value):
        raise InvalidParameter(f"{name}: {shown(value)} was given; expected {expected}")
    return value


def _record(transaction: Transaction, by: Operator, action: str, ods_code: str, record: str) -> None:
    event = AuditEvent(
        at=by.at,
        surface=Surface.OPERATOR,
        user_name=by.user_name,
        interaction=action,
        ods_code=ods_code,
        record=record,
        status=200,
    )
    transaction.audit.record([event])

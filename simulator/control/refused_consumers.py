"""The consumers that the Spine Secure Proxy refuses, wholly or in part, to see how that is met."""

from dataclasses import dataclass

from simulator.domain.directory import AccreditedSystem
from simulator.interactions.registry import INTERACTIONS
from simulator.store.database import Transaction


@dataclass(frozen=True, slots=True)
class RefusedConsumer:
    """A consumer of the directory, and why it is refused."""

    asid: str
    ods_code: str
    name: str
    why: str


def refused_consumers(transaction: Transaction) -> list[RefusedConsumer]:
    """Return the consumers without any agreement, or without some interactions, in order of ASID."""
    directory = transaction.directory
    return [
        RefusedConsumer(each.asid, each.ods_code, organization.name if organization else "", why)
        for each in directory.callers()
        if (why := _why(transaction, each))
        for organization in [directory.organization(each.ods_code)]
    ]


def _why(transaction: Transaction, system: AccreditedSystem) -> str:
    """Return why a consumer is refused; empty where it is not."""
    if not transaction.directory.has_agreements(system.ods_code):
        return "No practice shares data with it: every request is refused."
    may = [each.name for each in INTERACTIONS if each.id in system.interactions]
    if len(may) == len(INTERACTIONS):
        return ""
    return f"It may do {', '.join(may) or 'nothing'}, and no more."

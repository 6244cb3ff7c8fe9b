"""The practices of the database that the directory has somewhere else, and how they come back."""

from simulator.control.directory import Operator, Registration, cpa_id_of, register, remove
from simulator.domain.organization import Organization
from simulator.store.database import Transaction


def practices_elsewhere(transaction: Transaction) -> list[Organization]:
    """Return the practices of the database that this simulator does not publish, in order of id."""
    here = {
        (each.cpa_id, each.ods_code) for each in transaction.directory.endpoints() if each.address is None
    }
    return [each for each in transaction.practices.all() if (cpa_id_of(each.asid), each.ods_code) not in here]


def bring_back(transaction: Transaction, by: Operator) -> list[Organization]:
    """Publish every practice of the database by this simulator again; return those that were not.

    A provider that was registered in the place of one is removed. Interactions stay as they are.
    """
    away = practices_elsewhere(transaction)
    for each in away:
        for endpoint in transaction.directory.endpoints(each.ods_code):
            for system in transaction.directory.systems(each.ods_code, party_key=endpoint.party_key):
                if system.asid != each.asid:
                    remove(transaction, system.asid, by)
        register(transaction, Registration(each.asid, each.ods_code, each.party_key, here=True), by)
    return away

"""The directory's tables: what is found by what, and that every change is counted."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from simulator.domain.directory import AccreditedSystem, DataSharingAgreement, Endpoint, ListedOrganization
from simulator.domain.organization import Address
from simulator.store.database import Store, Transaction
from simulator.store.directory import Directory

SYSTEM = AccreditedSystem("200000777777", "A99999", "A99999-000001", "Z9S01", "Product", ("one", "two"))
ENDPOINT = Endpoint("S200000777777", "A99999", "A99999-000001", "https://a.example/A99999", ("one",))
AGREEMENT = DataSharingAgreement("Z9U01", "A99999")


@pytest.fixture
def filled(store: Store) -> Store:
    """Add one of everything."""
    with store.writing() as transaction:
        transaction.directory.put_system(SYSTEM)
        transaction.directory.put_endpoint(ENDPOINT)
        transaction.directory.share(AGREEMENT)
    return store


def test_systems_are_found_by_all_that_is_given(filled: Store) -> None:
    with filled.reading() as transaction:
        directory = transaction.directory
        assert directory.system(SYSTEM.asid) == SYSTEM
        assert directory.systems("A99999") == [SYSTEM]
        assert directory.systems(interaction="two") == [SYSTEM]
        assert directory.systems("A99999", "two", "A99999-000001") == [SYSTEM]
        assert directory.systems("A99999", "three") == []
        assert directory.systems("Z90001", "two") == []
        assert directory.systems(party_key="A99999-000002") == []
        assert SYSTEM in directory.systems()


def test_endpoints_are_found_by_all_that_is_given(filled: Store) -> None:
    with filled.reading() as transaction:
        directory = transaction.directory
        assert directory.endpoints("A99999") == [ENDPOINT]
        assert directory.endpoints(interaction="one", party_key="A99999-000001") == [ENDPOINT]
        assert directory.endpoints("A99999", "two") == []
        (ours,) = directory.endpoints("Z90001")
        assert ours.address is None


def test_agreements_are_of_two_organisations_in_their_roles(filled: Store) -> None:
    with filled.reading() as transaction:
        directory = transaction.directory
        assert directory.may_share("Z9U01", "A99999")
        assert not directory.may_share("A99999", "Z9U01")
        assert directory.agreements("A99999") == [AGREEMENT]
        assert AGREEMENT in directory.agreements("Z9U01")
        assert directory.consumers() == ["Z88001", "Z9U01", "Z9U99"]
        assert directory.providers() == ["A99999", "Z90001", "Z99001", "Z9A0A"]


def test_an_organisation_is_a_practice_or_another_that_is_listed(store: Store) -> None:
    other = ListedOrganization(
        "A99999", "Elsewhere", "177", Address(("1 Road", "End"), "Town", "County", "ZZ99 1AA")
    )
    with store.writing() as transaction:
        transaction.directory.put_organization(other)
        practice = transaction.directory.organization("Z90001")
        assert transaction.directory.organization("A99999") == other
        assert transaction.directory.organization("A99998") is None
    assert practice is not None and practice.role == "177" and practice.address.lines


CHANGES: dict[str, Callable[[Directory], object]] = {
    "put a system": lambda directory: directory.put_system(SYSTEM),
    "remove a system": lambda directory: directory.remove_system("200000100001"),
    "put an endpoint": lambda directory: directory.put_endpoint(ENDPOINT),
    "remove an endpoint": lambda directory: directory.remove_endpoint("S200000100001"),
    "share": lambda directory: directory.share(AGREEMENT),
    "stop sharing": lambda directory: directory.stop_sharing(DataSharingAgreement("Z9U01", "Z90001")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_counted_for_all_processes(
    store: Store, database: Path, change: Callable[[Directory], object]
) -> None:
    here = Directory(store.connection)
    before = here.changes()
    with closing(Store(database)) as other, other.writing() as transaction:
        change(transaction.directory)
    assert here.changes() > before


def test_a_booking_is_no_change_of_the_directory(store: Store) -> None:
    def bookings(transaction: Transaction) -> None:
        transaction.practices.switch(1, None, False)

    before = Directory(store.connection).changes()
    with store.writing() as transaction:
        bookings(transaction)
    assert Directory(store.connection).changes() == before


def test_what_is_not_there_cannot_be_removed(store: Store) -> None:
    with store.writing() as transaction:
        directory = transaction.directory
        assert not directory.remove_system("200000777777")
        assert not directory.remove_endpoint("S200000777777")
        assert not directory.stop_sharing(AGREEMENT)

"""The directories that seeding makes: everybody is registered, and two are there to be refused."""

from pathlib import Path

import pytest

from seed_data.directory import SLOT_SEARCH, SLOT_SEARCH_ONLY, WITHOUT_AGREEMENT
from seed_data.profile import read_profile
from seed_data.seeding import SeedOptions, seed
from simulator.domain.directory import GP_CONNECT_INTERACTIONS, ROLES, is_asid, is_party_key
from simulator.domain.ods_code import is_ods_code
from simulator.domain.organization import Consumer
from simulator.store.database import Store
from tests.conftest import TODAY


def test_every_practice_is_a_provider_with_one_party_key_and_one_asid(store: Store) -> None:
    with store.reading() as transaction:
        for practice in transaction.practices.all():
            (system,) = transaction.directory.systems(practice.ods_code)
            (endpoint,) = transaction.directory.endpoints(practice.ods_code)
            assert (system.asid, system.party_key) == (practice.asid, practice.party_key)
            assert (endpoint.party_key, endpoint.address) == (practice.party_key, None)
            assert system.interactions == endpoint.interactions == GP_CONNECT_INTERACTIONS


def test_a_consumer_has_an_asid_and_no_endpoint(store: Store) -> None:
    with store.reading() as transaction:
        for consumer in transaction.practices.consumers():
            systems = {each.asid: each for each in transaction.directory.systems(consumer.ods_code)}
            assert systems[consumer.asid].interactions == GP_CONNECT_INTERACTIONS
            assert transaction.directory.endpoints(consumer.ods_code) == []


def test_every_consumer_has_an_agreement_with_every_practice_but_one_has_none(store: Store) -> None:
    with store.reading() as transaction:
        practices = [each.ods_code for each in transaction.practices.all()]
        consumers = [each.ods_code for each in transaction.practices.consumers()]
        directory = transaction.directory
        assert all(directory.may_share(one, other) for one in consumers for other in practices)
        assert not directory.agreements(WITHOUT_AGREEMENT.ods_code)
        assert len(directory.agreements(SLOT_SEARCH_ONLY.ods_code)) == len(practices)


def test_one_system_may_only_look_for_slots(store: Store) -> None:
    with store.reading() as transaction:
        system = transaction.directory.system(SLOT_SEARCH_ONLY.asid)
    assert system is not None and system.interactions == SLOT_SEARCH
    assert len(SLOT_SEARCH) == 2


def test_ids_have_their_shapes_and_everybody_named_is_listed(store: Store) -> None:
    with store.reading() as transaction:
        directory = transaction.directory
        systems = directory.systems()
        for each in systems:
            assert is_asid(each.asid) and is_party_key(each.party_key) and is_ods_code(each.ods_code)
            for code in (each.ods_code, each.manufacturer_ods_code):
                listed = directory.organization(code)
                assert listed is not None and listed.role in ROLES
        assert len({each.party_key for each in systems}) == len(systems)


def test_every_practice_of_the_national_record_is_listed(store: Store) -> None:
    (codes,) = zip(
        *store.connection.execute("select distinct ods_code from national_record where ods_code is not null"),
        strict=True,
    )
    with store.reading() as transaction:
        assert all(transaction.directory.organization(code) for code in codes)


@pytest.mark.parametrize("taken", [WITHOUT_AGREEMENT, SLOT_SEARCH_ONLY], ids=["no agreement", "slots only"])
def test_a_profile_may_have_a_consumer_of_its_own_in_their_place(tmp_path: Path, taken: Consumer) -> None:
    profile = tmp_path / "mine.toml"
    asid = taken.asid
    profile.write_text(read_profile("demo").declaration.replace("200000000116", asid))
    path = tmp_path / "mine.db"
    seed(path, SeedOptions(TODAY, str(profile), practices=1, patients=20, days=2))
    store = Store(path)
    with store.reading() as transaction:
        system = transaction.directory.system(asid)
    store.close()
    assert system is not None and system.ods_code == "Z88001"

"""Practices, surgeries, practitioners, patients and consumers: what goes in comes out."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.domain.availability import AccessProfile
from simulator.domain.organization import Address
from simulator.domain.patient import Contact, Patient
from simulator.store.database import Store
from simulator.store.patients import patient_of, patient_row
from simulator.store.practices import (
    access_profile_of,
    access_profile_row,
    consumer_row,
    location_of,
    location_row,
    organization_of,
    organization_row,
    practitioner_of,
    practitioner_row,
)
from simulator.store.schema import Row


def test_every_seeded_patient_makes_the_row_it_came_from(store: Store) -> None:
    rows = store.connection.execute("select * from patients").fetchall()
    assert rows
    for row in rows:
        assert patient_row(patient_of(row)) == row


def test_a_patient_of_whom_little_is_known_comes_out_as_it_went_in(store: Store) -> None:
    with store.reading() as transaction:
        known = transaction.patients.first(1, 1)[0]
    bare = Patient(1, 1, "9990000018", "", "Ada", "Lark", "female", known.birth_date, None, None, None, None)
    assert patient_of(patient_row(bare)) == bare


def test_a_contact_and_an_address_of_several_lines_are_kept(store: Store) -> None:
    with store.reading() as transaction:
        known = transaction.patients.first(1, 1)[0]
    address = Address(("The Loft", "1 Mill Lane"), "Leeds", "West Yorkshire", "ZZ99 1AA")
    patient = Patient(
        1, 1, "9990000018", "Ms", "Ada", "Lark", "female", known.birth_date, address, "1", "2", "a@b.org",
        contact=Contact("Mother", "Eve", "Lark", "3"),
    )  # fmt: skip
    assert patient_of(patient_row(patient)) == patient


@pytest.mark.parametrize(
    "state", ["", "active = 0", "deceased_on = '2020-02-02'", "verified = 0", "sensitive = 1"]
)
def test_the_database_knows_which_patients_may_be_shown(store: Store, state: str) -> None:
    if state:
        store.connection.execute(f"update patients set {state} where id = 1")
    with store.reading() as transaction:
        patient = transaction.patients.get(1, 1)
        assert patient is not None
        assert transaction.patients.may_be_shown(1, 1) == patient.may_be_shown == (not state)
        assert not transaction.patients.may_be_shown(2, 1)
        assert not transaction.patients.may_be_shown(1, 999_999)


def test_the_first_patients_are_ordinary_ones(store: Store) -> None:
    with store.reading() as transaction:
        everyone = transaction.patients.first(1, 1000)
        assert transaction.patients.first(1, 3) == everyone[:3]
        second = transaction.patients.first(2, 1000)
        assert second and {each.organization_id for each in second} == {2}
        assert transaction.patients.first(4, 3) == []
    assert all(patient.may_be_shown for patient in everyone)
    assert len(everyone) == 55


@pytest.mark.parametrize(
    ("table", "read", "write"),
    [
        ("organizations", organization_of, organization_row),
        ("locations", location_of, location_row),
        ("practitioners", practitioner_of, practitioner_row),
    ],
)
def test_every_seeded_row_makes_the_row_it_came_from(
    store: Store, table: str, read: Callable[[Row], Any], write: Callable[[Any], Row]
) -> None:
    for row in store.connection.execute(f"select * from {table}"):
        assert write(read(row)) == row


@pytest.mark.parametrize(
    "profile",
    [
        AccessProfile(1, "Open"),
        AccessProfile(2, "Both", frozenset({"b", "a"}), frozenset({"Z9U01", "A1A1A"}), 7, 120, 2),
    ],
)
def test_an_access_profile_comes_out_as_it_went_in(profile: AccessProfile) -> None:
    assert access_profile_of(access_profile_row(profile, 1)) == profile


def test_practices_are_found_by_code_and_counted(store: Store) -> None:
    with store.reading() as transaction:
        everyone = transaction.practices.all()
        assert transaction.practices.count() == len(everyone) == 3
        for practice in everyone:
            assert transaction.practices.with_ods_code(practice.ods_code) == practice
        assert transaction.practices.with_ods_code(everyone[0].ods_code.lower()) is None


def test_what_a_practice_does_not_have_is_not_found(store: Store) -> None:
    with store.reading() as transaction:
        (location, practitioner) = (transaction.practices.locations(2)[0], 999_999)
        assert transaction.practices.location(2, location.id) == location
        assert transaction.practices.location(1, location.id) is None
        assert transaction.practices.practitioner(1, practitioner) is None
        assert transaction.practices.practitioner(2, 1) is None
        assert transaction.practices.access_profile(999_999) is None
        assert transaction.patients.get(2, 1) is None
        assert transaction.patients.get(1, 1) is not None


def test_practitioners_come_in_order_of_id_and_only_those_asked_for(store: Store) -> None:
    with store.reading() as transaction:
        found = transaction.practices.practitioners(1, {3, 1, 999_999})
        assert [each.id for each in found] == [1, 3]
        assert transaction.practices.practitioners(1, ()) == []
        assert transaction.practices.practitioner(1, 3) == found[1]


def test_the_consumer_that_people_are_told_to_use_comes_first(store: Store) -> None:
    with store.reading() as transaction:
        consumers = transaction.practices.consumers()
    assert consumers[0].organisation_type == "urgent-care"
    assert [consumer_row(each)[0] for each in consumers] == ["200000000115", "200000000116"]

"""Schedules come in order of id with whoever sits, and wherever, each once."""

import pytest

from simulator.domain.schedule import Schedule
from simulator.fhir.entries import schedule_entry
from simulator.interactions.sittings import Sittings

PRACTITIONERS, LOCATIONS = {5: b"Ada", 8: b"Bea", 9: b"Cy"}, {2: b"Mill Lane", 4: b"Surgery"}
SCHEDULES = [
    Schedule(10 + number, 1, location_id, practitioner_id, "R0260", "GP", 0, 3600)
    for number, (location_id, practitioner_id) in enumerate([(4, 8), (2, None), (4, 5), (7, 77), (4, 8)])
]


@pytest.fixture
def sittings() -> Sittings:
    """Return the sittings of a small practice, one without practitioner and one of somebody unknown."""
    return Sittings(SCHEDULES, PRACTITIONERS, LOCATIONS)


@pytest.mark.parametrize(
    ("numbers", "practitioners", "locations"),
    [
        ([0], b"Bea", b"Surgery"),
        ([4, 2, 0], b"AdaBea", b"Surgery"),
        ([1], b"", b"Mill Lane"),
        ([3], b"", b""),
        ([4, 3, 1], b"Bea", b"Mill LaneSurgery"),
    ],
)
def test_what_is_asked_for_comes_once_and_in_order(
    sittings: Sittings, numbers: list[int], practitioners: bytes, locations: bytes
) -> None:
    schedules = b"".join(schedule_entry(SCHEDULES[number]) for number in sorted(numbers))
    for who, where in ((False, False), (True, False), (False, True), (True, True)):
        found = b"".join(sittings.entries(numbers, who, where))
        assert found == schedules + practitioners * who + locations * where


def test_schedules_have_numbers_in_order_of_id(sittings: Sittings) -> None:
    assert sittings.numbers == {10: 0, 11: 1, 12: 2, 13: 3, 14: 4}
    assert sittings.schedule_ids == [10, 11, 12, 13, 14]


def test_the_size_is_that_of_all_that_can_come(sittings: Sittings) -> None:
    assert sittings.size == len(b"".join(sittings.entries(range(5), True, True))) + len(b"Cy")

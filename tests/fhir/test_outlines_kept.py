"""Of which appointments the outlines are kept, and what of them: no leaf of anybody's."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from simulator.domain.refusals import InvalidResource
from simulator.fhir import appointment_outline
from simulator.fhir.appointment_outline import LEARN_ONE_IN, LONGEST_APPOINTMENT, OUTLINES_KEPT, read_booking
from simulator.fhir.reading import BYTE_ORDER_MARK
from simulator.fhir.sent_appointment import read_booking_in_full
from tests.fhir.outlined import BOOKING, WRITTEN, assert_read_as_in_full
from tests.fuzz.spoiled_json import dumps
from tests.practice_client import Json


@pytest.fixture
def read_in_full(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """Return the bookings that are read in full, as they come."""
    came: list[Json] = []

    def noted(resource: Json) -> Any:
        came.append(resource)
        return read_booking_in_full(resource)

    monkeypatch.setattr(appointment_outline._BOOKINGS, "_in_full", noted)
    return came


def another(**changes: Any) -> Json:
    """Return the booking of another desk, by another organisation, of another patient and slot."""
    booking = deepcopy(BOOKING) | {"start": "2026-03-18T10:00:00+01:00", "description": "Other"} | changes
    booking["participant"][0]["actor"] = {"reference": "Patient/777", "display": "Bob Finch"}
    booking["slot"] = [{"reference": "Slot/901"}, {"reference": "Slot/902", "display": "10:10"}]
    booking["identifier"][0]["value"] = "8"
    booking["contained"][0]["name"] = "Other organisation"
    booking["contained"][0]["identifier"][0]["value"] = "B22222"
    return booking


@pytest.mark.parametrize("write", WRITTEN)
def test_of_bookings_alike_only_the_first_is_read_in_full(
    read_in_full: list[Json], write: Callable[[Any], bytes]
) -> None:
    read_booking(write(BOOKING))
    before = len(read_in_full)
    assert before
    booking = read_booking(write(another()))
    assert len(read_in_full) == before
    assert booking == read_booking_in_full(another())
    assert (booking.slot_ids, booking.participants[0].id) == ((901, 902), 777)
    assert booking.booking_organisation.ods_code == "B22222"


@pytest.mark.parametrize("write", WRITTEN)
def test_words_with_line_ends_quotes_and_letters_of_all_kinds_are_ordinary(
    read_in_full: list[Json], write: Callable[[Any], bytes]
) -> None:
    read_booking(write(BOOKING))
    before = len(read_in_full)
    for words in ('says "ouch"', "back\\slash\\", "na\u00efve \u5e83\n\ttwice", "\U0001f600", "/"):
        assert read_booking(write(another(comment=words))).comment == words
    assert len(read_in_full) == before


def test_a_byte_order_mark_makes_no_other_outline(read_in_full: list[Json]) -> None:
    read_booking(dumps(BOOKING))
    before = len(read_in_full)
    assert read_booking(BYTE_ORDER_MARK + dumps(another())) == read_booking_in_full(another())
    assert len(read_in_full) == before


def test_organisations_that_differ_in_no_more_than_a_leaf_are_told_apart() -> None:
    for turn in (1, 2):
        for name, code, phone in (("One", "A11111", "1"), ("Two", "A11111", "1"), ("Two", "A11111", "2")):
            booking = another()
            contained = booking["contained"][0]
            contained["name"], contained["telecom"][0]["value"] = name, phone
            contained["identifier"][0]["value"] = code
            assert read_booking(dumps(booking)) == read_booking_in_full(booking), turn


def test_a_booking_of_another_outline_is_read_in_full(read_in_full: list[Json]) -> None:
    read_booking(dumps(BOOKING))
    for change in ({"priority": 2}, {"text": {"status": "generated", "div": "<div>x</div>"}}):
        before = len(read_in_full)
        assert_read_as_in_full(read_booking, read_booking_in_full, another(**change))
        assert len(read_in_full) > before


def test_the_outlines_that_came_last_are_kept_and_no_more(read_in_full: list[Json]) -> None:
    for priority in range(OUTLINES_KEPT + 1):
        read_booking(dumps(another(priority=priority)))
        read_booking(dumps(another(priority=1)))
    assert len(appointment_outline._BOOKINGS.known) == OUTLINES_KEPT
    before = len(read_in_full)
    read_booking(dumps(another(priority=1)))
    assert len(read_in_full) == before
    read_booking(dumps(another(priority=0)))
    assert len(read_in_full) > before


def test_while_no_outline_comes_again_few_are_learnt(read_in_full: list[Json]) -> None:
    def is_learnt(priority: int) -> bool:
        before = len(read_in_full)
        read_booking(dumps(another(priority=priority)))
        return len(read_in_full) - before == 2

    learnt = [is_learnt(priority) for priority in range(OUTLINES_KEPT + 2 * LEARN_ONE_IN)]
    assert all(learnt[:OUTLINES_KEPT])
    assert sum(learnt[OUTLINES_KEPT:]) == 2
    again = max(priority for priority, each in enumerate(learnt) if each)
    assert not is_learnt(again) and is_learnt(1_000)


@pytest.mark.parametrize(
    "change", [{"priority": -1}, {"colour": "red"}, {"start": "2026-03-17"}, {"id": "7"}]
)
def test_what_is_refused_is_read_once_and_not_kept(read_in_full: list[Json], change: Json) -> None:
    for turn in (1, 2):
        with pytest.raises(InvalidResource):
            read_booking(dumps(another(**change)))
        assert len(read_in_full) == turn
    assert not appointment_outline._BOOKINGS.known


def test_what_is_large_is_not_kept(read_in_full: list[Json]) -> None:
    large = deepcopy(BOOKING)
    large["contained"][0]["address"] = [{"line": ["x" * LONGEST_APPOINTMENT]}]
    for turn in (1, 2):
        read_booking(dumps(large))
        assert len(read_in_full) == turn
    assert not appointment_outline._BOOKINGS.known


def test_of_an_appointment_that_was_read_no_leaf_is_kept() -> None:
    read_booking(dumps(another(comment="a comment to nobody", description="of nothing")))
    (known,) = appointment_outline._BOOKINGS.known
    kept = (*known.outline.before, known.outline.rest, repr(known.like).encode())
    for leaf in (b"a comment to nobody", b"of nothing", b"777", b"Bob Finch", b"2026-03-18"):
        assert not any(leaf in each for each in kept)


def test_what_nests_too_deep_is_refused_as_ever() -> None:
    nested: Any = "x"
    for _ in range(900):
        nested = [nested]
    for deep in ({"slot": nested}, {"colour": nested}, {"meta": nested}, {"contained": [nested]}):
        with pytest.raises(InvalidResource, match="nests deeper than 30 levels"):
            read_booking(dumps(BOOKING | deep))

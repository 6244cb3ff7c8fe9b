"""Reading what is sent again and again by its outline: the same as reading it in full, whatever is sent."""

import random
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.domain.refusals import InvalidResource, Refusal
from simulator.fhir import appointment_outline, urls
from simulator.fhir.appointment_outline import LEAVES, LONGEST_OUTLINE, Leaves, read_booking, read_sent
from simulator.fhir.reading import read_json
from simulator.fhir.sent_appointment import read_booking_in_full, read_sent_in_full
from tests.fuzz.spoiled_json import TEXTS, dumps, places, spoil
from tests.practice_client import Json

ORGANISATION: Json = {
    "resourceType": "Organization",
    "id": "org1",
    "meta": {"profile": [urls.ORGANIZATION]},
    "identifier": [{"system": urls.ODS_ORGANIZATION_CODE, "value": "A11111"}],
    "type": [{"coding": [{"system": urls.ORGANISATION_TYPES, "code": "urgent-care", "display": "Urgent"}]}],
    "name": "Test organisation",
    "telecom": [{"system": "phone", "value": "01632 960000", "use": "work"}],
    "address": [{"line": ["1 Mill Lane"], "postalCode": "ZZ99 1AA"}],
}
BOOKING: Json = {
    "resourceType": "Appointment",
    "meta": {"profile": [urls.APPOINTMENT]},
    "contained": [ORGANISATION],
    "extension": [{"url": urls.BOOKING_ORGANISATION, "valueReference": {"reference": "#org1"}}],
    "identifier": [{"system": "https://consumer.example.nhs.uk/Id/booking", "value": "7"}],
    "status": "booked",
    "priority": 1,
    "description": "Earache",
    "start": "2026-03-17T10:00:00+00:00",
    "end": "2026-03-17T10:20:00+00:00",
    "slot": [{"reference": "Slot/11"}, {"reference": "Slot/12", "display": "10:10"}],
    "created": "2026-03-16T07:30:00.123Z",
    "comment": "Two lines\nof comment",
    "participant": [
        {"actor": {"reference": "Patient/5", "display": "Ada Lark"}, "status": "accepted"},
        {"actor": {"reference": "Location/6"}, "status": "accepted", "type": [{"text": "place"}]},
        {"actor": {"reference": "Practitioner/7"}, "status": "tentative", "required": "required"},
    ],
}
CANCELLED: Json = BOOKING | {
    "id": "31",
    "meta": {"profile": [urls.APPOINTMENT], "versionId": "2"},
    "status": "cancelled",
    "extension": [
        *BOOKING["extension"],
        {"url": urls.DELIVERY_CHANNEL, "valueCode": "In-person"},
        {"url": urls.CANCELLATION_REASON, "valueString": "Better now"},
    ],
}
OWN: Json = {name: value for name, value in CANCELLED.items() if name != "contained"} | {
    "extension": CANCELLED["extension"][1:]
}
READERS = [
    pytest.param(BOOKING, read_booking, read_booking_in_full, id="a booking"),
    pytest.param(CANCELLED, read_sent, read_sent_in_full, id="a change"),
    pytest.param(OWN, read_sent, read_sent_in_full, id="a change of the practice's own"),
]
TIMES = (
    "2026-02-28T23:59:59+01:00", "2026-02-29T10:00:00Z", "2028-02-29T10:00:00.5Z", "2026-03-17T24:00:00Z",
    "2026-03-17T10:00:60Z", "2026-03-17 10:00:00Z", "2000-01-01T00:00:00+00:00", "2099-12-31T00:00:00+01:00",
    "1999-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59Z",
    "2026-03-17T10:00:00+02:00", "2026-03-17T10:00:00.123Z\n", "\u0662026-03-17T10:00:00Z",
)  # fmt: skip
REFERENCES = (
    "Slot/1", "Slot/01", "Slot/0", "Slot/999999999999999999", "Slot/1000000000000000000", "Slot/1\n",
    "Slot/\u0661", "Patient/2", "Location/3", "Practitioner/4", "Device/5", "patient/2",
    "Patient/2/_history/1",
)  # fmt: skip

Place = tuple[Any, Any]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Forget what other tests sent."""
    appointment_outline._booking_like.cache_clear()
    appointment_outline._sent_like.cache_clear()
    appointment_outline._contained_like.cache_clear()
    appointment_outline._booker.cache_clear()
    yield


def outcome(read: Callable[[Json], Any], resource: Json) -> tuple[Any, ...]:
    """Return what a reader made of an appointment: a result, or a refusal with all that it says."""
    try:
        return (read(resource),)
    except Refusal as refusal:
        return type(refusal), refusal.diagnostics


def leaves_of(element: Any, leaves: Leaves) -> Iterator[Place]:
    """Yield the place of every leaf that an outline has a sample for."""
    for name, leaf in leaves.items():
        if name not in element:
            continue
        if isinstance(leaf, dict):
            parts = element[name] if isinstance(element[name], list) else [element[name]]
            for part in parts:
                yield from leaves_of(part, leaf)
        else:
            yield element, name


ODD = (*TEXTS, *TIMES, *REFERENCES, "x" * 600, "x" * 601, "a\u200bb", "a\u2028b", "a\x0bb", "\n\t", "\xa0")

values = st.one_of(
    st.text(max_size=5),
    st.text(alphabet="\t\r\n\x0b\x0c\x1f \x85\xa0\u2003\u200b\u2028\ufeff\ufffex", max_size=3),
    st.sampled_from(ODD),
    st.sampled_from([None, True, 1, 0.5, [], {}, ["x"], {"reference": "Slot/1"}, [{"reference": "Slot/1"}]]),
)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
@given(data=st.data())
def test_any_value_of_any_leaf_is_read_as_in_full(
    correct: Json, read: Callable[[Json], Any], in_full: Callable[[Json], Any], data: st.DataObject
) -> None:
    resource = deepcopy(correct)
    read(resource)
    leaves = list(leaves_of(resource, LEAVES))
    for container, name in data.draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=3)):
        container[name] = data.draw(values)
    assert outcome(read, resource) == outcome(in_full, resource)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
def test_each_odd_text_is_read_as_in_full_in_every_leaf(
    correct: Json, read: Callable[[Json], Any], in_full: Callable[[Json], Any]
) -> None:
    for number in range(len(list(leaves_of(correct, LEAVES)))):
        read(deepcopy(correct))
        for text in ODD:
            resource = deepcopy(correct)
            container, name = list(leaves_of(resource, LEAVES))[number]
            container[name] = text
            assert outcome(read, resource) == outcome(in_full, resource)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 3))
def test_an_appointment_spoilt_anywhere_is_read_as_in_full_each_time(
    correct: Json, read: Callable[[Json], Any], in_full: Callable[[Json], Any], seed: int, changes: int
) -> None:
    chance = random.Random(seed)
    resource = deepcopy(correct)
    for _ in range(changes):
        resource = spoil(resource, chance)
    try:
        sent = read_json(dumps(resource))
    except Refusal:
        return
    assert outcome(read, sent) == outcome(read, sent) == outcome(in_full, sent)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
def test_without_any_one_part_or_with_one_twice_it_is_read_as_in_full(
    correct: Json, read: Callable[[Json], Any], in_full: Callable[[Json], Any]
) -> None:
    for number in range(len(places(correct))):
        read(deepcopy(correct))
        fewer, more = deepcopy(correct), deepcopy(correct)
        container, key = places(fewer)[number]
        del container[key]
        container, key = places(more)[number]
        if isinstance(container, list):
            container.append(deepcopy(container[key]))
        for turn in (fewer, more, deepcopy(fewer)):
            assert outcome(read, turn) == outcome(in_full, turn)


@pytest.fixture
def read_in_full(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """Return the bookings that are read in full, as they come."""
    came: list[Json] = []

    def noted(resource: Json) -> Any:
        came.append(resource)
        return read_booking_in_full(resource)

    monkeypatch.setattr(appointment_outline, "read_booking_in_full", noted)
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


def test_of_bookings_alike_only_the_first_is_read_in_full(read_in_full: list[Json]) -> None:
    read_booking(deepcopy(BOOKING))
    before = len(read_in_full)
    assert before
    booking = read_booking(another())
    assert len(read_in_full) == before
    assert booking == read_booking_in_full(another())
    assert (booking.slot_ids, booking.participants[0].id) == ((901, 902), 777)
    assert booking.booking_organisation.ods_code == "B22222"


def test_organisations_that_differ_in_no_more_than_a_leaf_are_told_apart() -> None:
    for turn in (1, 2):
        for name, code, phone in (("One", "A11111", "1"), ("Two", "A11111", "1"), ("Two", "A11111", "2")):
            booking = another()
            contained = booking["contained"][0]
            contained["name"], contained["telecom"][0]["value"] = name, phone
            contained["identifier"][0]["value"] = code
            assert read_booking(booking) == read_booking_in_full(booking), turn


def test_a_booking_of_another_outline_is_read_in_full(read_in_full: list[Json]) -> None:
    read_booking(deepcopy(BOOKING))
    for change in ({"priority": 2}, {"text": {"status": "generated", "div": "<div>x</div>"}}):
        before = len(read_in_full)
        assert outcome(read_booking, another(**change)) == outcome(read_booking_in_full, another(**change))
        assert len(read_in_full) > before


@pytest.mark.parametrize(
    "change", [{"priority": -1}, {"colour": "red"}, {"start": "2026-03-17"}, {"id": "7"}]
)
def test_what_is_refused_is_read_once_and_not_kept(read_in_full: list[Json], change: Json) -> None:
    for turn in (1, 2):
        with pytest.raises(InvalidResource):
            read_booking(another(**change))
        assert len(read_in_full) == turn
    assert appointment_outline._booking_like.cache_info().currsize == 0


def test_what_is_large_is_not_kept(read_in_full: list[Json]) -> None:
    large = deepcopy(BOOKING)
    large["contained"][0]["address"] = [{"line": ["x" * LONGEST_OUTLINE]}]
    for turn in (1, 2):
        read_booking(large)
        assert len(read_in_full) == turn
    assert appointment_outline._booking_like.cache_info().currsize == 0


def test_of_an_appointment_that_was_read_nothing_is_kept() -> None:
    text = "a comment " * 50
    before = sys.getrefcount(text)
    read_booking(another(comment=text))
    assert appointment_outline._booking_like.cache_info().currsize == 1
    assert sys.getrefcount(text) == before


def test_what_nests_too_deep_for_an_outline_is_refused_as_ever() -> None:
    nested: Any = "x"
    for _ in range(900):
        nested = [nested]
    for deep in ({"slot": nested}, {"colour": nested}, {"meta": nested}, {"contained": [nested]}):
        with pytest.raises(InvalidResource, match="nests deeper than 30 levels"):
            read_booking(BOOKING | deep)

"""Reading what is sent again and again by its outline: the same as reading it in full, whatever is sent."""

import random
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.fhir.appointment_leaves import LEAVES
from simulator.fhir.appointment_outline import read_booking, read_sent
from simulator.fhir.outline import leaves_of
from simulator.fhir.reading import read_json
from simulator.fhir.sent_appointment import read_booking_in_full, read_sent_in_full
from tests.fhir.outlined import (
    BOOKING,
    CANCELLED,
    OWN,
    WRITTEN,
    InFull,
    Read,
    assert_read_as_in_full,
    outcome,
)
from tests.fuzz.spoiled_json import TEXTS, dumps, places, spoil
from tests.practice_client import Json

READERS = [
    pytest.param(BOOKING, read_booking, read_booking_in_full, id="a booking"),
    pytest.param(CANCELLED, read_sent, read_sent_in_full, id="a change"),
    pytest.param(OWN, read_sent, read_sent_in_full, id="a change of the practice's own"),
]
TIMES = (
    "2026-02-28T23:59:59+01:00", "2026-02-29T10:00:00Z", "2028-02-29T10:00:00.5Z", "2026-03-17T24:00:00Z",
    "2026-03-17T10:00:60Z", "2026-03-17 10:00:00Z", "2000-01-01T00:00:00+00:00", "2099-12-31T00:00:00+01:00",
    "1999-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59Z",
    "2026-03-17T10:00:00.000Z", "2026-03-17T10:00:00.500Z",
    "2026-03-17T10:00:00+02:00", "2026-03-17T10:00:00.123Z\n", "\u0662026-03-17T10:00:00Z",
)  # fmt: skip
REFERENCES = (
    "Slot/1", "Slot/01", "Slot/0", "Slot/999999999999999999", "Slot/1000000000000000000", "Slot/1\n",
    "Slot/\u0661", "Patient/2", "Location/3", "Practitioner/4", "Device/5", "patient/2",
    "Patient/2/_history/1",
)  # fmt: skip


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
    correct: Json, read: Read, in_full: InFull, data: st.DataObject
) -> None:
    for write in WRITTEN:
        read(write(correct))
    resource = deepcopy(correct)
    leaves = list(leaves_of(resource, LEAVES))
    for parent, name, _ in data.draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=3)):
        parent[name] = data.draw(values)
    assert_read_as_in_full(read, in_full, resource)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
def test_each_odd_text_is_read_as_in_full_in_every_leaf(correct: Json, read: Read, in_full: InFull) -> None:
    for number in range(len(list(leaves_of(correct, LEAVES)))):
        for write in WRITTEN:
            read(write(correct))
        for text in ODD:
            resource = deepcopy(correct)
            parent, name, _ = list(leaves_of(resource, LEAVES))[number]
            parent[name] = text
            assert_read_as_in_full(read, in_full, resource)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 3))
def test_an_appointment_spoilt_anywhere_is_read_as_in_full_each_time(
    correct: Json, read: Read, in_full: InFull, seed: int, changes: int
) -> None:
    chance = random.Random(seed)
    resource = deepcopy(correct)
    for _ in range(changes):
        resource = spoil(resource, chance)
    for _ in range(2):
        assert_read_as_in_full(read, in_full, resource)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
def test_without_any_one_part_or_with_one_twice_it_is_read_as_in_full(
    correct: Json, read: Read, in_full: InFull
) -> None:
    for number in range(len(places(correct))):
        read(dumps(correct))
        fewer, more = deepcopy(correct), deepcopy(correct)
        container, key = places(fewer)[number]
        del container[key]
        container, key = places(more)[number]
        if isinstance(container, list):
            container.append(deepcopy(container[key]))
        for turn in (fewer, more, fewer):
            assert_read_as_in_full(read, in_full, turn)


@pytest.mark.parametrize(("correct", "read", "in_full"), READERS)
@given(cut=st.integers(0, 3000), put=st.binary(max_size=3), length=st.integers(0, 3))
def test_a_text_with_any_bytes_changed_is_read_as_in_full(
    correct: Json, read: Read, in_full: InFull, cut: int, put: bytes, length: int
) -> None:
    for write in WRITTEN:
        body = write(correct)
        read(body)
        broken = body[:cut] + put + body[cut + length :]
        assert outcome(read, broken) == outcome(lambda each: in_full(read_json(each)), broken)


@pytest.mark.parametrize("name", ["start", "end", "description"])
def test_of_an_element_that_comes_twice_the_last_counts_as_in_full(name: str) -> None:
    for first, last in (("9" * 5, None), (None, "9" * 5), (None, None)):
        pair = [dumps({name: BOOKING[name] if each is None else each})[1:-1] for each in (first, last)]
        body = b"{" + b",".join(pair) + b"," + dumps({k: v for k, v in BOOKING.items() if k != name})[1:]
        for _ in range(2):
            assert outcome(read_booking, body) == outcome(lambda b: read_booking_in_full(read_json(b)), body)

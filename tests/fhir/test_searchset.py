"""A searchset is the same Bundle whether it is rendered or written of entries that are JSON already."""

import json
from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.schedule import Schedule
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus
from simulator.fhir.entries import entry, schedule_entry, slot_entry
from simulator.fhir.schedule import render_schedule
from simulator.fhir.searchset import render_searchset, write_searchset
from simulator.fhir.slot import render_slot

INSTANTS = st.integers(0, 2**32)
IDS = st.integers(1, 2**40) | st.sampled_from([999_999_999_999_991, 999_999_999_999_992, 999_999_999_999_993])
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.sampled_from(
    ["GP", "999999999999991", "100 % of %d", '9955-08-06T16:00:00+01:00", "x'],
)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 100])
def test_a_searchset_is_written_as_it_is_rendered(number: int) -> None:
    resources = [{"resourceType": "Slot", "id": str(each)} for each in range(number)]
    written = write_searchset([entry(orjson.dumps(each)) for each in resources])
    assert written == orjson.dumps(render_searchset(resources))
    bundle = json.loads(written)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    assert [each["resource"] for each in bundle.get("entry", [])] == resources
    assert ("entry" in bundle) is (number > 0)


SLOTS = st.builds(
    Slot,
    IDS, IDS, INSTANTS, INSTANTS, st.sampled_from(SlotStatus), TEXTS, st.sampled_from(DeliveryChannel),
    st.none() | IDS, st.integers(1, 9),
)  # fmt: skip


@given(st.lists(SLOTS, min_size=1, max_size=4))
def test_slots_are_written_as_they_are_rendered(slots: list[Slot]) -> None:
    assert write_searchset(list(map(slot_entry, slots))) == orjson.dumps(
        render_searchset(map(render_slot, slots))
    )


def schedules() -> Iterator[st.SearchStrategy[Schedule]]:
    """Yield schedules with a practitioner, and without."""
    for practitioner in (IDS, st.none()):
        yield st.builds(
            Schedule, IDS, IDS, IDS, practitioner, st.sampled_from(["R0260", "R0600"]), TEXTS, INSTANTS,
            INSTANTS, st.integers(1, 9),
        )  # fmt: skip


@given(st.lists(st.one_of(*schedules()), min_size=1, max_size=4))
def test_schedules_are_written_as_they_are_rendered(found: list[Schedule]) -> None:
    assert write_searchset(list(map(schedule_entry, found))) == orjson.dumps(
        render_searchset(map(render_schedule, found))
    )


def test_what_holds_a_sample_itself_is_written_as_it_is_rendered() -> None:
    odd = Slot(7, 8, 0, 600, SlotStatus.FREE, "999999999999991", DeliveryChannel.VIDEO, None)
    assert slot_entry(odd) == entry(orjson.dumps(render_slot(odd)))

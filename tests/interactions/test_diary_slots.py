"""Columns of slots show what looking at each slot by itself would."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.availability import Opening, stretches
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus
from simulator.fhir.entries import slot_entry
from simulator.interactions import diary_slots
from simulator.interactions.diary_slots import DiarySlot, DiarySlots

TIMES = st.integers(0, 30)
SITTINGS, PROFILES = st.integers(0, 3), st.integers(0, 3)
SESSIONS = st.frozensets(st.tuples(SITTINGS, PROFILES), max_size=3)


def diary_slot(number: int, start: int, length: int, sitting: int, profile: int) -> DiarySlot:
    """Return a free slot; `number` is its id."""
    slot = Slot(
        number,
        70 + sitting,
        start,
        start + length,
        SlotStatus.FREE,
        "GP",
        DeliveryChannel.VIDEO,
        50 + profile,
    )
    return DiarySlot(slot, sitting, profile)


@st.composite
def diaries(draw: st.DrawFn) -> list[DiarySlot]:
    """Return slots in order of time, of whatever lengths, several of which begin together."""
    drawn = draw(st.lists(st.tuples(TIMES, st.integers(1, 8), SITTINGS, PROFILES), max_size=20))
    found = [diary_slot(number, *each) for number, each in enumerate(drawn, 1)]
    return sorted(found, key=lambda each: (each.slot.start, each.slot.id))


@st.composite
def searches(draw: st.DrawFn) -> tuple[int, int, list[Opening]]:
    """Return a period, and openings of some of the profiles."""
    start = draw(TIMES)
    ids = draw(st.sets(PROFILES))
    return start, start + draw(TIMES), [Opening(each, draw(TIMES), draw(TIMES)) for each in ids]


def looked_at_one_by_one(
    slots: Sequence[DiarySlot],
    search: tuple[int, int, list[Opening]],
    full: frozenset[tuple[int, int]] = frozenset(),
) -> tuple[list[bytes], set[int]]:
    start, end, openings = search
    shown = [
        each
        for each in slots
        if start <= each.slot.start
        and each.slot.end <= end
        and (each.sitting, each.profile) not in full
        and any(
            profile == each.profile and earliest <= each.slot.start <= latest
            for profile, earliest, latest in openings
        )
    ]
    return [slot_entry(each.slot) for each in shown], {each.sitting for each in shown}


def shown(
    columns: DiarySlots,
    search: tuple[int, int, list[Opening]],
    full: frozenset[tuple[int, int]] = frozenset(),
) -> tuple[list[bytes], set[int]]:
    start, end, openings = search
    return columns.shown(start, end, stretches(openings, start, end), full)


@given(diaries(), searches(), SESSIONS)
def test_what_is_open_in_a_period_is_shown(
    slots: list[DiarySlot], search: tuple[int, int, list[Opening]], full: frozenset[tuple[int, int]]
) -> None:
    assert shown(DiarySlots(slots), search, full) == looked_at_one_by_one(slots, search, full)


@given(diaries(), st.lists(st.tuples(st.integers(0, 19), searches()), max_size=12))
def test_what_is_taken_and_let_go_is_shown_as_it_then_is(
    slots: list[DiarySlot], steps: list[tuple[int, tuple[int, int, list[Opening]]]]
) -> None:
    columns, free = DiarySlots(slots), set(slots)
    for number, search in steps:
        if number < len(slots):
            columns.remove(slots[number].slot)
            if slots[number] in free:
                free.remove(slots[number])
            else:
                columns.add(slots[number])
                free.add(slots[number])
        now = [each for each in slots if each in free]
        assert shown(columns, search) == looked_at_one_by_one(now, search)
        assert (len(columns), columns.size) == (len(now), sum(len(slot_entry(each.slot)) for each in now))
        assert columns.sessions({0, 2}) == {
            (each.sitting, each.profile) for each in now if each.profile in (0, 2)
        }


def test_a_longer_slot_that_comes_later_ends_when_it_ends() -> None:
    columns = DiarySlots([diary_slot(1, 10, 1, 0, 0)])
    columns.add(diary_slot(2, 5, 9, 0, 0))
    search = (0, 12, [Opening(0, 0, 30)])
    assert shown(columns, search)[0] == [slot_entry(diary_slot(1, 10, 1, 0, 0).slot)]


def test_of_any_number_of_sets_of_access_profiles_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diary_slots, "MOST_MASKS", 2)
    slots = [diary_slot(number, number, 1, 0, number) for number in range(300)]
    columns = DiarySlots(slots)
    for number in (0, 299, 5, 0):
        assert shown(columns, (0, 400, [Opening(number, 0, 400)]))[0] == [slot_entry(slots[number].slot)]

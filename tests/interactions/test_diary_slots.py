"""Columns of slots show what looking at each slot by itself would."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.availability import Opening, stretches
from simulator.domain.slot import DeliveryChannel, Slot, SlotStatus
from simulator.fhir.entries import slot_entry
from simulator.interactions.diary_slots import DiarySlots

TIMES = st.integers(0, 30)
SITTINGS, PROFILES = st.integers(0, 3), st.integers(0, 3)
SESSIONS = st.frozensets(st.tuples(SITTINGS, PROFILES), max_size=3)


SITTING_OF = {70 + number: number for number in range(4)}
PROFILE_OF: dict[int | None, int] = {500 + number: number for number in range(4)}


def diary_slot(slot_id: int, start: int, length: int, sitting: int, profile: int) -> Slot:
    """Return a free slot of a sitting and an access profile, by number."""
    return Slot(
        slot_id, 70 + sitting, start, start + length, SlotStatus.FREE, "GP", DeliveryChannel.VIDEO,
        500 + profile,
    )  # fmt: skip


def columns_of(slots: Sequence[Slot]) -> DiarySlots:
    return DiarySlots(slots, SITTING_OF, PROFILE_OF)


def session(slot: Slot) -> tuple[int, int]:
    return SITTING_OF[slot.schedule_id], PROFILE_OF[slot.access_profile_id]


@st.composite
def diaries(draw: st.DrawFn) -> list[Slot]:
    """Return slots in order of time, of whatever lengths, several of which begin together."""
    drawn = draw(st.lists(st.tuples(TIMES, st.integers(1, 8), SITTINGS, PROFILES), max_size=20))
    found = [diary_slot(number, *each) for number, each in enumerate(drawn, 1)]
    return sorted(found, key=lambda each: (each.start, each.id))


@st.composite
def searches(draw: st.DrawFn) -> tuple[int, int, list[Opening]]:
    """Return a period, and openings of some of the profiles."""
    start = draw(TIMES)
    ids = draw(st.sets(PROFILES))
    return start, start + draw(TIMES), [Opening(each, draw(TIMES), draw(TIMES)) for each in ids]


def looked_at_one_by_one(
    slots: Sequence[Slot],
    search: tuple[int, int, list[Opening]],
    full: frozenset[tuple[int, int]] = frozenset(),
) -> tuple[list[bytes], set[int]]:
    start, end, openings = search
    shown = [
        each
        for each in slots
        if start <= each.start
        and each.end <= end
        and session(each) not in full
        and any(
            profile == session(each)[1] and earliest <= each.start <= latest
            for profile, earliest, latest in openings
        )
    ]
    return [slot_entry(each) for each in shown], {session(each)[0] for each in shown}


def shown(
    columns: DiarySlots,
    search: tuple[int, int, list[Opening]],
    full: frozenset[tuple[int, int]] = frozenset(),
) -> tuple[list[bytes], set[int]]:
    start, end, openings = search
    return columns.shown(start, end, stretches(openings, start, end), full)


@given(diaries(), searches(), SESSIONS)
def test_what_is_open_in_a_period_is_shown(
    slots: list[Slot], search: tuple[int, int, list[Opening]], full: frozenset[tuple[int, int]]
) -> None:
    assert shown(columns_of(slots), search, full) == looked_at_one_by_one(slots, search, full)


@given(diaries(), st.lists(st.tuples(st.integers(0, 19), searches()), max_size=12))
def test_what_is_taken_and_let_go_is_shown_as_it_then_is(
    slots: list[Slot], steps: list[tuple[int, tuple[int, int, list[Opening]]]]
) -> None:
    columns, free = columns_of(slots), set(slots)
    for number, search in steps:
        if number < len(slots):
            columns.remove(slots[number])
            if slots[number] in free:
                free.remove(slots[number])
            else:
                columns.add(slots[number])
                free.add(slots[number])
        now = [each for each in slots if each in free]
        assert shown(columns, search) == looked_at_one_by_one(now, search)
        assert (len(columns), columns.size) == (len(now), sum(len(slot_entry(each)) for each in now))
        assert columns.sessions({0, 2}) == {session(each) for each in now if session(each)[1] in (0, 2)}


def test_a_longer_slot_that_comes_later_ends_when_it_ends() -> None:
    columns = columns_of([diary_slot(1, 10, 1, 0, 0)])
    columns.add(diary_slot(2, 5, 9, 0, 0))
    search = (0, 12, [Opening(0, 0, 30)])
    assert shown(columns, search)[0] == [slot_entry(diary_slot(1, 10, 1, 0, 0))]


@pytest.mark.parametrize("number", [1, 127, 128, 255, 256, 0xD800])
def test_a_practice_may_have_any_number_of_access_profiles(number: int) -> None:
    slots = [diary_slot(each, each, 1, 0, each) for each in (0, number, number + 1)]
    columns = DiarySlots(slots, SITTING_OF, {500 + each: each for each in range(number + 2)})
    search = (number, number + 1, [Opening(number, 0, 100_000)])
    assert shown(columns, search)[0] == [slot_entry(slots[1])]
    assert shown(columns, search, frozenset({(0, number)}))[0] == []
    assert columns.sessions({number}) == {(0, number)}

"""Two weeks across the end of summer time: UK dates count, not the hours."""

import pytest

from simulator.domain.clock import uk_local
from simulator.domain.refusals import InvalidParameter
from simulator.interactions.search_for_free_slots import SlotSearch, read_slot_search


def search(start: str, end: str) -> SlotSearch:
    return read_slot_search(
        (("status", "free"), ("_include", "Slot:schedule"), ("start", f"ge{start}"), ("end", f"le{end}"))
    )


@pytest.mark.parametrize(
    ("start", "end", "over"),
    [
        ("2026-10-20", "2026-11-03", ""),
        ("2026-10-20", "2026-11-04", "15 days"),
        ("2026-10-20T09:00:00+01:00", "2026-11-03T09:00:00+00:00", ""),
        ("2026-10-20T00:00:00+01:00", "2026-11-03T23:59:59+00:00", "14 days, 23:59:59"),
        ("2026-10-20T23:59:59+01:00", "2026-11-04T00:00:00+00:00", "14 days, 0:00:01"),
        ("2026-10-19T23:00:00+00:00", "2026-11-03T00:00:00+00:00", ""),
        ("2026-10-19T22:59:59+00:00", "2026-11-03T00:00:00+00:00", "14 days, 0:00:01"),
        ("2026-10-20T08:00:00+00:00", "2026-11-03T09:00:00+00:00", ""),
        ("2026-10-11T01:30:00+01:00", "2026-10-25T01:30:00+00:00", ""),
    ],
)
def test_two_weeks_in_october_are_counted_by_uk_dates_or_clocks(start: str, end: str, over: str) -> None:
    if over:
        with pytest.raises(InvalidParameter, match=f"is {over}; expected at most 14 days"):
            search(start, end)
    else:
        assert search(start, end)


def test_the_day_of_twenty_five_hours_is_covered_whole() -> None:
    found = search("2026-10-25", "2026-10-25")
    assert uk_local(found.start) == "2026-10-25T00:00:00+01:00"
    assert uk_local(found.end) == "2026-10-26T00:00:00+00:00"
    assert found.end - found.start == 25 * 3600


def test_within_the_hour_that_comes_twice_the_moment_decides() -> None:
    found = search("2026-10-25T01:30:00+01:00", "2026-10-25T01:10:00+00:00")
    assert found.end - found.start == 40 * 60
    with pytest.raises(InvalidParameter, match="is before start"):
        search("2026-10-25T01:10:00+00:00", "2026-10-25T01:30:00+01:00")

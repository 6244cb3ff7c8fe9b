"""Which searchers a profile admits, and which starts it leaves open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.availability import (
    LATEST_INSTANT,
    AccessProfile,
    Opening,
    Searcher,
    Stretch,
    access_rules,
    admits,
    opening,
    openings,
    stretches,
)

URGENT, GP = frozenset({"urgent-care"}), frozenset({"gp-practice"})
OURS, THEIRS = frozenset({"Z9U01"}), frozenset({"A1A1A"})
NONE = frozenset[str]()
SEARCHERS = {
    "none": Searcher(),
    "type": Searcher(organisation_types=URGENT),
    "code": Searcher(ods_codes=OURS),
    "both": Searcher(URGENT, OURS),
}


@pytest.mark.parametrize(
    ("types", "codes", "admitted"),
    [
        (NONE, NONE, {"none", "type", "code", "both"}),
        (URGENT, NONE, {"type", "both"}),
        (NONE, OURS, {"code", "both"}),
        (URGENT, OURS, {"both"}),
        (GP, NONE, set()),
        (NONE, THEIRS, set()),
        (URGENT, THEIRS, set()),
        (GP, OURS, set()),
        (URGENT | GP, OURS | THEIRS, {"both"}),
    ],
)
def test_each_restriction_must_be_met_by_a_filter(
    types: frozenset[str], codes: frozenset[str], admitted: set[str]
) -> None:
    profile = AccessProfile(1, "Test", types, codes)
    assert {name for name, searcher in SEARCHERS.items() if admits(profile, searcher)} == admitted


def test_a_slot_that_begins_now_is_not_open() -> None:
    assert opening(AccessProfile(1, "Test"), now=1000) == Opening(1, 1001, LATEST_INSTANT)


def test_embargo_and_window_bound_the_starts() -> None:
    profile = AccessProfile(1, "Test", window_days=2, embargo_minutes=30)
    assert opening(profile, now=1000) == Opening(1, 1001 + 1800, 1000 + 2 * 86_400)


OPENINGS = st.builds(Opening, st.integers(1, 4), st.integers(0, 20), st.integers(0, 20))


@given(st.lists(OPENINGS, max_size=5), st.integers(0, 20), st.integers(0, 20))
def test_stretches_say_of_every_moment_of_a_period_what_is_open(
    found: list[Opening], start: int, length: int
) -> None:
    divided = stretches(found, start, start + length)
    begins = [start, *(each.until for each in divided)]
    assert begins == sorted(begins) and begins[-1] == start + length
    for begin, (until, access_profile_ids) in zip(begins, divided, strict=False):
        for moment in range(begin, until):
            is_open = {each for each, earliest, latest in found if earliest <= moment <= latest}
            assert access_profile_ids == is_open


def test_a_period_in_which_nothing_changes_is_one_stretch() -> None:
    found = [Opening(1, 5, 50), Opening(2, 9, 29), Opening(3, 0, 5), Opening(4, 40, 50)]
    assert stretches(found, 10, 30) == (Stretch(30, frozenset({1, 2})),)


def test_rules_that_say_the_same_are_the_same() -> None:
    (one,), (same,) = [(AccessProfile(0, "", URGENT, window_days=7),) for _ in range(2)]
    assert access_rules((one,)) is access_rules((same,))
    assert access_rules((one,)) is not access_rules((AccessProfile(0, "", URGENT),))


def test_only_the_profiles_that_admit_a_searcher_open() -> None:
    profiles = [
        AccessProfile(1, "All"),
        AccessProfile(2, "Type", URGENT),
        AccessProfile(3, "Code", NONE, OURS),
    ]
    found = openings(profiles, SEARCHERS["type"], now=0)
    assert [each.access_profile_id for each in found] == [1, 2]

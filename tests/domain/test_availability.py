"""Which searchers a profile admits, and which starts it leaves open."""

import pytest

from simulator.domain.availability import (
    LATEST_INSTANT,
    AccessProfile,
    Opening,
    Searcher,
    admits,
    opening,
    openings,
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


def test_only_the_profiles_that_admit_a_searcher_open() -> None:
    profiles = [
        AccessProfile(1, "All"),
        AccessProfile(2, "Type", URGENT),
        AccessProfile(3, "Code", NONE, OURS),
    ]
    found = openings(profiles, SEARCHERS["type"], now=0)
    assert [each.access_profile_id for each in found] == [1, 2]

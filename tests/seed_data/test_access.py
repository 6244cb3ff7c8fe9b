from itertools import pairwise

import pytest

from seed_data.access import open_slots
from seed_data.access_plans import AccessPlan
from seed_data.chance import chance_for
from seed_data.practices import access_profiles
from seed_data.week_templates import Session
from simulator.domain.slot import DeliveryChannel

IN_PERSON, TELEPHONE = (1, DeliveryChannel.IN_PERSON), (2, DeliveryChannel.TELEPHONE)


def plan(slots_a_day: int, run: int, **restrictions: frozenset[str]) -> AccessPlan:
    none: frozenset[str] = frozenset()
    return AccessPlan(
        "A plan", slots_a_day, run, restrictions.get("organisation_types", none), none, None, 0, None
    )


def session(job_role: str = "R0260") -> Session:
    """A surgery of ten slots: four in person, a break, three in person, three by telephone."""
    starts = [n * 600 + (1_200 if n >= 4 else 0) for n in range(10)]
    types = [IN_PERSON] * 7 + [TELEPHONE] * 3
    return Session(0, 1, job_role, "gp", 1, "Surgery", starts, 10, types, [None] * 10)


@pytest.mark.parametrize("seed", range(20))
def test_runs_are_adjacent_and_alike(seed: int) -> None:
    here, plans = session(), (plan(6, 3),)
    open_slots([here], plans, access_profiles(1, plans), chance_for(seed))
    opened = [n for n, access in enumerate(here.access) if access]
    assert len(opened) == 6
    for first in (opened[:3], opened[3:]):
        assert len({here.types[n] for n in first}) == 1
        assert all(here.starts[after] - here.starts[before] == 600 for before, after in pairwise(first))


def test_a_day_too_short_for_the_plan_gets_what_fits() -> None:
    here, plans = session(), (plan(40, 2),)
    open_slots([here], plans, access_profiles(1, plans), chance_for(1))
    opened = [access for access in here.access if access]
    assert 4 <= len(opened) <= 8


def test_sessions_of_roles_not_allowed_stay_closed() -> None:
    here, plans = session("R1110"), (plan(2, 2),)
    open_slots([here], plans, access_profiles(1, plans), chance_for(1))
    assert here.access == [None] * 10


def test_practice_keeps_its_hands_off_one_run_that_is_open_to_all() -> None:
    here = session()
    plans = (plan(2, 2, organisation_types=frozenset({"urgent-care"})), plan(4, 2))
    open_slots([here], plans, access_profiles(1, plans), chance_for(1))
    assert len(here.kept) == 2
    assert {here.access[n] for n in here.kept} == {2}

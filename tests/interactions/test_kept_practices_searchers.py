"""What a process keeps of practices: after each change, every kind of searcher is shown what is so."""

from itertools import product
from random import Random

import pytest

from simulator.fhir import urls
from tests.diary import QUIET_DAY
from tests.interactions.two_workers import CODES, TYPES, TwoWorkers, something_happens

EVERY_SEARCHER = [
    "".join(f"&searchFilter={system}|{code}" for system, codes in sent for code in codes)
    for sent in product(
        [
            (urls.ORGANISATION_TYPES, ()),
            (urls.ORGANISATION_TYPES, TYPES[:1]),
            (urls.ORGANISATION_TYPES, TYPES),
        ],
        [(urls.ODS_ORGANIZATION_CODE, each) for each in ((), CODES[:1], CODES[1:], CODES)],
    )
]


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_every_kind_of_searcher_is_shown_what_is_so(world: TwoWorkers, seed: int) -> None:
    chance = Random(seed)
    days = f"status=free&_include=Slot:schedule&start=ge{QUIET_DAY}&end=le2026-03-30"
    shown = set()
    for _ in range(25):
        something_happens(world, chance)
        with world.fresh() as fresh:
            for searcher in EVERY_SEARCHER:
                body = world.search(fresh, days + searcher)
                shown.add(body)
                for worker in world.workers:
                    assert world.search(worker, days + searcher) == body, searcher
    assert len(shown) > 40

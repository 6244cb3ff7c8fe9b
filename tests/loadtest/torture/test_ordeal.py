from typing import Any

import pytest

from loadtest.torture.blows import Blow
from loadtest.torture.ordeal import OWN_PLAN, object_to, objections_to
from loadtest.torture.server import Ending
from loadtest.torture.tormentor import Struck

FEW = "3 of 5 kills and stops fell into the load: give it a longer --duration or fewer --kills"
IDLE = (
    "nothing was in flight at any of the 3 kills and stops: no request was put to the test that they are for;"
    " more --users, or a plan with less rest"
)


def struck(in_flight: int) -> Struck:
    gone = Ending(0.1, -9, late=False, left_behind=False)
    return Struck(Blow(1, "kill", 2.0, 0.0, 0.0), in_flight, 0, gone, 0.5)


def record() -> dict[str, Any]:
    return {"interrupted": False, "cut_short": None, "objections": []}


def test_a_run_with_all_its_blows_and_its_server_is_not_objected_to() -> None:
    run = record()
    assert not object_to(run, None, [struck(2)] * 5, 5)
    assert run == record()


@pytest.mark.parametrize(
    ("in_flight", "asked", "interrupted", "objections"),
    [
        ([1, 1, 1], 5, False, [FEW]),
        ([1, 1, 1], 5, True, []),
        ([0, 0, 0], 3, False, [IDLE]),
        ([0, 0, 0], 3, True, []),
        ([0, 1, 0], 3, False, []),
        ([0, 0, 0], 5, False, [FEW, IDLE]),
        ([], 1, True, []),
    ],
    ids=[
        "too short a load",
        "ended by somebody",
        "every blow at an idle server",
        "idle and ended by somebody",
        "one blow at a server at work",
        "too few and idle",
        "never struck",
    ],
)
def test_what_is_objected_to_follows_from_the_blows(
    in_flight: list[int], asked: int, interrupted: bool, objections: list[str]
) -> None:
    assert objections_to(in_flight, asked, interrupted) == objections


def test_an_objection_to_the_blows_leaves_the_evidence_whole() -> None:
    run = record()
    assert object_to(run, None, [struck(0)] * 3, 5)
    assert (run["cut_short"], run["objections"]) == (None, [FEW, IDLE])


def test_the_evidence_of_a_lost_server_is_not_whole() -> None:
    run = record()
    assert object_to(run, "it did not come back", [struck(1)], 1)
    assert (run["cut_short"], run["objections"]) == ("it did not come back", [])


def test_its_own_plan_books_amends_cancels_and_contends() -> None:
    (phase,) = OWN_PLAN.phases

    assert set(phase.mix) == {"booking", "journey", "churn"}
    assert phase.users is not None, "open arrivals would be missed while the server is down"

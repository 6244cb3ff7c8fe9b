from typing import Any

from loadtest.torture.blows import Blow
from loadtest.torture.ordeal import OWN_PLAN, idle_objection, object_to, objection_to
from loadtest.torture.server import Ending
from loadtest.torture.tormentor import Struck


def test_a_run_with_all_its_blows_and_its_server_is_not_objected_to() -> None:
    assert objection_to(None, 5, 5, interrupted=False) is None


def test_a_load_too_short_for_the_blows_is_objected_to() -> None:
    assert objection_to(None, 3, 5, interrupted=False) == (
        "3 of 5 kills and stops fell into the load: give it a longer --duration or fewer --kills"
    )


def test_fewer_blows_are_no_objection_where_somebody_ended_the_run() -> None:
    assert objection_to(None, 3, 5, interrupted=True) is None


def test_a_lost_server_is_always_objected_to() -> None:
    assert objection_to("it did not come back", 5, 5, interrupted=True) == "it did not come back"


def test_a_run_whose_every_blow_found_the_server_idle_is_objected_to() -> None:
    assert idle_objection([0, 0, 0]) == (
        "nothing was in flight at any of the 3 kills and stops: no request was put to the test that they are"
        " for; more --users, or a plan with less rest"
    )
    assert idle_objection([0, 1, 0]) is None
    assert idle_objection([]) is None, "it was never struck: something else is to be said of that"


def test_idle_blows_are_an_objection_that_leaves_the_evidence_whole() -> None:
    gone = Ending(0.1, -9, late=False, left_behind=False)
    idle = Struck(Blow(1, "kill", 2.0, 0.0, 0.0), 0, 0, gone, 0.5)
    record: dict[str, Any] = {"interrupted": False, "cut_short": None, "objections": []}

    assert object_to(record, None, [idle], 1)
    assert (record["cut_short"], record["objections"]) == (None, [idle_objection([0])])


def test_its_own_plan_books_amends_cancels_and_contends() -> None:
    (phase,) = OWN_PLAN.phases

    assert set(phase.mix) == {"booking", "journey", "churn"}
    assert phase.users is not None, "open arrivals would be missed while the server is down"

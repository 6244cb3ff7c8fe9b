from copy import deepcopy
from typing import Any

import pytest

from loadtest.arrivals import RateCurve
from loadtest.comparison.comparable import obstacles, remarks, traffic_remarks
from loadtest.figures.over_time import OverTime, Span
from loadtest.plans.plan import Phase, Plan, to_json
from loadtest.service_level import Threshold
from tests.loadtest.timed import took

OPEN = Phase("rush", {"national": 1.0}, 60, rate=RateCurve.ramp(5, 50, 60))
CLOSED = Phase("booking", {"booking": 3.0, "journey": 1.0}, 30, users=10, think=0.5)


def a_record(**more: Any) -> dict[str, Any]:
    return {
        "run": "booking-1",
        "scenario": "booking",
        "plan": to_json(Plan("booking", "two phases", (OPEN, CLOSED))),
        "seed": 1,
        "options": {"target": "http://127.0.0.1:8000", "proxy": None, "processes": 2},
        "practices": ["A81001", "A81002"],
        "provider": {"name": "a provider", "version": "1.0"},
        "data": {"practices": 2, "patients": 40, "free_slots": 1000},
        "environment": {"python": "3.11.7", "system": "Linux"},
        "parts": [],
    } | more


def of_phase(key: str, value: object, phase: int = 1) -> dict[str, Any]:
    plan = deepcopy(a_record()["plan"])
    plan["phases"][phase][key] = value
    return a_record(plan=plan)


def test_two_runs_of_one_plan_can_be_compared() -> None:
    assert obstacles(a_record(), a_record(run="booking-2")) == ()
    assert remarks(a_record(), a_record(run="booking-2")) == ()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (of_phase("users", 20), "phase booking: users: 10 in base, 20 in new"),
        (of_phase("think", 1.0), "phase booking: think: 0.5 in base, 1.0 in new"),
        (of_phase("seconds", 60), "phase booking: seconds: 30 in base, 60 in new"),
        (
            of_phase("mix", {"booking": 1.0}),
            "phase booking: mix: booking 3.0, journey 1.0 in base, booking 1.0 in new",
        ),
        (
            of_phase("rate", {"points": [[0, 5], [60, 80]]}, phase=0),
            "phase rush: rate: 5/s at 0 s, 50/s at 60 s in base, 5/s at 0 s, 80/s at 60 s in new",
        ),
        (of_phase("name", "lunch"), "phases: rush, booking in base, rush, lunch in new"),
        (
            a_record(data={"practices": 2, "patients": 4000, "free_slots": 1000}),
            "patients in the run: 40 in base, 4000 in new",
        ),
        (a_record(practices=["A81001", "A81003"]), "the practices are not the same ones"),
        ({}, "new has no run.json: what was asked for is not known"),
        (
            a_record(options={"expect_outage": True}),
            "new: an outage was expected, so that speed says nothing",
        ),
    ],
)
def test_other_work_stands_in_the_way_and_is_named(other: dict[str, Any], said: str) -> None:
    assert obstacles(a_record(), other) == (said,)


def test_thresholds_and_words_of_a_plan_are_not_the_work() -> None:
    plan = Plan("lunch", "said otherwise", (OPEN, CLOSED), thresholds=(Threshold(None, "SHALL", 99, 5),))
    assert obstacles(a_record(), a_record(plan=to_json(plan))) == ()


def test_runs_without_a_plan_on_record_are_known_by_scenario_and_users() -> None:
    old = a_record(plan=None, parts=[{"scenario": "booking", "users": 10}])
    more = a_record(plan=None, parts=[{"scenario": "booking", "users": 12}])
    assert obstacles(old, deepcopy(old)) == ()
    assert obstacles(old, more) == ("users: 10 in base, 12 in new",)
    assert obstacles(old, a_record(plan=None, scenario="journey", parts=old["parts"])) == (
        "scenario: booking in base, journey in new",
    )


def test_the_order_of_practices_says_nothing() -> None:
    assert obstacles(a_record(), a_record(practices=["A81002", "A81001"])) == ()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            a_record(provider={"name": "a provider", "version": "1.1"}),
            "provider's version: 1.0 in base, 1.1 in new",
        ),
        (a_record(provider=None), "provider's name: a provider in base, none in new"),
        (
            a_record(environment={"python": "3.12", "system": "Linux"}),
            "generator's python: 3.11.7 in base, 3.12 in new",
        ),
        (a_record(seed=2), "seed: 1 in base, 2 in new"),
        (
            a_record(options={"target": "http://127.0.0.1:8000", "processes": 4}),
            "processes: 2 in base, 4 in new",
        ),
        (
            a_record(data={"practices": 2, "patients": 40, "free_slots": 700}),
            "free slots at first look: 1000 in base, 700 in new",
        ),
        (a_record(interrupted=True), "new ended early"),
    ],
)
def test_what_else_differs_is_remarked_and_stands_in_no_way(other: dict[str, Any], said: str) -> None:
    assert said in remarks(a_record(), other)
    assert obstacles(a_record(), other) == ()


def test_a_few_slots_more_or_less_are_not_worth_a_word() -> None:
    assert remarks(a_record(), a_record(data={"practices": 2, "patients": 40, "free_slots": 900})) == ()


def a_run(*, size: int = 1000, failed: int = 0, seconds: int = 30, also: str | None = None) -> OverTime:
    over_time = OverTime({"load": Span(0, float(seconds))})
    for n in range(seconds * 10):
        if n % 10 < failed:
            over_time.record(took(5, start=100 * n, outcome="refused", status=422))
        else:
            over_time.record(took(5, start=100 * n, size=size))
    if also is not None:
        over_time.record(took(5, also))
    return over_time


def test_runs_that_saw_the_same_are_not_remarked_upon() -> None:
    assert traffic_remarks(a_run(), a_run()) == ()


def test_answers_of_other_sizes_failures_and_lengths_are_remarked() -> None:
    (sizes,) = traffic_remarks(a_run(), a_run(size=1200))
    assert sizes == "book_appointment: answers of 1,000 bytes in base, of 1,200 in new"
    (failures,) = traffic_remarks(a_run(), a_run(failed=1))
    assert failures.startswith("book_appointment: 0.0% failed in base, 10.0% in new")
    (lengths,) = traffic_remarks(a_run(), a_run(seconds=20))
    assert lengths == "phase load: 30 s in base, 20 s in new: the rest is left"
    (alone,) = traffic_remarks(a_run(also="find_patient"), a_run())
    assert alone == "find_patient: asked for in base alone"

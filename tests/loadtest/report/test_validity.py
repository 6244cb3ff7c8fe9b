from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loadtest.figures.measurements import Measurements
from loadtest.ledger import Ledger, LedgerHeader, LedgerWriter, Operation
from loadtest.plans.plan import Phase, Plan, to_json
from loadtest.report.evidence import Evidence
from loadtest.report.tally import Tally
from loadtest.report.validity import objections

PLAN = Plan("mine", "one", (Phase("booking", {"booking": 1.0}, 5.0, users=1),), most_missed=0.05)
GOOD: dict[str, Any] = {
    "plan": to_json(PLAN),
    "read_back": "complete",
    "survey_ledger": "ledger-here-1.jsonl",
    "parts": [{"scenario": "booking", "exit_code": 0, "log": "generator-0-booking.log"}],
}
MARK: dict[str, Any] = {"exceptions": [], "rounds_made": 10, "rounds_missed": 0}


def _operation(interaction: str = "book_appointment", outcome: Any = "ok", **more: Any) -> Operation:
    given: dict[str, Any] = {"status": 201, "slots": ("1",)} | more
    return Operation(interaction, "1-0", "t", "A", "booking", 1, 2, outcome, **given)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    for pid in (1, 2):
        LedgerWriter(tmp_path, LedgerHeader("r", "here", pid, "booking", 0, 0, 1)).close()
    return Ledger((tmp_path,))


def _objections(
    ledger: Ledger,
    *operations: Operation,
    record: dict[str, Any] = GOOD,
    marks: dict[str, dict[str, Any]] | None = None,
) -> tuple[str, ...]:
    given = {"ledger-here-2.jsonl": MARK} if marks is None else marks
    tally, measurements = Tally(), Measurements()
    for operation in operations:
        tally.record(operation)
        measurements.record(operation)
    return objections(Evidence((Path(),), ledger, record, given, ()), tally, measurements.summaries())


def test_a_run_that_came_to_its_end_and_booked_is_evidence(ledger: Ledger) -> None:
    assert _objections(ledger, _operation()) == ()


def test_a_run_without_its_record_is_no_evidence(ledger: Ledger) -> None:
    assert "there is no run.json" in _objections(ledger, _operation(), record={})[0]


def test_what_a_run_itself_objects_to_is_told_and_leaves_its_evidence_whole(ledger: Ledger) -> None:
    record = GOOD | {"objections": ["nothing was in flight"]}

    assert _objections(ledger, _operation(), record=record) == ("nothing was in flight",)
    assert not Evidence((Path(),), ledger, record, {"ledger-here-2.jsonl": MARK}, ()).shared


def test_a_run_that_was_not_read_back_is_no_evidence(ledger: Ledger) -> None:
    record = GOOD | {"read_back": "read back: connection refused"}

    assert _objections(ledger, _operation(), record=record) == (
        "the state was not read back: read back: connection refused",
    )


def test_a_run_that_could_not_go_on_is_no_evidence(ledger: Ledger) -> None:
    record = GOOD | {"cut_short": "planning: search_for_free_slots at practice A: timeout"}

    assert _objections(ledger, _operation(), record=record) == (
        "the run was cut short: planning: search_for_free_slots at practice A: timeout",
    )


def test_a_generator_that_crashed_makes_no_evidence(ledger: Ledger) -> None:
    parts = [{"scenario": "booking", "exit_code": -9, "log": "generator-0-booking.log"}]

    assert _objections(ledger, _operation(), record=GOOD | {"parts": parts}) == (
        "the generator of booking ended with -9: see generator-0-booking.log",
    )


def test_a_generator_that_was_not_waited_for_makes_no_evidence(ledger: Ledger) -> None:
    parts = [{"scenario": "booking", "exit_code": None, "log": "generator-0-booking.log"}]

    assert _objections(ledger, _operation(), record=GOOD | {"parts": parts}) == (
        "gpload was interrupted again before the generator of booking had stopped: what its clients did last"
        " may be missing",
    )


def test_a_process_without_an_end_mark_makes_no_evidence(ledger: Ledger) -> None:
    assert _objections(ledger, _operation(), marks={}) == (
        "the process that wrote ledger-here-2.jsonl did not come to its end",
    )


def test_a_client_that_failed_on_its_own_makes_no_evidence(ledger: Ledger) -> None:
    marks = {"ledger-here-2.jsonl": MARK | {"exceptions": ["KeyError: 'slot'"]}}

    assert "failed on its own: KeyError" in _objections(ledger, _operation(), marks=marks)[0]


def test_ledgers_that_break_off_are_counted(ledger: Ledger) -> None:
    ledger.torn = 1
    assert "1 ledger ends in the middle of a record" in _objections(ledger, _operation())
    ledger.torn = 2
    assert "2 ledgers end in the middle of a record" in _objections(ledger, _operation())


def test_a_run_without_operations_is_no_evidence(ledger: Ledger) -> None:
    assert _objections(ledger) == ("no operation was recorded",)


def test_a_scenario_that_left_nothing_is_missed(ledger: Ledger) -> None:
    parts = [*GOOD["parts"], {"scenario": "hot_slot", "exit_code": 0, "log": "g"}]

    assert _objections(ledger, _operation(), record=GOOD | {"parts": parts}) == (
        "hot_slot recorded no operation",
    )


def test_a_run_in_which_everything_was_refused_is_no_evidence(ledger: Ledger) -> None:
    refused = _operation(outcome="refused", status=403, code="ACCESS_DENIED")

    assert _objections(ledger, refused, refused, refused) == (
        "nothing that booking asked for was granted",
        "100% of book_appointment requests were refused (at most 10%, lost races apart)",
    )


def test_an_interaction_that_is_refused_too_often_is_named_whatever_the_others_hide(ledger: Ledger) -> None:
    many = [_operation("read_appointment")] * 2000
    refused = [_operation("cancel_appointment", outcome="refused", status=409)] * 11
    granted = [_operation("cancel_appointment")] * 89

    assert _objections(ledger, _operation(), *many, *granted, *refused) == (
        "11% of cancel_appointment requests were refused (at most 10%, lost races apart)",
    )
    assert _objections(ledger, _operation(), *many, *granted, *refused[:9]) == ()


def test_more_than_one_request_in_a_hundred_without_an_answer_makes_no_evidence(ledger: Ledger) -> None:
    lost = _operation(outcome="unknown", status=None, error="timeout")
    answered = [_operation()] * 98

    assert _objections(ledger, *answered, _operation(), lost) == ()
    assert _objections(ledger, *answered, lost, lost) == (
        "2.0% of requests had no definite answer (at most 1%;"
        " --expect-outage where the provider is stopped on purpose)",
    )


def test_an_outage_that_was_expected_makes_requests_without_an_answer_no_objection(ledger: Ledger) -> None:
    lost = [_operation(outcome="unknown", status=503)] * 3
    record = GOOD | {"options": {"expect_outage": True}}

    assert _objections(ledger, _operation(), *lost, record=record) == ()
    assert len(_objections(ledger, _operation(), *lost)) == 2


@pytest.mark.parametrize(
    ("health", "said"),
    [
        ({"cpu_share": 0.95, "worst_lateness_ms": 20.0}, "used 95% of a core (at most 90%)"),
        ({"cpu_share": 0.5, "worst_lateness_ms": 800.0}, "woke up 800 ms late (at most 500 ms)"),
    ],
)
def test_a_saturated_generator_makes_no_evidence(ledger: Ledger, health: dict[str, float], said: str) -> None:
    (objection,) = _objections(ledger, _operation(), marks={"ledger-here-2.jsonl": MARK | health})

    assert objection.startswith("generator saturated")
    assert said in objection


def test_a_booking_run_that_only_searched_is_no_evidence(ledger: Ledger) -> None:
    search = _operation("search_for_free_slots", slots=(), seen=("1",), status=200)

    assert _objections(ledger, search) == ("booking booked nothing",)


def test_a_scenario_that_an_early_end_kept_from_beginning_is_not_missed(ledger: Ledger) -> None:
    parts = [*GOOD["parts"], {"scenario": "hot_slot", "exit_code": -15, "log": "g"}]
    record = GOOD | {"parts": parts, "interrupted": True}

    assert _objections(ledger, _operation(), record=record, marks={}) == ()
    assert _objections(ledger, record=record, marks={}) == ("no operation was recorded",)


def test_lost_races_are_answers_not_refusals(ledger: Ledger) -> None:
    lost = [_operation(outcome="refused", status=409, code="DUPLICATE_REJECTED")] * 99

    assert _objections(ledger, _operation(), *lost) == ()


def test_too_many_empty_searches_make_no_evidence(ledger: Ledger) -> None:
    empty = _operation("search_for_free_slots", slots=(), status=200)
    full = _operation("search_for_free_slots", slots=(), status=200, seen=("1",))

    assert _objections(ledger, _operation(), empty, full, full, full, full) == ()
    assert _objections(ledger, _operation(), empty, full, full) == (
        "33% of searches found no free slot (at most 20%)",
    )


def test_a_plan_says_how_many_searches_may_be_empty(ledger: Ledger) -> None:
    empty = _operation("search_for_free_slots", slots=(), status=200)
    full = _operation("search_for_free_slots", slots=(), status=200, seen=("1",))
    record = GOOD | {"plan": to_json(replace(PLAN, most_empty_searches=0.5))}

    assert _objections(ledger, _operation(), empty, full, full, record=record) == ()


def test_missed_arrivals_above_the_plans_share_make_no_evidence(ledger: Ledger) -> None:
    def marks(missed: int) -> dict[str, dict[str, Any]]:
        due = {"phase": "booking", "arrivals_due": 100, "arrivals_missed": missed}
        return {"ledger-here-2.jsonl": MARK | due}

    assert _objections(ledger, _operation(), marks=marks(5)) == ()
    assert _objections(ledger, _operation(), marks=marks(6)) == (
        "booking missed 6 of 100 arrivals (6.0%, at most 5.0%) for want of a free client: the load was less"
        " than declared; more clients, or a lower rate",
    )


def test_evidence_that_lies_on_a_machine_nobody_named_is_missed(ledger: Ledger) -> None:
    parts = [GOOD["parts"][0] | {"processes": 2}]

    assert _objections(ledger, _operation(), record=GOOD | {"parts": parts}) == (
        "the evidence of 2 processes of booking is missing: name the directory of every machine",
    )


def test_clients_late_for_most_rounds_make_no_evidence(ledger: Ledger) -> None:
    marks = {"ledger-here-2.jsonl": MARK | {"rounds_missed": 30}}

    assert _objections(ledger, _operation(), marks=marks) == (
        "clients were late for 75% of the rounds: use fewer users",
    )

from collections.abc import Iterable

import pytest

from loadtest.figures.measurements import measure
from loadtest.figures.timings import NO_ANSWER
from loadtest.interactions import INTERACTIONS
from loadtest.ledger import Operation
from loadtest.service_level import THRESHOLDS, Threshold, judge_latency, thresholds_for
from tests.loadtest.timed import took


def judged(operations: Iterable[Operation]) -> tuple[list[str], list[str]]:
    verdict = judge_latency(measure(operations))
    return [r.interaction for r in verdict.broken], [r.interaction for r in verdict.warnings]


def held(interaction: str, *own: Threshold) -> list[tuple[str, float, float, str]]:
    return [
        (each.level, each.percentile, each.limit_ms, source)
        for each, source in thresholds_for(interaction, own)
    ]


def test_every_interaction_of_the_specification_has_a_class() -> None:
    commands = {name for name, interaction in INTERACTIONS.items() if interaction.kind == "command"}
    assert commands == {"register_patient", "book_appointment", "amend_appointment", "cancel_appointment"}
    assert len(INTERACTIONS) == 15


def test_a_command_must_answer_within_250_ms_at_p99() -> None:
    assert judged([took(249)] * 1000) == ([], ["book_appointment"])
    assert judged([took(251)] * 1000) == (["book_appointment"], ["book_appointment"])
    assert judged([took(50)] * 990 + [took(400)] * 10) == ([], [])
    assert judged([took(50)] * 989 + [took(400)] * 11) == (["book_appointment"], [])


def test_a_command_should_answer_within_100_ms_at_p95() -> None:
    assert judged([took(50)] * 190 + [took(150)] * 10) == ([], [])
    assert judged([took(50)] * 189 + [took(150)] * 11) == ([], ["book_appointment"])


def test_a_limit_that_too_few_requests_stand_behind_is_neither_met_nor_missed() -> None:
    verdict = judge_latency(measure([took(50)] * 199))
    assert [(each.threshold.level, each.met) for each in verdict.results] == [
        ("SHALL", None),
        ("SHOULD", None),
    ]
    assert (verdict.broken, verdict.warnings) == ((), ())
    assert [(each.requests, each.requests_needed) for each in verdict.undecided] == [(199, 1000), (199, 200)]


def test_a_limit_is_missed_by_few_requests_where_they_would_be_rare_if_it_were_kept() -> None:
    assert judged([took(400)]) == ([], [])
    assert judged([took(400)] * 2) == (["book_appointment"], [])
    assert judged([took(400)] * 3) == (["book_appointment"], ["book_appointment"])
    silent = took(1, outcome="unknown")
    assert judged([took(20)] * 95 + [silent] * 5) == ([], [])
    assert judged([took(20)] * 94 + [silent] * 6) == (["book_appointment"], [])


def test_fast_lost_races_and_refusals_do_not_make_bookings_look_fast() -> None:
    lost = took(1, outcome="refused", status=409, code="DUPLICATE_REJECTED")
    refused = took(1, outcome="refused", status=422, code="INVALID_RESOURCE")
    assert judged([took(400)] * 11 + [lost] * 2000 + [refused] * 2000)[0] == ["book_appointment"]
    assert judged([lost, refused]) == ([], []), "nothing was granted, so nothing is judged"


@pytest.mark.parametrize("milliseconds", [0.1, 15_000], ids=["refused at once", "timed out"])
def test_a_booking_that_was_never_answered_is_slower_than_any_that_was(milliseconds: float) -> None:
    silent = took(milliseconds, outcome="unknown")
    assert judged([took(50)] * 990 + [silent] * 10) == ([], []), "one in a hundred is beyond p99"
    assert judged([took(50)] * 989 + [silent] * 11) == (["book_appointment"], [])
    assert judged([took(50)] * 940 + [silent] * 60) == (["book_appointment"], ["book_appointment"])


def test_a_provider_that_dies_is_no_faster_than_before() -> None:
    alive = [took(each) for each in range(1, 101)]
    (before,) = measure(alive).summaries()
    (after,) = measure([*alive, *[took(0.2, outcome="unknown")] * 20]).summaries()
    assert before.service is not None and after.service is not None
    assert after.service.p50 == pytest.approx(60, rel=0.001), "the 60th of 120"
    assert after.service.p50 > before.service.p50
    assert after.service.p90 == after.service.max == NO_ANSWER


def test_no_limit_is_met_by_a_percentile_without_an_answer() -> None:
    generous = Threshold(None, "SHALL", 99, 1e12)
    silent = [took(1, outcome="unknown")] * 11
    (result,) = judge_latency(measure(silent), specification=[generous]).results
    assert (result.met, result.requests, result.unanswered) == (False, 11, 11)


def test_a_query_has_3000_ms_and_should_take_1000() -> None:
    assert judged([took(990, "search_for_free_slots")] * 1000) == ([], [])
    assert judged([took(2990, "search_for_free_slots")] * 1000) == ([], ["search_for_free_slots"])
    assert judged([took(3010, "find_patient")] * 1000) == (["find_patient"], ["find_patient"])


def test_a_limit_reached_is_a_limit_broken() -> None:
    limit = Threshold(None, "SHALL", 99, 0.5)
    (result,) = judge_latency(measure([took(0.5)] * 1000), specification=[limit]).results
    assert result.observed_ms == limit.limit_ms
    assert result.met is False


def test_open_arrivals_are_judged_from_the_intended_start_and_closed_users_from_the_send() -> None:
    assert judged([took(50)] * 1000) == ([], [])
    assert judged([took(50, late=300)] * 1000) == (["book_appointment"], ["book_appointment"])
    (summary,) = measure([took(50, late=300)]).summaries()
    assert summary.response is not None and summary.service is not None
    assert summary.response.p50 == pytest.approx(350, rel=0.001)
    assert summary.service.p50 == pytest.approx(50, rel=0.001)


def test_a_run_of_open_and_closed_phases_is_judged_on_each_basis_apart() -> None:
    slow_to_begin = [took(50, late=300, phase="open")] * 11
    prompt = [took(60, phase="closed")] * 1000
    verdict = judge_latency(measure(slow_to_begin + prompt))
    shall = {r.basis: (r.met, r.requests) for r in verdict.results if r.threshold.level == "SHALL"}
    assert shall == {"response time": (False, 11), "service time": (True, 1000)}
    assert {r.basis for r in verdict.broken} == {"response time"}


def test_the_specification_holds_where_a_plan_says_nothing() -> None:
    assert held("book_appointment") == [
        ("SHALL", 99, 250, "specification"),
        ("SHOULD", 95, 100, "specification"),
    ]
    assert held("find_patient") == [
        ("SHALL", 99, 3000, "specification"),
        ("SHOULD", 95, 1000, "specification"),
    ]


def test_a_plans_threshold_goes_before_the_specifications_of_the_same_level() -> None:
    own = Threshold("command", "SHALL", 95, 400)
    assert held("book_appointment", own) == [("SHALL", 95, 400, "plan"), ("SHOULD", 95, 100, "specification")]
    assert held("find_patient", own) == held("find_patient")


def test_what_is_aimed_at_an_interaction_wins_over_its_kind_and_that_over_everything() -> None:
    everything = Threshold(None, "SHOULD", 95, 900)
    queries = Threshold("query", "SHOULD", 95, 500)
    searches = Threshold(None, "SHOULD", 90, 80, interaction="search_for_free_slots")
    for own in ([everything, queries, searches], [searches, queries, everything]):
        assert held("search_for_free_slots", *own)[1] == ("SHOULD", 90, 80, "plan")
        assert held("find_patient", *own)[1] == ("SHOULD", 95, 500, "plan")
        assert held("book_appointment", *own)[1] == ("SHOULD", 95, 900, "plan")


def test_thresholds_aimed_alike_all_hold() -> None:
    own = [Threshold("query", "SHALL", 50, 20), Threshold("query", "SHALL", 99, 200)]
    assert held("find_patient", *own)[:2] == [("SHALL", 50, 20, "plan"), ("SHALL", 99, 200, "plan")]


def test_a_plans_own_threshold_decides() -> None:
    strict = Threshold(None, "SHALL", 50, 10, interaction="find_patient")
    verdict = judge_latency(measure([took(11, "find_patient"), took(11)] * 20), [strict])
    assert [(r.interaction, r.threshold, r.source) for r in verdict.broken] == [
        ("find_patient", strict, "plan")
    ]


@pytest.mark.parametrize(
    ("own", "loosens"),
    [
        ([Threshold("command", "SHALL", 99, 251)], True),
        ([Threshold("command", "SHALL", 95, 250)], True),
        ([Threshold("command", "SHALL", 99, 250)], False),
        ([Threshold("command", "SHALL", 99.9, 200)], False),
        ([Threshold("command", "SHALL", 50, 20), Threshold("command", "SHALL", 99, 250)], False),
    ],
    ids=["a higher limit", "a lower percentile", "the same", "stricter", "the same and another"],
)
def test_a_plan_that_asks_less_than_the_specification_is_told(own: list[Threshold], loosens: bool) -> None:
    verdict = judge_latency(measure([took(20)]), own)
    assert {r.threshold.level for r in verdict.loosened} == ({"SHALL"} if loosens else set())


def test_the_specifications_thresholds_are_its_own_figures() -> None:
    assert {(each.kind, each.level, each.limit_ms) for each in THRESHOLDS} == {
        ("command", "SHALL", 250),
        ("command", "SHOULD", 100),
        ("query", "SHALL", 3000),
        ("query", "SHOULD", 1000),
    }
    assert {(each.level, each.percentile) for each in THRESHOLDS} == {("SHALL", 99), ("SHOULD", 95)}

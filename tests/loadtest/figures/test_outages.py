from collections.abc import Iterable

import pytest

from loadtest.figures.outages import Timeline
from loadtest.figures.over_time import Span
from loadtest.ledger import Operation
from tests.loadtest.timed import took


def timeline(operations: Iterable[Operation], span: Span | None = None) -> Timeline:
    made = Timeline(span)
    for each in operations:
        made.add(each.start, each.end, each.outcome != "unknown")
    return made


def outages(*operations: Operation, span: Span | None = None) -> list[tuple[float, float, bool]]:
    """From which second, for how many, and whether no answer came any more."""
    return [(each.first / 10, each.seconds, each.lasted) for each in timeline(operations, span).outages()]


def failed(start: int, milliseconds: float = 1) -> Operation:
    return took(milliseconds, start=start, outcome="unknown")


def answered(first: int, last: int, every: int = 50) -> list[Operation]:
    return [took(1, start=start) for start in range(first, last, every)]


def test_a_provider_that_stops_and_starts_again_is_down_until_its_next_answer() -> None:
    refused = [failed(start) for start in range(2500, 4100, 50)]
    assert outages(*answered(0, 2500), *refused, *answered(4100, 6000)) == [(2.5, 1.6, False)]


def test_a_provider_that_freezes_is_down_though_all_are_answered_in_the_end() -> None:
    held = [took(5300 - start, start=start) for start in range(2200, 5200, 50)]
    assert outages(*answered(0, 2200), *held, *answered(5300, 7000)) == [(2.2, 3.1, False)]


def test_clients_that_wait_before_they_try_again_do_not_divide_an_outage() -> None:
    tries = [took(1), failed(1000), failed(31_000), took(1, start=61_000)]
    assert outages(*tries) == [(1, 30.1, False)]
    known = list(timeline(tries).observed())
    assert len(known) == 321, "tenths of a second, those between the tries that failed as well"
    assert (known[-2], known[-1]) == (319, 610)


def test_a_failure_ends_with_itself_where_the_next_request_is_answered() -> None:
    a_minute_apart = [took(1), failed(60_000), took(1, start=120_000), failed(180_000)]
    assert outages(*a_minute_apart) == []
    assert len(list(timeline(a_minute_apart).observed())) == 31, "nothing is known of the time between"
    assert outages(took(1), failed(1000), took(2000, start=5000)) == [], "slow, and answered in the end"
    assert outages(took(1), failed(1000), took(2000, start=5000), failed(6000)) == [(1, 6, False)]


def test_a_provider_that_never_answers_again_is_down_to_the_end() -> None:
    assert outages(took(1), failed(1000), failed(2000, 1500)) == [(1, 2.6, True)]
    assert outages(failed(0), failed(900)) == [(0, 1, True)]


def test_a_request_that_hangs_is_an_outage_only_where_nobody_else_is_answered() -> None:
    hung = failed(1000, 15_000)
    assert outages(took(1), hung, took(1, start=16_500)) == [(1, 15.1, False)]
    assert outages(hung, *answered(900, 17_000, every=500)) == []


def test_a_provider_that_is_slow_but_answers_somebody_is_not_down() -> None:
    slow = [took(15_000, start=500 * n) for n in range(60)]
    assert outages(*answered(0, 16_000, every=800), *slow) == []


def test_a_provider_that_answers_within_its_limit_is_not_down_however_few_ask() -> None:
    assert outages(took(2990)) == []
    assert outages(*[took(1500, start=1600 * n) for n in range(20)]) == []
    assert outages(took(1), took(3500, start=1000), took(1, start=5000)) == [(1, 3.5, False)]


@pytest.mark.parametrize(("milliseconds", "found"), [(2999, []), (3050, [(0, 3.1, False)])])
def test_a_freeze_of_up_to_three_seconds_is_none_wherever_in_a_tenth_it_begins(
    milliseconds: int, found: list[tuple[float, float, bool]]
) -> None:
    assert outages(took(milliseconds, start=50)) == found


def test_one_failed_request_makes_an_outage_of_a_second_without_an_answer() -> None:
    hung = [took(1500, start=1000), took(1500, start=1100)]
    assert outages(took(1), *hung) == []
    assert outages(took(1), *hung, failed(1200)) == [(1, 1.5, False)]
    assert outages(took(1), *hung, failed(2550)) == [(1, 1.5, False)], "in the tenth of the answer"
    assert outages(took(1), failed(500), took(1, start=900), *hung) == [], "that failure was before"


def test_a_refusal_is_an_answer_and_so_is_a_lost_race() -> None:
    refused = [took(1, start=1000 * n, outcome="refused", status=422) for n in range(5)]
    assert outages(*refused) == []


def test_an_outage_does_not_depend_on_the_order_in_which_requests_are_told() -> None:
    operations = [
        *answered(0, 2000),
        *(failed(start) for start in range(2000, 4000, 100)),
        took(1, start=4000),
    ]
    assert outages(*operations) == outages(*reversed(operations)) == [(2, 2, False)]


def test_an_outage_may_begin_in_one_hour_and_end_in_another() -> None:
    hour = 3_600_000
    found = outages(failed(hour - 2000), failed(3 * hour - 1), took(1, start=3 * hour))
    assert found == [(3598, 7202, False)]
    assert outages(failed(hour - 2000, 2 * hour)) == [(3598, 7200.1, False)], "all of one request"


def test_one_request_alone_does_not_show_that_a_provider_is_gone() -> None:
    assert outages(took(1), failed(1000, 15_000)) == [(1, 15.1, False)]
    assert outages(took(1), failed(1000, 15_000), failed(1200, 15_000)) == [(1, 15.3, True)]


def test_an_outage_is_over_when_the_load_of_its_phase_is() -> None:
    span = Span(0, 5.0)
    hung = [failed(4000, 15_000), failed(4200, 15_000)]
    assert outages(took(1), *hung, span=span) == [(4, 1, True)]
    given_back = [failed(start) for start in range(6000, 9000, 100)]
    assert outages(*answered(0, 5000), *given_back, span=span) == []
    assert outages(took(1), failed(3000, 15_000), *given_back, span=span) == [(3, 2, False)]
    assert outages(took(1), took(9000, start=1500), span=span) == [(1.5, 3.5, False)]
    assert outages(took(1), took(9000, start=3000), span=span) == [], "what it took after that is no load"
    seen = timeline([took(1), *hung, *given_back], span)
    assert list(seen.observed())[-1] == 49


def test_what_is_sent_before_the_load_of_a_phase_is_left_out() -> None:
    assert outages(failed(0), failed(2000), span=Span(1_000_000_000, 5.0)) == []


@pytest.mark.parametrize(("end", "observed"), [(500, 6), (2500, 26)])
def test_what_is_known_lies_between_the_first_request_and_the_end_of_the_last(
    end: int, observed: int
) -> None:
    assert len(list(timeline(answered(0, end + 1, every=100)).observed())) == observed
    assert list(timeline([]).observed()) == []

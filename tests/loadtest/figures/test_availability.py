from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from loadtest.figures.availability import (
    SILVER,
    Availability,
    Uptime,
    to_json,
    wall_offset_ns,
)
from loadtest.figures.over_time import Span
from loadtest.figures.supported_hours import SupportedHours
from loadtest.ledger import FIRST_LOOK, READ_BACK, LedgerHeader, Operation
from tests.loadtest.timed import took

TUESDAY_10_AM = datetime(2030, 6, 4, 9, 0, tzinfo=UTC)
SUNDAY = datetime(2030, 6, 2, 9, 0, tzinfo=UTC)
LOST_RACE: dict[str, Any] = {"outcome": "refused", "status": 409, "code": "DUPLICATE_REJECTED"}
FAILED: dict[str, Any] = {"outcome": "unknown", "status": 503}


def of(
    operations: Iterable[Operation],
    begun: datetime = TUESDAY_10_AM,
    outage_expected: bool = False,
    spans: Mapping[str, Span] | None = None,
) -> Availability:
    uptime = Uptime(round(begun.timestamp()) * 1_000_000_000, spans or {})
    for operation in operations:
        uptime.record(operation)
    return uptime.judge(outage_expected=outage_expected)


@pytest.mark.parametrize(
    ("instant", "supported"),
    [
        ("2030-06-04T07:00:00+00:00", True),
        ("2030-06-04T06:59:59+00:00", False),
        ("2030-06-04T16:59:59+00:00", True),
        ("2030-06-04T17:00:00+00:00", False),
        ("2030-01-08T08:00:00+00:00", True),
        ("2030-01-08T07:30:00+00:00", False),
        ("2030-06-08T10:00:00+00:00", False),
        ("2030-06-09T10:00:00+00:00", False),
        ("2030-12-25T10:00:00+00:00", False),
        ("2030-05-06T10:00:00+00:00", False),
        ("2030-08-26T10:00:00+00:00", False),
        ("2030-08-05T10:00:00+00:00", True),
    ],
    ids=[
        "8am in summer",
        "before 8am in summer",
        "just before 6pm",
        "6pm",
        "8am in winter",
        "before 8am in winter",
        "Saturday",
        "Sunday",
        "Christmas",
        "early May bank holiday",
        "summer bank holiday of England",
        "summer bank holiday of Scotland",
    ],
)
def test_supported_hours_are_uk_working_hours_except_englands_bank_holidays(
    instant: str, supported: bool
) -> None:
    second = round(datetime.fromisoformat(instant).timestamp())
    assert SupportedHours().includes(second) is supported


def test_each_request_belongs_to_the_hours_it_was_sent_in() -> None:
    minute_to_six = datetime(2030, 6, 4, 16, 59, tzinfo=UTC)
    availability = of([took(5), took(5, start=70_000), took(5, start=80_000, **FAILED)], minute_to_six)
    assert (availability.supported.requests, availability.supported.answered) == (1, 1)
    assert (availability.unsupported.requests, availability.unsupported.answered) == (2, 1)
    assert availability.met, "what failed after 6pm breaks no promise"
    assert (availability.whole.requests, availability.whole.seconds) == (3, 2.1)
    assert "outside supported hours 50.00 % of 2 requests" in availability.sentences[1]


def test_a_lost_race_and_a_refusal_are_answers() -> None:
    refused = took(1, outcome="refused", status=422)
    availability = of([took(1), took(1, **LOST_RACE), refused])
    assert availability.supported.by_requests == 100
    assert availability.met


def test_silver_promises_9950_in_a_hundred_and_the_bound_itself_is_kept() -> None:
    at_bound = [took(1)] * 199 + [took(1, **FAILED)]
    assert of(at_bound).supported.by_requests == pytest.approx(99.5)
    assert of(at_bound).met is True
    assert of(at_bound[1:]).met is False
    assert "99.49 % of 199 requests" in of(at_bound[1:]).sentences[0], "rounded down, not up to the promise"
    assert of(at_bound).level is SILVER


def test_no_promise_covers_an_outage_that_was_asked_for() -> None:
    availability = of([took(1), took(1, **FAILED)], outage_expected=True)
    assert (availability.binds, availability.met) == (False, None)
    (said,) = availability.sentences
    assert said.startswith("in supported hours 50.00 % of 2 requests were answered")
    assert said.endswith("not judged, for an outage was expected")


def test_many_answers_do_not_hide_an_outage() -> None:
    three_failed = [took(1, start=1000 * n, **(FAILED if n in (7, 8, 9) else {})) for n in range(100)]
    crowd = [took(1, start=500)] * 10_000
    availability = of(three_failed + crowd)
    assert availability.supported.by_requests == pytest.approx(99.97, abs=0.01)
    assert availability.supported.by_time == pytest.approx(97.9, abs=0.1)
    assert availability.met is False


def test_seconds_without_a_request_say_nothing() -> None:
    availability = of([took(1), took(1, start=60_000)])
    assert availability.supported.seconds == 1.1


def test_an_outage_does_not_reach_from_one_phase_into_the_next() -> None:
    first = [*(took(1, start=100 * n, phase="first") for n in range(50)), took(1, start=4999, phase="first")]
    second = [took(1, start=25_000 + 100 * n, phase="second") for n in range(50)]
    spans = {"first": Span(0, 5.0), "second": Span(25_000_000_000, 5.0)}
    failing = [replace(each, outcome="unknown", status=503) for each in (first[-1], second[0])]
    availability = of([*first[:-1], *failing, *second[1:]], spans=spans)
    assert availability.outages == ()
    assert (availability.supported.seconds, availability.supported.seconds_down) == (10, 0)
    assert of([*first[:-1], *failing, *second[1:]]).outages == (), "nor where their spans are not on record"


def test_what_is_given_back_after_a_phase_makes_no_outage_of_its_end() -> None:
    giving_back = [took(1, start=5000 + 100 * n, **FAILED) for n in range(50)]
    load = [took(1, start=100 * n) for n in range(50)]
    availability = of([*load, *giving_back], spans={"load": Span(0, 5.0)})
    assert availability.outages == ()
    assert availability.supported.seconds == 5


def test_only_a_silence_that_nothing_ended_is_said_to_have_lasted() -> None:
    load = [took(1), *(took(1, start=1000 + 100 * n, **FAILED) for n in range(20))]
    gone = "the provider gave no answer from second 1 of the load on"
    assert of(load).sentences[-1] == gone
    failing = took(1, start=9000, phase=READ_BACK, **FAILED)
    assert of([*load, failing]).sentences[-1] == gone
    there_again = "nobody got an answer for 2.0 s, from second 1 of the load on"
    assert of([*load, took(1, start=9000, phase=READ_BACK)]).sentences[-1] == there_again
    assert of([*load, took(1, start=9000, phase="second")]).sentences[-1] == there_again


def test_an_outage_counts_in_the_hours_in_which_it_was() -> None:
    minute_to_six = datetime(2030, 6, 4, 16, 59, tzinfo=UTC)
    failed = [took(1, start=1000 * n, **FAILED) for n in range(50, 80)]
    availability = of([took(1, start=49_000), *failed, took(1, start=80_000)], minute_to_six)
    assert (availability.supported.seconds, availability.supported.seconds_down) == (11, 10)
    assert (availability.unsupported.seconds, availability.unsupported.seconds_down) == (20.1, 19.1)


def test_a_run_wholly_outside_supported_hours_says_so_and_shows_its_figures() -> None:
    availability = of([took(1), took(1, **FAILED)], SUNDAY)
    assert (availability.binds, availability.met) == (False, None)
    said = " ".join(availability.sentences)
    assert "wholly outside supported hours" in said
    assert "does not bind" in said
    assert "Sun 02 Jun 2030 10:00 to 10:00 UK time" in said
    assert "50.00 % of 2 requests were answered" in said


def test_nothing_asked_is_nothing_available() -> None:
    availability = of([took(1, phase=FIRST_LOOK)])
    assert availability.met is None
    assert availability.whole.percent is None
    assert "nothing was asked" in availability.sentences[0]


def test_unix_time_comes_from_the_machine_that_kept_the_reference_clock() -> None:
    header = LedgerHeader("r", "here", 1, "booking", 5_000, 1_000_005_000, 7)
    elsewhere = replace(header, clock_offset_ns=12, wall_ns=7)
    assert wall_offset_ns([elsewhere, header]) == 1_000_000_000
    assert wall_offset_ns([elsewhere]) == 7 - 5_000
    assert wall_offset_ns([]) == 0


def test_the_silver_level_is_hours_and_availability() -> None:
    assert SILVER.name == "silver"
    assert SILVER.availability_percent == 99.5
    assert "365 days" in SILVER.operational_hours
    assert "excluding bank holidays" in SILVER.supported_hours


def test_availability_is_there_for_programs_too() -> None:
    content = orjson.loads(orjson.dumps(to_json(of([took(1), took(1, **FAILED)]))))
    assert content["supported_hours"]["by_requests"] == 50
    assert content["supported_hours"]["by_time"] == 100
    assert (content["binds"], content["met"]) == (True, False)
    assert content["first_sent"] == "2030-06-04T10:00:00+01:00"
    assert content["level"]["availability_percent"] == 99.5
    assert content["definition"].startswith("Down is a second or longer in which")


def test_outages_are_told_with_when_they_began_and_how_long_they_were() -> None:
    froze = [took(1, start=300), took(3200, start=2300), took(1, start=5600), took(4000, start=6000)]
    (_, said) = of(froze).sentences
    assert said == "nobody got an answer 2 times, the longest for 4.0 s, from second 5 of the load on"
    (_, once) = of(froze[:2]).sentences
    assert once == "nobody got an answer for 3.2 s, from second 2 of the load on"
    dead = [took(1, start=10_300, **FAILED), took(1, start=70_000, **FAILED)]
    (_, over, last) = of([*froze, *dead]).sentences
    assert over == said
    assert last == "the provider gave no answer from second 10 of the load on"
    content = to_json(of([*froze, *dead]))
    assert content["outage_count"] == 3
    assert content["outages"][0] == {"from_second": 2.0, "seconds": 3.2, "lasted": False}
    assert content["outages"][2] == {"from_second": 10.0, "seconds": 59.8, "lasted": True}
    assert of([took(1, start=0)]).sentences[1:] == ()

"""The parameters of a slot search: what each may say, and what is said of one that is wrong."""

import logging

import pytest

from simulator.fhir import urls
from simulator.interactions.search_for_free_slots import read_slot_search
from tests.practice_client import PracticeClient, assert_operation_outcome, assert_searchset

GOOD = {
    "status": "free",
    "_include": "Slot:schedule",
    "start": "ge2026-03-17",
    "end": "le2026-03-24",
}
NEW_DAY = "T00:00:00%2B00:00"


def query(*extra: str, **changed: str | None) -> str:
    """Return the parameters of a good search, some changed or (None) left out, and more."""
    pairs = [f"{name}={value}" for name, value in (GOOD | changed).items() if value is not None]
    return "&".join([*pairs, *extra])


@pytest.mark.parametrize("name", ["status", "_include", "start", "end"])
def test_a_parameter_that_is_needed_and_missing_is_a_bad_request(visitor: PracticeClient, name: str) -> None:
    response = visitor.send("search_for_free_slots", query=query(**{name: None}))
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"parameter {name}", "is missing")


def test_both_dates_missing_is_a_bad_request(visitor: PracticeClient) -> None:
    response = visitor.send("search_for_free_slots", query=query(start=None, end=None))
    assert_operation_outcome(response, 400, "BAD_REQUEST", "parameter start")


@pytest.mark.parametrize("name", ["status", "start", "end"])
def test_a_parameter_that_comes_twice_is_a_bad_request(visitor: PracticeClient, name: str) -> None:
    response = visitor.send("search_for_free_slots", query=query(f"{name}={GOOD[name]}"))
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"parameter {name}", "came 2 times")


@pytest.mark.parametrize("name", ["Status", "Start", "End", "_Include"])
def test_parameter_names_are_case_sensitive(visitor: PracticeClient, name: str) -> None:
    spoilt = {name.lower(): None}
    response = visitor.send("search_for_free_slots", query=query(f"{name}={GOOD[name.lower()]}", **spoilt))
    assert_operation_outcome(response, 400, "BAD_REQUEST", f"parameter {name.lower()}")


@pytest.mark.parametrize("status", ["busy", "Free", "free,busy", "", "busy-tentative"])
def test_a_status_other_than_free_is_refused(visitor: PracticeClient, status: str) -> None:
    response = visitor.send("search_for_free_slots", query=query(status=status))
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "parameter status", repr(status), "`free`")


@pytest.mark.parametrize("include", ["Slot:Schedule", "Schedule:actor:Location", "", "slot:schedule"])
def test_schedules_must_be_asked_for(visitor: PracticeClient, include: str) -> None:
    response = visitor.send("search_for_free_slots", query=query(_include=include))
    said = f"parameter _include: {include!r} was sent; expected `Slot:schedule`"
    assert_operation_outcome(response, 400, "BAD_REQUEST", said)


def test_every_include_that_came_in_place_of_the_one_needed_is_named(visitor: PracticeClient) -> None:
    response = visitor.send("search_for_free_slots", query=query("_include=other", _include="Slot"))
    said = "parameter _include: 'Slot', 'other' was sent; expected `Slot:schedule`"
    assert_operation_outcome(response, 400, "BAD_REQUEST", said)


def test_no_include_at_all_is_said_to_be_missing(visitor: PracticeClient) -> None:
    response = visitor.send("search_for_free_slots", query=query(_include=None))
    said = "parameter _include: is missing; expected `Slot:schedule`"
    assert_operation_outcome(response, 400, "BAD_REQUEST", said)


@pytest.mark.parametrize("name", ["start", "end"])
@pytest.mark.parametrize("wrong", ["", "lt", "gt", "eq", "ne", "sa", "eb", "ap", "GE", "LE", "swapped"])
def test_a_wrong_prefix_is_refused(visitor: PracticeClient, name: str, wrong: str) -> None:
    right = GOOD[name][:2]
    prefix = {"ge": "le", "le": "ge"}[right] if wrong == "swapped" else wrong
    value = prefix + GOOD[name][2:]
    response = visitor.send("search_for_free_slots", query=query(**{name: value}))
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", f"parameter {name}", value, f"`{right}yyyy")


@pytest.mark.parametrize("name", ["start", "end"])
@pytest.mark.parametrize(
    "date",
    [
        "",
        "2026",
        "2026-03",
        "2026-3-17",
        "17-03-2026",
        "20260317",
        "2026-02-30",
        "2026-13-01",
        "0000-01-01",
        "tomorrow",
        "2026-03-17T09:00",
        "2026-03-17T09:00:00",
        "2026-03-17T09:00:00Z",
        "2026-03-17 09:00:00%2B00:00",
        "2026-03-17T09:00%2B00:00",
        "2026-03-17T25:00:00%2B00:00",
        "2026-03-17T09:61:00%2B00:00",
        "2026-03-17T09:00:00%2B02:00",
        "2026-03-17T09:00:00-01:00",
        "2026-03-17T09:00:00%2B0000",
        "2026-03-17T09:00:00.5%2B00:00",
        "0001-01-01T00:00:00%2B01:00",
    ],
)
def test_a_date_that_cannot_be_read_is_refused(visitor: PracticeClient, name: str, date: str) -> None:
    response = visitor.send("search_for_free_slots", query=query(**{name: GOOD[name][:2] + date}))
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", f"parameter {name}", "expected")


@pytest.mark.parametrize("end", ["2026-03-17", "2026-03-25", "2026-03-31"])
def test_up_to_fourteen_days_may_be_searched(visitor: PracticeClient, end: str) -> None:
    assert_searchset(visitor.send("search_for_free_slots", query=query(end=f"le{end}")))


@pytest.mark.parametrize(
    ("end", "days"),
    [
        ("2026-04-01", 15),
        ("2026-04-16", 30),
        ("2026-04-17", 31),
        ("2027-03-17", 365),
        ("9999-12-31", 2912367),
    ],
)
def test_over_fourteen_days_are_refused(visitor: PracticeClient, end: str, days: int) -> None:
    response = visitor.send("search_for_free_slots", query=query(end=f"le{end}"))
    said = f"the period is {days} days; expected at most 14"
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "start and end", said)


@pytest.mark.parametrize(
    ("start", "end", "over"),
    [
        ("2026-03-17T09:00:00%2B00:00", "2026-03-31T09:00:00%2B01:00", ""),
        ("2026-03-17T09:00:00%2B00:00", "2026-03-31T09:00:01%2B01:00", ""),
        ("2026-03-17T09:00:00%2B00:00", "2026-03-31T09:00:01%2B00:00", "14 days, 0:00:01"),
        ("2026-03-17T00:00:00%2B00:00", "2026-03-31T23:59:59%2B01:00", "14 days, 22:59:59"),
        ("2026-03-17T09:00:00%2B00:00", "2026-03-31T08:00:00%2B00:00", ""),
        ("2026-03-17T00:00:00%2B00:00", "2026-03-31T00:00:00%2B00:00", ""),
        ("2026-03-17T23:59:59%2B00:00", "2026-03-31T22:59:59%2B00:00", ""),
        ("2026-03-17T23:59:59%2B00:00", "2026-04-01T00:00:00%2B00:00", "14 days, 0:00:01"),
        ("2026-03-17T23:00:00%2B00:00", "2026-03-31", ""),
        ("2026-03-17T23:00:00%2B00:00", "2026-04-01", "15 days"),
        ("2026-03-17", "2026-03-31T23:59:59%2B01:00", ""),
        ("2026-03-17", "2026-04-01T00:00:00%2B01:00", "15 days"),
    ],
)
def test_two_weeks_are_counted_by_uk_dates_or_clocks_across_the_change_of_clocks(
    visitor: PracticeClient, start: str, end: str, over: str
) -> None:
    response = visitor.send("search_for_free_slots", query=query(start=f"ge{start}", end=f"le{end}"))
    if over:
        assert_operation_outcome(response, 422, "INVALID_PARAMETER", f"is {over}; expected at most 14 days")
    else:
        assert_searchset(response)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-17", "2026-03-16"),
        ("2026-03-17", "2026-03-16T23:59:59%2B00:00"),
        ("2026-03-17T10:00:00%2B00:00", "2026-03-17T09:59:59%2B00:00"),
        ("2026-03-17T10:00:00%2B00:00", "2026-03-16"),
        ("9999-12-31", "2026-03-16"),
    ],
)
def test_a_period_that_runs_backwards_is_refused(visitor: PracticeClient, start: str, end: str) -> None:
    response = visitor.send("search_for_free_slots", query=query(start=f"ge{start}", end=f"le{end}"))
    assert_operation_outcome(response, 422, "INVALID_PARAMETER", "parameter end", "is before start")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2020-01-01", "2020-01-08"),
        ("1850-01-01", "1850-01-08"),
        ("0001-01-01", "0001-01-02"),
        ("9999-12-30", "9999-12-31"),
        ("2026-03-17T10:00:00%2B00:00", "2026-03-17T10:00:00%2B00:00"),
    ],
)
def test_a_period_without_slots_is_an_empty_bundle(visitor: PracticeClient, start: str, end: str) -> None:
    response = visitor.send("search_for_free_slots", query=query(start=f"ge{start}", end=f"le{end}"))
    assert assert_searchset(response) == []
    assert "entry" not in response.json()


@pytest.mark.parametrize("plus", ["+", "%2B", "%2b"])
def test_an_offset_s_plus_may_come_raw_or_encoded(visitor: PracticeClient, plus: str) -> None:
    start, end = f"ge2026-03-17T00:00:00{plus}00:00", f"le2026-03-18T00:00:00{plus}00:00"
    assert assert_searchset(visitor.send("search_for_free_slots", query=query(start=start, end=end)))


def test_unknown_parameters_are_ignored(visitor: PracticeClient) -> None:
    extra = (
        "_count=1",
        "_sort=start",
        "service.identifier=x",
        "a",
        "=b",
        "schedule=Schedule/1",
        "_format=json",
    )
    plain = visitor.send("search_for_free_slots", query=query())
    response = visitor.send("search_for_free_slots", query=query(*extra))
    assert assert_searchset(response) == assert_searchset(plain) != []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("_Include=Slot:schedule", "parameter '_Include' is not known, and ignored"),
        ("patient=9990000018", "parameter 'patient' is not known, and ignored"),
        (
            "_include=Schedule:actor:Practitioner",
            "parameter _include: 'Schedule:actor:Practitioner' says nothing; understood are Slot:schedule",
        ),
        (
            "_include:recurse=Schedule:actor:Practitoner",
            "parameter _include:recurse: 'Schedule:actor:Practitoner' says nothing; understood are"
            " Schedule:actor:Practitioner, Schedule:actor:Location, Location:managingOrganization",
        ),
        (
            "searchFilter=https://fhir.nhs.uk/Id/ods-organisation-code|9990000018",
            "parameter searchFilter: 'https://fhir.nhs.uk/Id/ods-organisation-code' says nothing; understood"
            f" are {urls.ORGANISATION_TYPES}, {urls.ODS_ORGANIZATION_CODE}",
        ),
        (
            f"searchFilter={urls.ORGANISATION_TYPES}|urgentcare",
            "parameter searchFilter: 'urgentcare' says nothing; understood are gp-practice, urgent-care",
        ),
    ],
)
def test_what_a_search_asks_for_in_vain_is_logged_once(
    visitor: PracticeClient, caplog: pytest.LogCaptureFixture, asked: str, said: str
) -> None:
    read_slot_search.cache_clear()
    caplog.set_level(logging.INFO, "gpsim")
    for _ in range(2):
        assert_searchset(visitor.send("search_for_free_slots", query=query(asked)))
    logged = [record.getMessage() for record in caplog.records if record.name == "gpsim"]
    assert logged == [f"search_for_free_slots: {said}"]


def test_a_search_that_is_understood_logs_nothing(
    visitor: PracticeClient, caplog: pytest.LogCaptureFixture
) -> None:
    read_slot_search.cache_clear()
    caplog.set_level(logging.INFO, "gpsim")
    asked = (
        "_include:recurse=Schedule:actor:Practitioner",
        "_include:recurse=Schedule:actor:Location",
        "_include:recurse=Location:managingOrganization",
        f"searchFilter={urls.ORGANISATION_TYPES}|gp-practice",
        f"searchFilter={urls.ODS_ORGANIZATION_CODE}|Z9U01",
        "_format=json",
    )
    assert_searchset(visitor.send("search_for_free_slots", query=query(*asked)))
    assert [record for record in caplog.records if record.name == "gpsim"] == []


@pytest.mark.parametrize(
    "value",
    [
        "https://fhir.nhs.uk/Id/uec-dos-service-id|2000000001",
        "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-OrganisationType-2|urgent-care",
        f"{urls.ORGANISATION_TYPES.lower()}|urgent-care",
        "urgent-care",
        "|urgent-care",
        "",
        "|",
    ],
)
def test_a_filter_that_is_not_understood_says_nothing(visitor: PracticeClient, value: str) -> None:
    plain = visitor.send("search_for_free_slots", query=query())
    response = visitor.send("search_for_free_slots", query=query(f"searchFilter={value}"))
    assert assert_searchset(response) == assert_searchset(plain) != []

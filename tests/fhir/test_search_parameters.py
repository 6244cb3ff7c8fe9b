"""Search parameters: tokens, dates with prefixes, and how often each may come."""

from datetime import date

import pytest

from simulator.domain.clock import DAY, start_of_day, uk_local
from simulator.domain.refusals import BadRequest, InvalidIdentifierSystem, InvalidParameter
from simulator.fhir.search_parameters import (
    Parameters,
    Token,
    read_bound,
    read_identifier,
    read_query,
    read_token,
    required,
    values_of,
)

SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", []),
        (b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        (b"a=", [("a", "")]),
        (b"a", [("a", "")]),
        (b"&&", []),
        (b"start=ge2026-07-01T09:00:00+01:00", [("start", "ge2026-07-01T09:00:00+01:00")]),
        (b"start=ge2026-07-01T09%3A00%3A00%2B01%3A00", [("start", "ge2026-07-01T09:00:00+01:00")]),
        (b"identifier=a%7Cb", [("identifier", "a|b")]),
        (b"_include%3Arecurse=x", [("_include:recurse", "x")]),
        (b"a=%20b", [("a", " b")]),
        (b"a=%ff", [("a", "\ufffd")]),
        (b"a=1;b=2", [("a", "1;b=2")]),
    ],
)
def test_a_query_is_read_in_order_and_a_raw_plus_stays_a_plus(
    query: bytes, expected: list[tuple[str, str]]
) -> None:
    assert list(read_query(query)) == expected


def test_values_are_those_of_the_exact_name() -> None:
    assert values_of((("a", "1"), ("A", "2"), ("a", "3")), "a") == ["1", "3"]


@pytest.mark.parametrize(
    ("parameters", "word"), [((), "is missing"), ((("a", "1"), ("a", "1")), "came 2 times")]
)
def test_a_required_parameter_comes_once(parameters: Parameters, word: str) -> None:
    with pytest.raises(BadRequest, match=f"parameter a: {word}; expected exactly one, `x`"):
        required(parameters, "a", "`x`")


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("s|c", Token("s", "c")),
        ("|c", Token("", "c")),
        ("s|", Token("s", "")),
        ("c", None),
        ("s|c|d", Token("s", "c|d")),
    ],
)
def test_a_token_has_a_bar(value: str, token: Token | None) -> None:
    assert read_token(value) == token


def test_an_identifier_of_the_right_system_is_its_value() -> None:
    assert read_identifier((("identifier", f"{SYSTEM}|9990000018"),), SYSTEM) == "9990000018"


def test_an_identifier_of_another_system_is_refused() -> None:
    with pytest.raises(InvalidIdentifierSystem, match="'x' is not supported"):
        read_identifier((("identifier", "x|1"),), SYSTEM)


@pytest.mark.parametrize("value", ["1", "|1", f"{SYSTEM}|", " | "])
def test_an_identifier_with_a_part_missing_is_refused(value: str) -> None:
    with pytest.raises(InvalidParameter):
        read_identifier((("identifier", value),), SYSTEM)


def test_a_date_stands_for_midnight_and_as_an_upper_bound_for_the_next() -> None:
    day = date(2026, 3, 28)
    lower = read_bound("start", "ge2026-03-28", "ge", upper=False)
    upper = read_bound("end", "le2026-03-28", "le", upper=True)
    assert (lower.instant, lower.day, lower.sent) == (start_of_day(day), day, "2026-03-28")
    assert (upper.instant, upper.day, upper.sent) == (start_of_day(day) + DAY, day, "2026-03-28")


@pytest.mark.parametrize(
    ("text", "day", "uk"),
    [
        ("2026-10-25T00:30:00+01:00", date(2026, 10, 25), "2026-10-25T00:30:00+01:00"),
        ("2026-10-25T01:30:00+01:00", date(2026, 10, 25), "2026-10-25T01:30:00+01:00"),
        ("2026-10-25T01:30:00+00:00", date(2026, 10, 25), "2026-10-25T01:30:00+00:00"),
        ("2026-06-30T23:30:00+00:00", date(2026, 7, 1), "2026-07-01T00:30:00+01:00"),
        ("2026-03-29T01:30:00+00:00", date(2026, 3, 29), "2026-03-29T02:30:00+01:00"),
    ],
)
def test_a_date_time_is_of_the_day_that_the_uk_has_then(text: str, day: date, uk: str) -> None:
    bound = read_bound("start", f"ge{text}", "ge", upper=False)
    assert (bound.day, uk_local(bound.instant), bound.sent) == (day, uk, text)


def test_a_date_time_that_is_not_uk_local_says_what_it_would_be() -> None:
    with pytest.raises(InvalidParameter, match=r"expected 2026-07-01T08:00:00\+01:00"):
        read_bound("start", "ge2026-07-01T09:00:00+02:00", "ge", upper=False)


@pytest.mark.parametrize("text", ["ge2026-03-28T09:00:00+00:00", "ge2026-03-28T00:00:00+00:00"])
def test_a_time_is_refused_where_only_dates_may_be(text: str) -> None:
    with pytest.raises(InvalidParameter, match=r"expected `geyyyy-mm-dd`$"):
        read_bound("start", text, "ge", upper=False, with_time=False)

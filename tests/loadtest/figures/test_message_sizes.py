from dataclasses import replace

from loadtest.figures.message_sizes import SizeRow, by_message_size, rate_band
from loadtest.figures.over_time import OverTime
from loadtest.ledger import Operation
from tests.loadtest.timed import took

SEARCH = "search_for_free_slots"


def rows(*operations: Operation) -> tuple[SizeRow, ...]:
    over_time = OverTime()
    for operation in operations:
        over_time.record(operation)
    return by_message_size(over_time)


def test_round_trips_are_told_by_message_size_and_by_the_throughput_of_that_moment() -> None:
    quiet = [took(10, SEARCH, start=n * 200, size=5000) for n in range(5)]
    busy = [took(40, SEARCH, start=5000 + n * 20, size=60_000) for n in range(40)]
    small, large = rows(*quiet, *busy)
    assert (small.from_bytes, small.below_bytes, small.from_rate, small.below_rate) == (4096, 8192, 4, 8)
    assert (large.from_bytes, large.below_bytes, large.from_rate, large.below_rate) == (
        32_768,
        65_536,
        32,
        64,
    )
    assert (small.count, large.count) == (5, 40)
    assert (small.max, large.max) == (10, 40)


def test_the_throughput_is_of_all_interactions_together() -> None:
    searches = [took(10, SEARCH, start=n * 100, size=5000) for n in range(6)]
    bookings = [took(10, start=n * 100, size=900) for n in range(6)]
    assert {row.from_rate for row in rows(*searches, *bookings)} == {8}


def test_a_larger_message_of_one_moment_has_a_row_of_its_own() -> None:
    assert [(row.from_bytes, row.max) for row in rows(took(10, size=900), took(90, size=1100))] == [
        (0, 10),
        (1024, 90),
    ]


def test_moments_of_one_throughput_are_one_row_with_percentiles_of_all() -> None:
    moments = [took(10 * second + 10, start=2000 * second, size=900) for second in range(10)]
    (row,) = rows(*moments)
    assert (row.count, row.max) == (10, 100)
    assert 49 < row.p50 < 51


def test_time_is_from_the_send_whatever_was_intended() -> None:
    (row,) = rows(took(10, late=300, size=900))
    assert row.max == 10


def test_what_was_refused_or_not_answered_has_no_row() -> None:
    refused = took(10, outcome="refused", status=422, size=900)
    silent = replace(took(10, outcome="unknown"), status=None)
    assert rows(refused, silent) == ()


def test_rows_are_in_the_order_of_the_specification_then_of_size() -> None:
    found = rows(took(1, size=9000), took(1, SEARCH, size=9000), took(1, size=900), took(1, "find_patient"))
    assert [(row.interaction, row.from_bytes) for row in found] == [
        ("find_patient", 0),
        (SEARCH, 8192),
        ("book_appointment", 0),
        ("book_appointment", 8192),
    ]


def test_throughput_bands_are_powers_of_two() -> None:
    assert [rate_band(rate) for rate in (0, 0.9, 1, 2, 3.9, 4, 130)] == [0, 0, 1, 2, 2, 3, 8]

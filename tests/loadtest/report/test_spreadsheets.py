import csv
from pathlib import Path

from loadtest.report.spreadsheets import message_sizes_csv, over_time_csv
from tests.loadtest.report.busy_run import a_busy_verdict, operations


def test_every_request_of_the_load_is_in_one_second_of_its_interaction(tmp_path: Path) -> None:
    rows = list(csv.DictReader(over_time_csv(a_busy_verdict(tmp_path).over_time).splitlines()))
    load = [each for each in operations() if each.phase in ("closed", "ramp", "hot")]

    for name in {each.interaction for each in load}:
        assert sum(int(row["due"]) for row in rows if row["interaction"] == name) == sum(
            each.interaction == name for each in load
        )
    assert sum(int(row["lost_races"]) for row in rows) == 70
    assert {row["seconds"] for row in rows if row["phase"] == "closed"} == {"1"}
    assert min(float(row["began_s"]) for row in rows) == 0


def test_a_second_without_anything_to_time_has_no_percentiles(tmp_path: Path) -> None:
    rows = list(csv.DictReader(over_time_csv(a_busy_verdict(tmp_path).over_time).splitlines()))
    refused = next(row for row in rows if row["interaction"] == "cancel_appointment")
    booked = next(row for row in rows if row["interaction"] == "book_appointment")

    assert (refused["refused"], refused["p50_ms"], refused["max_ms"]) == ("1", "", "")
    assert 0 < float(booked["p50_ms"]) <= float(booked["p95_ms"]) <= float(booked["p99_ms"])


def test_message_sizes_are_listed_with_the_throughput_of_the_moment(tmp_path: Path) -> None:
    rows = list(csv.DictReader(message_sizes_csv(a_busy_verdict(tmp_path).over_time).splitlines()))
    searches = [row for row in rows if row["interaction"] == "search_for_free_slots"]

    assert {(row["from_bytes"], row["below_bytes"]) for row in searches} == {("32768", "65536")}
    assert sum(int(row["count"]) for row in searches) == 230
    assert {"from_rate", "below_rate", "p50_ms", "p95_ms", "p99_ms", "max_ms"} <= set(rows[0])

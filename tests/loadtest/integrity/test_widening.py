"""Two machines whose clocks differ by no more than a known bound: what is proved, and what only looks so."""

from pathlib import Path

import pytest

from loadtest.integrity import Findings, judge
from loadtest.integrity.timeline import WIDTH
from loadtest.integrity.widening import as_recorded, widened
from loadtest.ledger import LedgerHeader, LedgerWriter, Operation, read_ledger
from tests.loadtest.integrity.recorded_day import MS, Day, booked, cancelled, check, results


def _judged(
    directory: Path, here: list[Operation], there: list[Operation], header_ms: int, said_later_ms: int = 0
) -> Findings:
    """Judge what two machines recorded: this one, and one whose times may be off."""
    for host, uncertainty, later, operations in (
        ("here", 0, 0, here),
        ("there", header_ms * MS, said_later_ms * MS, there),
    ):
        header = LedgerHeader(
            "run-1", host, 7, "booking", 0, 0, 42, clock_offset_ns=5, clock_uncertainty_ns=uncertainty
        )
        with LedgerWriter(directory / host, header) as writer:
            for operation in operations:
                writer.write(operation)
            if later:
                writer.clock(later)
    ledger = read_ledger(directory / "here", directory / "there")
    return judge(ledger, ledger.seed)


def _two_bookings(cancelled_at: int, booked_until: int) -> tuple[list[Operation], list[Operation]]:
    """Slot 12 is booked and cancelled here; there, in the meantime or not, it is booked again."""
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    there = day.book(booked_until - 10, booked_until, "12", patient="p2", gives="902")
    day.cancel(cancelled_at, cancelled_at + 10, "901")
    day.read_back(p1=(cancelled("901", "12"),), p2=(booked("902", "12"),))
    return [operation for operation in day.operations if operation is not there], [there]


@pytest.mark.parametrize(
    ("apart", "uncertainty", "result"), [(5, 0, "violated"), (5, 4, "violated"), (5, 5, "passed")]
)
def test_a_double_booking_is_proved_only_where_the_clocks_cannot_excuse_it(
    apart: int, uncertainty: int, result: str, tmp_path: Path
) -> None:
    here, there = _two_bookings(cancelled_at=100 + apart, booked_until=100)
    findings = _judged(tmp_path, here, there, uncertainty)
    assert check(findings, 1).result == result
    assert results(findings) == ({1: "violated"} if result == "violated" else {})


def test_bookings_that_both_last_collide_however_far_the_clocks_may_be_off(tmp_path: Path) -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    there = day.book(300, 310, "12", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    here = [operation for operation in day.operations if operation is not there]
    assert results(_judged(tmp_path, here, [there], 1000)) == {1: "violated"}


def test_the_worst_that_was_measured_counts(tmp_path: Path) -> None:
    here, there = _two_bookings(cancelled_at=105, booked_until=100)
    assert results(_judged(tmp_path, here, there, 1, said_later_ms=6)) == {}


@pytest.mark.parametrize(("uncertainty", "result"), [(4, "violated"), (5, "unproven")])
def test_what_only_the_clocks_excuse_is_unproven_when_the_judge_may_read_twice(
    uncertainty: int, result: str, tmp_path: Path
) -> None:
    here, there = _two_bookings(cancelled_at=105, booked_until=100)
    _judged(tmp_path, here, there, uncertainty)
    ledger = read_ledger(*sorted(tmp_path.iterdir()))

    (found,) = (each for each in judge(ledger, again=ledger).checks if each.number == 1)

    assert found.result == result
    assert any("only the clocks' uncertainty" in doubt for doubt in found.doubts) == (result == "unproven")


@pytest.mark.parametrize(("uncertainty", "found"), [(0, {3: "violated"}), (30, {})])
def test_a_search_is_stale_only_where_it_surely_began_after_the_booking(
    uncertainty: int, found: dict[int, str], tmp_path: Path
) -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    there = day.search(40, 50, "12")
    day.read_back(p1=(booked("901", "12"),))
    here = [operation for operation in day.operations if operation is not there]
    assert results(_judged(tmp_path, here, [there], uncertainty)) == found


@pytest.mark.parametrize(("uncertainty", "found"), [(0, {2: "violated"}), (30, {})])
def test_a_refusal_is_false_only_where_no_booking_was_surely_in_flight(
    uncertainty: int, found: dict[int, str], tmp_path: Path
) -> None:
    day = Day()
    day.first_look("12", p1=())
    there = day.refused(0, 10, "12")
    day.book(40, 50, "12", gives="901")
    day.read_back(p1=(booked("901", "12"),))
    here = [operation for operation in day.operations if operation is not there]
    assert results(_judged(tmp_path, here, [there], uncertainty)) == found


@pytest.mark.parametrize(("uncertainty", "found"), [(0, {5: "violated"}), (30, {})])
def test_a_version_went_back_only_where_the_read_surely_began_after_the_write(
    uncertainty: int, found: dict[int, str], tmp_path: Path
) -> None:
    day = Day()
    day.first_look("12", p1=())
    day.book(0, 10, "12", gives="901")
    day.amend(20, 30, "901")
    there = day.read(60, 70, "901", booked("901", "12"))
    day.read_back(p1=(booked("901", "12", version="2"),))
    here = [operation for operation in day.operations if operation is not there]
    assert results(_judged(tmp_path, here, [there], uncertainty)) == found


def test_a_witness_shows_the_times_as_recorded_and_how_far_they_may_be_off(tmp_path: Path) -> None:
    here, there = _two_bookings(cancelled_at=200, booked_until=100)
    (witness,) = check(_judged(tmp_path, here, there, 4), 1).violations
    assert [(o.start, o.end) for o in witness.operations] == [(0, 10 * MS), (90 * MS, 100 * MS)]
    lines = witness.timeline.splitlines()
    assert "      0.000 ms to 10.000 ms: 201, appointment 901" in lines
    assert "      90.000 ms to 100.000 ms ± 4.000 ms: 201, appointment 902" in lines
    assert max(map(len, lines)) <= WIDTH


def test_bounds_are_wider_by_what_the_clock_may_be_off_and_can_be_taken_back() -> None:
    day = Day()
    exact = day.search(10, 20, "12")
    assert widened(exact) is exact
    assert as_recorded(exact) is exact
    off = Operation("read_metadata", "1", "t", "A", "load", 100, 200, "ok", uncertainty=30)
    assert (widened(off).start, widened(off).end) == (70, 230)
    assert as_recorded(widened(off)) == off

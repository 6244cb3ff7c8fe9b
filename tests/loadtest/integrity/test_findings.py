import gc

from loadtest.integrity import judge
from loadtest.integrity.findings import SHOWN
from loadtest.integrity.timeline import WIDTH, draw_timeline
from loadtest.ledger import Operation
from tests.loadtest.integrity.recorded_day import MS, Day, booked, check, results


def test_a_history_without_operations_breaks_nothing() -> None:
    findings = judge(())
    assert results(findings) == {}
    assert [(c.number, c.name) for c in findings.checks] == [
        (1, "one live booking per slot"),
        (2, "every lost race is explained"),
        (3, "no stale search"),
        (4, "bookings are all or nothing"),
        (5, "versions rise, each If-Match is consumed once"),
        (6, "final state equals history"),
        (7, "no id twice in one bundle"),
        (8, "GET returns what POST returned"),
    ]


def test_judging_leaves_the_garbage_collector_as_it_was() -> None:
    judge(())
    assert gc.isenabled()
    gc.disable()
    try:
        judge(())
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_all_violations_and_doubts_are_counted_and_the_first_are_shown() -> None:
    day = Day()
    day.first_look("12", "13")
    for number in range(SHOWN + 5):
        day.refused(number, number, "12")
        day.refused(number, number, "14")
    day.read_back("12")
    result = check(day.judged(), 2)
    assert result.violation_count == result.doubt_count == SHOWN + 5
    assert len(result.violations) == len(result.doubts) == SHOWN


def test_a_violation_outranks_a_doubt() -> None:
    day = Day()
    day.first_look("12")
    day.refused(0, 10, "14")
    assert check(day.judged(), 2).result == "unproven"
    day.refused(0, 10, "12")
    day.read_back("12")
    assert check(day.judged(), 2).result == "violated"


def test_a_timeline_tells_who_asked_what_when_and_what_came_back() -> None:
    day = Day()
    day.book(1000, 1012, "12", patient="p1", gives="901")
    day.book(1005, 1020, "12", "13", patient="p2", gives="902")
    text = draw_timeline(day.operations, 42)
    lines = text.splitlines()
    assert lines[0] == "  A book_appointment, client 7-0, practice A81001, slot 12, patient p1"
    assert lines[1] == "      0.000 ms to 12.000 ms: 201, appointment 901"
    assert lines[2] == "      trace trace-0, phase load"
    assert lines[3] == "  B book_appointment, client 7-1, practice A81001, slots 12 13, patient p2"
    assert lines[4] == "      5.000 ms to 20.000 ms: 201, appointment 902"
    assert lines[7].startswith("  A |====")
    assert lines[8].startswith("  B   ")
    assert lines[7].index("|") < lines[8].index("|") < lines[7].rindex("|") < lines[8].rindex("|")
    assert lines[9].startswith("    0 ms")
    assert lines[9].endswith("20.000 ms")
    assert lines[9].rindex("s") <= lines[8].rindex("|")
    assert lines[10] == "  seed 42"


def test_a_timeline_fits_a_terminal_however_long_the_ids() -> None:
    uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"
    operation = Operation(
        "book_appointment", uuid, uuid, "A81001", "load", 5 * MS, 5 * MS, "unknown",
        error="timeout", slots=(uuid,) * 6, patient=uuid, appointment=uuid,
    )  # fmt: skip
    refusal = Day().refused(6, 7, "12")
    anonymous = Operation("read_metadata", "1", "t", "A81001", "load", 5 * MS, 7 * MS, "unknown")
    text = draw_timeline([operation, refusal, anonymous], None)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "and 2 more" in text
    assert "timeout" in text
    assert "409 DUPLICATE_REJECTED" in text
    assert "no answer" in text
    assert "seed unknown" in text
    assert "\n  A |\n" in text


def test_a_witness_carries_its_timeline() -> None:
    day = Day()
    day.first_look("12", p1=(), p2=())
    day.book(0, 10, "12", patient="p1", gives="901")
    day.book(5, 15, "12", patient="p2", gives="902")
    day.read_back(p1=(booked("901", "12"),), p2=(booked("902", "12"),))
    (witness,) = check(day.judged(), 1).violations
    assert witness.timeline == draw_timeline(witness.operations, 42)

from dataclasses import replace

from tests.loadtest.integrity.recorded_day import Day, booked, check, results


def test_a_search_that_shows_one_slot_twice_is_a_violation() -> None:
    day = Day()
    day.first_look("12", p1=())
    search = day.search(0, 10, "12", "12")
    day.operations[-1] = search = replace(search, duplicates=("Slot/12",))
    findings = day.judged()
    assert results(findings) == {7: "violated"}
    (witness,) = check(findings, 7).violations
    assert "one bundle of practice A81001 has Slot/12 twice" in witness.summary
    assert [operation.trace for operation in witness.operations] == [search.trace]
    assert check(findings, 7).examined == 3


def test_a_patients_appointments_with_one_of_them_twice_are_a_violation() -> None:
    day = Day()
    day.first_look(p1=(booked("500", "12"),))
    twice = day.retrieve(0, 10, "p1", booked("500", "12"), booked("500", "12"))
    day.operations[-1] = replace(twice, duplicates=("Appointment/500",))
    assert results(day.judged()) == {7: "violated"}


def test_of_many_ids_that_stand_twice_some_are_named() -> None:
    day = Day()
    search = day.search(0, 10)
    day.operations[-1] = replace(search, duplicates=tuple(f"Slot/{number}" for number in range(12)))
    summary = check(day.judged(), 7).violations[0].summary
    assert "Slot/4 and 7 more twice" in summary


def test_bundles_of_the_read_back_are_looked_at_and_those_without_an_answer_are_not() -> None:
    day = Day()
    day.read_back("12", p1=())
    back = day.operations[0]
    day._add("search_for_free_slots", 0, 10, "unknown", duplicates=("Slot/12",))
    assert check(day.judged(), 7).examined == 2
    day.operations[0] = replace(back, duplicates=("Slot/12",))
    assert results(day.judged()) == {7: "violated"}

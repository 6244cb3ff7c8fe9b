"""What became of requests without an answer, as far as the read back tells."""

from typing import Any

import pytest

from loadtest.ledger import FIRST_LOOK, READ_BACK, AppointmentSeen, Operation, Outcome
from loadtest.torture.unanswered import Unanswered, count_unanswered


def operation(interaction: str, outcome: Outcome = "unknown", at: int = 100, **known: Any) -> Operation:
    return Operation(
        interaction=interaction,
        client="c",
        trace="t",
        practice=known.pop("practice", "A20047"),
        phase=known.pop("phase", "torture"),
        start=at,
        end=at + 10,
        outcome=outcome,
        **known,
    )


def booking(slot: str = "s1", outcome: Outcome = "unknown", **known: Any) -> Operation:
    return operation("book_appointment", outcome, slots=(slot,), patient="p1", **known)


def read_back(*seen: AppointmentSeen, at: int = 900, phase: str = READ_BACK) -> Operation:
    return operation(
        "retrieve_patient_appointments", "ok", at, phase=phase, patient="p1", appointments=tuple(seen)
    )


def appointment(
    identifier: str, status: str = "booked", slot: str = "s1", version: str = "1"
) -> AppointmentSeen:
    return AppointmentSeen(identifier, status, version, (slot,), "p1")


def test_queries_are_counted_and_need_no_settling() -> None:
    counted = count_unanswered([operation("search_for_free_slots"), operation("read_appointment")])

    assert counted == Unanswered(queries=2)
    assert counted.settled == 0


def test_answered_requests_and_those_outside_the_load_do_not_count() -> None:
    answered = [
        booking(outcome="ok", appointment="900"),
        booking(outcome="refused"),
        operation("search_for_free_slots", phase=FIRST_LOOK),
        operation("search_for_free_slots", phase=READ_BACK),
    ]

    assert count_unanswered(answered) == Unanswered()


def test_a_booking_that_the_read_back_shows_took_effect() -> None:
    counted = count_unanswered([booking(), read_back(appointment("900"))])

    assert counted == Unanswered(commands=1, took_effect=1)


def test_a_booking_that_the_read_back_does_not_show_had_no_effect() -> None:
    counted = count_unanswered([booking(), read_back(appointment("900", slot="s2"))])

    assert counted == Unanswered(commands=1, had_none=1)


def test_an_appointment_that_somebody_was_told_of_or_that_was_there_before_is_not_taken_for_it() -> None:
    told = booking(outcome="ok", appointment="900")
    before = read_back(appointment("901"), at=1, phase=FIRST_LOOK)
    after = read_back(appointment("900", "cancelled"), appointment("901"))

    assert count_unanswered([booking(), told, before, after]) == Unanswered(commands=1, had_none=1)


def test_of_two_like_bookings_only_as_many_took_effect_as_there_are_appointments() -> None:
    counted = count_unanswered([booking(), booking(at=200), read_back(appointment("900"))])

    assert counted == Unanswered(commands=2, took_effect=1, had_none=1)


@pytest.mark.parametrize("reads", [[], [read_back(appointment("900"), at=105)]])
def test_without_a_later_read_back_a_booking_is_not_settled(reads: list[Operation]) -> None:
    assert count_unanswered([booking(), *reads]) == Unanswered(commands=1)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("cancelled", Unanswered(commands=1, took_effect=1)),
        ("booked", Unanswered(commands=1, had_none=1)),
    ],
)
def test_a_cancellation_is_settled_by_the_final_status(status: str, expected: Unanswered) -> None:
    cancelled = operation("cancel_appointment", appointment="900", if_match="1", patient="p1")

    assert count_unanswered([read_back(appointment("900", status)), cancelled]) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2", Unanswered(commands=1, took_effect=1)), ("1", Unanswered(commands=1, had_none=1))],
)
def test_an_amendment_is_settled_by_the_final_version(version: str, expected: Unanswered) -> None:
    amended = operation("amend_appointment", appointment="900", if_match="1", patient="p1")

    assert count_unanswered([amended, read_back(appointment("900", version=version))]) == expected


@pytest.mark.parametrize("outcome", ["ok", "unknown"])
def test_an_amendment_whose_version_a_cancellation_replaced_had_no_effect(outcome: Outcome) -> None:
    amended = operation("amend_appointment", appointment="900", if_match="1", patient="p1")
    cancelled = operation("cancel_appointment", outcome, at=200, appointment="900", if_match="1")
    history = [amended, cancelled, read_back(appointment("900", "cancelled", version="2"))]

    asked = 1 if outcome == "ok" else 2
    assert count_unanswered(history) == Unanswered(commands=asked, took_effect=asked - 1, had_none=1)


def test_a_change_of_an_appointment_that_was_not_read_back_is_not_settled() -> None:
    cancelled = operation("cancel_appointment", appointment="900", if_match="1")
    elsewhere = operation("cancel_appointment", appointment="900", practice="B81001")

    counted = count_unanswered([cancelled, elsewhere, operation("register_patient"), read_back()])
    assert counted == Unanswered(commands=3)

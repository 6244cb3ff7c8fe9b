"""A small run as it lies in its directory, judged and printed."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from loadtest.ledger import AppointmentSeen, LedgerHeader, LedgerWriter, Operation
from loadtest.report.terminal import print_verdict
from loadtest.report.verdict import Verdict, reach_verdicts

MS = 1_000_000


def a_booking(client: str, start: int, end: int, appointment: str, **more: Any) -> Operation:
    given: dict[str, Any] = {
        "trace": f"trace-{client}",
        "status": 201,
        "slots": ("12",),
        "patient": "77",
        "appointment": appointment,
        "version": "1",
        "appointments": (AppointmentSeen(appointment, "booked", "1", ("12",), "77"),),
        "bytes": 900,
    }
    return Operation(
        "book_appointment",
        client,
        practice="A",
        phase="booking",
        start=start * MS,
        end=end * MS,
        outcome="ok",
        **given | more,
    )


def a_history(double: bool) -> list[Operation]:
    look = Operation(
        "search_for_free_slots", "s", "t", "A", "first look", 0, 1, "ok", status=200, seen=("12", "13")
    )
    bookings = [a_booking("1-0", 100, 110, "901")]
    appointments = [AppointmentSeen("901", "booked", "1", ("12",), "77")]
    if double:
        bookings.append(a_booking("1-1", 105, 112, "902"))
        appointments.append(AppointmentSeen("902", "booked", "1", ("12",), "77"))
    else:
        bookings.append(replace(a_booking("1-1", 105, 112, "902"), outcome="refused", status=409))
        bookings[-1] = replace(
            bookings[-1], code="DUPLICATE_REJECTED", appointment=None, version=None, appointments=()
        )
    back = [
        Operation(
            "retrieve_patient_appointments",
            "s",
            "t",
            "A",
            "read back",
            200 * MS,
            201 * MS,
            "ok",
            status=200,
            patient="77",
            appointments=tuple(appointments),
        ),
        Operation(
            "search_for_free_slots",
            "s",
            "t",
            "A",
            "read back",
            202 * MS,
            203 * MS,
            "ok",
            status=200,
            seen=("13",),
        ),
    ]
    first = Operation("retrieve_patient_appointments", "s", "t", "A", "first look", 2, 3, "ok", patient="77")
    return [look, first, *bookings, *back]


def a_long_history(bookings: int = 1000, milliseconds: int = 10) -> list[Operation]:
    """Bookings of a slot each, one after the other: enough of them for every limit to be judged."""
    slots = tuple(str(1000 + number) for number in range(bookings))
    made = []
    for number, slot in enumerate(slots):
        start = 100 + (milliseconds + 1) * number
        seen = (AppointmentSeen(slot, "booked", "1", (slot,), "77"),)
        own = {"slots": (slot,), "trace": f"trace-{slot}", "appointments": seen}
        made.append(a_booking("1-0", start, start + milliseconds, slot, **own))
    look, first, *_, back, free = a_history(double=False)
    later = max(each.end for each in made) + MS
    kept = tuple(each.appointments[0] for each in made)
    return [
        replace(look, seen=slots),
        first,
        *made,
        replace(back, start=later, end=later + MS, appointments=kept),
        replace(free, start=later + MS, end=later + 2 * MS, seen=()),
    ]


def recorded(directory: Path, operations: list[Operation], **options: bool) -> Path:
    header = LedgerHeader("booking-1", "here", 1, "booking", 0, 0, 7)
    with LedgerWriter(directory, header) as ledger:
        for operation in operations:
            ledger.write(operation)
    record = {
        "run": "booking-1",
        "scenario": "booking",
        "seed": 7,
        "started": "2030-06-03T10:00:00+00:00",
        "ended": "2030-06-03T10:01:00+00:00",
        "interrupted": False,
        "read_back": "complete",
        "options": {"target": "http://127.0.0.1:8000", "proxy": None} | options,
        "practices": ["A"],
        "parts": [{"scenario": "booking", "exit_code": 0, "log": "g"}],
        "survey_ledger": "ledger-here-1.jsonl",
        "environment": {"locust": "2.47.0"},
    }
    (directory / "run.json").write_bytes(orjson.dumps(record))
    return directory


def a_verdict(directory: Path, double: bool = False) -> Verdict:
    (verdict,) = reach_verdicts([recorded(directory, a_history(double))])
    return verdict


def printed(verdict: Verdict) -> str:
    console = Console(width=120, file=io.StringIO(), record=True)
    print_verdict(verdict, console)
    return console.export_text()

"""A provider that is killed while it books, and one that is asked to stop."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import TODAY
from tests.races.conftest import PartyAt
from tests.races.half_sent import HalfSent, Idle
from tests.races.served import PATIENCE_SECONDS, Served, serving

ON_THE_DAY = ("--today", TODAY.isoformat())
ROUNDS_A_KILL = 50


@pytest.mark.parametrize("workers", [1, 2])
def test_no_acknowledged_booking_is_lost_when_the_provider_is_killed(
    database: Path, party_at: PartyAt, race_clients: int, race_rounds: int, workers: int
) -> None:
    options = ("--workers", str(workers), *ON_THE_DAY)
    clients = min(race_clients, 30)
    with serving(database, *options) as served:
        party = party_at(served.url)
        port = served.port
        _kill_while_booking(served, lambda enough: party.book_until_it_breaks(clients, enough, 10))
    for _ in range(race_rounds // ROUNDS_A_KILL):
        with serving(database, *options, port=port) as served:
            _kill_while_booking(served, lambda enough: party.book_until_it_breaks(clients, enough, 10))
    with serving(database, *options, port=port):
        findings = party.verdict()
        reader = party.client(clients)
        acknowledged = [
            each
            for each in party.operations()
            if each.interaction == "book_appointment" and each.status == 201
        ]
        with closing(reader.connection):
            for booking in acknowledged:
                record, _ = reader.send(reader.consumer.read_appointment(str(booking.appointment)))
                assert record.status == 200, f"acknowledged and lost: {booking}"
                assert record.appointments[0].slots == booking.slots
    assert len(acknowledged) >= 10
    assert not findings.violated, [check.violations for check in findings.checks]
    (final_state,) = (check for check in findings.checks if check.number == 6)
    assert final_state.result == "passed", final_state.doubts


def test_workers_do_not_outlive_the_provider_that_started_them(database: Path) -> None:
    with serving(database, "--workers", "2", *ON_THE_DAY) as served:
        served.process.kill()
        served.process.wait(PATIENCE_SECONDS)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while served.is_ready() and time.monotonic() < give_up:
            time.sleep(0.1)
        with serving(database, *ON_THE_DAY, port=served.port) as again:
            assert again.is_ready()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_provider_that_is_asked_to_stop_answers_what_is_in_flight_first(
    database: Path, party_at: PartyAt, workers: int
) -> None:
    with serving(database, "--workers", str(workers), *ON_THE_DAY) as served:
        party = party_at(served.url)
        requests = [
            party.consumer("late").book_appointment([offer], party.patient(0)) for offer in party.offers[:3]
        ]
        in_flight = [HalfSent(served.port, request) for request in requests]
        idle = [Idle(served.port) for _ in range(4 * workers)]
        served.process.terminate()
        for each in idle:
            each.wait_until_closed()
        answers = [each.finish() for each in in_flight]
        assert served.process.wait(PATIENCE_SECONDS) == 0, served.said
        assert served.said == "", "stopping is nothing to complain of"
    assert [status for status, _ in answers] == [201] * len(requests)
    # On the same port: a worker that had outlived the provider would hold it.
    with serving(database, *ON_THE_DAY, port=served.port):
        shown = party.free_slots()
    assert shown and shown.isdisjoint({request.slots[0] for request in requests}), (
        "an acknowledged booking was lost"
    )


def _kill_while_booking(served: Served, book: Callable[[threading.Event], None]) -> None:
    """Kill a provider as soon as its clients have booked enough, and wait for them to notice."""
    enough = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        booking = threads.submit(book, enough)
        assert enough.wait(PATIENCE_SECONDS), "the clients hardly booked anything"
        served.kill()
        booking.result(PATIENCE_SECONDS)

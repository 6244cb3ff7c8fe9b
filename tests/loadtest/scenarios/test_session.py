from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import orjson
from gevent.event import Event

from loadtest.arrivals import RateCurve
from loadtest.ledger import read_ledger
from loadtest.plans.plan import Phase
from loadtest.report.live import LedgerTail
from loadtest.responses import Exchange, Response
from loadtest.running.clocks import DRIFT_NS, ReferenceClock
from loadtest.running.order import WorkOrder
from loadtest.scenarios.session import Session
from loadtest.scenarios.telling import keep_telling


def test_a_process_writes_its_own_ledger_and_ends_it_with_a_mark(order: WorkOrder, tmp_path: Path) -> None:
    session = Session.open(order, tmp_path, 1_000)
    client = session.new_client()
    request = client.consumer(order.practices[0]).read_metadata()
    session.record(Exchange(request, Response(200, b"{}"), client.name, order.phase.name, 1, 2))
    session.failed(ValueError("slot has no start"))
    session.close()

    ledger = read_ledger(tmp_path)
    (mark,) = (orjson.loads(path.read_bytes()) for path in tmp_path.glob("generator-*.json"))
    assert ledger.headers[0].run == "r-1"
    assert [operation.client for operation in ledger] == ["0.0.0"]
    assert mark["operations"] == 1
    assert mark["exceptions"] == ["ValueError: slot has no start"]


def test_clients_have_names_chances_and_users_of_their_own(order: WorkOrder, tmp_path: Path) -> None:
    session = Session.open(order, tmp_path, 1_000)
    first, second = session.new_client(), session.new_client()
    session.close()

    assert first.name != second.name
    assert [first.random.random() for _ in range(3)] != [second.random.random() for _ in range(3)]
    assert first.consumer(order.practices[0]) is first.consumer(order.practices[0])
    assert first.consumer(order.practices[0]) is not first.consumer(order.practices[1])


def test_the_same_worker_number_and_seed_repeat_a_clients_choices(order: WorkOrder, tmp_path: Path) -> None:
    def choices(worker: int) -> list[str]:
        session = Session.open(order, tmp_path, 1_000, worker)
        client = session.new_client()
        session.close()
        return [client.some_practice().ods_code for _ in range(20)]

    assert choices(1) == choices(1) != choices(2)


def test_a_process_of_another_machine_writes_times_of_the_reference_clock_and_how_sure_they_are(
    order: WorkOrder, tmp_path: Path
) -> None:
    session = Session.open(order, tmp_path, 1_000, worker=3, clock=ReferenceClock(10**15, 400))
    before = session.now()
    session.measured_again(ReferenceClock(10**15 + 900, 300))
    session.close()

    (header,) = read_ledger(tmp_path).headers
    assert 0 <= before - header.monotonic_ns < 10**9
    assert (header.clock_offset_ns, header.clock_uncertainty_ns, header.begins_ns) == (
        10**15,
        1200 + DRIFT_NS,
        1_000,
    )


def test_an_open_phase_shares_its_arrivals_among_the_processes(order: WorkOrder, tmp_path: Path) -> None:
    phase = Phase("open", {"booking": 1.0}, 10.0, rate=RateCurve.constant(2, 10))
    open_order = replace(order, phase=phase, processes=2)
    far_away = 10**18
    shares = []
    for worker in (0, 1):
        session = Session.open(open_order, tmp_path / str(worker), far_away, worker)
        arrivals = session.arrivals
        assert arrivals is not None
        shares.append([instant - far_away for instant in iter(arrivals.next, None)])
        session.close()

    assert len(shares[0]) == len(shares[1]) == 10
    assert sorted(shares[0] + shares[1]) == [250_000_000 + n * 500_000_000 for n in range(20)]
    (mark,) = (orjson.loads(path.read_bytes()) for path in (tmp_path / "1").glob("generator-*.json"))
    assert (mark["arrivals_due"], mark["arrivals_made"], mark["arrivals_missed"]) == (10, 10, 0)


def open_phase(order: WorkOrder, directory: Path, rate: float, began_before: float) -> Session:
    """A process of two, whose open phase began so many seconds ago."""
    phase = Phase("open", {"booking": 1.0}, 10_000.0, rate=RateCurve.constant(rate, 10_000))
    begins = ReferenceClock().now() - round(began_before * 1e9)
    return Session.open(replace(order, phase=phase, processes=2), directory, begins)


def a_search(session: Session, error: str | None = None) -> Exchange:
    client = session.new_client()
    request = client.consumer(session.order.practices[0]).read_metadata()
    response = Response(200, b"{}") if error is None else Response(0, error=error)
    return Exchange(request, response, client.name, "open", 1, 2)


def arrivals_told(directory: Path) -> list[dict[str, Any]]:
    (path,) = directory.glob("ledger-*")
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return [line for line in lines if line["record"] == "arrivals"]


def test_a_process_says_how_its_arrivals_stand_with_its_requests(order: WorkOrder, tmp_path: Path) -> None:
    session = open_phase(order, tmp_path, rate=0.001, began_before=1)
    exchange = a_search(session)
    assert session.arrivals is not None
    session.arrivals.next()
    session.arrivals.next()
    session.arrivals.begin()
    session.record(exchange)
    session.record(exchange)
    session.tell()

    (told,) = arrivals_told(tmp_path)
    assert (told["begins_ns"], told["asked"]) == (session.begins, 0.0005), "its share of the plan's rate"
    assert (told["begun"], told["missed"]) == (1, 0), "what is claimed ahead of time has not begun"
    assert len(list(read_ledger(tmp_path))) == 2, "the judge passes over it"
    session.close()


def test_who_follows_a_run_hears_of_arrivals_that_are_overdue_while_every_client_hangs(
    order: WorkOrder, tmp_path: Path
) -> None:
    session = open_phase(order, tmp_path, rate=2, began_before=100)
    answered = Event()
    hanging = gevent.spawn(answered.wait)
    telling = keep_telling(session, every_seconds=0.001)
    tail = LedgerTail(tmp_path)
    with gevent.Timeout(60):
        while (figures := tail.figures()).arrivals is None:
            gevent.sleep(0.001)

    assert (figures.arrivals.begun_per_second, figures.arrivals.asked_per_second) == (0, 1)
    assert figures.missed >= 99, "one a second in each of two processes"
    session.close()
    telling.get(timeout=60)
    hanging.kill()


def test_who_follows_a_run_hears_of_connections_that_are_refused(order: WorkOrder, tmp_path: Path) -> None:
    session = open_phase(order, tmp_path, rate=0.001, began_before=1)
    exchange = a_search(session, "connection refused")
    for _ in range(10):
        session.record(exchange)
    tail = LedgerTail(tmp_path)
    assert tail.figures().unknown == 0, "queries are written in batches"
    session.tell()
    assert tail.figures().unknown == 10
    session.close()


def test_what_was_missed_in_the_end_is_told_as_well(order: WorkOrder, tmp_path: Path) -> None:
    session = open_phase(order, tmp_path, rate=2, began_before=100)
    session.close()

    (told,) = arrivals_told(tmp_path)
    (mark,) = (orjson.loads(path.read_bytes()) for path in tmp_path.glob("generator-*.json"))
    assert told["missed"] == mark["arrivals_missed"] >= 99


def test_booking_is_over_when_the_last_client_of_every_process_has_no_more_to_book(
    order: WorkOrder, tmp_path: Path
) -> None:
    session = Session.open(replace(order, processes=2), tmp_path, 1_000)
    first, second = session.new_client(), session.new_client()

    session.booking_is_over(first)
    (tmp_path / "done-0-another_process").touch()
    assert not session.all_booking_is_over
    session.booking_is_over(second)
    assert session.all_booking_is_over
    session.close()


def test_the_end_mark_tells_how_the_generator_fared(order: WorkOrder, tmp_path: Path) -> None:
    session = Session.open(order, tmp_path, 1_000)
    session.health.worst_lateness = 0.25
    session.close()

    (mark,) = (orjson.loads(path.read_bytes()) for path in tmp_path.glob("generator-*.json"))
    assert (mark["cpu_share"], mark["worst_lateness_ms"]) == (0.0, 250.0)

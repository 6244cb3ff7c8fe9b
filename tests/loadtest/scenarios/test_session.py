import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import orjson
import pytest

from loadtest.ledger import read_ledger
from loadtest.order import Diary, WorkOrder
from loadtest.practices import read_practices
from loadtest.responses import Exchange, Response
from loadtest.scenarios.session import Session
from tests.loadtest.fake_provider import practices


@pytest.fixture
def order(tmp_path: Path) -> WorkOrder:
    return WorkOrder(
        run="r-1",
        scenario="booking",
        order=0,
        seed=7,
        directory=str(tmp_path),
        target="http://127.0.0.1:8000",
        proxy=None,
        diary=Diary(date(2030, 6, 4), date(2030, 7, 2)),
        practices=read_practices(orjson.dumps(practices() + practices("B81001")), "test"),
        patients={},
        think=0.1,
    )


def test_a_process_writes_its_own_ledger_and_ends_it_with_a_mark(order: WorkOrder, tmp_path: Path) -> None:
    session = Session.open(order)
    client = session.new_client()
    request = client.consumer(order.practices[0]).read_metadata()
    session.record(Exchange(request, Response(200, b"{}"), client.name, order.scenario, 1, 2))
    session.failed(ValueError("slot has no start"))
    session.close()

    ledger = read_ledger(tmp_path)
    (mark,) = (orjson.loads(path.read_bytes()) for path in tmp_path.glob("generator-*.json"))
    assert ledger.headers[0].run == "r-1"
    assert [operation.client for operation in ledger] == [f"{os.getpid()}-0"]
    assert mark["operations"] == 1
    assert mark["exceptions"] == ["ValueError: slot has no start"]


def test_clients_have_names_chances_and_users_of_their_own(order: WorkOrder) -> None:
    session = Session.open(order)
    first, second = session.new_client(), session.new_client()
    session.close()

    assert first.name != second.name
    assert [first.random.random() for _ in range(3)] != [second.random.random() for _ in range(3)]
    assert first.consumer(order.practices[0]) is first.consumer(order.practices[0])
    assert first.consumer(order.practices[0]) is not first.consumer(order.practices[1])


def test_the_same_worker_number_and_seed_repeat_a_clients_choices(order: WorkOrder) -> None:
    def choices(worker: int) -> list[str]:
        session = Session.open(order)
        session.worker = worker
        client = session.new_client()
        session.close()
        return [client.some_practice().ods_code for _ in range(20)]

    assert choices(1) == choices(1) != choices(2)


def test_a_client_knows_how_long_it_is_to_an_agreed_instant(order: WorkOrder) -> None:
    session = Session.open(order)
    session.close()

    assert session.new_client().seconds_until(0) < -1e9
    assert session.new_client().seconds_until(10**19) > 1e9


def test_booking_is_over_when_the_last_client_of_every_process_has_no_more_to_book(
    order: WorkOrder, tmp_path: Path
) -> None:
    session = Session.open(replace(order, processes=2))
    first, second = session.new_client(), session.new_client()

    session.booking_is_over(first)
    (tmp_path / "done-0-another_process").touch()
    assert not session.all_booking_is_over
    session.booking_is_over(second)
    assert session.all_booking_is_over
    session.close()


def test_the_end_mark_tells_how_the_generator_fared(order: WorkOrder, tmp_path: Path) -> None:
    session = Session.open(order)
    session.health.worst_lateness = 0.25
    session.close()

    (mark,) = (orjson.loads(path.read_bytes()) for path in tmp_path.glob("generator-*.json"))
    assert (mark["cpu_share"], mark["worst_lateness_ms"]) == (0.0, 250.0)

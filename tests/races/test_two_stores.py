"""Several connections to one file, each with a thread of its own: what two worker processes are."""

import json
import threading
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

from simulator.domain.clock import Clock
from simulator.domain.refusals import DuplicateRejected, InvalidResource
from simulator.interactions.book_appointment import book_appointment
from simulator.interactions.bookable_diary import BookableDiary
from simulator.interactions.interaction import InteractionRequest, Practice
from simulator.store.database import Store
from simulator.store.unsafe import UnsafeStore
from tests.practice_client import Json, PracticeClient
from tests.races.parties import in_parallel

LIVE_TWICE = "select slot_id from appointment_slots where live = 1 group by slot_id having count(*) > 1"


def one_of_each_session(consumer: PracticeClient, wanted: int) -> list[Json]:
    """Return bookings of free slots, one a session: some let an organisation hold no more than one."""
    slots = {slot["schedule"]["reference"]: slot for slot in consumer.free_slots(1, 14)}
    patient_id = consumer.a_patient_id()
    return [consumer.booking(slot, patient_id=patient_id) for slot in list(slots.values())[:wanted]]


def unread() -> BookableDiary:
    """Be no diary: booking reads slots, not what is kept of them."""
    raise AssertionError("booking read a kept diary")


def race(stores: list[Store], bookings: list[Json], clock: Clock) -> list[Counter[str]]:
    """Book the same slots through every store at once; return what came of each slot."""
    with stores[0].reading() as transaction:
        organization = transaction.practices.all()[0]
    outcomes: list[list[str]] = [[] for _ in bookings]
    together = threading.Barrier(len(stores), timeout=60)

    def run(number: int) -> None:
        practice = Practice(organization, "http://127.0.0.1/", stores[number], clock, lambda _: None, unread)
        for turn, booking in enumerate(bookings):
            request = InteractionRequest(body=json.dumps(booking).encode())
            together.wait()
            try:
                book_appointment(request, practice)
                outcomes[turn].append("booked")
            except DuplicateRejected:
                outcomes[turn].append("no longer free")
            except InvalidResource:
                # Where nothing holds the two together, another can be first between the slot and the limit.
                outcomes[turn].append("no more may be held")

    in_parallel(len(stores), run)
    return [Counter(each) for each in outcomes]


def test_of_several_connections_one_books_a_slot(
    database: Path, consumer: PracticeClient, clock: Clock, store: Store
) -> None:
    bookings = one_of_each_session(consumer, 30)
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(Store(database))) for _ in range(4)]
        outcomes = race(stores, bookings, clock)
    assert outcomes == [Counter({"booked": 1, "no longer free": 3})] * len(bookings)
    assert store.connection.execute(LIVE_TWICE).fetchall() == []


def test_where_the_code_forgets_to_look_again_the_database_refuses(
    database: Path, consumer: PracticeClient, clock: Clock, store: Store
) -> None:
    bookings = one_of_each_session(consumer, 10)
    with ExitStack() as stack:
        stores: list[Store] = [
            stack.enter_context(closing(UnsafeStore(database, pause=0.005))) for _ in range(4)
        ]
        outcomes = race(stores, bookings, clock)
    assert [each["booked"] for each in outcomes] == [1] * len(bookings)
    assert store.connection.execute(LIVE_TWICE).fetchall() == []

"""Clients that book against a running provider and note all they do and see, as a load run does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from random import Random

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer, Request
from loadtest.integrity import judge
from loadtest.integrity.findings import Findings
from loadtest.ledger import FIRST_LOOK, LedgerHeader, LedgerWriter, Operation, read_ledger
from loadtest.responses import Exchange, Response, SlotIdReader, operation
from loadtest.running.order import Diary
from loadtest.running.survey import Surveyor
from loadtest.wire.provider import find_practices, today_at
from loadtest.wire.transport import Connection
from tests.races.served import PATIENCE_SECONDS

PATIENTS = 8
DAYS = 13


@dataclass(slots=True)
class Client:
    """One client with a connection of its own. What it sends and gets goes into the ledger."""

    name: str
    consumer: Consumer
    ledger: LedgerWriter
    connection: Connection = field(default_factory=lambda: Connection(PATIENCE_SECONDS))

    def send(self, request: Request) -> tuple[Operation, Response]:
        """Send one request, once."""
        start = time.monotonic_ns()
        response = self.connection.send(
            request.interaction.method, request.url, dict(request.headers), request.body
        )
        end = time.monotonic_ns()
        exchange = Exchange(request, response, self.name, "races", start, end)
        record = operation(exchange, SlotIdReader(every=1))
        self.ledger.write(record)
        return record, response


class Party:
    """The clients of one test at the first practice of a provider, and the judge of what they saw."""

    def __init__(self, url: str, directory: Path) -> None:
        self.directory = directory
        self.ledger = LedgerWriter(directory, LedgerHeader.of_this_process("races", "races", 1))
        self.practice = find_practices(url, None)[0]
        self.address = Address(url)
        first = today_at(url) + timedelta(days=2)
        self.diary = Diary(first, first + timedelta(days=DAYS))
        self._survey_connection = Connection(PATIENCE_SECONDS)
        code = self.practice.ods_code
        self._surveyor = Surveyor(
            {code: self.consumer("survey")}, self._survey_connection, self.ledger, "survey"
        )
        self.patients = self._surveyor.patients(code, self.practice.nhs_numbers[:PATIENTS])
        offers = self._surveyor.offers(code, self.diary, FIRST_LOOK)
        # One offer of each session: some sessions let an organisation hold no more than one slot.
        self.offers = list({offer.schedule: offer for offer in offers}.values())
        self._surveyor.appointments(code, self.patients.values(), self.diary, FIRST_LOOK)

    def consumer(self, name: str) -> Consumer:
        """Return a consumer for one end user."""
        return Consumer(self.practice, self.address, EndUser(name))

    def client(self, number: int) -> Client:
        """Return a client of its own name."""
        name = f"racer-{number}"
        return Client(name, self.consumer(name), self.ledger)

    def patient(self, number: int) -> str:
        """Return the logical id of the patient that a client books for."""
        return list(self.patients.values())[number % len(self.patients)]

    def race(self, clients: int, rounds: int) -> list[list[Operation]]:
        """Release clients together on one slot, round after round; return the bookings of each round.

        A winner cancels where the slot will be raced for again, and else every second time.
        """
        contested = list(islice(cycle(self.offers), rounds))
        bookings: list[list[Operation]] = [[] for _ in contested]
        together = threading.Barrier(clients, timeout=PATIENCE_SECONDS)

        def run(number: int) -> None:
            client = self.client(number)
            with closing(client.connection), releasing(together):
                for turn, offer in enumerate(contested):
                    request = client.consumer.book_appointment([offer], self.patient(number))
                    together.wait()
                    record, response = client.send(request)
                    bookings[turn].append(record)
                    together.wait()
                    last_of_slot = turn >= rounds - len(self.offers)
                    if record.status == 201 and (turn % 2 or not last_of_slot):
                        appointment = json.loads(response.body)
                        client.send(client.consumer.cancel_appointment(appointment, "Not needed"))

        in_parallel(clients, run)
        return bookings

    def book_until_it_breaks(self, clients: int, enough: threading.Event, wanted: int) -> None:
        """Let clients book as fast as they can until their connection breaks; say when there are `wanted`."""
        booked = Countdown(wanted, enough)

        def run(number: int) -> None:
            client = self.client(number)
            chance = Random(number)
            with closing(client.connection):
                while True:
                    offers = [chance.choice(self.offers)]
                    request = client.consumer.book_appointment(offers, self.patient(number))
                    record, response = client.send(request)
                    if record.outcome == "unknown":
                        return
                    if record.status == 201:
                        booked.one_more()
                        if chance.random() < 0.5:
                            appointment = json.loads(response.body)
                            client.send(client.consumer.cancel_appointment(appointment, "Not needed"))

        in_parallel(clients, run)

    def operations(self) -> list[Operation]:
        """Return everything that was done and seen so far."""
        self.ledger.flush()
        return list(read_ledger(self.directory))

    def verdict(self) -> Findings:
        """Read everything back, and have it judged from the ledger alone."""
        self._surveyor.read_back({self.practice.ods_code: self.patients}, self.diary)
        return judge(self.operations())

    def free_slots(self) -> set[str]:
        """Return the ids of the slots that a search shows now."""
        return {offer.slot for offer in self._surveyor.offers(self.practice.ods_code, self.diary, "races")}

    def close(self) -> None:
        """Close ledger and connection."""
        self.ledger.close()
        self._survey_connection.close()


class Countdown:
    """Sets an event when something has happened often enough."""

    def __init__(self, wanted: int, enough: threading.Event) -> None:
        self._left, self._enough, self._lock = wanted, enough, threading.Lock()

    def one_more(self) -> None:
        """Take note that it happened."""
        with self._lock:
            self._left -= 1
            if self._left <= 0:
                self._enough.set()


@contextmanager
def releasing(together: threading.Barrier) -> Iterator[None]:
    """Let nobody wait for a client that failed."""
    try:
        yield
    except BaseException:
        together.abort()
        raise


def in_parallel(clients: int, run: Callable[[int], None]) -> None:
    """Run something once for each client, each in a thread; raise the first thing that went wrong."""
    with ThreadPoolExecutor(clients) as threads:
        waiting = [threads.submit(run, number) for number in range(clients)]
    failures = [failure for each in waiting if (failure := each.exception()) is not None]
    first = [each for each in failures if not isinstance(each, threading.BrokenBarrierError)] or failures
    if first:
        raise first[0]

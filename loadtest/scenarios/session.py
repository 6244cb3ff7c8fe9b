"""One generator process of one scenario: its work order, its ledger, its end mark. Free of Locust."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from loadtest.audit_token import EndUser
from loadtest.chance import repeatable
from loadtest.consumer import Address, Consumer
from loadtest.ledger import LedgerHeader, LedgerWriter, Operation
from loadtest.order import WorkOrder
from loadtest.practices import Practice
from loadtest.responses import Exchange, SlotIdReader, operation
from loadtest.scenarios.generator_health import GeneratorHealth

CONNECTION_TIMEOUT = 5.0
NETWORK_TIMEOUT = 15.0
_KEPT_EXCEPTIONS = 5


@dataclass(slots=True)
class Session:
    """What the clients of one process share. `worker` tells processes of one run apart, from 0."""

    order: WorkOrder
    ledger: LedgerWriter
    worker: int = 0
    exceptions: list[str] = field(default_factory=list)
    rounds_made: int = 0
    rounds_missed: int = 0
    operations: int = 0
    health: GeneratorHealth = field(default_factory=GeneratorHealth)
    reader: SlotIdReader = field(default_factory=SlotIdReader)
    _clients: int = 0
    _done: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, order: WorkOrder) -> "Session":
        """The session of the calling process, its ledger begun."""
        header = LedgerHeader.of_this_process(order.run, order.scenario, order.seed)
        return cls(order, LedgerWriter(Path(order.directory), header))

    def new_client(self) -> "Client":
        """The next client of this process."""
        self._clients += 1
        return Client(self, self._clients - 1)

    def record(self, exchange: Exchange) -> Operation:
        """Write the exchange to the ledger; returns it as recorded."""
        record = operation(exchange, self.reader)
        self.ledger.write(record)
        self.operations += 1
        self.health.requested()
        return record

    def booking_is_over(self, client: "Client") -> None:
        """A client has no more to book. The last one of the process tells the other processes, by a file."""
        self._done.add(client.name)
        if len(self._done) == self._clients:
            (Path(self.order.directory) / f"{self._done_files}{os.getpid()}").touch()

    @property
    def all_booking_is_over(self) -> bool:
        """Whether no client of any process has more to book."""
        return len(list(Path(self.order.directory).glob(f"{self._done_files}*"))) >= self.order.processes

    @property
    def _done_files(self) -> str:
        return f"done-{self.order.order}-"

    def failed(self, exception: BaseException) -> None:
        """Note an error in the clients' own code: a run in which one occurs is no evidence."""
        if len(self.exceptions) < _KEPT_EXCEPTIONS:
            self.exceptions.append(f"{type(exception).__name__}: {exception}")

    def close(self) -> None:
        """Close the ledger and leave the mark that this process came to its end and lost nothing."""
        self.ledger.close()
        mark = {
            "worker": self.worker,
            "pid": os.getpid(),
            "operations": self.operations,
            "exceptions": self.exceptions,
            "rounds_made": self.rounds_made,
            "rounds_missed": self.rounds_missed,
            **self.health.mark(),
        }
        name = self.ledger.path.with_suffix(".json").name.replace("ledger-", "generator-", 1)
        (self.ledger.path.parent / name).write_bytes(orjson.dumps(mark))


class Client:
    """One simulated client: its name in the ledger, its chance, its consumer of each practice it meets."""

    def __init__(self, session: Session, number: int) -> None:
        self.name = f"{os.getpid()}-{number}"
        self.number = number
        self.order = session.order
        self.random = repeatable(session.order.seed, session.order.order, session.worker, number)
        self._address = Address(session.order.target, session.order.proxy)
        self._consumers: dict[str, Consumer] = {}

    def some_practice(self) -> Practice:
        """A practice of the run, each as likely as the other."""
        return self.random.choice(self.order.practices)

    def consumer(self, practice: Practice) -> Consumer:
        """This client's consumer of the practice."""
        consumer = self._consumers.get(practice.ods_code)
        if consumer is None:
            user = EndUser(f"user-{self.name}")
            consumer = self._consumers[practice.ods_code] = Consumer(practice, self._address, user)
        return consumer

    def seconds_until(self, instant: int) -> float:
        """Seconds from now to a wall clock instant (Unix ns); negative once it has passed."""
        return (instant - time.time_ns()) / 1e9

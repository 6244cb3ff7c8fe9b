"""One generator process of one phase: work order, ledger, clients, end mark. Free of Locust."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from loadtest.arrivals import Arrivals, arrival_times
from loadtest.audit_token import EndUser
from loadtest.chance import repeatable
from loadtest.consumer import Address, Consumer
from loadtest.ledger import LedgerHeader, LedgerWriter, Operation
from loadtest.practices import Practice
from loadtest.responses import Exchange, SlotIdReader, operation
from loadtest.running.clocks import ReferenceClock, uncertainty_over
from loadtest.running.order import WorkOrder
from loadtest.scenarios.generator_health import GeneratorHealth

CONNECTION_TIMEOUT = 5.0
NETWORK_TIMEOUT = 15.0
_KEPT_EXCEPTIONS = 5


@dataclass(slots=True)
class Session:
    """What the clients of one process share.

    `begins` is the phase's start (ns of the reference clock); `worker` tells the processes of one phase
    apart, from 0. `arrivals` are this process's share of an open phase.
    """

    order: WorkOrder
    ledger: LedgerWriter
    begins: int
    clock: ReferenceClock = field(default_factory=ReferenceClock)
    worker: int = 0
    arrivals: Arrivals | None = None
    exceptions: list[str] = field(default_factory=list)
    rounds_made: int = 0
    rounds_missed: int = 0
    operations: int = 0
    closed: bool = False
    health: GeneratorHealth = field(default_factory=GeneratorHealth)
    reader: SlotIdReader = field(default_factory=SlotIdReader)
    make_consumer: Callable[[Practice, Address, EndUser], Consumer] = Consumer
    _clients: int = 0
    _done: set[str] = field(default_factory=set)

    @classmethod
    def open(
        cls,
        order: WorkOrder,
        directory: Path,
        begins: int,
        worker: int = 0,
        clock: ReferenceClock | None = None,
    ) -> "Session":
        """The session of the calling process, its ledger begun in `directory`."""
        clock = clock or ReferenceClock()
        header = LedgerHeader.of_this_process(
            order.run,
            order.plan,
            order.seed,
            phase=order.phase.name,
            begins_ns=begins,
            clock_offset_ns=clock.offset,
            clock_uncertainty_ns=clock.uncertainty,
        )
        session = cls(order, LedgerWriter(directory, header), begins, clock, worker)
        if order.phase.rate is not None:
            random = repeatable(order.seed, order.order) if order.phase.spread == "chance" else None
            times = arrival_times(order.phase.rate, random)
            session.arrivals = Arrivals(times, begins, worker, order.processes, session.now)
        return session

    def now(self) -> int:
        """Nanoseconds of the reference clock."""
        return self.clock.now()

    @property
    def ends(self) -> int:
        """When new work no longer begins (ns of the reference clock)."""
        return self.begins + int(self.order.phase.seconds * 1e9)

    def new_client(self) -> "Client":
        """The next client of this process."""
        self._clients += 1
        return Client(self, self._clients - 1, self.make_consumer)

    def record(self, exchange: Exchange) -> Operation:
        """Write the exchange to the ledger; returns it as recorded."""
        record = operation(exchange, self.reader)
        self.ledger.write(record)
        self.operations += 1
        self.health.requested()
        return record

    def tell(self) -> None:
        """Say in the ledger how arrivals stand, and hand over all it has: for who follows the run."""
        rate, now = self.order.phase.rate, self.now()
        if self.arrivals is not None and rate is not None:
            self.arrivals.pass_over()
            asked = rate.at((now - self.begins) / 1e9) / self.order.processes
            self.ledger.arrivals(self.begins, now, asked, self.arrivals.begun, self.arrivals.missed)
        self.ledger.flush()

    def booking_is_over(self, client: "Client") -> None:
        """A client has no more to book. The last one of the process tells the other processes, by a file."""
        self._done.add(client.name)
        if len(self._done) == self._clients:
            (self.ledger.path.parent / f"{self._done_files}{os.getpid()}").touch()

    @property
    def all_booking_is_over(self) -> bool:
        """Whether no client has more to book. Not known of other machines: there one has to wait."""
        told = self.ledger.path.parent.glob(f"{self._done_files}*")
        return len(list(told)) >= self.order.processes

    @property
    def _done_files(self) -> str:
        return f"done-{self.order.order}-"

    def failed(self, exception: BaseException) -> None:
        """Note an error in the clients' own code: a run in which one occurs is no evidence."""
        if len(self.exceptions) < _KEPT_EXCEPTIONS:
            self.exceptions.append(f"{type(exception).__name__}: {exception}")

    def measured_again(self, clock: ReferenceClock) -> None:
        """Take note of what the reference clock says now: how far one's own has drifted away from it."""
        self.ledger.clock(uncertainty_over(self.clock, clock))

    def close(self) -> None:
        """Close the ledger and leave the mark that this process came to its end and lost nothing."""
        self.closed = True
        arrivals = self.arrivals
        if arrivals is not None:
            arrivals.stop()
        self.tell()
        self.ledger.close()
        mark = {
            "worker": self.worker,
            "pid": os.getpid(),
            "phase": self.order.phase.name,
            "last": self.order.last,
            "begins_ns": self.begins,
            "operations": self.operations,
            "exceptions": self.exceptions,
            "rounds_made": self.rounds_made,
            "rounds_missed": self.rounds_missed,
            "arrivals_due": arrivals.due if arrivals else 0,
            "arrivals_made": arrivals.made if arrivals else 0,
            "arrivals_missed": arrivals.missed if arrivals else 0,
            **self.health.mark(),
        }
        name = self.ledger.path.with_suffix(".json").name.replace("ledger-", "generator-", 1)
        (self.ledger.path.parent / name).write_bytes(orjson.dumps(mark))


class Client:
    """One simulated client: its name in the ledger, its chance, its consumer of each practice it meets."""

    def __init__(
        self,
        session: Session,
        number: int,
        make_consumer: Callable[[Practice, Address, EndUser], Consumer] = Consumer,
    ) -> None:
        order = session.order
        self._make_consumer = make_consumer
        self.name = f"{order.order}.{session.worker}.{number}"
        self.number = number
        self.session = session
        self.order = order
        self.random = repeatable(order.seed, order.order, session.worker, number)
        self._address = Address(order.target, order.proxy)
        self._practices = {practice.ods_code: practice for practice in order.practices}
        self._consumers: dict[str, Consumer] = {}

    def practice(self, ods_code: str) -> Practice:
        """The practice of the run with this ODS code. Raises KeyError without one."""
        return self._practices[ods_code]

    def some_practice(self) -> Practice:
        """A practice of the run, each as likely as the other."""
        return self.random.choice(self.order.practices)

    def some_practices(self, most: int) -> list[Practice]:
        """Several practices of the run, at most so many."""
        return self.random.sample(self.order.practices, min(most, len(self.order.practices)))

    def consumer(self, practice: Practice) -> Consumer:
        """This client's consumer of the practice."""
        consumer = self._consumers.get(practice.ods_code)
        if consumer is None:
            user = EndUser(f"user-{self.name}")
            consumer = self._consumers[practice.ods_code] = self._make_consumer(practice, self._address, user)
        return consumer

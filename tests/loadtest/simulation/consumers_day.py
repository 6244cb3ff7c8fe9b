"""A day of the load lab's own consumers on a clock of its own: no sockets, no waiting, no threads.

The scenarios are those that Locust's clients play. Each request takes effect at one instant of its own
between being sent and being answered; some answers never come, and then the effect may come later, or not at
all. One seed decides everything.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import count
from random import Random
from typing import Any
from urllib.parse import urlsplit

import orjson

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer, Request
from loadtest.ledger import PLANNING, Operation
from loadtest.plans.plan import Phase
from loadtest.practices import Practice, read_practices
from loadtest.responses import Exchange, Response
from loadtest.running.contest import choose_contested, plan_rounds
from loadtest.running.order import Diary, WorkOrder
from loadtest.running.survey import Surveyor
from loadtest.scenarios.catalogue import Repertoire
from loadtest.scenarios.session import Session
from loadtest.scenarios.steps import Answer, Pause, Steps, Together, Until
from tests.loadtest.fake_provider import ODS, PATIENTS, practices
from tests.loadtest.simulation.provider import SimulatedProvider

MS = 1_000_000
LOST_SHARE = 0.05
DIARY = Diary(date(2030, 6, 4), date(2030, 6, 17))


@dataclass
class SimulatedClock:
    """Stands still until it is set, and never goes back."""

    at: int = 0

    def now(self) -> int:
        return self.at

    def set(self, at: int) -> None:
        self.at = max(at, self.at)


@dataclass
class Recorder:
    """A ledger in memory."""

    operations: list[Operation] = field(default_factory=list)

    def write(self, operation: Operation) -> None:
        self.operations.append(operation)


class SimulatedSession(Session):
    """All clients of the day are in one process."""

    @property
    def all_booking_is_over(self) -> bool:
        return len(self._done) == self._clients

    def booking_is_over(self, client: Any) -> None:
        self._done.add(client.name)


class ConsumersDay:
    """`play` it once; what was seen is in `operations`."""

    def __init__(self, seed: int, mix: dict[str, float], fault: str | None = None, clients: int = 4) -> None:
        self._chance = Random(f"{seed}/day")
        self.provider = SimulatedProvider(12, Random(f"{seed}/faults"), fault)
        self._clock = SimulatedClock()
        self._recorder = Recorder()
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._tie = count()
        self._ids = count()
        self._seed, self._mix, self._clients = seed, mix, clients

    @property
    def operations(self) -> list[Operation]:
        return self._recorder.operations

    def play(self) -> list[Operation]:
        """First look, load, read back."""
        (practice,) = read_practices(orjson.dumps(practices()), "the day")
        consumer = self._consumer(practice, Address(), EndUser("survey"))
        surveyor = Surveyor({ODS: consumer}, self, self._recorder, "survey", now=self._clock.now)
        surveyor.offers(ODS, DIARY, "first look")
        patients = {ODS: surveyor.patients(ODS, PATIENTS)}
        surveyor.appointments(ODS, patients[ODS].values(), DIARY, "first look")
        order = WorkOrder(
            run="day", plan="day", phase=Phase("day", self._mix, 3.0, users=self._clients), order=0,
            seed=self._seed, target=None, proxy=None, diary=DIARY, practices=(practice,), patients=patients,
        )  # fmt: skip
        offers = {ODS: surveyor.offers(ODS, DIARY, PLANNING)}
        if "hot_slot" in self._mix:
            order = replace(order, rounds=plan_rounds(offers, 4, 0.4, self._chance))
        if "churn" in self._mix:
            order = replace(order, contested=choose_contested(offers, 8, self._chance))
        self._load(order)
        self._clock.set(self._clock.now() + 60_000 * MS)
        surveyor.read_back(patients, DIARY)
        return self.operations

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        """Answer the survey: at once, a moment later."""
        self._clock.set(self._clock.now() + self._chance.randrange(1, 3) * MS)
        response = self._effect(method, url, body)
        self._clock.set(self._clock.now() + self._chance.randrange(1, 3) * MS)
        return response

    def _load(self, order: WorkOrder) -> None:
        # In the place of a file and of the machine's clock.
        recorder: Any = self._recorder
        clock: Any = self._clock
        session = SimulatedSession(order, recorder, self._clock.now(), clock, make_consumer=self._consumer)
        for _ in range(self._clients):
            self._live(Repertoire(session.new_client()), session)
        while self._queue:
            at, _, happens = heapq.heappop(self._queue)
            self._clock.set(at)
            happens()

    def _live(self, repertoire: Repertoire, session: Session) -> None:
        steps = self._life(repertoire, session)
        self._at(
            session.begins + self._chance.randrange(50) * MS,
            partial(self._go_on, steps, session, repertoire, ()),
        )

    def _life(self, repertoire: Repertoire, session: Session) -> Steps[None]:
        while not repertoire.over and session.now() < session.ends:
            yield from repertoire.next().work()
            yield Pause(self._chance.uniform(0, 0.1))
        for scenario in repertoire.scenarios:
            yield from scenario.finish()

    def _go_on(
        self, steps: Steps[None], session: Session, repertoire: Repertoire, answers: tuple[Answer, ...]
    ) -> None:
        try:
            step = steps.send(answers if answers else None)  # type: ignore[arg-type]  # begins with None
        except StopIteration:
            return
        again = partial(self._go_on, steps, session, repertoire)
        if isinstance(step, Pause):
            self._at(self._clock.now() + int(step.seconds * 1e9), partial(again, ()))
        elif isinstance(step, Until):
            self._at(step.instant, partial(again, ()))
        else:
            requests = step.requests if isinstance(step, Together) else (step,)
            self._ask(requests, session, repertoire.me.name, again)

    def _ask(
        self,
        requests: tuple[Request, ...],
        session: Session,
        client: str,
        again: Callable[[tuple[Answer, ...]], None],
    ) -> None:
        start, answers = self._clock.now(), dict[int, Answer]()

        def answered(number: int, request: Request, response: Response) -> None:
            exchange = Exchange(request, response, client, "day", start, self._clock.now())
            answers[number] = Answer(session.record(exchange), response.body)
            if len(answers) == len(requests):
                again(tuple(answers[each] for each in range(len(requests))))

        for number, request in enumerate(requests):
            effect = start + self._chance.randrange(1, 40) * MS
            lost = self._chance.random() < LOST_SHARE
            if lost and self._chance.random() < 0.5:
                self._at(effect + self._chance.randrange(200) * MS, partial(self._happen, request, None))
            if lost:
                nothing = partial(answered, number, request, Response(0, error="timeout"))
                self._at(start + self._chance.randrange(1, 60) * MS, nothing)
            else:
                self._at(effect, partial(self._happen, request, partial(answered, number, request)))

    def _happen(self, request: Request, answered: Callable[[Response], None] | None) -> None:
        response = self._effect(request.interaction.method, request.url, request.body)
        if answered is not None:
            self._at(self._clock.now() + self._chance.randrange(1, 40) * MS, partial(answered, response))

    def _effect(self, method: str, url: str, body: bytes | None) -> Response:
        parts = urlsplit(url)
        status, content = self.provider.answer(method, f"{parts.path}?{parts.query}", body or b"")
        return Response(status, orjson.dumps(content))

    def _at(self, when: int, happens: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._tie), happens))

    def _consumer(self, practice: Practice, address: Address, user: EndUser) -> Consumer:
        return Consumer(practice, address, user, lambda: 1.9e9, lambda: f"trace-{next(self._ids)}")

"""The Locust user: plays scenarios, sends a consumer's requests, writes what it saw to the ledger."""

import ssl
import time
from typing import ClassVar

import gevent
from gevent.event import Event
from locust import User, task
from locust.env import Environment
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_STOPPING

from loadtest.arrivals import Arrivals
from loadtest.consumer import Request
from loadtest.ledger import Operation
from loadtest.responses import Exchange, Response
from loadtest.scenarios.catalogue import Repertoire
from loadtest.scenarios.connections import Connections
from loadtest.scenarios.session import Client, Session
from loadtest.scenarios.steps import Answer, Pause, Step, Steps, Together, Until

PAUSE_AFTER_UNKNOWN_SECONDS = 0.5
_LONGEST_SLEEP_SECONDS = 0.5


class GpConnectUser(User):
    """One client. `session` and `tls` are set once per process, and `ready` with them, before any works.

    Of what it sends Locust knows nothing, and counts nothing: all figures of a run come from the ledger.
    """

    session: ClassVar[Session]
    tls: ClassVar[ssl.SSLContext]
    ready: ClassVar[Event] = Event()

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._repertoire: Repertoire | None = None
        self._due: int | None = None

    @task
    def keep_working(self) -> None:
        """Do one piece of work after the other until the phase ends: at once, or as arrivals come.

        Locust kills a user that waits by Locust's own means, at times just after it has sent a request. One
        that is always at a task is asked to stop, and this is where it does.
        """
        self.ready.wait()
        self._connections = Connections(self.tls)
        self._repertoire = repertoire = Repertoire(self.session.new_client())
        if self.session.arrivals is None:
            self._work_on(repertoire)
        else:
            self._work_as_it_arrives(repertoire, self.session.arrivals)
        raise StopUser

    def on_stop(self) -> None:
        """Give back what is still held, and hang up."""
        self._due = None
        if self._repertoire is not None:
            for scenario in self._repertoire.scenarios:
                self._play(scenario.finish())
            self._connections.close()

    def _work_on(self, repertoire: Repertoire) -> None:
        think = self.session.order.phase.think
        self._sleep_until(self.session.begins)
        while not self.stopping and not repertoire.over and self.session.now() < self.session.ends:
            self._play(repertoire.next().work())
            self.session.health.sleep(repertoire.me.random.uniform(0.5, 1.5) * think)

    def _work_as_it_arrives(self, repertoire: Repertoire, arrivals: Arrivals) -> None:
        while not self.stopping and (due := arrivals.next()) is not None:
            self._sleep_until(due)
            if self.stopping:
                arrivals.given_back()
                break
            self._due = due
            arrivals.begin()
            self._play(repertoire.next().work())
        if self.stopping:
            # What would have been due from now on is not missed: nobody was to begin it.
            arrivals.stop()

    @property
    def stopping(self) -> bool:
        """Whether the load is at its end."""
        return bool(self._state == LOCUST_STATE_STOPPING)

    def _play(self, steps: Steps[None]) -> None:
        answers: tuple[Answer, ...] = ()
        try:
            step = next(steps)
            while True:
                answers = self._take(step)
                step = steps.send(answers)
        except StopIteration:
            return

    def _take(self, step: Step) -> tuple[Answer, ...]:
        if isinstance(step, Request):
            return (self._ask(step, self._due),)
        if isinstance(step, Together):
            due = self._due
            asking = [gevent.spawn(self._ask, request, due) for request in step.requests]
            gevent.joinall(asking, raise_error=True)
            return tuple(each.get() for each in asking)
        if isinstance(step, Until):
            self.session.health.sleep(max(0.0, (step.instant - self.session.now()) / 1e9))
        else:
            self._pause(step)
        return ()

    def _pause(self, pause: Pause) -> None:
        """Wait; in an open phase the next request is due when the pause should have ended."""
        if self._due is None:
            self.session.health.sleep(pause.seconds)
        else:
            self._due += int(pause.seconds * 1e9)
            self._sleep_until(self._due)

    def _sleep_until(self, instant: int) -> None:
        while not self.stopping and (left := (instant - self.session.now()) / 1e9) > 0:
            self.session.health.sleep(min(left, _LONGEST_SLEEP_SECONDS))

    def _ask(self, request: Request, due: int | None) -> Answer:
        """Send the request and record it. Rests after an unknown outcome."""
        start = self.session.now()
        try:
            response = self._connections.send(
                request.interaction.method, request.url, request.headers, request.body
            )
        except BaseException:
            # Stopped while the request was under way: it may have taken effect.
            self._record(request, Response(0, error="stopped"), start, due)
            raise
        record = self._record(request, response, start, due)
        if record.outcome == "unknown":
            # Locust has patched the process: this sleeps one client, not all of them.
            time.sleep(PAUSE_AFTER_UNKNOWN_SECONDS * self._me.random.uniform(0.5, 1.5))
        if due is not None:
            # What follows is due as soon as this is over.
            self._due = self.session.now()
        return Answer(record, response.body)

    def _record(self, request: Request, response: Response, start: int, due: int | None) -> Operation:
        end = self.session.now()
        phase = self.session.order.phase.name
        return self.session.record(Exchange(request, response, self._me.name, phase, start, end, due))

    @property
    def _me(self) -> Client:
        if self._repertoire is None:
            raise RuntimeError("a request before the session was ready")
        return self._repertoire.me

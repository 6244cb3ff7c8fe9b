"""The Locust user: plays scenarios, sends a consumer's requests, writes what it saw to the ledger."""

import ssl
import time
from typing import Any, ClassVar

import gevent
from gevent.event import Event
from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.response import HTTPConnectionClosed
from geventhttpclient.url import URL
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_STOPPING

from loadtest.arrivals import Arrivals
from loadtest.consumer import Request
from loadtest.ledger import Operation
from loadtest.responses import Exchange, Response
from loadtest.scenarios.call_centre import MOST_PRACTICES
from loadtest.scenarios.catalogue import Repertoire
from loadtest.scenarios.session import CONNECTION_TIMEOUT, NETWORK_TIMEOUT, Client, Session
from loadtest.scenarios.steps import Answer, Pause, Step, Steps, Together, Until
from loadtest.transport import connection_error

PAUSE_AFTER_UNKNOWN_SECONDS = 0.5
_LONGEST_SLEEP_SECONDS = 0.5
_ANY_STATUS = frozenset(range(100, 600))
_UNCOMPRESSED = {"Accept-Encoding": "identity"}


class SingleAttemptPool(HTTPClientPool):
    """Connections that send a request once.

    geventhttpclient sends an idempotent request again when the connection breaks before the answer. A cancel
    (PUT) that took effect would then be seen as refused, and the judge be told a falsehood.
    """

    def get_client(self, url: str | URL) -> HTTPClient:
        """The client for a URL's host, with its attempts limited to one."""
        client = super().get_client(url)
        # The number of attempts is derived from the pool's size and has no setting of its own.
        client._connection_pool.size = -1
        return client


class GpConnectUser(FastHttpUser):
    """One client. `session` and `tls` are set once per process, and `ready` with them, before any works."""

    host = "http://each-request-has-its-own"
    connection_timeout = CONNECTION_TIMEOUT
    network_timeout = NETWORK_TIMEOUT
    max_retries = 0
    max_redirects = 0
    session: ClassVar[Session]
    tls: ClassVar[ssl.SSLContext]
    ready: ClassVar[Event] = Event()

    def __init__(self, environment: Environment) -> None:
        self.client_pool = SingleAttemptPool(
            concurrency=MOST_PRACTICES,
            connection_timeout=self.connection_timeout,
            network_timeout=self.network_timeout,
            ssl_context_factory=self._tls_context,
        )
        super().__init__(environment)
        # Refusals are answers here, not exceptions: Locust would render and log the whole exchange of each.
        agent: Any = self.client.client
        agent.valid_response_codes = _ANY_STATUS
        self._repertoire: Repertoire | None = None
        self._due: int | None = None

    def _tls_context(self, cafile: str | None = None) -> ssl.SSLContext:
        """The one context of the process. The pool names authorities of its own choice, which are ignored."""
        return self.tls

    @task
    def keep_working(self) -> None:
        """Do one piece of work after the other until the phase ends: at once, or as arrivals come.

        Locust kills a user that waits by Locust's own means, at times just after it has sent a request. One
        that is always at a task is asked to stop, and this is where it does.
        """
        self.ready.wait()
        self._repertoire = repertoire = Repertoire(self.session.new_client())
        if self.session.arrivals is None:
            self._work_on(repertoire)
        else:
            self._work_as_it_arrives(repertoire, self.session.arrivals)
        raise StopUser

    def on_stop(self) -> None:
        """Give back what is still held."""
        self._due = None
        if self._repertoire is not None:
            for scenario in self._repertoire.scenarios:
                self._play(scenario.finish())

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
            response = self._send(request)
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

    def _send(self, request: Request) -> Response:
        # Typed for text bodies only; bytes are passed on as they are.
        body: Any = request.body
        with self.client.request(
            request.interaction.method,
            request.url,
            name=request.interaction.name,
            data=body,
            headers={**request.headers, **_UNCOMPRESSED},
            catch_response=True,
            allow_redirects=False,
        ) as answer:
            error = getattr(answer, "error", None) or answer.request_meta["exception"]
            answer.success()
            if error is not None:
                return Response(0, error=_what_broke(error))
            return Response(answer.status_code, answer.content or b"")

    def _record(self, request: Request, response: Response, start: int, due: int | None) -> Operation:
        end = self.session.now()
        phase = self.session.order.phase.name
        return self.session.record(Exchange(request, response, self._me.name, phase, start, end, due))

    @property
    def _me(self) -> Client:
        if self._repertoire is None:
            raise RuntimeError("a request before the session was ready")
        return self._repertoire.me


def _what_broke(error: BaseException) -> str:
    cause = getattr(error, "original", None) or error
    return "connection reset" if isinstance(cause, HTTPConnectionClosed) else connection_error(cause)

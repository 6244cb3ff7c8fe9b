"""The Locust user every scenario builds on: sends a consumer's requests, writes what it saw to the ledger."""

import time
from typing import Any, ClassVar

from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.response import HTTPConnectionClosed
from geventhttpclient.url import URL
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_STOPPING

from loadtest.consumer import Request
from loadtest.ledger import Operation
from loadtest.responses import Exchange, Response
from loadtest.scenarios.session import CONNECTION_TIMEOUT, NETWORK_TIMEOUT, Session
from loadtest.transport import connection_error

PAUSE_AFTER_UNKNOWN_SECONDS = 0.5
LONGEST_PAUSE_AT_THE_END_SECONDS = 0.4
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
    """One client. `session` is set once per process, before Locust makes users."""

    abstract = True
    host = "http://each-request-has-its-own"
    connection_timeout = CONNECTION_TIMEOUT
    network_timeout = NETWORK_TIMEOUT
    max_retries = 0
    max_redirects = 0
    session: ClassVar[Session]

    def __init__(self, environment: Environment) -> None:
        self.client_pool = SingleAttemptPool(
            concurrency=1,
            connection_timeout=self.connection_timeout,
            network_timeout=self.network_timeout,
            insecure=True,
        )
        super().__init__(environment)
        # Refusals are answers here, not exceptions: Locust would render and log the whole exchange of each.
        agent: Any = self.client.client
        agent.valid_response_codes = _ANY_STATUS
        self.me = self.session.new_client()

    @task
    def keep_working(self) -> None:
        """Do one piece of work after the other, with thought in between, until the load ends.

        Locust kills a user that waits by Locust's own means, at times just after it has sent a request. One
        that is always at a task is asked to stop, and this is where it does.
        """
        while not self.stopping:
            self.work()
            self.session.health.sleep(self.me.random.uniform(0.5, 1.5) * self.me.order.think)
        raise StopUser

    def work(self) -> None:
        """One piece of the scenario's work."""
        raise NotImplementedError

    def pause_at_the_end(self) -> None:
        """Wait a moment before giving something back: all at once would be a rush nobody asked for."""
        time.sleep(self.me.random.uniform(0, LONGEST_PAUSE_AT_THE_END_SECONDS))

    @property
    def stopping(self) -> bool:
        """Whether the load is at its end."""
        return bool(self._state == LOCUST_STATE_STOPPING)

    def ask(self, request: Request) -> tuple[Operation, bytes]:
        """Send the request and record it; returns the record and the body. Rests after an unknown outcome."""
        start = time.monotonic_ns()
        try:
            response = self._send(request)
        except BaseException:
            # Stopped while the request was under way: it may have taken effect.
            self._record(request, Response(0, error="stopped"), start)
            raise
        record = self._record(request, response, start)
        if record.outcome == "unknown":
            # Locust has patched the process: this sleeps one client, not all of them.
            time.sleep(PAUSE_AFTER_UNKNOWN_SECONDS * self.me.random.uniform(0.5, 1.5))
        return record, response.body

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

    def _record(self, request: Request, response: Response, start: int) -> Operation:
        end = time.monotonic_ns()
        return self.session.record(
            Exchange(request, response, self.me.name, self.me.order.scenario, start, end)
        )


def _what_broke(error: BaseException) -> str:
    cause = getattr(error, "original", None) or error
    return "connection reset" if isinstance(cause, HTTPConnectionClosed) else connection_error(cause)

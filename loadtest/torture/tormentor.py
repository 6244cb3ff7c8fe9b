"""Strikes the server while it is under load, and starts it again, in a thread beside the run."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from loadtest.torture.blows import CALM_SECONDS, Blow
from loadtest.torture.events import EventLog
from loadtest.torture.load_clock import LoadClock
from loadtest.torture.relay import Relay
from loadtest.torture.server import Ending, OwnedServer, ServerError

_WORK_WITHIN_SECONDS = 1.0
_LOOK_EVERY_SECONDS = 0.001
_SETTLING_SECONDS = 0.5
"""Between the server's answering again and the next blow: clients find it first."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Struck:
    """One blow and what came of it: exchanges in flight, how the server ended, seconds until it was back.

    `back_after` counts from the start to the first answer; None where it did not come back.
    """

    blow: Blow
    in_flight: int
    commands_in_flight: int
    ending: Ending
    back_after: float | None


@dataclass(slots=True)
class Tormentor:
    """Strikes a server behind a relay, in a thread of its own.

    `stop_within` is the seconds that a stop may take. `failure` says why it could not go on. `told` is called
    after every blow, from that thread.
    """

    server: OwnedServer
    relay: Relay
    log: EventLog
    stop_within: float
    told: Callable[[Struck], None] = lambda _: None
    struck: list[Struck] = field(default_factory=list)
    starts: int = 0
    failure: str | None = None
    _slowest_start: float = 0.0
    _clock: LoadClock = field(default_factory=LoadClock)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start_server(self) -> float:
        """Start the server; returns the seconds until it answered. Raises ServerError."""
        self.starts += 1
        number = self.starts
        self.log.note("start", number=number)
        seconds = self.server.start()
        self._slowest_start = max(self._slowest_start, seconds)
        self.log.note("ready", number=number, pid=self.server.pid, took_ms=round(1000 * seconds, 1))
        return seconds

    def begin(self, blows: Sequence[Blow], seconds: float) -> None:
        """Carry out the blows in a load of `seconds`, once it has begun.

        That is told by the first command through the relay, or by `phase_begins`. The relay is unleashed
        then, and quiet again for the last `CALM_SECONDS` of the load, even where a blow before them takes
        longer than any did. No blow is struck after which the server might not be up again by then, as slow
        as it was to start so far.
        """
        self._thread = threading.Thread(target=self._torment, args=[blows, seconds], name="tormentor")
        self._thread.start()

    def phase_begins(self, at: float, seconds: float) -> None:
        """Say when (monotonic seconds) the clients of a phase begin, and how long it is."""
        self._clock.phase_begins(at, seconds)

    def make_peace(self) -> None:
        """No more blows, and a quiet relay. It does not wait, so that a signal handler may call it."""
        self._over.set()
        self.relay.quiet()

    def finish(self) -> None:
        """No more blows; returns once the server is up again, or is given up, and the relay is quiet."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.relay.quiet()

    def abandon(self) -> None:
        """No more blows, and no waiting for a server that is coming up; returns once the thread has ended."""
        self._over.set()
        self.server.given_up.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _torment(self, blows: Sequence[Blow], seconds: float) -> None:
        last = seconds - CALM_SECONDS
        # A thread of its own: a blow that takes its time must not keep the relay from being quiet.
        hush = threading.Thread(target=self._hush_at, args=[last], name="hush")
        try:
            while not (self.relay.await_command(_POLL_SECONDS) or self._elapsed() > 0):
                if self._over.is_set():
                    return
                self._check_it_runs()
            self._clock.met_command(time.monotonic())
            self.relay.unleash()
            self.log.note("unleashed", seconds=round(seconds, 1))
            hush.start()
            self._carry_out(blows, last)
            self._wait_until(last)
        except ServerError as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}")
        if hush.ident is not None:
            hush.join()

    def _carry_out(self, blows: Sequence[Blow], last: float) -> None:
        for blow in blows:
            due = max(blow.at, self._elapsed() + _SETTLING_SECONDS)
            if not self._wait_until(due) or not self._await_work(blow.after_command):
                return
            if self._elapsed() + blow.down + self._slowest_start > last:
                return
            self._strike(blow)

    def _hush_at(self, last: float) -> None:
        while (remaining := last - self._elapsed()) > 0 and not self._over.is_set():
            self._over.wait(min(remaining, _POLL_SECONDS))
        self.relay.quiet()
        self.log.note("hushed", second=round(self._elapsed(), 1))

    def _elapsed(self) -> float:
        return self._clock.elapsed(time.monotonic())

    def _fail(self, why: str) -> None:
        self.failure = why
        self.log.note("failed", why=why)
        self._over.set()

    def _wait_until(self, second: float) -> bool:
        """Wait for a second of the load, watching that the server does not end by itself.

        False where no more blows are wanted.
        """
        while (remaining := second - self._elapsed()) > 0:
            if self._over.wait(min(remaining, _POLL_SECONDS)):
                return False
            self._check_it_runs()
        return True

    def _check_it_runs(self) -> None:
        code = self.server.exit_code
        if code is not None:
            lines = self.server.last_lines()
            said = f"; it wrote last:\n{lines}" if lines else ""
            raise ServerError(f"the server ended by itself with exit code {code}{said}")

    def _strike(self, blow: Blow) -> None:
        in_flight, commands = self.relay.in_flight, self.relay.commands_in_flight
        second = round(self._elapsed(), 1)
        self.log.note(blow.sort, number=blow.number, second=second, in_flight=in_flight, commands=commands)
        ending = self.server.kill() if blow.sort == "kill" else self.server.stop(self.stop_within)
        self.log.note(
            "ended",
            number=blow.number,
            sort=blow.sort,
            took_ms=round(1000 * ending.seconds, 1),
            exit_code=ending.exit_code,
            late=ending.late,
            left_behind=ending.left_behind,
        )
        time.sleep(blow.down)
        try:
            back_after = self.start_server()
        except ServerError as error:
            self._tell(Struck(blow, in_flight, commands, ending, None))
            after = f"{blow.sort} {blow.number}"
            raise ServerError(f"the server did not come back after {after}: {error}") from error
        self._tell(Struck(blow, in_flight, commands, ending, back_after))

    def _await_work(self, pause: float) -> bool:
        """Return while a command is at work, else while anything is, else after two seconds.

        False where no more blows are wanted. Raises ServerError where the server ends by itself meanwhile.
        """
        give_up = time.monotonic() + _WORK_WITHIN_SECONDS
        while (left := give_up - time.monotonic()) > 0:
            came = self.relay.await_command(min(left, _POLL_SECONDS))
            if came:
                time.sleep(pause)
                # Where it was answered in that time already, the next is given less.
                pause /= 2
            if self._over.is_set():
                return False
            self._check_it_runs()
            if came and self.relay.commands_in_flight:
                return True
        give_up = time.monotonic() + _WORK_WITHIN_SECONDS
        while not self.relay.in_flight and time.monotonic() < give_up:
            if self._over.wait(_LOOK_EVERY_SECONDS):
                return False
            self._check_it_runs()
        return True

    def _tell(self, struck: Struck) -> None:
        self.struck.append(struck)
        self.told(struck)

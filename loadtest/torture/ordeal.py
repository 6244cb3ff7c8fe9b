"""A whole tortured run: the server, the relay, the tormentor and the load, put up and taken down in order."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from loadtest.ledger import READ_BACK
from loadtest.plans.changes import with_duration
from loadtest.plans.plan import Phase, Plan
from loadtest.report.progress import Rate, RunProgress
from loadtest.running.generator import begun_at
from loadtest.running.run import Run, prepare
from loadtest.running.run_options import RunOptions
from loadtest.running.run_record import RUN_FILE
from loadtest.running.survey import SurveyError
from loadtest.scenarios.session import NETWORK_TIMEOUT
from loadtest.torture.blows import plan_blows, seconds_for
from loadtest.torture.events import EventLog
from loadtest.torture.fates import Fates
from loadtest.torture.relay import Relay
from loadtest.torture.server import LOG_FILE, OwnedServer, ServerCommand, ServerError
from loadtest.torture.tormentor import Struck, Tormentor
from loadtest.wire.provider import CannotRun

_DRAIN_SECONDS = 20.0

OWN_PLAN = Plan(
    name="torture",
    about="book, amend and cancel, and contend for a few slots, while the server is struck",
    stock="drains",
    phases=(
        Phase(
            name="torture",
            mix={"booking": 2.0, "journey": 1.0, "churn": 1.0},
            seconds=30.0,
            users=24,
            think=0.05,
        ),
    ),
)
"""What is run where nothing else is asked for. A slot whose booking had no answer is given back by nobody."""


@dataclass(frozen=True, slots=True)
class TortureOptions:
    """What was asked for. `serve` is the server's command line; times are in seconds, shares from 0 to 1.

    `seconds` of load are derived from `kills` (blows, in truth: half of them are stops) where not given.
    `ready_within` is how long a start may take, `stop_within` how long a stop by SIGTERM.
    """

    serve: str
    directory: Path
    plan: Plan = OWN_PLAN
    target: str | None = None
    practices_file: Path | None = None
    seconds: float | None = None
    processes: int = 2
    seed: int = 1
    kills: int = 5
    drop: float = 0.02
    delay: float = 0.05
    ready_within: float = 60.0
    stop_within: float = 10.0


@dataclass(slots=True)
class Ordeal:
    """One tortured run. `execute` it once; `told` is called after every blow, from another thread.

    `planned` is called with the seconds of load, once they are known.
    """

    options: TortureOptions
    progress: RunProgress
    told: Callable[[Struck], None] = lambda _: None
    planned: Callable[[float], None] = lambda _: None
    _tormentor: Tormentor | None = None

    def make_peace(self) -> None:
        """Strike and harm no more. For a signal handler: clients that are to end must not be held up."""
        if self._tormentor is not None:
            self._tormentor.make_peace()

    def execute(self) -> None:
        """Leave the evidence in the report directory; no process of the server is left, whatever happens.

        Raises CannotRun if the server does not come up or the load cannot begin. Ctrl-C ends the load early.
        """
        options = self.options
        try:
            command = ServerCommand.read(options.serve, options.target)
        except ServerError as error:
            raise CannotRun(str(error)) from error
        prepare(options.directory)
        with ExitStack() as stack:
            log = stack.enter_context(EventLog(options.directory, options.seed))
            server = OwnedServer(command, options.directory / LOG_FILE, options.ready_within)
            fates = Fates(options.seed, options.drop, options.delay, NETWORK_TIMEOUT)
            relay = stack.enter_context(Relay(command.host, command.port, fates, log))
            tormentor = self._tormentor = Tormentor(server, relay, log, options.stop_within, self.told)
            stack.callback(_take_down, tormentor, server)
            log.note("begin", kills=options.kills, command=command.text)
            self.progress.stage("starting the server")
            try:
                started = tormentor.start_server()
            except ServerError as error:
                raise CannotRun(str(error)) from error
            seconds = options.seconds or seconds_for(options.kills, started)
            self.planned(seconds)
            tormentor.begin(plan_blows(options.seed, options.kills, seconds), seconds)
            self._load(with_duration(options.plan, seconds), relay, tormentor)
            log.note("relayed", **relay.counts)

    def _load(self, plan: Plan, relay: Relay, tormentor: Tormentor) -> None:
        options = self.options
        asked = RunOptions(
            plan=plan,
            directory=options.directory,
            target=relay.url,
            practices_file=options.practices_file,
            processes=options.processes,
            seed=options.seed,
            expect_outage=True,
        )
        run = Run(asked, _Watching(self.progress, tormentor, options.directory))
        run.execute()
        if object_to(run.record, tormentor.failure, tormentor.struck, options.kills):
            record = orjson.dumps(run.record, option=orjson.OPT_INDENT_2)
            (options.directory / RUN_FILE).write_bytes(record)


@dataclass(slots=True)
class _Watching:
    """Passes a run's progress on; makes peace before the read back, ends a load whose server is gone."""

    inner: RunProgress
    tormentor: Tormentor
    directory: Path
    _phases: int = 0
    _reading_back: bool = False

    def stage(self, name: str, seconds: float | None = None, rate: Rate | None = None) -> None:
        """A new stage begins."""
        if name == READ_BACK:
            self._reading_back = True
            self.inner.stage("waiting for the server to be up and the relay to be quiet")
            self.tormentor.finish()
            self.tormentor.relay.drain(_DRAIN_SECONDS)
        if seconds is not None:
            # A phase is announced once its generator has said when its clients are to begin.
            began = begun_at(self.directory, self._phases) or time.monotonic_ns()
            self.tormentor.phase_begins(began / 1e9, seconds)
            self._phases += 1
        self.inner.stage(name, seconds, rate)

    def step(self, what: str) -> None:
        """Something was done. Raises SurveyError once the server is lost: what there is, is judged."""
        failure = self.tormentor.failure
        if failure is not None:
            raise SurveyError("the server is lost" if self._reading_back else failure)
        self.inner.step(what)

    def trouble(self, said: str) -> None:
        """Why this stage does not go on; "" once it does."""
        self.inner.trouble(said)


def object_to(record: dict[str, Any], failure: str | None, struck: Sequence[Struck], asked: int) -> bool:
    """Write into a run's record what speaks against it, the blows being as `struck`; whether anything did.

    A server that was lost leaves no whole evidence. Else it is whole, and a violation that it proves is one.
    """
    if failure is not None:
        record["cut_short"] = failure
        return True
    found = objections_to([each.in_flight for each in struck], asked, bool(record["interrupted"]))
    record["objections"] += found
    return bool(found)


def objections_to(in_flight: Sequence[int], asked: int, interrupted: bool) -> list[str]:
    """Why a tortured run is no evidence of what it is for; `in_flight` has the exchanges of every blow.

    A run that somebody ended early is judged for what it has.
    """
    found = []
    if len(in_flight) < asked and not interrupted:
        found.append(
            f"{len(in_flight)} of {asked} kills and stops fell into the load: give it a longer --duration or"
            " fewer --kills"
        )
    if in_flight and not any(in_flight) and not interrupted:
        found.append(
            f"nothing was in flight at {_all_of(len(in_flight))}: no request was put to the"
            " test that they are for; more --users, or a plan with less rest"
        )
    return found


def _all_of(blows: int) -> str:
    return "the only kill or stop" if blows == 1 else f"any of the {blows} kills and stops"


def _take_down(tormentor: Tormentor, server: OwnedServer) -> None:
    with _undisturbed():
        tormentor.abandon()
        server.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no further Ctrl-C come between a server and its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)

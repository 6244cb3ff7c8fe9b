"""A whole run: first look, the load of each phase in turn, read back. It leaves its evidence behind."""

import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

import orjson

from loadtest.audit_token import EndUser
from loadtest.chance import repeatable
from loadtest.consumer import Address, Consumer
from loadtest.ledger import PLANNING, LedgerHeader, LedgerWriter
from loadtest.plans.plan import Phase
from loadtest.practices import Practice
from loadtest.running.contest import choose_contested, plan_rounds, round_interval
from loadtest.running.first_look import FirstLook, chosen, look
from loadtest.running.generator import (
    LEAD_SECONDS,
    START_SECONDS,
    STOP_SECONDS,
    WORKERS_WAIT_SECONDS,
    Generator,
    Load,
    begun_at,
)
from loadtest.running.order import Diary, WorkOrder
from loadtest.running.run_options import RunOptions
from loadtest.running.run_record import RUN_FILE, new_record, now
from loadtest.running.survey import SurveyError, Surveyor
from loadtest.wire.provider import CannotRun, find_practices, origin_of, today_at
from loadtest.wire.transport import Connection

GIVING_BACK_SECONDS = 30.0
"""How long clients may take to finish what they began, at the most: requests time out before."""

_AFTER_THE_LAST_ROUND_SECONDS = 1.0


class Progress(Protocol):
    """Told how far a run is."""

    def stage(
        self, name: str, seconds: float | None = None, rate: Callable[[float], float] | None = None
    ) -> None:
        """A new stage begins; `seconds` if its length is known, `rate` if it asks for arrivals a second."""
        ...

    def step(self, what: str) -> None:
        """Something was done in this stage."""
        ...

    def trouble(self, said: str) -> None:
        """Why this stage does not go on, and what is done about it; "" once it goes on."""
        ...


@dataclass(slots=True)
class Run:
    """One run under way. `execute` it once."""

    options: RunOptions
    progress: Progress
    record: dict[str, Any] = field(default_factory=dict)

    def execute(self) -> None:
        """Leave the evidence in the report directory. Raises CannotRun or TlsFilesError if it cannot begin.

        Ctrl-C ends the load early, not the run: what there is is read back and kept.
        """
        options = self.options
        tls = options.tls.context()
        listed = find_practices(options.target, options.practices_file, tls)
        practices = chosen(listed, options.plan, options.seed)
        first = today_at(options.target or origin_of(practices[0]), tls) + timedelta(days=1)
        run_id = new_run_id(options.plan.name)
        made = prepare(options.directory)
        header = LedgerHeader.of_this_process(run_id, options.plan.name, options.seed)
        self.record = new_record(options, run_id, practices)
        connection = Connection(tls=tls)
        with closing(connection), LedgerWriter(options.directory, header) as ledger:
            self.record["survey_ledger"] = ledger.path.name
            address = Address(options.target, options.proxy)
            surveyor = Surveyor(
                {p.ods_code: Consumer(p, address, EndUser("gpload-survey")) for p in practices},
                connection,
                ledger,
                "survey",
                step=self.progress.step,
                trouble=self.progress.trouble,
            )
            try:
                diary = Diary(first, first + timedelta(days=options.days - 1))
                self._look_load_look(surveyor, practices, diary)
            finally:
                self.record["ended"] = now()
                _leave(options.directory, self.record, ledger, made)

    def _look_load_look(self, surveyor: Surveyor, practices: tuple[Practice, ...], diary: Diary) -> None:
        self.progress.stage("first look")
        try:
            seen = look(surveyor, practices, self.options.plan, diary)
            self.record["provider"] = surveyor.provider(practices[0].ods_code)
        except SurveyError as error:
            file = self.options.practices_file
            direct = file is not None and self.options.proxy is None
            raise CannotRun(f"{error}{f'; practices are as {file} has them' if direct else ''}") from error
        self.record["diary"] = {"first": seen.diary.first.isoformat(), "last": seen.diary.last.isoformat()}
        self.record["data"] = {
            "practices": len(practices),
            "patients": sum(map(len, seen.patients.values())),
            "free_slots": seen.free_slots,
        }
        try:
            for order, phase in enumerate(self.options.plan.phases):
                self._load(self._work_order(order, phase, practices, seen), surveyor)
        except KeyboardInterrupt:
            self.record["interrupted"] = True
        except (SurveyError, CannotRun) as error:
            # What an earlier phase did is still worth a judgement: it may hold a proved violation.
            if not self.record["parts"]:
                raise CannotRun(str(error)) from error
            self.record["cut_short"] = str(error)
        self.progress.stage("read back")
        try:
            surveyor.read_back(seen.patients, seen.diary)
            self.record["read_back"] = "complete"
        except SurveyError as error:
            self.record["read_back"] = str(error)

    def _work_order(
        self, order: int, phase: Phase, practices: tuple[Practice, ...], seen: FirstLook
    ) -> WorkOrder:
        options = self.options
        processes = options.meeting.processes if options.meeting else options.processes
        return WorkOrder(
            run=self.record["run"],
            plan=options.plan.name,
            phase=phase,
            order=order,
            seed=options.seed,
            target=options.target,
            proxy=options.proxy,
            diary=seen.diary,
            practices=practices,
            patients=seen.patients,
            processes=min(processes, phase.users or phase.clients),
            last=order == len(options.plan.phases) - 1,
        )

    def _load(self, work: WorkOrder, surveyor: Surveyor) -> None:
        phase, seconds = work.phase, work.phase.seconds
        work = self._with_contention(work, surveyor)
        if work.rounds:
            seconds = work.rounds[-1].at / 1e9
            work = replace(work, phase=replace(phase, seconds=seconds + _AFTER_THE_LAST_ROUND_SECONDS))
        clients = phase.users or phase.clients
        options = self.options
        if options.meeting is not None and clients < options.meeting.processes:
            raise CannotRun(
                f"{phase.name} has {clients} clients for {options.meeting.processes} worker processes: more"
                " clients, or fewer workers"
            )
        load = Load(
            work.write(options.directory),
            clients,
            LEAD_SECONDS + seconds + GIVING_BACK_SECONDS,
            work.processes,
            options.meeting,
            options.tls,
        )
        part: dict[str, Any] = {
            "scenario": phase.name,
            "users": phase.users,
            "rate": phase.rate and phase.rate.peak,
            "seconds": round(seconds, 1),
            "processes": work.processes,
            "began_ns": None,
            "exit_code": None,
            "log": load.log.name,
        }
        self.record["parts"].append(part)
        self._generate(load, work, part, seconds)

    def _generate(self, load: Load, work: WorkOrder, part: dict[str, Any], seconds: float) -> None:
        directory, name = self.options.directory, work.phase.name
        self.progress.stage(f"{name}: waiting for the generator")
        generator = Generator(load)
        give_up = time.monotonic() + load.seconds + START_SECONDS + STOP_SECONDS
        if load.meeting is not None:
            give_up += WORKERS_WAIT_SECONDS
        try:
            while part["exit_code"] is None and time.monotonic() < give_up:
                part["exit_code"] = generator.wait()
                if part["began_ns"] is None:
                    part["began_ns"] = begun_at(directory, work.order)
                    if part["began_ns"] is not None:
                        self.progress.stage(name, seconds, work.phase.rate and work.phase.rate.at)
                self.progress.step(name)
        except KeyboardInterrupt:
            self.progress.stage("stopping; then what was done is read back and judged")
            raise
        finally:
            if part["exit_code"] is None:
                part["exit_code"] = generator.stop()
        if load.meeting is not None and part["began_ns"] is None:
            meeting = load.meeting
            raise CannotRun(
                f"{meeting.processes} worker processes did not come to {meeting.host}:{meeting.port} within"
                f" {WORKERS_WAIT_SECONDS} s: start `gpload run --worker` on the other machines ({load.log})"
            )

    def _with_contention(self, work: WorkOrder, surveyor: Surveyor) -> WorkOrder:
        """The order with the slots on which its clients are to meet, where its scenarios need such."""
        phase = work.phase
        if not (phase.contests or "churn" in phase.mix):
            return work
        self.progress.stage(f"{phase.name}: agreeing slots")
        offers = {p: surveyor.offers(p, work.diary, PLANNING) for p in surveyor.consumers}
        random = repeatable(work.seed, work.order, phase.name)
        clients = phase.users or phase.clients
        try:
            if phase.contests:
                wanted = phase.rounds or phase.seconds
                return replace(work, rounds=plan_rounds(offers, wanted, round_interval(clients), random))
            return replace(work, contested=choose_contested(offers, clients, random))
        except ValueError as error:
            raise CannotRun(str(error)) from error


def new_run_id(name: str) -> str:
    """A run id of its own: the evidence of runs with one id is judged together."""
    return f"{name}-{datetime.now(tz=UTC):%Y%m%dT%H%M%S}-{token_hex(4)}"


def prepare(directory: Path) -> bool:
    """Make a report directory; return whether it was not there.

    Raises CannotRun where that fails, or it holds another run's evidence.
    """
    made = not directory.exists()
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"{directory}: {error.strerror}") from error
    if any(directory.glob("ledger-*.jsonl")):
        raise CannotRun(f"{directory} holds the evidence of another run; name a new directory with --report")
    return made


def _leave(directory: Path, record: dict[str, Any], ledger: LedgerWriter, made: bool) -> None:
    """Write the record; a run that never loaded leaves nothing that would stand in the way of the next."""
    if record["parts"]:
        (directory / RUN_FILE).write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))
    else:
        ledger.close()
        ledger.path.unlink()
        if made:
            with suppress(OSError):
                directory.rmdir()

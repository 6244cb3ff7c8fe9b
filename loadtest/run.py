"""A whole run: first look, the load of each scenario in turn, read back. It leaves its evidence behind."""

import platform
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

import orjson

from loadtest.appointments import Offer
from loadtest.audit_token import EndUser
from loadtest.chance import repeatable
from loadtest.consumer import Address, Consumer
from loadtest.contest import plan_rounds, round_interval
from loadtest.generator import START_SECONDS, STOP_SECONDS, Generator, Load
from loadtest.ledger import FIRST_LOOK, PLANNING, LedgerHeader, LedgerWriter
from loadtest.order import Diary, Round, WorkOrder
from loadtest.practices import Practice
from loadtest.provider import CannotRun, find_practices, today_at
from loadtest.scenarios.catalogue import Scenario, parts_of
from loadtest.survey import SurveyError, Surveyor
from loadtest.transport import Connection

PATIENTS_PER_PRACTICE = 20
DISTRIBUTION = "gp-appointment-simulator"
RUN_FILE = "run.json"
_GIVING_BACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What was asked for. `users`, `seconds` and `think` (seconds) replace each scenario's own.

    `shared`: others may write to the provider too. `expect_outage`: it is stopped or killed on purpose.
    """

    scenario: str
    directory: Path
    target: str
    proxy: str | None = None
    practices_file: Path | None = None
    users: int | None = None
    seconds: float | None = None
    processes: int = 2
    seed: int = 1
    rounds: int | None = None
    think: float | None = None
    most_practices: int = 50
    days: int = 56
    shared: bool = False
    expect_outage: bool = False


class Progress(Protocol):
    """Told how far a run is."""

    def stage(self, name: str, seconds: float | None = None) -> None:
        """A new stage begins; `seconds` if its length is known."""
        ...

    def step(self, what: str) -> None:
        """Something was done in this stage."""
        ...


@dataclass(slots=True)
class Run:
    """One run under way. `execute` it once."""

    options: RunOptions
    progress: Progress
    record: dict[str, Any] = field(default_factory=dict)

    def execute(self) -> None:
        """Leave the evidence in the report directory. Raises CannotRun if the load cannot begin.

        Ctrl-C ends the load early, not the run: what there is is read back and kept.
        """
        options = self.options
        scenarios = _scenarios(options)
        practices = _chosen(find_practices(options.target, options.practices_file), options)
        first = today_at(options.target) + timedelta(days=1)
        run_id = new_run_id(options)
        _prepare(options.directory)
        header = LedgerHeader.of_this_process(run_id, options.scenario, options.seed)
        self.record = _record(options, run_id, practices)
        connection = Connection()
        with closing(connection), LedgerWriter(options.directory, header) as ledger:
            self.record["survey_ledger"] = ledger.path.name
            address = Address(options.target, options.proxy)
            surveyor = Surveyor(
                {p.ods_code: Consumer(p, address, EndUser("gpload-survey")) for p in practices},
                connection,
                ledger,
                f"{header.pid}-survey",
                step=self.progress.step,
            )
            try:
                diary = Diary(first, first + timedelta(days=options.days - 1))
                self._look_load_look(surveyor, practices, scenarios, diary)
            finally:
                self.record["ended"] = _now()
                path = options.directory / RUN_FILE
                path.write_bytes(orjson.dumps(self.record, option=orjson.OPT_INDENT_2))

    def _look_load_look(
        self,
        surveyor: Surveyor,
        practices: tuple[Practice, ...],
        scenarios: tuple[Scenario, ...],
        diary: Diary,
    ) -> None:
        self.progress.stage("first look")
        try:
            patients, diary = first_look(surveyor, practices, scenarios, diary)
        except SurveyError as error:
            raise CannotRun(str(error)) from error
        self.record["diary"] = {"first": diary.first.isoformat(), "last": diary.last.isoformat()}
        try:
            for order, scenario in enumerate(scenarios):
                work = self._work_order(scenario, order, practices, patients, diary)
                self._load(scenario, work, surveyor)
        except KeyboardInterrupt:
            self.record["interrupted"] = True
        except (SurveyError, CannotRun) as error:
            # What an earlier scenario did is still worth a judgement: it may hold a proved violation.
            if not self.record["parts"]:
                raise CannotRun(str(error)) from error
            self.record["cut_short"] = str(error)
        self.progress.stage("read back")
        try:
            surveyor.read_back(patients, diary)
            self.record["read_back"] = "complete"
        except SurveyError as error:
            self.record["read_back"] = str(error)

    def _work_order(
        self,
        scenario: Scenario,
        order: int,
        practices: tuple[Practice, ...],
        patients: Mapping[str, Mapping[str, str]],
        diary: Diary,
    ) -> WorkOrder:
        options = self.options
        return WorkOrder(
            run=self.record["run"],
            scenario=scenario.name,
            order=order,
            seed=options.seed,
            directory=str(options.directory.resolve()),
            target=options.target,
            proxy=options.proxy,
            diary=diary,
            practices=practices,
            patients=patients,
            think=scenario.think,
            processes=min(options.processes, scenario.users),
        )

    def _load(self, scenario: Scenario, work: WorkOrder, surveyor: Surveyor) -> None:
        seconds = scenario.seconds
        if scenario.contests:
            self.progress.stage(f"{scenario.name}: agreeing rounds")
            offers = {p: surveyor.offers(p, work.diary, PLANNING) for p in surveyor.consumers}
            rounds = _rounds(offers, scenario, work.seed, self.options.rounds)
            work = replace(work, rounds=rounds)
            seconds = (rounds[-1].at - time.time_ns()) / 1e9 + _GIVING_BACK_SECONDS
        load = Load(work.write(), scenario.user_class, scenario.users, seconds, self.options.processes)
        part: dict[str, Any] = {
            "scenario": scenario.name,
            "users": load.users,
            "seconds": round(seconds, 1),
            "exit_code": None,
            "log": load.log.name,
        }
        self.record["parts"].append(part)
        self.progress.stage(scenario.name, seconds)
        generator = Generator(load)
        give_up = time.monotonic() + seconds + START_SECONDS + STOP_SECONDS
        try:
            while part["exit_code"] is None and time.monotonic() < give_up:
                part["exit_code"] = generator.wait()
                self.progress.step(scenario.name)
        finally:
            if part["exit_code"] is None:
                part["exit_code"] = generator.stop()


def first_look(
    surveyor: Surveyor, practices: tuple[Practice, ...], scenarios: tuple[Scenario, ...], diary: Diary
) -> tuple[dict[str, dict[str, str]], Diary]:
    """Patients by practice (NHS number to logical id), and the diary cut to the last day on offer.

    Raises CannotRun where there is nothing to work on.
    """
    patients: dict[str, dict[str, str]] = {}
    last_days: list[date] = []
    for practice in practices:
        offers = surveyor.offers(practice.ods_code, diary, FIRST_LOOK)
        last_days += [datetime.fromisoformat(offer.start).date() for offer in offers]
        if any(scenario.books for scenario in scenarios):
            known = surveyor.patients(practice.ods_code, practice.nhs_numbers[:PATIENTS_PER_PRACTICE])
            if not known:
                raise CannotRun(
                    f"practice {practice.ods_code} finds none of its listed patients: nobody to book for"
                )
            patients[practice.ods_code] = known
            surveyor.appointments(practice.ods_code, known.values(), diary, FIRST_LOOK)
    if not last_days:
        raise CannotRun(f"no practice offers this consumer a free slot from {diary.first} to {diary.last}")
    return patients, replace(diary, last=max(last_days))


def new_run_id(options: RunOptions) -> str:
    """A run id of its own: the evidence of runs with one id is judged together."""
    return f"{options.scenario}-{datetime.now(tz=UTC):%Y%m%dT%H%M%S}-{token_hex(4)}"


def _scenarios(options: RunOptions) -> tuple[Scenario, ...]:
    parts = parts_of(options.scenario)
    whole = sum(scenario.seconds for scenario in parts)
    scale = 1.0 if options.seconds is None else options.seconds / whole
    return tuple(
        replace(
            scenario,
            seconds=scenario.seconds * scale,
            users=options.users or scenario.users,
            think=scenario.think if options.think is None else options.think,
        )
        for scenario in parts
    )


def _chosen(practices: tuple[Practice, ...], options: RunOptions) -> tuple[Practice, ...]:
    if len(practices) <= options.most_practices:
        return practices
    return tuple(repeatable(options.seed).sample(practices, options.most_practices))


def _rounds(
    offers: Mapping[str, list[Offer]], scenario: Scenario, seed: int, count: int | None
) -> tuple[Round, ...]:
    interval = round_interval(scenario.users)
    try:
        return plan_rounds(
            offers, count or scenario.seconds, interval, repeatable(seed, scenario.name), time.time_ns()
        )
    except ValueError as error:
        raise CannotRun(str(error)) from error


def _prepare(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"{directory}: {error.strerror}") from error
    if any(directory.glob("ledger-*.jsonl")):
        raise CannotRun(f"{directory} holds the evidence of another run; name a new directory with --report")


def _now() -> str:
    return datetime.now(tz=UTC).isoformat(timespec="seconds")


def _record(options: RunOptions, run_id: str, practices: tuple[Practice, ...]) -> dict[str, Any]:
    return {
        "format": 1,
        "run": run_id,
        "scenario": options.scenario,
        "seed": options.seed,
        "started": _now(),
        "ended": None,
        "interrupted": False,
        "cut_short": None,
        "read_back": None,
        "options": orjson.loads(orjson.dumps(asdict(options), default=str)),
        "practices": [practice.ods_code for practice in practices],
        "diary": None,
        "parts": [],
        "environment": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "locust": version("locust"),
            "gpload": version(DISTRIBUTION),
        },
    }

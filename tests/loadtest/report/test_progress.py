import io
from dataclasses import dataclass, field, replace

from rich.console import Console

from loadtest.figures.timings import NO_ANSWER
from loadtest.report.live import LiveArrivals, LiveFigures
from loadtest.report.progress import PlainProgress, TerminalProgress, progress_on, said_of

FIGURES = LiveFigures(120, 14.4, 12.34, 3, 1, 1, estimated=False)


@dataclass
class Clock:
    """Time and figures that a test sets; counts how often the ledgers were looked at."""

    now: float = 0.0
    told: LiveFigures = FIGURES
    looks: int = 0
    steps: list[str] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def figures(self) -> LiveFigures:
        self.looks += 1
        return self.told


def console(terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), width=80, force_terminal=terminal)


def written(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def test_a_log_shows_a_line_for_each_stage_and_one_every_ten_seconds() -> None:
    clock, log = Clock(), console()
    with PlainProgress(log, clock, clock) as progress:
        progress.stage("first look")
        clock.now = 2.0
        progress.step("search_for_free_slots")
        progress.stage("booking", 30.0)
        for tick in range(100):
            clock.now = 2.0 + tick / 5
            progress.step("booking")

    assert written(log).splitlines() == [
        "[   0 s] first look",
        "[   2 s] booking: 30 s of load",
        "[  12 s] booking, 10 s of 30 s: 14 requests/s, p95 12.3 ms, 3 lost races, 1 refused, 1 error",
    ]


def test_why_a_survey_does_not_go_on_is_said_at_once_and_as_long_as_it_lasts() -> None:
    clock, log = Clock(), console()
    with PlainProgress(log, clock, clock) as progress:
        progress.stage("read back")
        for tick in range(25):
            clock.now = tick / 2
            progress.step("find_patient")
            progress.trouble(f"timeout; trying again, for {15 - clock.now:.0f} s yet")
        progress.trouble("")
        clock.now = 24.0
        progress.step("find_patient")

    assert written(log).splitlines() == [
        "[   0 s] read back",
        "[   0 s] timeout; trying again, for 15 s yet",
        "[  10 s] read back, 10 s: timeout; trying again, for 6 s yet",
        "[  24 s] read back, 24 s: 26 requests",
    ]


def test_a_terminal_shows_why_a_survey_does_not_go_on() -> None:
    clock, screen = Clock(), console(terminal=True)
    progress = TerminalProgress(screen, clock, clock)
    progress.stage("read back")
    progress.trouble("timeout; trying again, for 15 s yet")
    screen.print(progress.drawn())
    progress.trouble("")
    screen.print(progress.drawn())

    assert written(screen).count("timeout; trying again, for 15 s yet") == 1


def test_a_long_survey_shows_that_it_lives() -> None:
    clock, log = Clock(), console()
    with PlainProgress(log, clock, clock) as progress:
        progress.stage("read back")
        for tick in range(25):
            clock.now = float(tick)
            progress.step("retrieve_patient_appointments")

    assert written(log).splitlines()[1:] == [
        "[  10 s] read back, 10 s: 11 requests",
        "[  20 s] read back, 20 s: 21 requests",
    ]
    assert clock.looks == 0, "there is no load to look at"


def test_waiting_is_not_counted_as_requests() -> None:
    clock, log = Clock(), console()
    with PlainProgress(log, clock, clock) as progress:
        progress.stage("booking: waiting for the generator")
        clock.now = 10.0
        progress.step("booking")

    assert written(log).splitlines()[1:] == ["[  10 s] booking: waiting for the generator"]


def test_what_lasts_longer_than_its_load_is_finishing() -> None:
    clock, log = Clock(), console()
    with PlainProgress(log, clock, clock) as progress:
        progress.stage("booking", 8.0)
        clock.now = 10.0
        progress.step("booking")

    assert written(log).splitlines()[1].startswith("[  10 s] booking, 10 s, finishing: 14 requests/s")


def test_a_slow_provider_is_said_in_whole_milliseconds() -> None:
    assert "p95 1,935 ms" in said_of(replace(FIGURES, p95_ms=1934.6), None)


def test_the_ledgers_are_looked_at_once_a_second_at_most() -> None:
    clock = Clock()
    with PlainProgress(console(), clock, clock) as progress:
        progress.stage("booking", 30.0)
        for tick in range(51):
            clock.now = tick / 10
            progress.step("booking")

    assert clock.looks == 6


def test_open_arrivals_say_what_is_asked_at_this_moment() -> None:
    clock, log = Clock(), console()
    with PlainProgress(log, clock, clock) as progress:
        progress.stage("ramp", 15.0, lambda second: 5 + second)
        for now in (10.0, 20.0):
            clock.now = now
            progress.step("ramp")

    first, second = written(log).splitlines()[1:]
    assert "asked 15 arrivals/s, 14 requests/s, p95" in first
    assert "asked" not in second, "arrivals are over, what is under way is finished"


def test_arrivals_that_began_stand_beside_those_asked_for_meanwhile() -> None:
    figures = replace(FIGURES, arrivals=LiveArrivals(9.6, 12.4), per_second=48.0)

    assert said_of(figures, 15.0).startswith("begun 9.6 of 12 arrivals/s, 48 requests/s, p95")
    assert said_of(figures, None).startswith("48 requests/s"), "arrivals are over"


def test_arrivals_are_said_to_be_missed_only_where_some_are() -> None:
    assert "missed" not in said_of(FIGURES, 15.0)
    assert said_of(replace(FIGURES, missed=1200), 15.0).endswith("1 error, 1,200 arrivals missed")


def test_what_is_over_tells_what_it_missed_itself() -> None:
    clock, terminal = Clock(told=replace(FIGURES, missed=5)), console(terminal=True)
    with TerminalProgress(terminal, clock, clock) as progress:
        progress.stage("ramp", 30.0, lambda _: 20.0)
        clock.now, clock.told = 10.0, replace(FIGURES, missed=12)

    assert "0 errors, 7 arrivals missed" in written(terminal)


def test_estimates_are_marked_as_such() -> None:
    assert said_of(replace(FIGURES, estimated=True), None).startswith("~14 requests/s")
    assert "~3 lost races" in said_of(replace(FIGURES, estimated=True), None)


def test_a_terminal_draws_the_stage_under_way_and_keeps_a_line_of_what_is_over() -> None:
    clock, terminal = Clock(), console(terminal=True)
    with TerminalProgress(terminal, clock, clock) as progress:
        progress.stage("booking", 30.0, lambda _: 20.0)
        clock.now = 10.0
        clock.told = replace(FIGURES, requests=620, lost_races=8)
        progress.step("booking")
        drawn = Console(file=io.StringIO(), width=80)
        drawn.print(progress.drawn())
        progress.stage("read back")

    shown = written(drawn)
    assert "10 s of 30 s" in shown
    said = " ".join(shown.split())
    assert "asked 20 arrivals/s, 14 requests/s, p95 12.3 ms, 8 lost races, 1 refused, 1 error" in said
    assert max(map(len, shown.splitlines())) <= 80
    assert "10 s, 500 requests, 5 lost races, 0 refused, 0 errors" in written(terminal)


def test_the_progress_suits_where_it_is_shown() -> None:
    clock = Clock()

    assert isinstance(progress_on(console(), clock), PlainProgress)
    assert isinstance(progress_on(console(terminal=True), clock), TerminalProgress)


def test_a_provider_that_answers_nobody_has_no_p95_to_show() -> None:
    dead = replace(FIGURES, p95_ms=NO_ANSWER)
    assert said_of(dead, None) == "14 requests/s, p95 no answer, 3 lost races, 1 refused, 1 error"

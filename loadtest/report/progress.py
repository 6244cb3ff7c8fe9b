"""How far a run is: a live line on a terminal; in the log of a build, say, a plain line now and then.

Both go to standard error, so that standard output holds the verdict alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from loadtest.counting import count_of
from loadtest.interactions import INTERACTIONS
from loadtest.report.charts.scales import duration_text, milliseconds_text
from loadtest.report.live import LiveFigures
from loadtest.running.run import Progress

PLAIN_EVERY_SECONDS = 10.0
READ_EVERY_SECONDS = 1.0
_BAR_WIDTH = 28

Rate = Callable[[float], float]


class Tail(Protocol):
    """Says how the load stands."""

    def figures(self) -> LiveFigures:
        """The figures of this moment."""
        ...


class RunProgress(Progress, Protocol):
    """What a run tells, and what is entered while it runs."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(slots=True)
class _Stage:
    """One stage of a run: `seconds` is None where its length is not known, and it is then no load."""

    name: str
    began: float
    seconds: float | None = None
    rate: Rate | None = None
    steps: int = 0
    trouble: str = ""
    before: LiveFigures | None = None
    figures: LiveFigures | None = None

    def elapsed(self, now: float) -> str:
        so_far = duration_text(now - self.began)
        if self.seconds is None:
            return so_far
        if round(now - self.began) > round(self.seconds):
            return f"{so_far}, finishing"
        return f"{so_far} of {duration_text(self.seconds)}"

    def asked(self, now: float) -> float | None:
        """Arrivals a second asked for at this moment; None where clients are closed or arrivals are over."""
        over = self.rate is None or (self.seconds is not None and now - self.began > self.seconds)
        return None if over or self.rate is None else self.rate(now - self.began)

    def said(self, now: float) -> str:
        """How it stands, on one line."""
        if self.trouble:
            return self.trouble
        if self.seconds is None:
            return count_of(self.steps, "request") if self.steps else ""
        return "" if self.figures is None else said_of(self.figures, self.asked(now))

    def told(self, now: float) -> str:
        """What it came to, on one line."""
        took = duration_text(now - self.began)
        if self.before is None or self.figures is None:
            said = self.said(now)
            return f"{took}, {said}" if said else took
        about = "~" if self.figures.estimated else ""
        figures, before = self.figures, self.before
        parts = (
            count_of(figures.requests - before.requests, "request"),
            count_of(figures.lost_races - before.lost_races, "lost race"),
            count_of(figures.refused - before.refused, "refused", "refused"),
            count_of(figures.unknown - before.unknown, "error"),
        )
        missed = _missed(figures.missed - before.missed)
        return ", ".join([took, *(f"{about}{part}" for part in parts), *missed])


def said_of(figures: LiveFigures, asked: float | None) -> str:
    """The figures on one line: arrivals begun and asked for, requests, p95, lost races, refusals, errors.

    One arrival is a piece of work, of one request or several: so the two have a rate each. `asked` is what
    the plan asks for at this moment; what was asked while arrivals were counted goes before it.
    """
    about = "~" if figures.estimated else ""
    parts = []
    if asked is not None and figures.arrivals is not None:
        begun, of = figures.arrivals.begun_per_second, figures.arrivals.asked_per_second
        parts.append(f"begun {_rate(begun)} of {_rate(of)} arrivals/s")
    elif asked is not None:
        parts.append(f"asked {_rate(asked)} arrivals/s")
    parts.append(f"{about}{figures.per_second:,.0f} requests/s")
    if figures.p95_ms is not None:
        form = ",.0f" if figures.p95_ms >= 100 else ".3g"
        parts.append(f"p95 {milliseconds_text(figures.p95_ms, form)}")
    parts.append(f"{about}{count_of(figures.lost_races, 'lost race')}")
    parts.append(f"{about}{figures.refused:,} refused")
    parts.append(f"{about}{count_of(figures.unknown, 'error')}")
    return ", ".join([*parts, *_missed(figures.missed)])


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.2g}"


def _missed(arrivals: int) -> list[str]:
    return [count_of(arrivals, "arrival missed", "arrivals missed")] if arrivals else []


@dataclass(slots=True)
class _Watch:
    """The stage under way and the figures of the load, read at most once in `READ_EVERY_SECONDS`."""

    tail: Tail
    now: Callable[[], float]
    current: _Stage | None = None
    read_at: float = field(default=float("-inf"))

    def begin(self, name: str, seconds: float | None, rate: Rate | None) -> None:
        self.current = _Stage(name, self.now(), seconds, rate)
        if seconds is not None:
            self.read_at, self.current.before = self.now(), self.tail.figures()

    def step(self, what: str) -> None:
        if self.current is not None:
            self.current.steps += what in INTERACTIONS
            if self.current.seconds is not None and self.now() - self.read_at >= READ_EVERY_SECONDS:
                self.read()

    def trouble(self, said: str) -> None:
        if self.current is not None:
            self.current.trouble = said

    def read(self) -> None:
        if self.current is not None and self.current.seconds is not None:
            self.read_at, self.current.figures = self.now(), self.tail.figures()


class PlainProgress:
    """A line when a stage begins, and one every ten seconds while it lasts."""

    def __init__(self, console: Console, tail: Tail, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._watch = _Watch(tail, now)
        self._began = self._said_at = now()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def stage(self, name: str, seconds: float | None = None, rate: Rate | None = None) -> None:
        """Say that a stage begins."""
        self._watch.begin(name, seconds, rate)
        self._say(name if seconds is None else f"{name}: {duration_text(seconds)} of load")

    def step(self, what: str) -> None:
        """Say how things stand if it is time to."""
        self._watch.step(what)
        stage, now = self._watch.current, self._watch.now()
        if stage is not None and now - self._said_at >= PLAIN_EVERY_SECONDS:
            self._watch.read()
            said = stage.said(now)
            self._say(f"{stage.name}, {stage.elapsed(now)}: {said}" if said else stage.name)

    def trouble(self, said: str) -> None:
        """Say it when it begins; while it lasts, it is said when it is time to say how things stand."""
        stage = self._watch.current
        begins = said and stage is not None and not stage.trouble
        self._watch.trouble(said)
        if begins:
            self._say(said)

    def _say(self, line: str) -> None:
        self._said_at = self._watch.now()
        since = f"{self._said_at - self._began:.0f} s"
        self._console.print(f"[{since:>6}] {line}", markup=False, highlight=False, soft_wrap=True)


class TerminalProgress:
    """The stage under way, redrawn in place; what is over stays above as one line each."""

    def __init__(self, console: Console, tail: Tail, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._watch = _Watch(tail, now)
        self._spinner = Spinner("dots")
        self._live = Live(console=console, get_renderable=self.drawn, transient=True, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()
        self._live.stop()

    def stage(self, name: str, seconds: float | None = None, rate: Rate | None = None) -> None:
        """Leave the stage before as a line, and begin to draw this one."""
        self._finish()
        self._watch.begin(name, seconds, rate)

    def step(self, what: str) -> None:
        """Count, and look at the load now and then."""
        self._watch.step(what)

    def trouble(self, said: str) -> None:
        """Show it below the stage until it is over."""
        self._watch.trouble(said)

    def _finish(self) -> None:
        stage, now = self._watch.current, self._watch.now()
        if stage is None:
            return
        self._watch.read()
        self._watch.current = None
        line = Text.assemble(("✓ ", "green"), (stage.name, "bold"), f"  {stage.told(now)}")
        self._console.print(line, soft_wrap=True)

    def drawn(self) -> RenderableType:
        """The stage under way: its bar, and how the load stands."""
        stage, now = self._watch.current, self._watch.now()
        if stage is None:
            return Text()
        first = Table.grid(padding=(0, 1))
        bar = (
            ProgressBar(total=stage.seconds, completed=now - stage.began, width=_BAR_WIDTH)
            if stage.seconds
            else Text()
        )
        first.add_row(self._spinner, Text(stage.name, style="bold"), bar, stage.elapsed(now))
        said = stage.said(now)
        return Group(first, Text(f"  {said}")) if said else first


def progress_on(console: Console, tail: Tail) -> PlainProgress | TerminalProgress:
    """The progress that suits where standard error leads."""
    return TerminalProgress(console, tail) if console.is_terminal else PlainProgress(console, tail)

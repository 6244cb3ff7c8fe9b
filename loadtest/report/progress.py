"""How far a run is: a live line on a terminal, silence in a pipe."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class SilentProgress:
    """Says nothing."""

    def stage(self, name: str, seconds: float | None = None) -> None:
        """Nothing."""

    def step(self, what: str) -> None:
        """Nothing."""


class TerminalProgress:
    """One line per stage; a stage of known length has a bar. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._seconds: float | None = None
        self._began = 0.0
        self._steps = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()
        self._progress.stop()

    def stage(self, name: str, seconds: float | None = None) -> None:
        """Begin a stage; `seconds` if its length is known."""
        self._finish()
        self._seconds, self._began, self._steps = seconds, time.monotonic(), 0
        self._progress.add_task(name, total=seconds, note="")

    def step(self, what: str) -> None:
        """Move the bar, or count where the length is unknown."""
        self._steps += 1
        task = self._progress.task_ids[-1]
        if self._seconds is None:
            self._progress.update(task, note=f"{self._steps} requests")
        else:
            self._progress.update(task, completed=min(time.monotonic() - self._began, self._seconds))

    def _finish(self) -> None:
        if self._progress.task_ids:
            task = self._progress.task_ids[-1]
            done = self._seconds or 1.0
            self._progress.update(task, total=done, completed=done)
            self._progress.stop_task(task)

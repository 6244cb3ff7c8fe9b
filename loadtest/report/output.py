"""Standard output whose reader may leave early, as `head` does: the rest is dropped, the exit code stays."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from loadtest.report.terminal import print_verdict
from loadtest.report.verdict import Verdict

PIPE_WIDTH = 100


class SteadyConsole(Console):
    """A console that falls silent when nobody reads any more, and lets the program go on."""

    def on_broken_pipe(self) -> None:
        """Drop what is still to be printed."""
        self.quiet = True
        _drop_output()


def print_verdicts(verdicts: Sequence[Verdict], places: Sequence[Path] | None = None) -> None:
    """Print them to standard output, in the width of the terminal or, in a pipe, of `PIPE_WIDTH` columns.

    `places` are the directories of their reports, where those are not with the evidence.
    """
    console = SteadyConsole()
    if not console.is_terminal:
        # A pipe has no width of its own, and a timeline needs this much to stay whole.
        console = SteadyConsole(width=PIPE_WIDTH)
    for number, verdict in enumerate(verdicts):
        print_verdict(verdict, console, None if places is None else places[number])


def print_text(text: str) -> None:
    """Print a text that may be long to standard output."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()


def _drop_output() -> None:
    # What is printed from here on goes nowhere either: Python's last flush would fail, and exit with 120.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

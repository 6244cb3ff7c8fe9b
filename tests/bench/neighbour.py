"""What a core does while the other is at work: of a processor that is let in halves, two are one."""

import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.bench.machine import pin
from tests.bench.results import Amount

STEPS = 400_000
KEYS = 1024


def beside_a_busy_core(rounds: int, steps: int = STEPS) -> Amount:
    """Return how fast Python is on the first core while the last one is busy, as a share of its speed alone.

    It belongs into a process of its own, which stays on the first core. Each round measures both.
    """
    pin(os.getpid(), first=True)
    shares = []
    for _ in range(rounds):
        alone = _seconds(steps)
        with _busy_core():
            shares.append(alone / _seconds(steps))
    return Amount(
        "this machine", "a core while the other is busy", statistics.median(shares), "of its speed alone"
    )


@contextmanager
def _busy_core() -> Iterator[None]:
    """Keep the last core busy until the block ends."""
    heard, said = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_work_on, args=(said,), daemon=True)
    process.start()
    said.close()
    try:
        heard.recv()
        yield
    finally:
        process.kill()
        process.join()


def _work_on(said: Connection) -> None:
    pin(os.getpid(), first=False)
    said.send("at work")
    while True:
        _seconds(STEPS)


def _seconds(steps: int) -> float:
    """Return how long some work takes that makes objects and looks others up, as a server does."""
    kept: dict[int, tuple[int, str]] = {}
    began = time.perf_counter()
    for step in range(steps):
        kept[step % KEYS] = step, str(step)
    return time.perf_counter() - began

"""Runs whose latency wanders as a provider's does: seeded, and without a provider."""

import math
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from loadtest.chance import repeatable
from loadtest.figures.over_time import OverTime, Span
from loadtest.ledger import Operation
from tests.loadtest.timed import MS, took

MEDIANS_MS = {"search_for_free_slots": 40.0, "book_appointment": 20.0, "cancel_appointment": 15.0}


def wandering(
    *seeds: object,
    seconds: int = 60,
    per_second: int = 40,
    factor: float = 1.0,
    memory: float = 0.3,
    wander: float = 0.06,
    climbing: bool = False,
    late_ms: float | None = None,
    interaction: str | None = None,
) -> OverTime:
    """A run of one phase: each interaction log-normal about its median, and now and then a slow answer.

    The medians wander together from second to second by `wander` (a share), each second remembering `memory`
    of the one before; all durations are times `factor`. `climbing`: the rate climbs, and latency with it.
    `late_ms`: open arrivals, sent so late. `interaction`: the others are left out of the same run.
    """
    over_time = OverTime({"load": Span(0, float(seconds))})
    random = repeatable("run", *seeds)
    drift = 0.0
    for second in range(seconds):
        drift = memory * drift + math.sqrt(1 - memory**2) * random.gauss(0, wander)
        load = 2 * (second + 1) / seconds if climbing else 1.0
        slowness = factor * math.exp(drift) * (1 + load**3 if climbing else 1)
        for operation in _second(random, second, round(per_second * load), slowness):
            if late_ms is not None:
                operation = replace(operation, intended=operation.start - round(late_ms * MS))
            if interaction in (None, operation.interaction):
                over_time.record(operation)
    return over_time


def _second(random: Random, second: int, count: int, slowness: float) -> Iterator[Operation]:
    for _ in range(count):
        name = random.choice(list(MEDIANS_MS))
        milliseconds = MEDIANS_MS[name] * slowness * math.exp(random.gauss(0, 0.4))
        if random.random() < 0.02:
            milliseconds += random.expovariate(1 / 200)
        begun = round((second + random.random()) * 1000 * MS)
        operation = took(0, name, size=1000)
        yield replace(operation, start=begun, end=begun + round(milliseconds * MS))

"""Runs whose latency wanders as a provider's does: seeded, and without a provider."""

import math
from dataclasses import replace

from loadtest.chance import repeatable
from loadtest.over_time import OverTime, Span
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
) -> OverTime:
    """A run of one phase: each interaction log-normal about its median, and now and then a slow answer.

    The medians wander together from second to second by `wander` (a share), each second remembering `memory`
    of the one before; all durations are times `factor`. `climbing`: the rate climbs, and latency with it.
    """
    random = repeatable("run", *seeds)
    over_time = OverTime({"load": Span(0, float(seconds))})
    names = list(MEDIANS_MS)
    drift = 0.0
    for second in range(seconds):
        drift = memory * drift + math.sqrt(1 - memory**2) * random.gauss(0, wander)
        load = 2 * (second + 1) / seconds if climbing else 1.0
        for _ in range(round(per_second * load)):
            name = random.choice(names)
            milliseconds = MEDIANS_MS[name] * math.exp(drift + random.gauss(0, 0.4)) * factor
            if climbing:
                milliseconds *= 1 + load**3
            if random.random() < 0.02:
                milliseconds += random.expovariate(1 / 200)
            begun = round((second + random.random()) * 1000 * MS)
            operation = replace(took(0, name, size=1000), start=begun, end=begun + round(milliseconds * MS))
            if late_ms is not None:
                operation = replace(operation, intended=begun - round(late_ms * MS))
            over_time.record(operation)
    return over_time

"""When the server is struck and how: decided by the seed before the load begins."""

from dataclasses import dataclass
from typing import Literal

from loadtest.chance import repeatable

Sort = Literal["kill", "stop"]
"""SIGKILL to every process of the server, or SIGTERM to the one that was started."""

LEAD_SECONDS = 2.0
"""Load before the first blow: the server has something to lose by then."""

CALM_SECONDS = 3.0
"""The end of the load, without blows and through a relay that is quiet: what is done then must succeed."""

_MOST_SPARE_SECONDS = 5.0
_PLACE_IN_ITS_PART = (0.35, 0.65)
_BETWEEN_SECONDS = 2.0
_MOST_DOWN_SECONDS = 0.5
_LATEST_AFTER_A_COMMAND_SECONDS = 0.003


@dataclass(frozen=True, slots=True)
class Blow:
    """One blow, numbered from 1. `at` is in seconds of load; `down` is how long nobody starts it again.

    `after_command` is how many seconds after a command reached the server it is struck, so that the command
    is likely to be at work.
    """

    number: int
    sort: Sort
    at: float
    after_command: float
    down: float


def plan_blows(seed: int, kills: int, seconds: float) -> tuple[Blow, ...]:
    """`kills` blows over the whole of a load of `seconds` but its quiet end, each in a part of its own.

    Half of them are kills and half stops, in an order by chance.
    """
    random = repeatable(seed, "blows")
    sorts: list[Sort] = ["kill" if number % 2 == 0 else "stop" for number in range(kills)]
    random.shuffle(sorts)
    stretch = max(0.0, seconds - LEAD_SECONDS - CALM_SECONDS)
    # Something is left to spare: a restart or two may take longer than the first start did.
    each = (stretch - min(stretch / (kills + 1), _MOST_SPARE_SECONDS)) / kills
    return tuple(
        Blow(
            number=number,
            sort=sort,
            at=LEAD_SECONDS + each * (number - 1 + random.uniform(*_PLACE_IN_ITS_PART)),
            after_command=random.uniform(0.0, _LATEST_AFTER_A_COMMAND_SECONDS),
            down=random.uniform(0.0, _MOST_DOWN_SECONDS),
        )
        for number, sort in enumerate(sorts, 1)
    )


def seconds_for(kills: int, start_seconds: float) -> float:
    """How long the load must last for so many blows, where a start of the server takes `start_seconds`."""
    return LEAD_SECONDS + (kills + 1) * (_BETWEEN_SECONDS + 1.5 * start_seconds) + CALM_SECONDS

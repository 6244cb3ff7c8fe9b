"""What befalls each exchange that goes through the relay: by chance, the same chance for the same seed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from loadtest.chance import repeatable

BEYOND_SHARE = 0.05
"""Of the delays, those that outlast the client's patience."""

SHORTEST_SECONDS = 0.02
LONGEST_SECONDS = 2.0
_BEYOND_SECONDS = (0.2, 1.5)
_PASSED_OF_AN_ANSWER = (0.05, 0.95)


class DropPoint(StrEnum):
    """Where in an exchange its connection is cut."""

    BEFORE_REQUEST = "before the request"
    """Nothing of the request reaches the server."""

    AFTER_REQUEST = "after the request"
    """Both sides are hung up on as soon as the request is passed: the server works for nobody."""

    BEFORE_ANSWER = "before the answer"
    """The server has answered, and nothing of the answer reaches the client."""

    IN_ANSWER = "in the answer"
    """A part of the answer reaches the client."""


class DelayPoint(StrEnum):
    """What of an exchange is held up."""

    REQUEST = "request"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Drop:
    """A connection cut at `point`, by a reset or an ordinary close.

    In an answer, `passed` is the share (0 to 1) of its first bytes that still reaches the client.
    """

    point: DropPoint
    reset: bool
    passed: float = 0.0


@dataclass(frozen=True, slots=True)
class Delay:
    """Bytes held for `seconds`; `beyond` says that the client gives up before they are let go."""

    point: DelayPoint
    seconds: float
    beyond: bool


Fate = Drop | Delay | None
"""None: the exchange passes unharmed."""


class Fortune(Protocol):
    """Decides what befalls exchanges."""

    def of(self, connection: int, exchange: int) -> Fate:
        """The fate of one exchange of one connection, both counted from 1."""
        ...


@dataclass(frozen=True, slots=True)
class Fates:
    """Decides the fate of each exchange from the seed and from nothing else.

    `drop` and `delay` are shares (0 to 1) of all exchanges; `patience` is the seconds after which a client
    gives up on an answer.
    """

    seed: int
    drop: float
    delay: float
    patience: float

    def of(self, connection: int, exchange: int) -> Fate:
        """The fate of one exchange of one connection, both counted from 1."""
        random = repeatable(self.seed, "relay", connection, exchange)
        drawn = random.random()
        if drawn < self.drop:
            point = random.choice(list(DropPoint))
            return Drop(point, random.random() < 0.5, random.uniform(*_PASSED_OF_AN_ANSWER))
        if drawn < self.drop + self.delay:
            delayed = random.choice(list(DelayPoint))
            if random.random() < BEYOND_SHARE:
                return Delay(delayed, self.patience + random.uniform(*_BEYOND_SECONDS), beyond=True)
            # Evenly spread over orders of magnitude: most delays are short, as they are in the field.
            seconds = SHORTEST_SECONDS * (LONGEST_SECONDS / SHORTEST_SECONDS) ** random.random()
            return Delay(delayed, min(seconds, self.patience / 2), beyond=False)
        return None

"""What a scenario is: generators that yield steps and are told what came of them. Free of Locust.

A driver takes the steps one by one: Locust's clients send requests and wait in real time; the tests run the
same scenarios on a clock of their own, without sockets.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from loadtest.consumer import Request
from loadtest.ledger import Operation

if TYPE_CHECKING:
    from loadtest.scenarios.session import Client


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Wait for an instant of the reference clock (ns)."""

    instant: int


@dataclass(frozen=True, slots=True)
class Together:
    """Send several requests at once, and go on when all are answered."""

    requests: tuple[Request, ...]


class Answer(NamedTuple):
    """A request's record and the body of its response."""

    operation: Operation
    body: bytes


Step = Request | Together | Pause | Until
Result = TypeVar("Result")
Steps = Generator[Step, tuple[Answer, ...], Result]


def ask(request: Request) -> Steps[Answer]:
    """Send one request."""
    (answer,) = yield request
    return answer


def ask_together(requests: tuple[Request, ...]) -> Steps[tuple[Answer, ...]]:
    """Send several requests at once; the answers are in the same order."""
    return (yield Together(requests))


class Scenario(ABC):
    """What one client does again and again. It is made once for each client that plays it."""

    def __init__(self, me: Client) -> None:
        self.me = me

    @property
    def over(self) -> bool:
        """Whether this client has nothing more to do, however much time is left."""
        return False

    @abstractmethod
    def work(self) -> Steps[None]:
        """One piece of work."""

    def finish(self) -> Steps[None]:
        """Give back what is still held, when the load has ended."""
        yield from ()

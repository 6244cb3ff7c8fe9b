"""Which slots most clients wanted, how each contest went, and one race to look at closely.

A race is a chain of booking attempts on one slot of which each began before one of the earlier had ended.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from loadtest.ledger import NOT_LOAD, Operation

Ending = Literal["won", "lost", "refused", "unknown"]

_ENDINGS: tuple[Ending, ...] = get_args(Ending)
_WIDTH = 4
SLOTS_SHOWN = 10
ATTEMPTS_DRAWN = 14
_SLOTS_EXAMINED = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """One client's attempt to book: when it began and ended (ns of the ledger), and what came of it."""

    client: str
    start: int
    end: int
    ending: Ending


@dataclass(frozen=True, slots=True)
class ContestedSlot:
    """A slot that several clients wanted: attempts in all and by ending, and most clients at a time."""

    practice: str
    slot: str
    attempts: int
    won: int
    lost: int
    refused: int
    unknown: int
    most_at_once: int


@dataclass(frozen=True, slots=True)
class Race:
    """One race for one slot. `attempts` are at most `ATTEMPTS_DRAWN`, winners among them; `left_out` more."""

    practice: str
    slot: str
    attempts: tuple[Attempt, ...]
    left_out: int


@dataclass(slots=True)
class Contention:
    """Collects the attempts on each slot of a load; a million of them take some tens of megabytes."""

    _attempts: dict[tuple[str, str], array[int]] = field(default_factory=dict)
    _clients: dict[str, int] = field(default_factory=dict)

    def record(self, operation: Operation) -> None:
        """Add one operation; only bookings of the load count."""
        if operation.interaction != "book_appointment" or operation.phase in NOT_LOAD:
            return
        client = self._clients.setdefault(operation.client, len(self._clients))
        entry = (operation.start, operation.end, _ENDINGS.index(_ending(operation)), client)
        for slot in operation.slots:
            known = self._attempts.get((operation.practice, slot))
            if known is None:
                known = self._attempts[operation.practice, slot] = array("q")
            known.extend(entry)

    def most_contested(self) -> tuple[ContestedSlot, ...]:
        """The slots that most clients wanted at the same time, at most `SLOTS_SHOWN`."""
        slots = (self._contested(key) for key in self._busiest())
        contested = [slot for slot in slots if slot.most_at_once > 1 or slot.lost]
        contested.sort(key=lambda slot: (-slot.most_at_once, -slot.attempts, slot.practice, slot.slot))
        return tuple(contested[:SLOTS_SHOWN])

    def a_race(self) -> Race | None:
        """The race with most clients on the most contested slots; the one with most winners among equals."""
        names = list(self._clients)
        races = (
            (slot, race)
            for slot in self.most_contested()
            for race in _races(self._attempts[slot.practice, slot.slot], names)
        )
        best = max(races, key=lambda each: (len(each[1]), _winners(each[1])), default=None)
        if best is None or len(best[1]) < 2:
            return None
        slot, attempts = best
        drawn = _worth_drawing(attempts)
        return Race(slot.practice, slot.slot, drawn, len(attempts) - len(drawn))

    def _busiest(self) -> list[tuple[str, str]]:
        several = (key for key, attempts in self._attempts.items() if len(attempts) > _WIDTH)
        return sorted(several, key=lambda key: (-len(self._attempts[key]), key))[:_SLOTS_EXAMINED]

    def _contested(self, key: tuple[str, str]) -> ContestedSlot:
        attempts = self._attempts[key]
        endings = attempts[2::_WIDTH]
        counts = {ending: endings.count(number) for number, ending in enumerate(_ENDINGS)}
        practice, slot = key
        return ContestedSlot(
            practice=practice,
            slot=slot,
            attempts=len(endings),
            most_at_once=_most_at_once(attempts),
            **counts,
        )


def _ending(operation: Operation) -> Ending:
    if operation.outcome == "ok":
        return "won"
    if operation.outcome == "unknown":
        return "unknown"
    return "lost" if operation.lost_race else "refused"


def _races(attempts: array[int], names: list[str]) -> Iterator[list[Attempt]]:
    rows = sorted(zip(*(attempts[column::_WIDTH] for column in range(_WIDTH)), strict=True))
    race: list[Attempt] = []
    latest_end = 0
    for start, end, ending, client in rows:
        if race and start > latest_end:
            yield race
            race = []
        race.append(Attempt(names[client], start, end, _ENDINGS[ending]))
        latest_end = max(latest_end, end) if len(race) > 1 else end
    if race:
        yield race


def _winners(race: list[Attempt]) -> int:
    return sum(attempt.ending == "won" for attempt in race)


def _worth_drawing(race: list[Attempt]) -> tuple[Attempt, ...]:
    winners = [attempt for attempt in race if attempt.ending == "won"][:ATTEMPTS_DRAWN]
    others = [attempt for attempt in race if attempt.ending != "won"][: ATTEMPTS_DRAWN - len(winners)]
    return tuple(sorted([*winners, *others], key=lambda attempt: (attempt.start, attempt.end)))


def _most_at_once(attempts: array[int]) -> int:
    """How many attempts were under way at the same moment, at most."""
    instants = sorted(
        [(start, 1) for start in attempts[0::_WIDTH]] + [(end + 1, -1) for end in attempts[1::_WIDTH]]
    )
    most = now = 0
    for _, change in instants:
        now += change
        most = max(most, now)
    return most

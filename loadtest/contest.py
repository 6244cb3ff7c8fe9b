"""Contests on hot slots: when and for which slot every client meets, and how each meeting went.

Contention spread over thousands of slots hardly ever happens, so it is arranged: the rounds are agreed in
advance as wall clock instants, which processes share without talking to each other.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from loadtest.appointments import Offer
from loadtest.ledger import Operation
from loadtest.order import Round

FEWEST_SLOTS = 4
MOST_SLOTS = 60
LEAD_SECONDS = 4.0


def round_interval(users: int) -> float:
    """Seconds from one round to the next: time enough for `users` bookings one after the other."""
    return 0.1 + 0.003 * users


def plan_rounds(
    offers: Mapping[str, Sequence[Offer]], count: int, interval: float, random: Random, now: int
) -> tuple[Round, ...]:
    """`count` rounds from `LEAD_SECONDS` after `now` (Unix ns), over the slots of every practice in turn.

    A slot comes back only after the others, so that its winner has cancelled by then. Raises ValueError where
    there are fewer than `FEWEST_SLOTS` schedules with a free slot.
    """
    shuffled = [
        [(practice, offer) for offer in _one_a_schedule(random.sample(list(free), len(free)))]
        for practice, free in sorted(offers.items())
    ]
    longest = max(map(len, shuffled), default=0)
    in_turn = chain.from_iterable(
        [slots[place] for slots in shuffled if place < len(slots)] for place in range(longest)
    )
    hot = list(in_turn)[:MOST_SLOTS]
    if len(hot) < FEWEST_SLOTS:
        raise ValueError(
            f"hot_slot needs free slots in {FEWEST_SLOTS} schedules at least; {len(hot)} have any on offer"
        )
    start = now + int(LEAD_SECONDS * 1e9)
    return tuple(
        Round(start + int(number * interval * 1e9), *hot[number % len(hot)]) for number in range(count)
    )


def _one_a_schedule(offers: Iterable[Offer]) -> list[Offer]:
    # A practice may let an organisation hold only one slot of a schedule: a contest on a second one, while
    # the first is still held, would have no winner.
    return list({offer.schedule: offer for offer in offers}.values())


@dataclass(slots=True)
class Contests:
    """Counts winners round by round. `instants` are the rounds' starts in monotonic ns."""

    instants: Sequence[int]
    slots: Sequence[str]
    _winners: dict[int, int] = field(default_factory=dict)
    _clients: dict[int, int] = field(default_factory=dict)

    def record(self, operation: Operation) -> None:
        """Add one operation; only bookings of a round's slot count."""
        if operation.interaction != "book_appointment":
            return
        number = bisect_right(self.instants, operation.start) - 1
        if number < 0 or operation.slots != (self.slots[number],):
            return
        self._clients[number] = self._clients.get(number, 0) + 1
        self._winners[number] = self._winners.get(number, 0) + (operation.outcome == "ok")

    def summary(self) -> dict[str, float]:
        """Rounds contested, those with one, no and several winners, and clients per round (mean)."""
        winners = list(self._winners.values())
        return {
            "rounds": len(winners),
            "one_winner": winners.count(1),
            "no_winner": winners.count(0),
            "several_winners": sum(count > 1 for count in winners),
            "clients_per_round": round(sum(self._clients.values()) / len(winners), 1) if winners else 0.0,
        }


def contests_of(rounds: Iterable[Round], wall_minus_monotonic: int) -> Contests:
    """The contests of `rounds`, whose wall clock instants are moved to the monotonic clock."""
    ordered = sorted(rounds, key=lambda each: each.at)
    # A client wakes up to 20 ms early by its clock's grain and is never expected later than the next round.
    grain = 20_000_000
    return Contests(
        [each.at - wall_minus_monotonic - grain for each in ordered], [each.offer.slot for each in ordered]
    )

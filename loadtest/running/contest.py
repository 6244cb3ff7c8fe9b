"""Contests on hot slots: when and for which slot every client meets, and how each meeting went.

Contention spread over thousands of slots hardly ever happens, so it is arranged: the rounds are agreed in
advance as instants of the reference clock, which processes share without talking to each other.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from random import Random

from loadtest.appointments import Offer
from loadtest.ledger import Operation
from loadtest.running.order import Contested, Round

FEWEST_SLOTS = 4
CLIENTS_PER_SLOT = 4
MOST_SLOTS = 200
LEAD_SECONDS = 0.5
ANSWERED_WITHIN_SECONDS = 21.0
REUSED_AFTER_SECONDS = 24.0


def round_interval(users: int) -> float:
    """Seconds from one round to the next: time enough for `users` bookings one after the other."""
    return 0.1 + 0.003 * users


def plan_rounds(
    offers: Mapping[str, Sequence[Offer]],
    wanted: int | float,
    interval: float,
    random: Random,
) -> tuple[Round, ...]:
    """Rounds from `LEAD_SECONDS` after the phase began, over every practice's slots in turn.

    `wanted` is a number of rounds (int) or how many seconds they are to fill (float). A slot comes back only
    after the others and `REUSED_AFTER_SECONDS`, when its winner has cancelled: where slots are few, rounds
    are further apart than `interval` seconds, or fewer fill the time. Raises ValueError where there are fewer
    than `FEWEST_SLOTS` schedules with a free slot.
    """
    hot = _in_turn(offers, random)[:MOST_SLOTS]
    if len(hot) < FEWEST_SLOTS:
        raise ValueError(
            f"hot_slot needs free slots in {FEWEST_SLOTS} schedules at least; {len(hot)} have any on offer"
        )
    count = wanted if isinstance(wanted, int) else max(1, int(wanted / interval))
    if count > len(hot):
        reusing = max(interval, REUSED_AFTER_SECONDS / len(hot))
        again = wanted if isinstance(wanted, int) else int(wanted / reusing)
        count, interval = (again, reusing) if again > len(hot) else (len(hot), interval)
    return tuple(
        Round(int((LEAD_SECONDS + number * interval) * 1e9), *hot[number % len(hot)])
        for number in range(count)
    )


def choose_contested(
    offers: Mapping[str, Sequence[Offer]], clients: int, random: Random
) -> tuple[Contested, ...]:
    """Slots for churn: one for every `CLIENTS_PER_SLOT` clients, at most, over every practice in turn.

    Raises ValueError where there is no free slot.
    """
    slots = _in_turn(offers, random)[: max(1, clients // CLIENTS_PER_SLOT)]
    if not slots:
        raise ValueError("churn needs a free slot, and none is on offer")
    return tuple(Contested(practice, offer) for practice, offer in slots)


def _in_turn(offers: Mapping[str, Sequence[Offer]], random: Random) -> list[tuple[str, Offer]]:
    """The practices in turn, each with a slot of another of its schedules every time."""
    shuffled = [
        [(practice, offer) for offer in _one_a_schedule(random.sample(list(free), len(free)))]
        for practice, free in sorted(offers.items())
    ]
    longest = max(map(len, shuffled), default=0)
    turns = ([slots[place] for slots in shuffled if place < len(slots)] for place in range(longest))
    return list(chain.from_iterable(turns))


def _one_a_schedule(offers: Iterable[Offer]) -> list[Offer]:
    # A practice may let an organisation hold only one slot of a schedule: a contest on a second one, while
    # the first is still held, would have no winner.
    return list({offer.schedule: offer for offer in offers}.values())


@dataclass(slots=True)
class _Meeting:
    """What came of one round: who won, and how many were turned down by a rule or had no definite answer."""

    clients: int = 0
    winners: list[Operation] = field(default_factory=list)
    refused: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Contests:
    """Counts winners round by round. `instants` are the rounds' starts in ns of the reference clock."""

    instants: Sequence[int]
    slots: Sequence[str]
    _meetings: dict[int, _Meeting] = field(default_factory=dict)
    _cancelled_from: dict[tuple[str, str], int] = field(default_factory=dict)

    def record(self, operation: Operation) -> None:
        """Add one operation; only bookings of a round's slot count, and what was cancelled."""
        if operation.interaction == "cancel_appointment" and operation.outcome != "refused":
            key = operation.practice, operation.appointment or ""
            self._cancelled_from[key] = min(operation.start, self._cancelled_from.get(key, operation.start))
        if operation.interaction != "book_appointment":
            return
        number = bisect_right(self.instants, operation.start) - 1
        if number < 0 or operation.slots != (self.slots[number],):
            return
        meeting = self._meetings.setdefault(number, _Meeting())
        meeting.clients += 1
        if operation.outcome == "ok":
            meeting.winners.append(operation)
        meeting.refused += operation.outcome == "refused" and not operation.lost_race
        meeting.unknown += operation.outcome == "unknown"

    def summary(self) -> dict[str, float]:
        """Rounds contested, how many ended in each way, and clients per round (mean).

        `one_winner`; `several_winners`, at once; `won_again`: a second winner whose booking may have come
        after the first one's cancel; `refused`: every client was turned down by a rule of the practice;
        `unanswered`: no winner known, and a booking without a definite answer; `no_winner`: none at all.
        """
        ended = [self._ending(meeting) for meeting in self._meetings.values()]
        endings = ("one_winner", "several_winners", "won_again", "refused", "unanswered", "no_winner")
        clients = sum(meeting.clients for meeting in self._meetings.values())
        return {
            "rounds": len(ended),
            **{ending: ended.count(ending) for ending in endings},
            "clients_per_round": round(clients / len(ended), 1) if ended else 0.0,
        }

    def _ending(self, meeting: _Meeting) -> str:
        if len(meeting.winners) == 1:
            return "one_winner"
        if meeting.winners:
            at_once = any(
                not self._may_follow(one, other) and not self._may_follow(other, one)
                for one, other in combinations(meeting.winners, 2)
            )
            return "several_winners" if at_once else "won_again"
        if meeting.unknown:
            return "unanswered"
        return "refused" if meeting.refused == meeting.clients else "no_winner"

    def _may_follow(self, later: Operation, earlier: Operation) -> bool:
        """Whether one booking may have taken effect after the other had been cancelled."""
        cancelled = self._cancelled_from.get((earlier.practice, earlier.appointment or ""))
        return cancelled is not None and cancelled < later.end


def contests_of(phases: Iterable[tuple[int, Iterable[Round]]]) -> Contests:
    """The contests of each phase: when it began (ns of the reference clock), and its rounds."""
    ordered = sorted((begins + each.at, each.offer.slot) for begins, rounds in phases for each in rounds)
    # A client wakes up to 20 ms early by its clock's grain and is never expected later than the next round.
    grain = 20_000_000
    return Contests([at - grain for at, _ in ordered], [slot for _, slot in ordered])

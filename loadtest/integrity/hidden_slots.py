"""Slots that were on offer at the first look, that nobody holds, and that the read back does not show.

A practice's own rules can hide such a slot: a limit on what one organisation holds of a schedule, while the
run still holds another slot of the same one; or an embargo, where a slot that starts no earlier, and that the
run never touched, is hidden too.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Literal

from loadtest.integrity.claims import NEVER, SlotHistory
from loadtest.integrity.practice_history import PracticeHistory
from loadtest.ledger import Operation

Rule = Literal["limit", "embargo"]


@dataclass(frozen=True, slots=True)
class HiddenSlot:
    """A slot that should be free at the read back, whose `search` does not show it; `rule` may hide it.

    `earlier_shown` says that the search shows an earlier slot of its schedule, which no embargo would do.
    """

    slot: str
    search: Operation
    rule: Rule | None
    earlier_shown: bool


def hidden_slots(practice: PracticeHistory, touched: Set[str]) -> Iterator[HiddenSlot]:
    """Yield those of the practice that the run had claims on, all let go, and those of `touched`."""
    for window, first_seen in practice.first_searches.items():
        search = practice.final_searches.get(window)
        if search is None:
            continue
        hidden = first_seen.difference(search.seen)
        suspects = [
            slot
            for slot in sorted(hidden)
            if (practice.slots[slot].claims or slot in touched) and is_free(practice.slots[slot], search)
        ]
        if not suspects:
            continue
        held = _held_schedules(practice, search)
        embargo = _latest_untouched(practice, hidden - touched, held)
        earliest = _earliest_shown(practice, search)
        for slot in suspects:
            schedule, start = practice.places.get(slot, (None, None))
            rule: Rule | None = None
            if schedule in held:
                rule = "limit"
            elif start is not None and start <= embargo:
                rule = "embargo"
            earlier = start is not None and earliest.get(schedule, start) < start
            yield HiddenSlot(slot, search, rule, earlier)


def is_free(register: SlotHistory, search: Operation) -> bool:
    """Whether every claim on the slot had been let go before the search, or never was."""
    return all(
        claim.freed_by < search.start or (not claim.certain and claim.settled and claim.freed_by == NEVER)
        for claim in register.claims
    )


def _held_schedules(practice: PracticeHistory, search: Operation) -> set[str]:
    """Schedules of which the run may still hold a slot."""
    return {
        schedule
        for slot, (schedule, _) in practice.places.items()
        if (register := practice.slots.get(slot)) and register.claims and not is_free(register, search)
    }


def _latest_untouched(practice: PracticeHistory, hidden: set[str], held: set[str]) -> str:
    """The latest start of a hidden slot that the run never touched and no limit hides; empty without one.

    Starts are compared as text: where the clocks change they are out of order by an hour, no matter here.
    """
    places = (
        practice.places[slot] for slot in hidden & practice.places.keys() if not practice.slots[slot].claims
    )
    return max((start for schedule, start in places if schedule not in held), default="")


def _earliest_shown(practice: PracticeHistory, search: Operation) -> dict[str | None, str]:
    """The earliest start that the search shows of each schedule."""
    earliest: dict[str | None, str] = {}
    for slot in search.seen:
        if slot in practice.places:
            schedule, start = practice.places[slot]
            earliest[schedule] = min(start, earliest.get(schedule, start))
    return earliest

"""A database of a whole country beside one of five practices: the same work, and what a worker then holds.

Five practices are in every memory after a few requests. What may be kept of a country is the practices that
are being called: each round's requests go to as many as one integrated care board has, a forty-second of the
country, drawn anew from all over it and visited once before the clock runs, as the five are. Beside that
stands, without a target, what requests cost that each go to a practice not visited before.
"""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from random import Random

from loadtest.practices import Practice
from tests.bench.databases import Database
from tests.bench.england import Country, bookable_slots, five_like
from tests.bench.rates import BOOK, READ, SEARCH
from tests.bench.results import Amount, Findings, Ratio, Unmeasured, ratio_of
from tests.bench.sides import Side
from tests.bench.targets import OF_THE_SMALL_DATABASE, WORKER_MB, WORKER_MB_OF_A_COUNTRY
from tests.bench.workloads import Sizes

CARE_BOARDS = 42
NEVER_VISITED = 1500
BURSTS = 3
MOST = Sizes(searches=800, reads=2000, bookings=250)
"""A burst is no larger: its bookings must be few among the slots that five practices have to give."""

KINDS = (SEARCH, READ, BOOK)
FIRST_CALLS = {name: f"{name}, first calls" for name in KINDS}


class BesideCountry:
    """Rounds of the same work on five practices and on a country."""

    def __init__(self, country: Country, directory: Path, sizes: Sizes, bursts: int = BURSTS) -> None:
        large = Database(country.path, directory / "country.db")
        offered = bookable_slots(large)
        self._by_size = sorted(large.practices, key=lambda each: (offered[each.ods_code], each.ods_code))
        self._small = Side(five_like(large, statistics.mean(offered.values()), directory), directory)
        self._large = Side(large, directory)
        self._sizes = Sizes(
            min(sizes.searches, MOST.searches),
            min(sizes.reads, MOST.reads),
            min(sizes.bookings, MOST.bookings),
        )
        self._bursts = bursts
        self._chance = Random(1)
        # What is booked is cancelled again: one copy does for all rounds.
        for side in (self._small, self._large):
            side.database.renew()

    def round(self) -> None:
        """Measure each kind of work on both, one straight after the other, from servers just started."""
        five = self._small.database.practices
        board = one_of_each_part(
            self._by_size, max(len(five), round(len(self._by_size) / CARE_BOARDS)), self._chance
        )
        called = {each.ods_code for each in board}
        rest = [each for each in self._by_size if each.ods_code not in called]
        with ExitStack() as opened:
            small = opened.enter_context(self._small.serving(five, self._sizes))
            large = opened.enter_context(self._large.serving(board, self._sizes))
            for name in KINDS:
                for burst in range(self._bursts):
                    for side in (small, large) if burst % 2 else (large, small):
                        side.burst(name)
            large.never_visited(one_of_each_part(rest, NEVER_VISITED, self._chance), FIRST_CALLS)

    def findings(self) -> Findings:
        """Return what the rounds came to."""
        practices = f"{len(self._large.database.practices):,} practices"
        five = f"{len(self._small.database.practices)} practices"
        ratios = (
            *(self._ratio(f"{each} at {practices}", five, each, OF_THE_SMALL_DATABASE) for each in KINDS),
            *(self._ratio(f"{FIRST_CALLS[each]}, {practices}", five, each, None) for each in KINDS),
        )
        held = (
            (self._small, five, WORKER_MB),
            (self._large, practices, WORKER_MB_OF_A_COUNTRY),
        )
        if not self._small.resident:
            reason = "the system has no /proc that tells a process's memory"
            return Findings(ratios, unmeasured=(Unmeasured("memory of a worker", reason),))
        return Findings(ratios, amounts=tuple(_memory(*each) for each in held))

    def _ratio(self, work: str, beside: str, name: str, target: float | None) -> Ratio:
        kept_by = name if target else FIRST_CALLS[name]
        rounds = list(zip(self._large.rates[kept_by], self._small.rates[name], strict=True))
        note = ""
        if name == SEARCH:
            slots = self._large.slots_a_search(kept_by), self._small.slots_a_search(name)
            note = f"{slots[0]:.0f} slots beside {slots[1]:.0f}"
        return ratio_of(work, beside, rounds, target, note)


def one_of_each_part(ordered: Sequence[Practice], parts: int, chance: Random) -> list[Practice]:
    """Return practices drawn from all over a sequence: one from each of so many equal parts, by chance.

    In order of size, the drawn have the same mean as all have.
    """
    parts = min(parts, len(ordered))
    ends = [len(ordered) * number // parts for number in range(parts + 1)]
    drawn = [ordered[chance.randrange(first, last)] for first, last in pairwise(ends)]
    chance.shuffle(drawn)
    return drawn


def _memory(side: Side, practices: str, most: float) -> Amount:
    note = f"{statistics.median(side.of_files):.0f} MB of it pages of mapped files"
    return Amount("memory of a worker", practices, round(max(side.resident), 1), "MB", most, note=note)

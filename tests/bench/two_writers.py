"""How long a request waits while two processes write to one database.

First the highest rate of a mix, by as many connections to each worker as keep both busy; then arrivals by
chance at 70 % of that, timed from the instant each was meant to begin, so that a stall is counted against
every request that it held up.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.databases import Database
from tests.bench.machine import children_of, sockets_of, spread
from tests.bench.mixed_generator import CANCEL, Mix
from tests.bench.over_socket import generated
from tests.bench.rates import BOOK, SEARCH, CannotMeasure, Unexpected
from tests.bench.results import Amount, Findings
from tests.bench.targets import P99_MS
from tests.bench.workloads import USERS, Work

WORKERS = 2
TURNS = (SEARCH, SEARCH, BOOK, SEARCH, SEARCH, SEARCH, CANCEL, SEARCH, SEARCH, SEARCH)
SHARE = 0.7
FASTER_THAN_ANY = 5_000.0
MOST_SEARCHES = 50_000


def two_writers(database: Database, directory: Path, seconds: float) -> Findings:
    """Return the highest rate, and the delays in so many seconds at 70 % of it."""
    database.renew()
    with database.served("--workers", str(WORKERS)) as server:
        workers = _workers(server.pid)
        spread(workers)
        named = ",".join(map(str, workers))

        def run(length: float, expected: float, rate: float = 0.0) -> Any:
            # So many that none is sent twice: no token is one that the server knows already.
            mix = _mix(database, min(MOST_SEARCHES, round(expected * length)))
            found = generated("tests.bench.mixed_generator", mix, server.port, directory, length, rate, named)
            if found["wrong"]:
                raise Unexpected(f"two writers: answers of status {found['wrong']}")
            return found

        rough = _a_second(run(seconds * 0.1, FASTER_THAN_ANY))
        highest = _a_second(run(seconds * 0.4, rough * 1.2))
        opened = run(seconds, highest * SHARE, highest * SHARE)
    return _findings(highest, highest * SHARE, opened["delays"], both=len(workers) == WORKERS)


def _a_second(found: Any) -> float:
    """Return how many requests of all kinds were answered in a second."""
    return float(sum(map(len, found["delays"].values())) / found["seconds"])


def _workers(pid: int) -> list[int]:
    """Return the processes that hold the listening socket; none where the system does not tell."""
    try:
        return [child for child in children_of(pid) if sockets_of(child)]
    except CannotMeasure:
        return []


def _mix(database: Database, searches: int) -> Mix:
    """Return requests made anew: no token is old, and what the run before booked and left is left out."""
    with database.opened() as (app, store):
        work = Work(database, app, store, database.practices)
        offers = [
            (practice, offer, patient)
            for practice in database.practices
            for offer, patient in zip(work.offers(practice), work.patients(practice), strict=False)
        ]
        calls = [call.raw() for call in work.searches(searches) if call.work == SEARCH]
    return Mix(TURNS, USERS, tuple(calls), tuple(offers))


def _findings(highest: float, rate: float, delays: dict[str, list[float]], both: bool) -> Findings:
    where = "connections to both" if both else "which worker a connection goes to is not known here"
    at = f"{rate:,.0f} requests a second, {where}"
    p99 = [
        Amount("two writers", f"p99 of {name}", _ms(delays[name], 0.99), "ms", P99_MS, note=at)
        for name in (BOOK, SEARCH)
    ]
    longest = [
        Amount("two writers", f"longest wait of {name}", _ms(delays[name], 1.0), "ms")
        for name in (BOOK, SEARCH, CANCEL)
    ]
    most = Amount("two writers", "highest rate of the mix", round(highest), "requests/s")
    return Findings(amounts=(most, *p99, *longest))


def _ms(delays: Sequence[float], share: float) -> float:
    """Return the delay that this share of all is not longer than, in ms."""
    ordered = sorted(delays)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)

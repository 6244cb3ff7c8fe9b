"""What is measured, by name, and what came of one measurement: so many requests in so many seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

SEARCH = "search_for_free_slots"
READ = "read_appointment"
BOOK = "book_appointment"
SEARCH_GZIPPED = "search_for_free_slots_gzipped"

WORK = (SEARCH, READ, BOOK, SEARCH_GZIPPED)
PROXIED = (SEARCH, READ, BOOK)
ONE_OF_EACH = "one of each"
SQL_ALONE = {READ: f"{READ}, SQL and audit alone", BOOK: f"{BOOK}, SQL and audit alone"}


class Unexpected(Exception):
    """An answer that makes a measurement worthless."""


class CannotMeasure(Exception):
    """What this machine, or this run, does not have is needed; the message says what."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    seconds: float

    @property
    def a_second(self) -> float:
        """Return requests a second."""
        return self.requests / self.seconds

    @property
    def microseconds(self) -> float:
        """Return how long one request took."""
        return self.seconds / self.requests * 1e6


def together(rates: Sequence[Rate]) -> Rate:
    """Return what several measurements come to."""
    return Rate(sum(rate.requests for rate in rates), sum(rate.seconds for rate in rates))

"""Which days general practice is open: Monday to Friday except England's bank holidays.

Source: core hours of the GP contract, 8.00 to 18.30; the holidays library for GB, England.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from simulator.domain.clock import Instant, start_of_day


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a diary. `ahead` counts days from the first day; `midnight` is when it begins.

    `number` is how many working days came before it; `is_working` tells whether practices are open.
    """

    day: date
    ahead: int
    weekday: int
    midnight: Instant
    number: int
    is_working: bool


def diary_days(first: date, count: int) -> list[Day]:
    """Return `count` days from `first` on, those when practices are closed too."""
    last = first + timedelta(days=count - 1)
    closed = holidays.country_holidays("GB", subdiv="ENG", years=range(first.year, last.year + 1))
    days: list[Day] = []
    number = 0
    for ahead in range(count):
        day = first + timedelta(days=ahead)
        is_working = day.weekday() < 5 and day not in closed
        days.append(Day(day, ahead, day.weekday(), start_of_day(day), number, is_working))
        number += is_working
    return days


def working_days(first: date, count: int) -> list[Day]:
    """Return the working days among `count` days from `first` on."""
    return [day for day in diary_days(first, count) if day.is_working]

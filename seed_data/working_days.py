"""Which days general practice is open: Monday to Friday except England's bank holidays.

Source: core hours of the GP contract, 8.00 to 18.30; the holidays library for GB, England.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from simulator.domain.clock import Instant, start_of_day


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """A day that practices are open. `ahead` counts days from the first day; `midnight` is when it begins."""

    day: date
    ahead: int
    weekday: int
    midnight: Instant


def working_days(first: date, count: int) -> list[WorkingDay]:
    """Return the working days among `count` days from `first` on."""
    last = first + timedelta(days=count - 1)
    closed = holidays.country_holidays("GB", subdiv="ENG", years=range(first.year, last.year + 1))
    days = (first + timedelta(days=ahead) for ahead in range(count))
    return [
        WorkingDay(day, (day - first).days, day.weekday(), start_of_day(day))
        for day in days
        if day.weekday() < 5 and day not in closed
    ]

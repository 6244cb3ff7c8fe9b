"""Time: one clock, and UK local time with its offset.

An instant is a whole number of seconds since 1970-01-01T00:00:00Z: it orders, subtracts and stores without
the surprises of local time. UK local time is only ever a rendering of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Instant = int

LONDON = ZoneInfo("Europe/London")
HOUR = 3_600
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Clock:
    """The one source of time.

    `wall` gives the real time in seconds; `offset` moves the simulated day away from it, so that
    `--today` changes the date and leaves the time of day.
    """

    offset: int = 0
    wall: Callable[[], float] = time.time

    @classmethod
    def on(cls, today: date | None, wall: Callable[[], float] = time.time) -> "Clock":
        """Return a clock whose UK date is `today`, at the real UK time of day; None is the real day."""
        if today is None:
            return cls(0, wall)
        real = datetime.fromtimestamp(wall(), LONDON)
        simulated = datetime.combine(today, real.time().replace(microsecond=0), LONDON)
        return cls(round(simulated.timestamp() - int(real.timestamp())), wall)

    def now(self) -> Instant:
        """Return the simulated instant: what the appointment book calls now."""
        return int(self.wall()) + self.offset

    def real(self) -> Instant:
        """Return the real instant: what a consumer's token is made by and judged by."""
        return int(self.wall())

    def today(self) -> date:
        """Return the simulated UK date."""
        return uk_date(self.now())


@lru_cache(maxsize=8192)
def uk_local(instant: Instant) -> str:
    """Render an instant as UK local time, `yyyy-mm-ddThh:mm:ss+hh:mm`: never `Z`, never fractions.

    The offset is that of the instant itself: a July slot read in January carries +01:00.
    Source: specification, page "FHIR resources", dates and times.
    """
    hour, second = divmod(instant, HOUR)
    before, after = _uk_hour(hour)
    return f"{before}{second // 60:02}:{second % 60:02}{after}"


@lru_cache(maxsize=4096)
def _uk_hour(hour: int) -> tuple[str, str]:
    """Return what stands before minutes and seconds, and after them: clocks change on the hour."""
    rendered = datetime.fromtimestamp(hour * HOUR, LONDON).isoformat(timespec="seconds")
    return rendered[: len("yyyy-mm-ddThh:")], rendered[len("yyyy-mm-ddThh:mm:ss") :]


def uk_date(instant: Instant) -> date:
    """Return the UK calendar date of an instant."""
    return datetime.fromtimestamp(instant, LONDON).date()


@lru_cache(maxsize=4096)
def start_of_day(day: date) -> Instant:
    """Return the instant of 00:00 UK time on a date; earlier than 1970 or later than 9998 saturates."""
    bounded = min(max(day, date(1970, 1, 2)), date(9998, 12, 30))
    return int(datetime(bounded.year, bounded.month, bounded.day, tzinfo=LONDON).timestamp())


def end_of_day(day: date) -> Instant:
    """Return the instant at which the next UK day begins: the last instant a day's slot may end at."""
    return start_of_day(min(day, date(9998, 12, 29)) + timedelta(days=1))


@lru_cache(maxsize=4096)
def http_date(instant: Instant) -> str:
    """Render an instant as an HTTP date (RFC 9110), for `Last-Modified`."""
    day, second = divmod(instant, DAY)
    return f"{_http_day(day)} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} GMT"


@lru_cache(maxsize=1024)
def _http_day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).strftime("%a, %d %b %Y")

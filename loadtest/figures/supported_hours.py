"""The hours in which silver is supported: UK time, by the day of the week and England's bank holidays.

Source: NHS England's Reference guide, service levels.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import holidays

HOUR_SECONDS = 3600
_FIRST_SUPPORTED, _FIRST_UNSUPPORTED = 8, 18


class SupportedHours:
    """Which hours are supported: 8am to 6pm UK time, Monday to Friday except England's bank holidays."""

    def __init__(self) -> None:
        self._zone = ZoneInfo("Europe/London")
        self._closed = holidays.country_holidays("GB", subdiv="ENG")
        self._known: dict[int, bool] = {}

    def local(self, unix_second: float) -> datetime:
        """UK local time of a Unix second."""
        return datetime.fromtimestamp(unix_second, self._zone)

    def includes(self, unix_second: int) -> bool:
        """Whether a Unix second lies in them."""
        hour = unix_second // HOUR_SECONDS
        known = self._known.get(hour)
        if known is None:
            at = self.local(hour * HOUR_SECONDS)
            known = self._known[hour] = (
                at.weekday() < 5
                and _FIRST_SUPPORTED <= at.hour < _FIRST_UNSUPPORTED
                and at.date() not in self._closed
            )
        return known

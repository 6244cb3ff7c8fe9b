"""One blow on record: what it met, how the server ended, and when it answered again."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Outage:
    """A kill or a stop and what followed. Instants are monotonic ns, as in the ledgers; None where unknown.

    `second` is that of the load at which it was struck: from when its clients began, phases alone.
    `gone_ms` is from the blow until the last process was gone, `start_ms` from the start until it answered.
    `late`: asked to stop, it had to be killed. `left_behind`: processes outlived the one they belong to.
    """

    number: int
    sort: str
    struck_at: int
    in_flight: int
    commands: int
    second: float | None = None
    gone_ms: float | None = None
    late: bool = False
    left_behind: bool = False
    start_ms: float | None = None
    answered_at: int | None = None

    @property
    def away_ms(self) -> float | None:
        """From the blow until the server answered again, or None where it never did."""
        return None if self.answered_at is None else round((self.answered_at - self.struck_at) / 1e6, 1)

    def to_json(self) -> dict[str, Any]:
        """As the list `outages` holds it."""
        return {
            "number": self.number,
            "sort": self.sort,
            "second": self.second,
            "in_flight": self.in_flight,
            "commands": self.commands,
            "gone_ms": self.gone_ms,
            "late": self.late,
            "left_behind": self.left_behind,
            "start_ms": self.start_ms,
            "away_ms": self.away_ms,
        }

"""How well one generator process kept up: a generator short of time measures itself, not the provider."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class GeneratorHealth:
    """CPU time over wall time from the first request to the latest, and the worst lateness of a sleep.

    Clients of one process take turns on one core: 1.0 is a core that never rested. A sleep ends late where
    other clients, or other programs on the machine, had the core when it was over.
    """

    worst_lateness: float = 0.0
    _began: tuple[float, float] | None = None
    _latest: tuple[float, float] = field(default=(0.0, 0.0))

    def requested(self) -> None:
        """Take note that a request was made."""
        self._latest = time.process_time(), time.monotonic()
        if self._began is None:
            self._began = self._latest

    def sleep(self, seconds: float) -> None:
        """Sleep, and note how much longer it was than asked. Locust makes it the sleep of one client."""
        before = time.monotonic()
        time.sleep(seconds)
        self.worst_lateness = max(self.worst_lateness, time.monotonic() - before - seconds)

    @property
    def cpu_share(self) -> float:
        """CPU seconds for each second of the load."""
        began, latest = self._began or self._latest, self._latest
        elapsed = latest[1] - began[1]
        return (latest[0] - began[0]) / elapsed if elapsed > 0 else 0.0

    def mark(self) -> dict[str, float]:
        """Its part of the process's end mark."""
        return {
            "cpu_share": round(self.cpu_share, 3),
            "worst_lateness_ms": round(self.worst_lateness * 1000, 1),
        }

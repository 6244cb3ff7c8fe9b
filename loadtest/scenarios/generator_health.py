"""How well one generator process kept up: a generator short of time measures itself, not the provider."""

import time
from dataclasses import dataclass, field

_SAMPLE_SECONDS = 1.0
_RESOLUTION_SECONDS = 0.01
"""How seldom the clocks are looked at: a look at the processor's costs a system call."""


@dataclass(slots=True)
class GeneratorHealth:
    """CPU time over wall time from the first request to the latest, and the worst lateness of a sleep.

    Clients of one process take turns on one core: 1.0 is a core that never rested. A sleep ends late where
    other clients, or other programs on the machine, had the core when it was over. `samples` are the same two
    about once a second, each with its seconds since the first request.
    """

    worst_lateness: float = 0.0
    samples: list[dict[str, float]] = field(default_factory=list)
    _began: tuple[float, float] | None = None
    _latest: tuple[float, float] = field(default=(0.0, 0.0))
    _sampled: tuple[float, float] = field(default=(0.0, 0.0))
    _late_since_sample: float = 0.0

    def requested(self) -> None:
        """Take note that a request was made."""
        now = time.monotonic()
        if now - self._latest[1] < _RESOLUTION_SECONDS and self._began is not None:
            return
        self._latest = time.process_time(), now
        if self._began is None:
            self._began = self._sampled = self._latest
        elif self._latest[1] - self._sampled[1] >= _SAMPLE_SECONDS:
            self._sample(self._began[1])

    def sleep(self, seconds: float) -> None:
        """Sleep, and note how much longer it was than asked. Locust makes it the sleep of one client."""
        before = time.monotonic()
        time.sleep(seconds)
        late = time.monotonic() - before - seconds
        self.worst_lateness = max(self.worst_lateness, late)
        self._late_since_sample = max(self._late_since_sample, late)

    @property
    def cpu_share(self) -> float:
        """CPU seconds for each second of the load."""
        return _share(self._began or self._latest, self._latest)

    def mark(self) -> dict[str, float | list[dict[str, float]]]:
        """Its part of the process's end mark."""
        return {
            "cpu_share": round(self.cpu_share, 3),
            "worst_lateness_ms": round(self.worst_lateness * 1000, 1),
            "samples": self.samples,
        }

    def _sample(self, origin: float) -> None:
        self.samples.append(
            {
                "at": round(self._latest[1] - origin, 3),
                "cpu_share": round(_share(self._sampled, self._latest), 3),
                "lateness_ms": round(self._late_since_sample * 1000, 1),
            }
        )
        self._sampled, self._late_since_sample = self._latest, 0.0


def _share(began: tuple[float, float], latest: tuple[float, float]) -> float:
    elapsed = latest[1] - began[1]
    return (latest[0] - began[0]) / elapsed if elapsed > 0 else 0.0

"""The clock that blows go by: seconds of load, which stands still between one phase and the next."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class LoadClock:
    """How much of a load has gone by; all instants are monotonic seconds.

    A command may be met before anybody tells that its phase has begun: the clock runs from there until then.
    A phase may be told before it begins: until then nothing of it has gone by.
    """

    _first_command: float | None = None
    _phases: list[tuple[float, float]] = field(default_factory=list)

    def met_command(self, now: float) -> None:
        """Say that a command of the load was met."""
        self._first_command = now

    def phase_begins(self, at: float, seconds: float) -> None:
        """Say that the clients of a phase of so many seconds begin at that instant."""
        self._phases.append((at, seconds))

    def elapsed(self, now: float) -> float:
        """Seconds of load gone by; what clients do after the end of a phase does not count."""
        if self._phases:
            return sum(max(0.0, min(now - began, seconds)) for began, seconds in self._phases)
        return 0.0 if self._first_command is None else now - self._first_command

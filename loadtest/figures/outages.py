"""When a provider answered nobody although it was asked: outages, as its clients met them.

An outage begins where a request is under way and nobody is answered any more, and lasts until the next
answer. Where requests fail meanwhile (refused, reset, timed out, answered 5xx), as when a provider stops or
starts again, it is one from a second on. Where all are answered in the end, as when it freezes, it is one
beyond three seconds: the longest that GP Connect 1.2.7 (page Volumetric and performance) gives an answer at
SHALL, so that a provider which is slow within its limits is not down, however few ask. Between two requests
without an answer, and none with one between them, an outage lasts as well: nobody saw it end. All to a tenth
of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

DEFINITION = (
    "Down is a second or longer in which requests failed (refused a connection, broken off, timed out or"
    " answered 5xx) and nobody got an answer, and over three seconds in which requests hung and nobody got an"
    " answer though all did in the end: from the first of these requests to the next answer. A refusal (4xx)"
    " is an answer."
)
"""What is counted as down, for people."""

TENTHS = 10
SHORTEST_TENTHS = 10
SHORTEST_HANGING_TENTHS = 31
"""Of an outage in which requests failed, and of one in which all were answered in the end."""
_TENTH_NS = 100_000_000
_TENTHS_OF_AN_HOUR = 36_000


@dataclass(frozen=True, slots=True)
class Outage:
    """From tenth of a second `first` to before `end`; `lasted` where no answer came any more after it.

    `failed` where a request failed in it.
    """

    first: int
    end: int
    lasted: bool
    failed: bool

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.end - self.first) / TENTHS

    @property
    def began(self) -> str:
        """When it began, for people, where its tenths are counted from the first request."""
        return f"second {self.first // TENTHS} of the load"


@dataclass(slots=True)
class Timeline:
    """In which tenths of a second requests were under way, and in which one was answered or failed.

    Feed it requests in any order. It takes three bytes for each tenth of an hour that had any.
    """

    _under_way: dict[int, bytearray] = field(default_factory=dict)
    _answered: dict[int, bytearray] = field(default_factory=dict)
    _failed: dict[int, bytearray] = field(default_factory=dict)

    def add(self, sent_ns: int, ended_ns: int, answered: bool) -> None:
        """Mark one request, from its send to its end."""
        last = ended_ns // _TENTH_NS
        _mark(self._under_way, sent_ns // _TENTH_NS, last + 1)
        _mark(self._answered if answered else self._failed, last, last + 1)

    def _marked(self) -> Iterator[tuple[int, bool, bool]]:
        """The tenths with a request under way, in order, and whether one was answered, or failed, in them."""
        none = bytes(_TENTHS_OF_AN_HOUR)
        for hour in sorted(self._under_way):
            ends = self._answered.get(hour, none), self._failed.get(hour, none)
            for at, (under_way, answered, failed) in enumerate(
                zip(self._under_way[hour], *ends, strict=True)
            ):
                if under_way:
                    yield hour * _TENTHS_OF_AN_HOUR + at, bool(answered), bool(failed)

    def outages(self) -> tuple[Outage, ...]:
        """The outages, in the order of time."""
        return tuple(
            each
            for each in self._silences()
            if each.end - each.first >= (SHORTEST_TENTHS if each.failed else SHORTEST_HANGING_TENTHS)
        )

    def _silences(self) -> Iterator[Outage]:
        began: int | None = None
        tenth, any_failed = 0, False
        for tenth, answered, failed in self._marked():
            if answered:
                if began is not None:
                    yield Outage(began, tenth, lasted=False, failed=any_failed)
                began, any_failed = None, False
                continue
            any_failed |= failed
            if began is None:
                began = tenth
        if began is not None:
            yield Outage(began, tenth + 1, lasted=True, failed=any_failed)

    def observed(self) -> Iterator[int]:
        """Every tenth of which something is known, once: seconds with a request, and whole outages.

        Before the first request nothing is known, and nothing after the last has ended.
        """
        marked = [tenth for tenth, *_ in self._marked()]
        seconds = {tenth // TENTHS for tenth in marked}
        for outage in self.outages():
            seconds.update(range(outage.first // TENTHS, (outage.end - 1) // TENTHS + 1))
        for second in sorted(seconds):
            tenths = range(second * TENTHS, (second + 1) * TENTHS)
            yield from (tenth for tenth in tenths if marked[0] <= tenth <= marked[-1])


def _mark(hours: dict[int, bytearray], first: int, end: int) -> None:
    """Mark the tenths from `first` to before `end`."""
    while first < end:
        hour, at = divmod(first, _TENTHS_OF_AN_HOUR)
        marks = hours.get(hour)
        if marks is None:
            marks = hours[hour] = bytearray(_TENTHS_OF_AN_HOUR)
        until = min(at + end - first, _TENTHS_OF_AN_HOUR)
        marks[at:until] = b"\1" * (until - at)
        first += until - at


def outages_said(outages: Sequence[Outage]) -> Iterator[str]:
    """What befell the provider, their tenths counted from the first request: those over, then the last."""
    over = [each for each in outages if not each.lasted]
    if over:
        longest = max(over, key=lambda each: each.seconds)
        times = "" if len(over) == 1 else f" {len(over):,} times, the longest"
        yield f"nobody got an answer{times} for {longest.seconds:.1f} s, from {longest.began} on"
    yield from filter(None, [silence_said(outages)])


def silence_said(outages: Sequence[Outage]) -> str:
    """That the provider did not come back from its last outage, and since when; else nothing."""
    if not outages or not outages[-1].lasted:
        return ""
    return f"the provider gave no answer from {outages[-1].began} on"

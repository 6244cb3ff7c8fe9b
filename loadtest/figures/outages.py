"""When a provider answered nobody although it was asked: outages, as its clients met them.

An outage begins where a request is under way and nobody is answered any more, and lasts until somebody is or
the last of those under way has failed. Where requests fail meanwhile (refused, reset, timed out, answered
5xx), as when a provider stops or starts again, it is one from a second on. Where all are answered in the end,
as when it freezes, it is one beyond three seconds: the longest that GP Connect 1.2.7 (page Volumetric and
performance) gives an answer at SHALL, so that a provider which is slow within its limits is not down, however
few ask. Where nobody asks, nobody knows: only between two requests that failed, with no answer between them,
does an outage last. All to a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from loadtest.figures.over_time import Span

DEFINITION = (
    "Down is a second or longer in which requests failed (refused a connection, broken off, timed out or"
    " answered 5xx) and nobody got an answer, and over three seconds in which requests hung and nobody got an"
    " answer though all did in the end: from the first of these requests until somebody is answered or the"
    " last of them has failed. A refusal (4xx) is an answer. Each phase counts by itself, while new"
    " work begins: nothing between phases, and nothing after the last."
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
    """From tenth of a second `first` to before `end`. `failed` requests ended in it, a tenth has 255 at most.

    `lasted` where it took more than one of them and no answer is known of after it.
    """

    first: int
    end: int
    lasted: bool
    failed: int

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.end - self.first) / TENTHS

    @property
    def began(self) -> str:
        """When it began, for people, where its tenths are counted from the first request."""
        return f"second {self.first // TENTHS} of the load"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Tenths that follow each other with a request under way and none answered; then nothing, or an answer.

    An answer that follows no such tenth ends a stretch without any.
    """

    first: int
    end: int
    failed: int
    answered: bool


@dataclass(slots=True)
class Timeline:
    """In which tenths of a second of one phase requests were under way, and in which they ended.

    Feed it requests in any order. What lies outside `span`, where there is one, is left out: what was sent
    then, and of what was sent before its end the rest. It takes three bytes for each tenth of an hour that
    had any.
    """

    span: Span | None = None
    _under_way: dict[int, bytearray] = field(default_factory=dict)
    _answered: dict[int, bytearray] = field(default_factory=dict)
    _failed: dict[int, bytearray] = field(default_factory=dict)

    def add(self, sent_ns: int, ended_ns: int, answered: bool) -> None:
        """Mark one request, from its send to its end."""
        first, last = sent_ns // _TENTH_NS, ended_ns // _TENTH_NS
        if self.span is not None:
            if not self.span.began_ns <= sent_ns < self.span.ends_ns:
                return
            if ended_ns >= self.span.ends_ns:
                last = (self.span.ends_ns - 1) // _TENTH_NS
                if answered:
                    _mark(self._under_way, first, last + 1)
                    return
        _mark(self._under_way, first, last + 1)
        if answered:
            _mark(self._answered, last, last + 1)
        else:
            _count(self._failed, last)

    def _marked(self) -> Iterator[tuple[int, bool, int]]:
        """The tenths with a request under way, in order: whether one was answered, and how many failed."""
        none = bytes(_TENTHS_OF_AN_HOUR)
        for hour in sorted(self._under_way):
            ends = self._answered.get(hour, none), self._failed.get(hour, none)
            for at, (under_way, answered, failed) in enumerate(
                zip(self._under_way[hour], *ends, strict=True)
            ):
                if under_way:
                    yield hour * _TENTHS_OF_AN_HOUR + at, bool(answered), failed

    def outages(self) -> tuple[Outage, ...]:
        """The outages, in the order of time."""
        return tuple(
            each
            for each in self._silences()
            if each.end - each.first >= (SHORTEST_TENTHS if each.failed else SHORTEST_HANGING_TENTHS)
        )

    def _silences(self) -> Iterator[Outage]:
        """Stretches without an answer, joined where nobody asked between two that have failures."""
        open_one: Outage | None = None
        for each in self._stretches():
            silence = Outage(each.first, each.end, False, each.failed)
            if open_one is not None:
                if each.failed and each.first < each.end:
                    silence = replace(silence, first=open_one.first, failed=open_one.failed + each.failed)
                else:
                    yield open_one
            open_one = None if each.answered else silence
            if each.answered:
                yield silence
        if open_one is not None:
            yield replace(open_one, lasted=open_one.failed > 1)

    def _stretches(self) -> Iterator[_Stretch]:
        first: int | None = None
        end, in_all = 0, 0
        for tenth, answered, failed in self._marked():
            if first is not None and tenth > end:
                yield _Stretch(first, end, in_all, answered=False)
                first = None
            if first is None:
                first, in_all = tenth, 0
            # Nothing tells whether what failed in the tenth of an answer did so before it.
            in_all += failed
            end = tenth + 1
            if answered:
                yield _Stretch(first, tenth, in_all, answered=True)
                first = None
        if first is not None:
            yield _Stretch(first, end, in_all, answered=False)

    def observed(self) -> Iterator[int]:
        """Every tenth of which something is known, once: seconds with a request, and whole outages.

        Before the first request nothing is known, and nothing after the last has ended (or the span has).
        """
        marked = [tenth for tenth, *_ in self._marked()]
        seconds = {tenth // TENTHS for tenth in marked}
        for outage in self.outages():
            seconds.update(range(outage.first // TENTHS, (outage.end - 1) // TENTHS + 1))
        for second in sorted(seconds):
            tenths = range(second * TENTHS, (second + 1) * TENTHS)
            yield from (tenth for tenth in tenths if marked[0] <= tenth <= marked[-1])


def _count(hours: dict[int, bytearray], tenth: int) -> None:
    """Count one more in a tenth, up to what a byte holds."""
    hour, at = divmod(tenth, _TENTHS_OF_AN_HOUR)
    counts = _of_hour(hours, hour)
    counts[at] = min(counts[at] + 1, 255)


def _mark(hours: dict[int, bytearray], first: int, end: int) -> None:
    """Mark the tenths from `first` to before `end`."""
    while first < end:
        hour, at = divmod(first, _TENTHS_OF_AN_HOUR)
        marks = _of_hour(hours, hour)
        until = min(at + end - first, _TENTHS_OF_AN_HOUR)
        marks[at:until] = b"\1" * (until - at)
        first += until - at


def _of_hour(hours: dict[int, bytearray], hour: int) -> bytearray:
    marks = hours.get(hour)
    if marks is None:
        marks = hours[hour] = bytearray(_TENTHS_OF_AN_HOUR)
    return marks


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

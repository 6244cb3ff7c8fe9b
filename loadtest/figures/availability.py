"""Availability of a run against the silver service level, in its supported hours and outside them.

Source: NHS England's Reference guide, service levels: silver operates 24 hours a day, 365 days a year and is
supported from 8am to 6pm, Monday to Friday excluding bank holidays (England's); 99.50 % is promised of the
supported hours alone. The level says nothing of response times, and does not say how availability is counted.
Here it is counted twice, and the lower figure decides:

- by requests: the share that got a definite answer, a refusal included (no timeout, reset or 5xx but 501);
- by time: of the seconds under load, the share in which it was not down (`loadtest.figures.outages`), that is
  without any answer for a second or longer although it was asked. A shorter outage shows in the first figure
  alone, and a freeze of up to three seconds in neither: all are answered within the limits.

What counts is the real time at which a request was sent, UK local: a day compressed into minutes by a plan
is still judged by the clock on the wall.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from loadtest.counting import count_of
from loadtest.figures.outages import DEFINITION, TENTHS, Outage, Timeline, outages_said
from loadtest.figures.over_time import Span
from loadtest.figures.supported_hours import HOUR_SECONDS, SupportedHours
from loadtest.ledger import NOT_LOAD, LedgerHeader, Operation

_SECOND = 1_000_000_000
_OUTAGES_LISTED = 100


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """A published operational level: its name, its hours, and the availability promised, in per cent."""

    name: str
    operational_hours: str
    supported_hours: str
    availability_percent: float


SILVER = ServiceLevel(
    name="silver",
    operational_hours="24 hours a day, 365 days a year",
    supported_hours="8am to 6pm, Monday to Friday excluding bank holidays",
    availability_percent=99.50,
)


@dataclass(frozen=True, slots=True)
class HoursFigures:
    """What happened within some hours: requests sent and answered, seconds under load, those of outages.

    Seconds are counted in tenths.
    """

    requests: int
    answered: int
    seconds: float
    seconds_down: float

    @property
    def by_requests(self) -> float | None:
        """The share of requests answered, per cent; None where nothing was sent."""
        return 100.0 * self.answered / self.requests if self.requests else None

    @property
    def by_time(self) -> float | None:
        """The share of time that was not down, per cent; None where nothing was under way."""
        return 100.0 * (self.seconds - self.seconds_down) / self.seconds if self.seconds else None

    @property
    def percent(self) -> float | None:
        """The lower of the two."""
        figures = [each for each in (self.by_requests, self.by_time) if each is not None]
        return min(figures) if figures else None


@dataclass(frozen=True, slots=True)
class Availability:
    """A run's availability beside what a service level promises. `first` and `last` send are UK local.

    `outages` have their tenths counted from the first send. `outage_expected`: the provider was to be stopped
    during the run, which no promise of it covers.
    """

    level: ServiceLevel
    supported: HoursFigures
    unsupported: HoursFigures
    first: datetime | None = None
    last: datetime | None = None
    outages: tuple[Outage, ...] = ()
    outage_expected: bool = False

    @property
    def binds(self) -> bool:
        """Whether anything was asked in supported hours, of which alone the level promises anything.

        What a provider does that is stopped on purpose binds nobody.
        """
        return self.supported.requests > 0 and not self.outage_expected

    @property
    def met(self) -> bool | None:
        """Whether the promise was kept; None where it does not bind."""
        percent = self.supported.percent
        return None if percent is None or not self.binds else percent >= self.level.availability_percent

    @property
    def whole(self) -> HoursFigures:
        """All hours together."""
        one, other = self.supported, self.unsupported
        return HoursFigures(
            one.requests + other.requests,
            one.answered + other.answered,
            one.seconds + other.seconds,
            one.seconds_down + other.seconds_down,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is to be said of it, the figure that binds first."""
        promise = f"the {self.level.name} level promises {self.level.availability_percent:.2f} %"
        if self.first is None or self.last is None:
            return (f"nothing was asked, so nothing was available; {promise} of supported hours",)
        said = []
        if self.supported.requests:
            word = "met" if self.met else "NOT MET"
            if self.outage_expected:
                word = "not judged, for an outage was expected"
            said.append(f"in supported hours {_figures(self.supported)}; {promise}: {word}")
        else:
            said.append(
                f"the run lay wholly outside supported hours ({self.level.supported_hours}; it ran"
                f" {_period(self.first, self.last)} UK time): {promise} of those alone, so it does not bind"
            )
        if self.unsupported.requests:
            said.append(f"outside supported hours {_figures(self.unsupported)}")
        return (*said, *outages_said(self.outages))


@dataclass(slots=True)
class Uptime:
    """Counts a run's requests and seconds. `wall_offset_ns` added to a ledger's times gives Unix time.

    Feed it every operation; what is not load (the first look, planning, the read back) it counts nowhere, but
    an answer of the read back tells that the provider was there again. `spans` are those of the phases by
    name, in the ledger's time: seconds and outages are of these alone. Of a phase without one they are from
    its first request to the end of its last.
    """

    wall_offset_ns: int
    spans: Mapping[str, Span] = field(default_factory=dict)
    hours: SupportedHours = field(default_factory=SupportedHours)
    _requests: dict[int, list[int]] = field(default_factory=dict)
    _timelines: dict[str, Timeline] = field(default_factory=dict)
    _sent_ns: tuple[int, int] | None = None
    _last_answer_ns: int = 0

    def record(self, operation: Operation) -> None:
        """Add one operation."""
        sent, ended = operation.start + self.wall_offset_ns, operation.end + self.wall_offset_ns
        answered = operation.outcome != "unknown"
        if answered and ended > self._last_answer_ns:
            self._last_answer_ns = ended
        phase = operation.phase
        if phase in NOT_LOAD:
            return
        counts = self._requests.setdefault(sent // _SECOND // HOUR_SECONDS, [0, 0])
        counts[0] += 1
        counts[1] += answered
        timeline = self._timelines.get(phase)
        if timeline is None:
            timeline = self._timelines[phase] = Timeline(self._span(phase))
        timeline.add(sent, ended, answered)
        if self._sent_ns is None:
            self._sent_ns = sent, sent
        elif not self._sent_ns[0] <= sent <= self._sent_ns[1]:
            self._sent_ns = min(self._sent_ns[0], sent), max(self._sent_ns[1], sent)

    def judge(self, level: ServiceLevel = SILVER, outage_expected: bool = False) -> Availability:
        """Hold what was counted against a level."""
        supported, unsupported = (self._figures(within) for within in (True, False))
        if self._sent_ns is None:
            return Availability(level, supported, unsupported, outage_expected=outage_expected)
        first, last = (self.hours.local(sent // _SECOND) for sent in self._sent_ns)
        outages = tuple(self._outages(self._sent_ns[0] * TENTHS // _SECOND))
        return Availability(level, supported, unsupported, first, last, outages, outage_expected)

    def _span(self, phase: str) -> Span | None:
        span = self.spans.get(phase)
        return span and replace(span, began_ns=span.began_ns + self.wall_offset_ns)

    def _outages(self, origin: int) -> Iterator[Outage]:
        """Those of all phases in the order of time, their tenths counted from `origin`.

        One that lasted to the end of its phase did so for good where no answer is known of after it began.
        """
        found = sorted(
            (each for timeline in self._timelines.values() for each in timeline.outages()),
            key=lambda outage: outage.first,
        )
        for each in found:
            for_good = each is found[-1] and self._last_answer_ns * TENTHS // _SECOND < each.first
            yield Outage(each.first - origin, each.end - origin, each.lasted and for_good, each.failed)

    def _figures(self, supported: bool) -> HoursFigures:
        includes = self.hours.includes
        counts = [each for hour, each in self._requests.items() if includes(hour * HOUR_SECONDS) == supported]
        known, down = 0, 0
        for timeline in self._timelines.values():
            silent = {tenth for each in timeline.outages() for tenth in range(each.first, each.end)}
            tenths = [each for each in timeline.observed() if includes(each // TENTHS) == supported]
            known += len(tenths)
            down += sum(each in silent for each in tenths)
        return HoursFigures(
            sum(each[0] for each in counts), sum(each[1] for each in counts), known / TENTHS, down / TENTHS
        )


def wall_offset_ns(headers: Iterable[LedgerHeader]) -> int:
    """What makes Unix time of a run's reference clock: read from a process on the machine that kept it.

    The first header of a machine whose clock needed no offset; 0 without any header.
    """
    listed = tuple(headers)
    own = [each for each in listed if not each.clock_offset_ns]
    return next((each.wall_ns - each.monotonic_ns for each in own or listed), 0)


def to_json(availability: Availability) -> dict[str, Any]:
    """An availability for programs: shares in per cent, times ISO 8601 with their offset, null for none."""
    return {
        "level": asdict(availability.level),
        "binds": availability.binds,
        "met": availability.met,
        **{
            hours: asdict(figures) | {"by_requests": figures.by_requests, "by_time": figures.by_time}
            for hours, figures in (
                ("supported_hours", availability.supported),
                ("unsupported_hours", availability.unsupported),
                ("all_hours", availability.whole),
            )
        },
        "definition": DEFINITION,
        "outage_count": len(availability.outages),
        "outages": [
            {"from_second": each.first / TENTHS, "seconds": each.seconds, "lasted": each.lasted}
            for each in availability.outages[-_OUTAGES_LISTED:]
        ],
        "first_sent": availability.first.isoformat() if availability.first else None,
        "last_sent": availability.last.isoformat() if availability.last else None,
        "sentences": list(availability.sentences),
    }


def _figures(figures: HoursFigures) -> str:
    by_requests, by_time = _share(figures.by_requests), _share(figures.by_time)
    return (
        f"{by_requests} of {count_of(figures.requests, 'request')} were answered and {by_time} of"
        f" {figures.seconds:,.1f} seconds were not down"
    )


def _share(percent: float | None) -> str:
    # Rounded down: 99.499 % is not the 99.50 % that was promised.
    return "none" if percent is None else f"{math.floor(round(percent * 100, 6)) / 100:.2f} %"


def _period(first: datetime, last: datetime) -> str:
    same_day = first.date() == last.date()
    return f"{first:%a %d %b %Y %H:%M} to {last:{'%H:%M' if same_day else '%a %d %b %Y %H:%M'}}"

"""What was asked for and where: phases, environment, data, options; and what came back, by answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from loadtest.arrivals import RateCurve
from loadtest.counting import count_of
from loadtest.plans.plan import Phase
from loadtest.report.breaking_point import BreakingPoint, Outcome
from loadtest.report.charts.scales import duration_text, size_text
from loadtest.report.page.figures import Table, ms_with_unit, per_cent, rate, table
from loadtest.report.sentences import limit_said
from loadtest.report.verdict import Verdict
from loadtest.running.run_record import target_of

_ANSWERS_SHOWN = 60
_PHASES_SHOWN = 60
_PRACTICES_SHOWN = 20
_REASONS_SHOWN = 3
_ENDINGS = {
    "ok": "granted",
    "lost race": "lost race: correct",
    "refused": "refused",
    "unknown": "no definite answer",
}
_OUTCOMES: Mapping[Outcome, str] = {
    "broke": "BROKE",
    "at the end": "over it at the very end",
}
Fact = tuple[str, str]


def phases(verdict: Verdict) -> Table:
    """One row per phase: how it was asked for, and what was done."""
    planned = {phase.name: phase for phase in verdict.plan.phases} if verdict.plan else {}
    rows = []
    for part in verdict.evidence.record.get("parts", ()):
        name = str(part["scenario"])
        marks = [mark for mark in verdict.evidence.marks.values() if mark.get("phase") == name]
        due, made, missed = (
            sum(mark.get(key) or 0 for mark in marks)
            for key in ("arrivals_due", "arrivals_made", "arrivals_missed")
        )
        rows.append(
            (
                name,
                _asked(planned.get(name), part),
                _mix(planned.get(name)),
                duration_text(float(part.get("seconds") or 0.0)),
                f"{verdict.tally.operations[name]:,}",
                f"{made:,} of {due:,}" if due else "-",
                f"{missed:,}" if due else "-",
            )
        )
    heads = ("phase", "asked for", "mix", "length", "requests", "arrivals made", "missed")
    return table("Phases in the order of time", heads, rows, _PHASES_SHOWN)


def _asked(phase: Phase | None, part: Mapping[str, Any]) -> str:
    if phase is not None and phase.rate is not None:
        return f"open: {_rates(phase.rate)} arrivals a second ({phase.spread})"
    users = part.get("users") if phase is None else phase.users
    thought = f", {phase.think:g} s of thought" if phase is not None and phase.think else ""
    return f"closed: {users} users{thought}"


def _rates(curve: RateCurve) -> str:
    first, last, peak = curve.points[0][1], curve.points[-1][1], curve.peak
    if first == last == peak:
        return rate(peak)
    return f"{rate(first)} to {rate(last)}" + (f", at most {rate(peak)}" if peak > max(first, last) else "")


def _mix(phase: Phase | None) -> str:
    if phase is None:
        return "-"
    if len(phase.mix) == 1:
        return next(iter(phase.mix))
    return ", ".join(f"{weight:g} {name}" for name, weight in phase.mix.items())


def breaking_points(verdict: Verdict) -> Table:
    """The limits that broke while the rate climbed, and at which throughput and message size."""
    rows = [
        (
            point.phase,
            point.interaction,
            limit_said(point.threshold),
            f"{_OUTCOMES[point.outcome]}{', recovered later' if point.recovered else ''}",
            *_own_traffic(point),
            ms_with_unit(point.observed_ms),
            *_moment(point),
        )
        for point in verdict.breaking_points
        if point.exceeded
    ]
    heads = (
        "phase",
        "interaction",
        "limit",
        "outcome",
        "its answers/s",
        "its mean size",
        "observed",
        "between",
        "arrivals/s asked",
        "all answers/s",
    )
    return table("Where limits broke while the rate climbed", heads, rows, _PHASES_SHOWN)


def _own_traffic(point: BreakingPoint) -> tuple[str, str]:
    own = point.own
    if own is None:
        return "-", "-"
    return rate(own.per_second), "-" if own.mean_bytes is None else size_text(own.mean_bytes)


def _moment(point: BreakingPoint) -> tuple[str, str, str]:
    """When a limit broke, what was asked for then, and what was answered in all."""
    asked, answered = (
        "-" if each is None else rate(each) for each in (point.asked_per_second, point.per_second)
    )
    between = f"{duration_text(point.second or 0.0)} and {duration_text(point.until_second or 0.0)}"
    return between, asked, answered


def outcomes(verdict: Verdict) -> Table:
    """Every answer by interaction, how it counts, its share of the interaction's requests, and why."""
    rows = [
        (
            name,
            answer,
            _ENDINGS[verdict.tally.endings[name, answer]],
            f"{count:,}",
            f"{count / answers.total():.1%}",
            _reasons(verdict, name, answer),
        )
        for name, answers in sorted(verdict.tally.answers.items())
        for answer, count in answers.most_common()
    ]
    heads = ("interaction", "answer", "counts as", "requests", "share", "reasons given")
    return table("Answers by HTTP status and Spine code", heads, rows, _ANSWERS_SHOWN)


def _reasons(verdict: Verdict, interaction: str, answer: str) -> str:
    reasons = verdict.tally.reasons.get((interaction, answer))
    most = reasons.most_common(_REASONS_SHOWN) if reasons else ()
    return "; ".join(f"{count:,} x {reason}" for reason, count in most)


def environment(verdict: Verdict) -> Iterator[Fact]:
    """What somebody else would have to know to run it again."""
    record, evidence = verdict.evidence.record, verdict.evidence
    yield "Run", evidence.run
    if verdict.plan is not None:
        yield "Plan", f"{verdict.plan.name}: {verdict.plan.about}"
        yield "Stock of free slots", f"{verdict.plan.stock}"
    yield "Seed", str(record.get("seed", evidence.ledger.seed))
    yield "Began and ended", f"{record.get('started', '?')} to {record.get('ended', '?')}"
    yield from _provider(record)
    practices = record.get("practices", [])
    shown = ", ".join(practices[:_PRACTICES_SHOWN])
    more = f" and {len(practices) - _PRACTICES_SHOWN} more" if len(practices) > _PRACTICES_SHOWN else ""
    yield "Practices", f"{len(practices)}: {shown}{more}" if practices else "not known"
    data = record.get("data") or {}
    if data:
        yield "Data", ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in data.items())
    yield "Free slots left", _left(verdict)
    processes = count_of(len(evidence.ledger.headers), "process", "processes")
    hosts = sorted({header.host for header in evidence.ledger.headers})
    yield "Generator", f"{processes} on {', '.join(hosts)}"
    for name, value in (record.get("environment") or {}).items():
        yield str(name), str(value)
    yield "Evidence", ", ".join(map(str, evidence.directories))


def _provider(record: Mapping[str, Any]) -> Iterator[Fact]:
    options = record.get("options", {})
    yield "Target", target_of(record) or "not known"
    if options.get("proxy"):
        yield "Spine Secure Proxy", str(options["proxy"])
    provider = record.get("provider") or {}
    if provider:
        yield "Provider", " ".join(str(value) for value in provider.values() if value)


def _left(verdict: Verdict) -> str:
    left = verdict.tally.free_slots_left
    if not left:
        return "not known: the state was not read back"
    return f"{sum(map(len, left.values())):,} at {count_of(len(left), 'practice')}"


def options(verdict: Verdict) -> Iterator[Fact]:
    """The options of the run that were set."""
    for name, value in verdict.evidence.record.get("options", {}).items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {each}" for key, each in value.items() if each is not None)
        if value not in (None, False, ""):
            yield str(name), str(value)


def availability(verdict: Verdict) -> Table:
    """What happened in supported and in unsupported hours."""
    held = verdict.availability
    rows = [
        (
            name,
            f"{hours.requests:,}",
            f"{hours.answered:,}",
            f"{hours.seconds:,.1f}",
            f"{hours.seconds_down:,.1f}",
            per_cent(hours.percent),
        )
        for name, hours in (
            (f"supported ({held.level.supported_hours})", held.supported),
            ("all other hours", held.unsupported),
        )
    ]
    heads = ("hours", "requests", "answered", "seconds under load", "seconds down", "available")
    promised = f"{held.level.name} promises {held.level.availability_percent:.2f} % of supported hours"
    return table(f"Availability; {promised}", heads, rows)

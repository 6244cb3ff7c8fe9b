"""The page put together: what is said in which order, and the template around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from loadtest.counting import count_of
from loadtest.figures.measurements import Latency
from loadtest.figures.outages import DEFINITION
from loadtest.figures.timings import NO_ANSWER
from loadtest.report.charts.drawing import printable
from loadtest.report.page import generator, latency, races, setting, sizes, throughput, torture
from loadtest.report.page.figures import Table, ms, ms_with_unit, per_cent, rate, table
from loadtest.report.page.stretches import Stretches
from loadtest.report.sentences import (
    ENOUGH_REQUESTS,
    HEADLINES,
    ONLY_WRITER,
    contests_said,
    limit_said,
    meaning,
    not_judged,
    sentence,
    timed_said,
    too_few_said,
    unbroken_said,
)
from loadtest.report.verdict import Verdict, Word
from loadtest.report.verdict_rows import ordered, tone_of, word_of
from loadtest.running.run_record import addressed
from loadtest.service_level import ThresholdResult

_REASONS_SHOWN = 30
_TONES: dict[Word, str] = {"passed": "good", "violated": "bad", "no evidence": "fair", "too slow": "bad"}
_MARKS: dict[Word, str] = {"passed": "✓", "violated": "✕", "no evidence": "?", "too slow": "!"}


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit against what was observed; `used` says how much of it that took, `share` draws it."""

    interaction: str
    limit: str
    observed: str
    used: str
    share: float
    basis: str
    requests: str
    result: str
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure for those who read nothing else."""

    label: str
    value: str
    note: str


def report_page(verdict: Verdict) -> str:
    """The whole page as HTML."""
    stretches = Stretches(verdict.over_time, torture.marks(verdict))
    record = verdict.evidence.record
    template = _environment().get_template("page.html")
    text = template.render(
        scenario=record.get("scenario", "run"),
        headline=HEADLINES[verdict.word],
        tone=_TONES[verdict.word],
        mark=_MARKS[verdict.word],
        verdict=verdict,
        record=record,
        target=addressed(record),
        sentence=sentence(verdict),
        meaning=meaning(verdict),
        assumption="" if verdict.evidence.shared else ONLY_WRITER,
        reasons=verdict.reasons[:_REASONS_SHOWN],
        reasons_left_out=max(0, len(verdict.reasons) - _REASONS_SHOWN),
        tiles=list(_tiles(verdict)),
        limits=list(_limits(verdict)),
        enough_requests=ENOUGH_REQUESTS,
        not_judged=not_judged(verdict),
        checks=races.checks(verdict),
        torture=torture.lines(verdict),
        outages=torture.outages(verdict),
        relay=torture.relay(verdict),
        over_time=list(throughput.over_time(verdict, stretches)),
        latencies=list(latency.latencies(verdict, stretches)),
        percentiles=_latency(verdict),
        timed=timed_said(verdict),
        curves=list(latency.curves(verdict)),
        phases=setting.phases(verdict),
        outcomes=setting.outcomes(verdict),
        contests=contests_said(verdict.contests) if verdict.contests else "",
        contested=races.contested_slots(verdict),
        races=list(races.race(verdict)),
        saturation=generator.saturation(verdict),
        processes=generator.processes(verdict),
        health=list(generator.health(verdict, stretches)),
        unbroken=list(unbroken_said(verdict.breaking_points)),
        breaking_points=setting.breaking_points(verdict),
        size_figures=list(sizes.against_size_and_rate(verdict.over_time)),
        sizes=sizes.sizes_and_rates(verdict.over_time),
        availability=setting.availability(verdict),
        down=DEFINITION,
        environment=list(setting.environment(verdict)),
        options=list(setting.options(verdict)),
    )
    return printable(text)


def _environment() -> Environment:
    loader = PackageLoader("loadtest.report.page", ".")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["count_of"] = count_of
    return environment


def _limits(verdict: Verdict) -> Iterator[LimitRow]:
    for result in ordered(verdict.latency.results):
        note = "set by the plan" if result.source == "plan" else ""
        yield LimitRow(
            interaction=result.interaction,
            limit=limit_said(result.threshold),
            observed=ms_with_unit(result.observed_ms),
            used=_used(result),
            share=100 * min(1.0, result.observed_ms / result.threshold.limit_ms),
            basis="intended start" if result.basis == "response time" else "actual send",
            requests=too_few_said(result) if result.met is None else f"{result.requests:,}",
            result=word_of(result, verdict.limits_judged),
            tone=tone_of(result, verdict.limits_judged),
            note=f"{note}, looser than the specification's" if result.loosens else note,
        )


def _tiles(verdict: Verdict) -> Iterator[Tile]:
    measured, tally = verdict.measurements, verdict.tally
    requests = measured.total()
    seconds = measured.seconds()
    yield Tile(
        "Requests", f"{requests:,}", f"{rate(measured.per_second(requests))} a second for {seconds:,.0f} s"
    )
    yield Tile("Booked", f"{tally.booked.total():,}", f"{tally.cancelled:,} cancelled again")
    yield Tile("Lost races", f"{measured.total('lost race'):,}", "refused as taken (409): correct")
    for name, outcome, note in (
        ("Refused", "refused", "by a practice's rules"),
        ("Errors", "unknown", "without a definite answer"),
    ):
        count = measured.total(outcome)
        share = count / requests if requests else 0.0
        yield Tile(name, f"{count:,}", f"{share:.2%}, {note}")
    yield from _shall_used(verdict)
    whole = verdict.availability.whole.percent
    if whole is not None:
        reason = (
            "an outage was expected" if verdict.availability.outage_expected else "outside supported hours"
        )
        note = "binding" if verdict.availability.binds else f"{reason}, so not binding"
        yield Tile("Available", per_cent(whole), note)


def _used(result: ThresholdResult) -> str:
    """How much of a limit was used, in per cent."""
    if result.observed_ms == NO_ANSWER:
        return "no answer"
    return f"{result.observed_ms / result.threshold.limit_ms:.0%}"


def _shall_used(verdict: Verdict) -> Iterator[Tile]:
    decisive = [each for each in verdict.latency.results if each.threshold.level == "SHALL"]
    judged = [each for each in decisive if each.met is not None]
    if not decisive or not verdict.limits_judged:
        return
    if not judged:
        yield Tile("SHALL limit used", "-", "too few requests to judge any")
        return
    closest = max(judged, key=lambda each: each.observed_ms / each.threshold.limit_ms)
    others = len(decisive) - len(judged)
    left = f"; {count_of(others, 'limit')} not judged" if others else ""
    note = f"by {closest.interaction}, the most{left}"
    yield Tile("SHALL limit used", _used(closest), note)


def _latency(verdict: Verdict) -> Table:
    rows = []
    for summary in verdict.summaries:
        granted = summary.ok + summary.unknown
        due = verdict.measurements.timings(summary.interaction, "response time").count
        turned_down = summary.lost_races + summary.refused
        parties: tuple[tuple[str, Latency | None, int], ...] = (
            ("actual send", summary.service, granted),
            ("intended start", summary.response, due),
            ("actual send, of lost races and refusals", summary.turned_down, turned_down),
        )
        for basis, held, count in parties:
            if held is not None:
                times = (held.p50, held.p90, held.p95, held.p99, held.p999, held.max)
                rows.append((summary.interaction, basis, f"{count:,}", *map(ms, times)))
    heads = ("interaction", "timed from the", "requests", "p50", "p90", "p95", "p99", "p99.9", "max")
    return table("Latency over the whole run, milliseconds", heads, rows)

"""The verdict on one run: everything its evidence says, read once, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from loadtest.counting import count_of
from loadtest.figures.availability import Availability, Uptime, wall_offset_ns
from loadtest.figures.measurements import InteractionSummary, Measurements
from loadtest.figures.over_time import OverTime, Span, spans_of
from loadtest.figures.timings import NO_ANSWER
from loadtest.integrity import CheckResult, Findings, ProviderState, judge
from loadtest.ledger import Operation
from loadtest.plans.plan import Plan
from loadtest.report.breaking_point import BreakingPoint, breaking_points
from loadtest.report.contention import Contention, ContestedSlot, Race
from loadtest.report.evidence import Evidence, read_evidence
from loadtest.report.tally import Tally
from loadtest.report.validity import objections
from loadtest.service_level import LatencyVerdict, ThresholdResult, judge_latency
from loadtest.torture.summary import Summary, summarise

Word = Literal["passed", "violated", "no evidence", "too slow"]
EXIT_CODES: dict[Word, int] = {"passed": 0, "violated": 100, "no evidence": 2, "too slow": 99}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one run. `reasons` say why it is not simply passed, the weightiest first.

    `objections` are those reasons that keep the run from being evidence. `torture` is what `gpload torture`
    did to the provider; None for any other run.
    """

    word: Word
    reasons: tuple[str, ...]
    objections: tuple[str, ...]
    evidence: Evidence
    findings: Findings
    summaries: tuple[InteractionSummary, ...]
    latency: LatencyVerdict
    availability: Availability
    measurements: Measurements
    over_time: OverTime
    breaking_points: tuple[BreakingPoint, ...]
    tally: Tally
    contested_slots: tuple[ContestedSlot, ...]
    race: Race | None
    contests: dict[str, float] | None
    torture: Summary | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be better and decides nothing: SHOULD limits, availability below the silver level.

        Limits that too few requests stand behind are among it.
        """
        warnings = [limit_broken(result) for result in self.latency.warnings]
        warnings += _undecided(self.latency)
        if not self.limits_judged:
            over = (*self.latency.broken, *self.latency.warnings)
            warnings = [f"not judged: {limit_broken(result)}" for result in over]
        # An interaction timed from both starts has each limit twice.
        warnings += dict.fromkeys(
            f"{each.interaction}: the plan's {each.threshold.level} limits are looser than the"
            " specification's, which they replace (a lower percentile, or more milliseconds)"
            for each in self.latency.loosened
        )
        if self.availability.met is False:
            warnings.append(f"availability: {self.availability.sentences[0]}")
        return tuple(warnings)

    @property
    def plan(self) -> Plan | None:
        """What was asked for; None for a run without a plan on record."""
        return self.evidence.plan

    @property
    def exit_code(self) -> int:
        """The process exit code that goes with it."""
        return EXIT_CODES[self.word]

    @property
    def limits_judged(self) -> bool:
        """Whether limits of speed are judged.

        Not where the provider was to be stopped during the run, nor where the run is no valid evidence: who
        did not ask as declared, or was not answered, has not seen limits kept or broken.
        """
        return not self.evidence.outage_expected and not self.objections


def reach_verdicts(directories: Iterable[Path], state: ProviderState | None = None) -> list[Verdict]:
    """One verdict per run in these directories, from their evidence and, if given, the provider's own state.

    Raises LedgerError without any, PlanError where the plan on record cannot be read.
    """
    return [_reach_verdict(evidence, state) for evidence in read_evidence(directories)]


def _reach_verdict(evidence: Evidence, state: ProviderState | None) -> Verdict:
    plan = evidence.plan
    own = plan.thresholds if plan else ()
    measurements, tally, contention, contests = Measurements(), Tally(), Contention(), evidence.contests()
    spans = spans_of(evidence.record)
    uptime = Uptime(wall_offset_ns(evidence.ledger.headers), _without_contests(spans, plan))
    over_time = OverTime(spans)
    recorders = [each.record for each in (measurements, tally, contention, over_time, uptime)]
    if contests is not None:
        recorders.append(contests.record)

    def observed() -> Iterator[Operation]:
        for operation in evidence.ledger:
            for record in recorders:
                record(operation)
            yield operation

    again = evidence.ledger if evidence.ledger.clock_uncertainty_ns else None
    findings = judge(observed(), evidence.ledger.seed, evidence.shared, state, again)
    latency = judge_latency(measurements, own)
    summaries = measurements.summaries()
    objecting = objections(evidence, tally, summaries)
    limits = () if evidence.outage_expected else latency.broken
    climbing = plan.phases if plan and not evidence.outage_expected else ()
    word, reasons = conclude(findings.checks, objecting, limits)
    return Verdict(
        word=word,
        reasons=reasons,
        objections=objecting,
        evidence=evidence,
        findings=findings,
        summaries=summaries,
        latency=latency,
        availability=uptime.judge(outage_expected=evidence.outage_expected),
        measurements=measurements,
        over_time=over_time,
        breaking_points=breaking_points(over_time, climbing, own),
        tally=tally,
        contested_slots=contention.most_contested(),
        race=contention.a_race(),
        contests=None if contests is None else contests.summary(),
        torture=summarise(evidence.torture_events(), evidence.ledger),
    )


def _without_contests(spans: Mapping[str, Span], plan: Plan | None) -> dict[str, Span]:
    """The spans that bound the load: the last round of a contest begins as its span ends, and is load too."""
    contests = {phase.name for phase in plan.phases if phase.contests} if plan else set()
    return {phase: span for phase, span in spans.items() if phase not in contests}


def conclude(
    checks: Sequence[CheckResult], objecting: Sequence[str], limits_broken: Sequence[ThresholdResult]
) -> tuple[Word, tuple[str, ...]]:
    """The word and its reasons. A proved violation wins over everything; no evidence over a broken limit."""
    violated = tuple(
        f"check {check.number}, {check.name}: violated {count_of(check.violation_count, 'time')}"
        for check in checks
        if check.result == "violated"
    )
    unproven = tuple(
        f"check {check.number}, {check.name}: unproven ({count_of(check.doubt_count, 'doubt')})"
        for check in checks
        if check.result == "unproven"
    )
    broken = () if objecting else tuple(limit_broken(result) for result in limits_broken)
    reasons = (*violated, *objecting, *unproven, *broken)
    if violated:
        return "violated", reasons
    if objecting or unproven:
        return "no evidence", reasons
    return ("too slow", reasons) if broken else ("passed", reasons)


def limit_broken(result: ThresholdResult) -> str:
    """What was observed beside what was allowed."""
    limit = result.threshold
    observed = f"p{limit.percentile:g} is {result.observed_ms:.1f} ms"
    if result.observed_ms == NO_ANSWER:
        of = count_of(result.requests, "request")
        observed = (
            f"{result.unanswered:,} of {of} had no definite answer, so there is no p{limit.percentile:g}"
        )
    return f"{result.interaction}: {observed}, {limit.level} be under {limit.limit_ms:g} ms"


def _undecided(latency: LatencyVerdict) -> Iterator[str]:
    """One line for each level and percentile that could not be judged on every interaction."""
    both = len({result.basis for result in latency.results}) > 1

    def aimed(result: ThresholdResult) -> tuple[str, float]:
        return result.threshold.level, result.threshold.percentile

    def counted(result: ThresholdResult) -> str:
        start = " from due" if result.basis == "response time" else " from send"
        return f"{result.interaction}{start if both else ''} had {result.requests:,}"

    for (level, percentile), alike in groupby(sorted(latency.undecided, key=aimed), aimed):
        held = list(alike)
        yield (
            f"{level} at p{percentile:g} not judged, for it needs {held[0].requests_needed:,} requests at"
            f" least: {', '.join(map(counted, held))}"
        )


def worst_exit_code(verdicts: Iterable[Verdict]) -> int:
    """The exit code that stands for several runs: 100 over 2 over 99 over 0."""
    codes = {verdict.exit_code for verdict in verdicts}
    return next((code for code in (100, 2, 99) if code in codes), 0)

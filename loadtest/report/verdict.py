"""The verdict on one run, and how it becomes `verdict.json`.

Keys of `verdict.json`, all always there: `format` 1; `verdict` (`passed`, `violated`, `no evidence`, `too
slow`), `exit_code`, `reasons` and `warnings` (lines); `run`, `scenario`, `seed`, `started`, `ended`,
`interrupted`, `target`, `proxy`, `practices`; `shared` (whether others were said to write to the provider)
and `outage_expected`; `checks` (`number`, `name`, `result`, `examined`, `violations`, `doubts`,
`doubts_shown`, `notes`, `witnesses` with `summary`, `timeline`, `seed`, `traces`); `latency` per interaction
(`count`, `ok`, `lost_races`, `refused`, `unknown`, `per_second`; `service_ms` of what was granted or had no
answer, `turned_down_ms` of lost races and refusals, `response_ms`: `p50` to `max`, or null); `thresholds`
(`interaction`, `kind`, `level`, `percentile`, `limit_ms`, `observed_ms`, `basis`, `met`); `availability`
against the silver level; `load` (totals, `per_second`, `refusals`, `errors`); `searches`; `contests` (null
without hot slots); `free_slots_left` (null without a read back); `generator` (by process `operations`,
`cpu_share` of a core, `worst_lateness_ms` of a sleep); `environment`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from loadtest.integrity import CheckResult, Findings, judge
from loadtest.ledger import Operation
from loadtest.measurements import InteractionSummary, Measurements
from loadtest.report.evidence import Evidence, read_evidence
from loadtest.report.tally import Tally
from loadtest.report.validity import objections
from loadtest.service_level import (
    Availability,
    LatencyVerdict,
    ThresholdResult,
    judge_availability,
    judge_latency,
)

Word = Literal["passed", "violated", "no evidence", "too slow"]
EXIT_CODES: dict[Word, int] = {"passed": 0, "violated": 100, "no evidence": 2, "too slow": 99}
_WITNESSES_KEPT = 10
_DOUBTS_KEPT = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one run. `reasons` say why it is not simply passed, the weightiest first."""

    word: Word
    reasons: tuple[str, ...]
    evidence: Evidence
    findings: Findings
    summaries: tuple[InteractionSummary, ...]
    latency: LatencyVerdict
    availability: Availability
    measurements: Measurements
    tally: Tally
    contests: dict[str, float] | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be better and decides nothing: SHOULD limits, availability below the silver level."""
        warnings = [_limit_broken(result) for result in self.latency.warnings]
        if self.evidence.outage_expected:
            warnings = [*(f"not judged: {_limit_broken(each)}" for each in self.latency.broken), *warnings]
        level = self.availability.level
        if self.availability.operations and not self.availability.met:
            warnings.append(
                f"{self.availability.percent:.2f} % of requests were answered;"
                f" the {level.name} level is {level.availability_percent:.2f} %"
            )
        return tuple(warnings)

    @property
    def exit_code(self) -> int:
        """The process exit code that goes with it."""
        return EXIT_CODES[self.word]


def reach_verdicts(directories: Iterable[Path]) -> list[Verdict]:
    """One verdict per run in these directories, from their evidence alone. Raises LedgerError without any."""
    return [_reach_verdict(evidence) for evidence in read_evidence(directories)]


def _reach_verdict(evidence: Evidence) -> Verdict:
    measurements, tally, contests = Measurements(), Tally(), evidence.contests()

    def observed() -> Iterator[Operation]:
        for operation in evidence.ledger:
            measurements.record(operation)
            tally.record(operation)
            if contests is not None:
                contests.record(operation)
            yield operation

    findings = judge(observed(), evidence.ledger.seed, evidence.shared)
    latency = judge_latency(measurements)
    summaries = measurements.summaries()
    limits = () if evidence.outage_expected else latency.broken
    word, reasons = conclude(findings.checks, objections(evidence, tally, summaries), limits)
    return Verdict(
        word=word,
        reasons=reasons,
        evidence=evidence,
        findings=findings,
        summaries=summaries,
        latency=latency,
        availability=judge_availability(measurements),
        measurements=measurements,
        tally=tally,
        contests=None if contests is None else contests.summary(),
    )


def conclude(
    checks: Sequence[CheckResult], objecting: Sequence[str], limits_broken: Sequence[ThresholdResult]
) -> tuple[Word, tuple[str, ...]]:
    """The word and its reasons. A proved violation wins over everything; no evidence over a broken limit."""
    violated = tuple(
        f"check {check.number}, {check.name}: violated {check.violation_count} times"
        for check in checks
        if check.result == "violated"
    )
    unproven = tuple(
        f"check {check.number}, {check.name}: unproven ({check.doubt_count} doubts)"
        for check in checks
        if check.result == "unproven"
    )
    broken = tuple(_limit_broken(result) for result in limits_broken)
    reasons = (*violated, *objecting, *unproven, *broken)
    if violated:
        return "violated", reasons
    if objecting or unproven:
        return "no evidence", reasons
    return ("too slow", reasons) if broken else ("passed", reasons)


def _limit_broken(result: ThresholdResult) -> str:
    limit = result.threshold
    return (
        f"{result.interaction}: p{limit.percentile:g} is {result.observed_ms:.1f} ms,"
        f" {limit.level} be under {limit.limit_ms:g} ms"
    )


def worst_exit_code(verdicts: Iterable[Verdict]) -> int:
    """The exit code that stands for several runs: 100 over 2 over 99 over 0."""
    codes = {verdict.exit_code for verdict in verdicts}
    return next((code for code in (100, 2, 99) if code in codes), 0)


def to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as `verdict.json` holds it; keys as this module lists them."""
    record, tally = verdict.evidence.record, verdict.tally
    options = record.get("options", {})
    left = {practice: len(slots) for practice, slots in sorted(tally.free_slots_left.items())}
    measurements = verdict.measurements
    operations = measurements.total()
    return {
        "format": 1,
        "verdict": verdict.word,
        "exit_code": verdict.exit_code,
        "reasons": list(verdict.reasons),
        "warnings": list(verdict.warnings),
        "run": verdict.evidence.run,
        **{key: record.get(key) for key in ("scenario", "seed", "started", "ended", "interrupted")},
        "target": options.get("target"),
        "proxy": options.get("proxy"),
        "practices": record.get("practices", []),
        "shared": verdict.evidence.shared,
        "outage_expected": verdict.evidence.outage_expected,
        "checks": [_check(check) for check in verdict.findings.checks],
        "latency": [_interaction(summary) for summary in verdict.summaries],
        "thresholds": [
            asdict(result.threshold)
            | {
                "interaction": result.interaction,
                "observed_ms": result.observed_ms,
                "basis": result.basis,
                "met": result.met,
            }
            for result in verdict.latency.results
        ],
        "availability": asdict(verdict.availability),
        "load": {
            "seconds": round(measurements.seconds(), 3),
            "operations": operations,
            "per_second": round(measurements.per_second(operations), 1),
            "by_scenario": dict(tally.operations),
            "ok": measurements.total("ok"),
            "lost_races": measurements.total("lost race"),
            "refused": measurements.total("refused"),
            "unknown": measurements.total("unknown"),
            "booked": tally.booked.total(),
            "cancelled": tally.cancelled,
            "refusals": dict(tally.refusals),
            "errors": dict(tally.errors),
        },
        "searches": {"count": tally.searches, "empty": tally.empty_searches},
        "contests": verdict.contests,
        "free_slots_left": {"total": sum(left.values()), "by_practice": left} if left else None,
        "generator": {
            name: {key: mark.get(key) for key in ("operations", "cpu_share", "worst_lateness_ms")}
            for name, mark in verdict.evidence.marks.items()
        },
        "environment": record.get("environment"),
    }


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "number": check.number,
        "name": check.name,
        "result": check.result,
        "examined": check.examined,
        "violations": check.violation_count,
        "doubts": check.doubt_count,
        "doubts_shown": list(check.doubts[:_DOUBTS_KEPT]),
        "notes": list(check.notes),
        "witnesses": [
            {
                "summary": witness.summary,
                "timeline": witness.timeline,
                "seed": witness.seed,
                "traces": [operation.trace for operation in witness.operations],
            }
            for witness in check.violations[:_WITNESSES_KEPT]
        ],
    }


def _interaction(summary: InteractionSummary) -> dict[str, Any]:
    figures = asdict(summary) | {"per_second": round(summary.per_second, 2)}
    for timed in ("service", "turned_down", "response"):
        figures[f"{timed}_ms"] = figures.pop(timed)
    return figures

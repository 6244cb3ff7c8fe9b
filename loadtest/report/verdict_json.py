"""verdict.json: the verdict for programs.

Keys, all always there but the last: `format` 1; `verdict` (`passed`, `violated`, `no evidence`, `too
slow`), `exit_code`, `reasons` and `warnings` (lines); `run`, `scenario`, `seed`, `started`, `ended`,
`interrupted`, `target`, `proxy`, `practices`; `shared` (whether others were said to write to the provider),
`outage_expected` and `limits_judged` (false where an outage was expected or the run is no evidence: figures
are then there, and no result of a limit); `checks` (`number`, `name`, `result`, `examined`, `violations`,
`doubts`, `doubts_shown`, `notes`, `witnesses` with `summary`, `timeline`, `seed`, `traces`); `latency` per
interaction (`count`, `ok`, `lost_races`, `refused`, `unknown`, `per_second` over the phases that used it,
`mean_bytes`; `service_ms` of what was granted or had no answer, `turned_down_ms` of lost races and
refusals, `response_ms` of open phases alone: `p50` to `max`, or null, and each of them null where it falls
among requests without a definite answer, which rank above all others); `thresholds` (`interaction`, `kind`,
`level`, `percentile`, `limit_ms`, `observed_ms`, null as those of `latency` are, `requests`,
`requests_needed` to judge it, `unanswered` of these, `basis`, `source`, `loosens`, `met`, null where there
were too few or `limits_judged` is false); `availability` against the silver level (`level`, `binds`, `met`
or null where it does not bind, `supported_hours`, `unsupported_hours` and `all_hours` with `requests`,
`answered`, `seconds`, `seconds_down` and shares in per cent; `definition` of down, `outage_count`, the last
100 `outages` with `from_second` since the first request, `seconds` and `lasted`, true where no answer came
any more; `first_sent`, `last_sent`, `sentences`); `breaking_points` of phases whose rate climbs
(`observed_ms` null as in `thresholds`); `load` (totals, `per_second`, `by_phase`, `refusals`,
`refusal_reasons`, `errors`, `answers` per interaction); `searches`; `contests` (null without hot slots);
`contested_slots`; `free_slots_left` (null without a read back); `generator` (by process `phase`,
`operations`, `cpu_share` of a core, `worst_lateness_ms` of a sleep, `arrivals_due`, `arrivals_made`,
`arrivals_missed`); `environment`, `provider` and `data` as the run noted them; `torture` after `gpload
torture` alone, as torture.json has it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from loadtest.figures import availability
from loadtest.figures.measurements import InteractionSummary
from loadtest.integrity import CheckResult
from loadtest.report.breaking_point import BreakingPoint
from loadtest.running.run_record import target_of
from loadtest.service_level import ThresholdResult

if TYPE_CHECKING:
    from loadtest.report.verdict import Verdict

_WITNESSES_KEPT = 10
_DOUBTS_KEPT = 10
_OF_A_MARK = (
    "phase",
    "operations",
    "cpu_share",
    "worst_lateness_ms",
    "arrivals_due",
    "arrivals_made",
    "arrivals_missed",
)


def to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as `verdict.json` holds it; keys as this module lists them."""
    record, tally, evidence = verdict.evidence.record, verdict.tally, verdict.evidence
    options = record.get("options", {})
    left = {practice: len(slots) for practice, slots in sorted(tally.free_slots_left.items())}
    return {
        "format": 1,
        "verdict": verdict.word,
        "exit_code": verdict.exit_code,
        "reasons": list(verdict.reasons),
        "warnings": list(verdict.warnings),
        "run": evidence.run,
        **{key: record.get(key) for key in ("scenario", "seed", "started", "ended", "interrupted")},
        "target": target_of(record),
        "proxy": options.get("proxy"),
        "practices": record.get("practices", []),
        "shared": evidence.shared,
        "outage_expected": evidence.outage_expected,
        "limits_judged": verdict.limits_judged,
        "checks": [_check(check) for check in verdict.findings.checks],
        "latency": [_interaction(summary) for summary in verdict.summaries],
        "thresholds": [_threshold(each, verdict.limits_judged) for each in verdict.latency.results],
        "availability": availability.to_json(verdict.availability),
        "breaking_points": [_breaking_point(point) for point in verdict.breaking_points],
        "load": _load(verdict),
        "searches": {"count": tally.searches, "empty": tally.empty_searches},
        "contests": verdict.contests,
        "contested_slots": [asdict(slot) for slot in verdict.contested_slots],
        "free_slots_left": {"total": sum(left.values()), "by_practice": left} if left else None,
        "generator": {
            name: {key: mark.get(key) for key in _OF_A_MARK} for name, mark in evidence.marks.items()
        },
        **{key: record.get(key) for key in ("environment", "provider", "data")},
        **({} if verdict.torture is None else {"torture": verdict.torture.to_json()}),
    }


def _load(verdict: Verdict) -> dict[str, Any]:
    measurements, tally = verdict.measurements, verdict.tally
    operations = measurements.total()
    return {
        "seconds": round(measurements.seconds(), 3),
        "operations": operations,
        "per_second": round(measurements.per_second(operations), 1),
        "by_phase": dict(tally.operations),
        "ok": measurements.total("ok"),
        "lost_races": measurements.total("lost race"),
        "refused": measurements.total("refused"),
        "unknown": measurements.total("unknown"),
        "booked": tally.booked.total(),
        "cancelled": tally.cancelled,
        "refusals": dict(tally.refusals),
        "refusal_reasons": [
            {"interaction": name, "answer": answer, "reasons": dict(reasons.most_common())}
            for (name, answer), reasons in sorted(tally.reasons.items())
        ],
        "errors": dict(tally.errors),
        "answers": {name: dict(answers.most_common()) for name, answers in sorted(tally.answers.items())},
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
    figures = asdict(summary) | {
        "per_second": round(summary.per_second, 2),
        "mean_bytes": round(summary.mean_bytes, 1),
    }
    for timed in ("service", "turned_down", "response"):
        figures[f"{timed}_ms"] = figures.pop(timed)
    return figures


def _threshold(result: ThresholdResult, judged: bool) -> dict[str, Any]:
    whole = asdict(result) | {
        "requests_needed": result.requests_needed,
        "met": result.met if judged else None,
    }
    return {**whole.pop("threshold"), **whole}


def _breaking_point(point: BreakingPoint) -> dict[str, Any]:
    whole = asdict(point)
    threshold = whole.pop("threshold")
    kept = ("level", "percentile", "limit_ms")
    return {**whole, **{key: threshold[key] for key in kept}}

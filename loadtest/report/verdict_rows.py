"""The verdict's table: what was asked for, what was observed, and how it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from loadtest.counting import count_of
from loadtest.integrity import CheckResult
from loadtest.report.charts.scales import milliseconds_text
from loadtest.report.sentences import limit_said
from loadtest.report.verdict import Verdict
from loadtest.service_level import ThresholdResult

Tone = Literal["good", "bad", "fair", "none"]
_TONES: dict[str, Tone] = {"passed": "good", "violated": "bad", "unproven": "fair"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `requests` is how many a limit was held against, None where that says nothing.

    `tone`: `good`, `bad` (it decides), `fair` (it warns, or is not proven) or `none` (it was not tested,
    or not judged).
    """

    what: str
    asked: str
    observed: str
    result: str
    tone: Tone
    requests: int | None = None


def integrity_rows(verdict: Verdict) -> Iterator[Row]:
    """One row for each check of the judge."""
    for check in verdict.findings.checks:
        yield Row(
            what=f"{check.number} {check.name}",
            asked="no violation",
            observed=_seen(check),
            result=result_of(check),
            tone=tone_of_check(check),
        )


def result_of(check: CheckResult) -> str:
    """The result of a check; one that had nothing to examine was not tested, and has proved nothing."""
    return "not tested" if is_untested(check) else check.result


def tone_of_check(check: CheckResult) -> Tone:
    """How the result of a check counts."""
    return "none" if is_untested(check) else _TONES[check.result]


def is_untested(check: CheckResult) -> bool:
    """Whether a check passed for want of anything to examine."""
    return check.result == "passed" and not check.examined


def _seen(check: CheckResult) -> str:
    if check.violation_count:
        return count_of(check.violation_count, "violation")
    if check.doubt_count:
        return count_of(check.doubt_count, "doubt")
    return f"{check.examined:,} examined"


def threshold_rows(verdict: Verdict) -> Iterator[Row]:
    """One row for each limit on each interaction, SHALL before SHOULD."""
    results = verdict.latency.results
    timed = {name: {each.basis for each in results if each.interaction == name} for name in _names(results)}
    for result in ordered(results):
        # An interaction that was used both ways is held against each limit twice.
        start = " from due" if result.basis == "response time" else " from send"
        yield Row(
            what=result.interaction + (start if len(timed[result.interaction]) > 1 else ""),
            asked=limit_said(result.threshold),
            observed=milliseconds_text(result.observed_ms),
            result=word_of(result, verdict.limits_judged),
            tone=tone_of(result, verdict.limits_judged),
            requests=result.requests,
        )


def ordered(results: tuple[ThresholdResult, ...]) -> list[ThresholdResult]:
    """SHALL, which decides, before SHOULD, which warns; otherwise as they were."""
    return sorted(results, key=lambda result: result.threshold.level != "SHALL")


def word_of(result: ThresholdResult, judged: bool) -> str:
    """What became of a limit, in a word or two; `judged` tells whether limits are judged at all."""
    if not judged or result.met is None:
        return "not judged"
    if result.met:
        return "met"
    if result.threshold.level == "SHOULD":
        return "missed"
    return "BROKEN"


def tone_of(result: ThresholdResult, judged: bool) -> Tone:
    """How what became of a limit counts."""
    if not judged or result.met is None:
        return "none"
    if result.met:
        return "good"
    return "bad" if result.threshold.level == "SHALL" else "fair"


def _names(results: tuple[ThresholdResult, ...]) -> set[str]:
    return {result.interaction for result in results}

"""junit.xml: the verdict as test cases, which every build server shows.

Each test case has at most one result, for of several some servers keep only the first. A proved violation or
a broken SHALL limit is a failure; what keeps the run from being evidence, and a check that is not proven, is
an error; a missed SHOULD limit, a check that had nothing to examine, a limit that too few requests stand
behind, and every limit where speed is not judged, is skipped with a message, which shows and fails nothing.
Names say what was asked and never what was observed, so that a build server knows each case again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from loadtest.counting import count_of
from loadtest.figures.timings import NO_ANSWER
from loadtest.integrity import CheckResult
from loadtest.report.charts.drawing import printable
from loadtest.report.charts.scales import milliseconds_text
from loadtest.report.sentences import limit_said, not_judged, too_few_said
from loadtest.report.verdict import Verdict, limit_broken
from loadtest.report.verdict_rows import is_untested, ordered
from loadtest.running.run_record import target_of
from loadtest.service_level import ThresholdResult

_WITNESSES_TOLD = 3
_DOUBTS_TOLD = 10


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: its name, the seconds it took, and its result; without one it passed."""

    name: str
    seconds: float = 0.0
    result: Literal["failure", "error", "skipped"] | None = None
    kind: str = ""
    message: str = ""
    text: str = ""
    output: str = ""


def junit_xml(verdict: Verdict) -> bytes:
    """The whole file."""
    suites = {
        "evidence": [_evidence(verdict)],
        "integrity": [_integrity(check) for check in verdict.findings.checks],
        "limits": [_limit(result, not_judged(verdict)) for result in ordered(verdict.latency.results)],
    }
    root = Element("testsuites", name=f"gpload {verdict.evidence.record.get('scenario', 'run')}")
    for name, cases in suites.items():
        _suite(root, name, cases, verdict)
    _count(root, [case for cases in suites.values() for case in cases])
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(root: Element, name: str, cases: list[_Case], verdict: Verdict) -> None:
    record = verdict.evidence.record
    suite = SubElement(root, "testsuite", name=name)
    started = str(record.get("started") or "")
    if started:
        suite.set("timestamp", started.partition("+")[0])
    _count(suite, cases)
    known = {
        "run": verdict.evidence.run,
        "verdict": verdict.word,
        "exit_code": verdict.exit_code,
        "seed": record.get("seed"),
        "target": target_of(record),
    }
    properties = SubElement(suite, "properties")
    for key, value in known.items():
        SubElement(properties, "property", name=key, value=printable(str(value)))
    for case in cases:
        _write(SubElement(suite, "testcase", classname=f"gpload.{name}", name=printable(case.name)), case)


def _write(element: Element, case: _Case) -> None:
    element.set("time", f"{case.seconds:.3f}")
    if case.result is not None:
        result = SubElement(element, case.result, message=printable(case.message))
        if case.result != "skipped":
            result.set("type", case.kind)
        if case.text:
            result.text = printable(case.text)
    if case.output:
        SubElement(element, "system-out").text = printable(case.output)


def _count(element: Element, cases: list[_Case]) -> None:
    element.set("tests", str(len(cases)))
    for attribute, result in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.result == result for case in cases)))
    element.set("time", f"{sum(case.seconds for case in cases):.3f}")


def _evidence(verdict: Verdict) -> _Case:
    seconds, objecting = verdict.measurements.seconds(), verdict.objections
    if not objecting:
        return _Case("valid evidence", seconds)
    more = f", and {count_of(len(objecting) - 1, 'objection')} more" if len(objecting) > 1 else ""
    message = f"{objecting[0]}{more}"
    return _Case("valid evidence", seconds, "error", "no evidence", message, "\n".join(objecting))


def _integrity(check: CheckResult) -> _Case:
    name = f"{check.number} {check.name}"
    notes = "\n".join([f"{check.examined} examined", *check.notes])
    if check.result == "violated":
        witnesses = check.violations[:_WITNESSES_TOLD]
        text = "\n\n".join(f"{witness.summary}\n{witness.timeline}" for witness in witnesses)
        message = (
            f"violated {count_of(check.violation_count, 'time')}: {witnesses[0].summary if witnesses else ''}"
        )
        return _Case(name, 0.0, "failure", "violated", message, text, notes)
    if check.result == "unproven":
        doubts = "\n".join(check.doubts[:_DOUBTS_TOLD])
        message = f"not proven: {count_of(check.doubt_count, 'doubt')}"
        return _Case(name, 0.0, "error", "unproven", message, doubts, notes)
    if is_untested(check):
        return _Case(name, result="skipped", message="there was nothing to examine", output=notes)
    return _Case(name, output=notes)


def _limit(result: ThresholdResult, why_not: str) -> _Case:
    start = "the intended start" if result.basis == "response time" else "the actual send"
    name = f"{result.interaction} {limit_said(result.threshold)} from {start}"
    seconds = 0.0 if result.observed_ms == NO_ANSWER else result.observed_ms / 1000
    over = count_of(result.requests, "request")
    output = f"observed {milliseconds_text(result.observed_ms, '.1f')} over {over}"
    if why_not:
        return _Case(name, seconds, "skipped", message=f"{why_not}: {output}", output=output)
    if result.met is None:
        return _Case(name, seconds, "skipped", message=f"not judged: {too_few_said(result)}", output=output)
    if result.met:
        return _Case(name, seconds, output=output)
    message = limit_broken(result)
    if result.threshold.level == "SHOULD":
        return _Case(name, seconds, "skipped", message=f"warning: {message}", output=output)
    return _Case(name, seconds, "failure", "too slow", message, output=output)

"""The verdict in words, the same for the terminal and for the page."""

from __future__ import annotations

from collections import Counter

from loadtest.counting import count_of
from loadtest.report.breaking_point import BreakingPoint
from loadtest.report.charts.scales import duration_text, size_text
from loadtest.report.verdict import Verdict, Word
from loadtest.service_level import Threshold

HEADLINES: dict[Word, str] = {
    "passed": "PASSED",
    "violated": "VIOLATED",
    "no evidence": "NO VALID EVIDENCE",
    "too slow": "TOO SLOW",
}
NOT_JUDGED = "speed was not judged, for an outage was expected"
ONLY_WRITER = "Assuming no writers outside the run (--shared where there are some)."


def sentence(verdict: Verdict) -> str:
    """What the run says of double booking and of the limits, in one sentence."""
    check = next(check for check in verdict.findings.checks if check.number == 1)
    limits = _limits(verdict)
    if check.result == "violated":
        return f"Slots were double-booked ({count_of(check.violation_count, 'proof')}); {limits}."
    if check.result == "unproven":
        return f"Whether a slot was double-booked is not proven; {limits}."
    if not check.examined:
        return f"Nothing was booked, so nothing is said of double booking; {limits}."
    if verdict.word == "no evidence":
        return f"No double booking was seen, but this run proves nothing; {limits}."
    return f"No slot was double-booked; {limits}."


def _limits(verdict: Verdict) -> str:
    if not verdict.limits_judged:
        limits = NOT_JUDGED
    elif not verdict.latency.results:
        limits = "no limit on speed was tested"
    elif verdict.latency.broken:
        limits = "SHALL limits were broken"
    else:
        limits = "all SHALL limits held"
    measured = verdict.measurements
    requests, refused, unknown = measured.total(), measured.total("refused"), measured.total("unknown")
    if refused or unknown:
        limits += (
            f". Of {count_of(requests, 'request')} {count_of(refused, 'was', 'were')} refused"
            f" ({refused / requests:.2%}, lost races apart)"
            f" and {unknown:,} had no definite answer ({unknown / requests:.2%})"
        )
    return limits


def meaning(verdict: Verdict) -> str:
    """What follows from the verdict, for someone who has to decide something."""
    if verdict.word == "violated":
        return (
            "The provider broke a promise that patients depend on, and the requests below prove it. Until"
            " that is mended, how fast it answers does not matter."
        )
    if verdict.word == "no evidence":
        return (
            "Nothing can be concluded about the provider from this run, neither good nor bad. The reasons"
            " below say what to change before running it again."
        )
    booked = any(check.number == 1 and check.examined for check in verdict.findings.checks)
    kept = "kept its bookings in order" if booked else "did nothing wrong that was tested"
    if verdict.word == "too slow":
        return (
            f"The provider {kept}, but answered more slowly under this load than GP Connect, or the plan,"
            " says it SHALL."
        )
    speed = " and kept within the SHALL limits on speed" if verdict.limits_judged else ""
    return (
        f"Under this load the provider {kept}{speed}. That holds for the load, the data and the environment"
        " described below, and for no more than that."
    )


def contests_said(contests: dict[str, float]) -> str:
    """How the rounds on hot slots ended."""
    rest = {
        "several_winners": "several at once in",
        "won_again": "won again after a cancel in",
        "refused": "refused to all by a practice's rule in",
        "unanswered": "no definite answer in",
        "no_winner": "none in",
    }
    others = [f"{words} {contests[key]:,}" for key, words in rest.items() if contests[key]]
    said = f"{count_of(int(contests['rounds']), 'round')} of {contests['clients_per_round']:g} clients: "
    if not others:
        return said + "exactly one winner each time"
    return said + ", ".join([f"one winner in {contests['one_winner']:,}", *others])


def breaking_said(point: BreakingPoint) -> str:
    """What became of a limit while the rate climbed: at which throughput and message size it broke."""
    limit = f"{point.interaction} {limit_said(point.threshold)}"
    if point.outcome == "too few" or point.per_second is None:
        return f"{limit}: too few requests to tell"
    at = f"{point.per_second:,.4g} answers/s"
    if point.asked_per_second is not None:
        at += f" (asked {point.asked_per_second:,.4g} arrivals/s)"
    if point.mean_bytes is not None:
        at += f", mean message {size_text(point.mean_bytes)}"
    if point.outcome == "never":
        return f"{limit}: held, up to {at}"
    seen = f"{point.observed_ms or 0:,.4g} ms after {duration_text(point.second or 0)}"
    if point.outcome == "at the end":
        return f"{limit}: over it in the last stretch alone, at {at}: {seen}"
    return f"{limit}: BROKE at {at}: {seen}{', and recovered later' if point.recovered else ''}"


def limit_said(threshold: Threshold) -> str:
    """A limit as people write it."""
    return f"{threshold.level} p{threshold.percentile:g} < {threshold.limit_ms:,g} ms"


def timed_said(verdict: Verdict) -> str:
    """What the latencies of a run count that had open phases and closed ones; nothing for any other run."""
    if len({result.basis for result in verdict.latency.results}) < 2:
        return ""
    said = "From the send: all phases together. From the intended start: the open phases alone."
    if not verdict.limits_judged:
        return said
    return (
        f"{said} Limits are held against these from the intended start and, on their own, against the closed"
        " phases from the send."
    )


def answer_said(answer: str) -> str:
    """What came back, in words: a status is `HTTP 302`, a broken connection says what broke already."""
    return f"HTTP {answer}" if answer[:1].isdigit() else answer


def counted(answers: Counter[str]) -> str:
    """How many there were, and of which answers."""
    if not answers:
        return "none"
    listed = ", ".join(f"{count:,} x {answer}" for answer, count in answers.most_common())
    return f"{answers.total():,}: {listed}"

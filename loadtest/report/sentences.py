"""The verdict in words, the same for the terminal and for the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from loadtest.counting import count_of
from loadtest.figures.outages import outages_said
from loadtest.figures.requests_needed import RARE, requests_needed
from loadtest.figures.timings import NO_ANSWER
from loadtest.report.breaking_point import BreakingPoint
from loadtest.report.charts.scales import duration_text, milliseconds_text, size_text
from loadtest.report.verdict import Verdict, Word
from loadtest.service_level import LatencyVerdict, Threshold, ThresholdResult

HEADLINES: dict[Word, str] = {
    "passed": "PASSED",
    "violated": "VIOLATED",
    "no evidence": "NO VALID EVIDENCE",
    "too slow": "TOO SLOW",
}
_BELOW = "; so the latter can be the shorter"
ENOUGH_REQUESTS = (
    f"A limit is judged where enough requests stand behind its percentile: {requests_needed(95):,} for a p95,"
    f" {requests_needed(99):,} for a p99. Fewer never show that it was met, only that it was missed: where"
    " more were over it than those that are lacking could make good, or so many of so few as would be in one"
    f" run of {1 / RARE:,.0f} if it were kept."
)
ONLY_WRITER = "Assuming no writers outside the run (--shared where there are some)."


def sentence(verdict: Verdict) -> str:
    """What befell the provider; then of double booking and limits, missed arrivals, and a climbing rate."""
    befell = [] if verdict.availability.outage_expected else outages_said(verdict.availability.outages)
    first = [f"{said[:1].upper()}{said[1:]}." for said in (*befell, *_violated(verdict))]
    return " ".join([*first, _kept(verdict), *_missed(verdict), *_climbed(verdict.breaking_points)])


def _violated(verdict: Verdict) -> Iterator[str]:
    """What was violated beside the first promise, of which the next sentence tells."""
    for check in verdict.findings.checks:
        if check.result == "violated" and check.number != 1:
            times = count_of(check.violation_count, "time")
            yield f'"{check.name}" (check {check.number}) was violated {times}'


def not_judged(verdict: Verdict) -> str:
    """Why limits of speed are not judged; nothing where they are."""
    if verdict.limits_judged:
        return ""
    if verdict.evidence.outage_expected:
        return "speed was not judged, for an outage was expected"
    return "nothing is said of speed, for the run is no valid evidence"


def _kept(verdict: Verdict) -> str:
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


def _missed(verdict: Verdict) -> Iterator[str]:
    due, missed = verdict.evidence.arrivals
    if missed:
        yield f"Of {due:,} arrivals {missed:,} were missed ({missed / due:.2%}), for want of a free client."


def _climbed(points: Iterable[BreakingPoint]) -> Iterator[str]:
    """Where the first SHALL limit broke in each phase whose rate climbed, or how far none did."""
    for phase, of_phase in groupby(points, lambda point: point.phase):
        told = [each for each in of_phase if each.threshold.level == "SHALL" and each.outcome != "too few"]
        over = [each for each in told if each.exceeded]
        broke = [each for each in over if each.outcome == "broke"]
        if over:
            first = min(broke or over, key=lambda each: each.second or 0.0)
            named = f"{first.interaction} at p{first.threshold.percentile:g}"
            if broke:
                again = " (kept again later)" if first.recovered else ""
                yield (
                    f"The first SHALL limit that {phase} broke was that of {named}{again},"
                    f" when {_asked(first)}."
                )
            else:
                yield (
                    f"In {phase} nothing shows that a SHALL limit broke: that of {named} was exceeded in the"
                    f" last stretch alone, when {_asked(first)}."
                )
        elif told:
            yield f"In {phase} no SHALL limit broke up to {_highest(told)}."
        else:
            yield f"In {phase} there were too few requests to find a breaking point of a SHALL limit."


def _limits(verdict: Verdict) -> str:
    if not verdict.limits_judged:
        limits = not_judged(verdict)
    elif not verdict.latency.results:
        limits = "no limit on speed was tested"
    else:
        limits = _shall(verdict.latency)
    measured = verdict.measurements
    requests, refused, unknown = measured.total(), measured.total("refused"), measured.total("unknown")
    if refused or unknown:
        limits += (
            f". Of {count_of(requests, 'request')} {count_of(refused, 'was', 'were')} refused"
            f" ({refused / requests:.2%}, lost races apart)"
            f" and {unknown:,} had no definite answer ({unknown / requests:.2%})"
        )
    return limits


def _shall(latency: LatencyVerdict) -> str:
    """What became of the SHALL limits: those that too few requests stand behind were not held."""
    decisive = [each for each in latency.results if each.threshold.level == "SHALL"]
    held = sum(each.met is True for each in decisive)
    if latency.broken:
        return "SHALL limits were broken"
    if held == len(decisive):
        return "all SHALL limits held"
    if not held:
        return "no SHALL limit was judged, for want of requests"
    others = count_of(len(decisive) - held, "was", "were")
    return f"{held} of {len(decisive)} SHALL limits held, and {others} not judged, for want of requests"


def _speed_kept(verdict: Verdict) -> str:
    """What the limits on speed have to say for the provider, where none was broken."""
    met = [each.met for each in verdict.latency.results if each.threshold.level == "SHALL"]
    if not verdict.limits_judged or True not in met:
        return ""
    which = "those SHALL limits on speed that could be judged" if None in met else "the SHALL limits on speed"
    return f" and kept within {which}"


def too_few_said(result: ThresholdResult) -> str:
    """How many requests there were, and how many it takes to judge a limit."""
    return f"{count_of(result.requests, 'request')}, at least {result.requests_needed:,} needed"


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
        unanswered = any(result.observed_ms == NO_ANSWER for result in verdict.latency.broken)
        at_all = ", or not at all," if unanswered else ""
        return (
            f"The provider {kept}, but answered more slowly{at_all} under this load than GP Connect, or the"
            " plan, says it SHALL."
        )
    return (
        f"Under this load the provider {kept}{_speed_kept(verdict)}. That holds for the load, the data and"
        " the environment described below, and for no more than that."
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


def breaking_said(points: Iterable[BreakingPoint]) -> Iterator[str]:
    """What became of the limits in each phase whose rate climbed.

    A line for each limit that broke, with the throughput and message size of its own interaction at that
    moment; then `unbroken_said`.
    """
    for phase, of_phase in groupby(points, lambda point: point.phase):
        listed = list(of_phase)
        yield from (f"{phase}: {_broke(point)}" for point in listed if point.exceeded)
        yield from unbroken_said(listed)


def unbroken_said(points: Iterable[BreakingPoint]) -> Iterator[str]:
    """For each phase a line for all limits that held, and one for all that too few requests tell of."""
    for phase, of_phase in groupby(points, lambda point: point.phase):
        listed = list(of_phase)
        held = [point for point in listed if point.outcome == "never"]
        untold = [point for point in listed if point.outcome == "too few"]
        if held:
            yield f"{phase}: held up to {_highest(held)}: {_named(held)}"
        if untold:
            yield f"{phase}: too few requests to tell: {_named(untold)}"


def _broke(point: BreakingPoint) -> str:
    own = point.own
    its = "none of its requests answered" if own is None else f"{own.per_second:,.4g} of its answers/s"
    if own is not None and own.mean_bytes is not None:
        its += f", mean message {size_text(own.mean_bytes)}"
    when = f"between {duration_text(point.second or 0)} and {duration_text(point.until_second or 0)}"
    said = f"{milliseconds_text(point.observed_ms or 0.0, ',.4g')} {when}, at {its}"
    word = "BROKE" if point.outcome == "broke" else "over it in the last stretch alone"
    again = "; recovered later" if point.recovered else ""
    return f"{point.interaction} {limit_said(point.threshold)}: {word}: {said}; {_asked(point)}{again}"


def _asked(point: BreakingPoint) -> str:
    """What was asked and answered of all interactions together where a limit broke."""
    answered = f"{point.per_second or 0:,.4g} answers/s were given in all"
    if point.asked_per_second is None:
        return answered
    return f"{point.asked_per_second:,.4g} arrivals/s were asked and {answered}"


def _highest(points: Sequence[BreakingPoint]) -> str:
    """How far limits that held in one phase were put to the test."""
    asked = points[0].highest_asked or 0.0
    answered = max(each.per_second or 0.0 for each in points)
    return f"{asked:,.4g} arrivals/s, the highest rate asked ({answered:,.4g} answers/s at most)"


def _named(points: Iterable[BreakingPoint]) -> str:
    limits: dict[str, list[str]] = {}
    for point in points:
        aimed = f"{point.threshold.level} p{point.threshold.percentile:g}"
        limits.setdefault(point.interaction, []).append(aimed)
    return "; ".join(f"{interaction} {', '.join(aimed)}" for interaction, aimed in limits.items())


def short(milliseconds: float) -> str:
    """Milliseconds with one decimal where there is room for one; `no answer` where there was none."""
    if milliseconds == NO_ANSWER:
        return "no answer"
    return f"{milliseconds:,.1f}" if milliseconds < 1000 else f"{milliseconds:,.0f}"


def limit_said(threshold: Threshold) -> str:
    """A limit as people write it."""
    return f"{threshold.level} p{threshold.percentile:g} < {threshold.limit_ms:,g} ms"


def timed_said(verdict: Verdict) -> str:
    """What the latencies of a run count where those from the intended start are not of all its requests."""
    timings = verdict.measurements.timings
    parts = [
        (timings(each.interaction, "response time").count, timings(each.interaction).count)
        for each in verdict.summaries
    ]
    if len({result.basis for result in verdict.latency.results}) < 2:
        if not any(0 < due < sent for due, sent in parts):
            return ""
        return (
            "From the send: all requests. From the intended start: without those that gave back what clients"
            f" held when the load had ended, for which nobody was waiting{_BELOW}."
        )
    said = f"From the send: all phases together. From the intended start: the open phases alone{_BELOW}."
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

"""Whether a run is evidence at all: what speaks against believing it, whatever the checks say."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loadtest.counting import count_of
from loadtest.figures.measurements import InteractionSummary
from loadtest.report.evidence import Evidence
from loadtest.report.tally import Tally

_BOOK = frozenset({"booking", "hot_slot", "journey", "churn", "national"})
MOST_EMPTY_SEARCHES = 0.20
MOST_MISSED_ARRIVALS = 0.01
MOST_UNKNOWN = 0.01
MOST_FAILED = 0.10
FEWEST_FAILURES = 3
MOST_ROUNDS_MISSED = 0.50
MOST_CPU = 0.90
MOST_LATENESS_MS = 500.0


def objections(
    evidence: Evidence, tally: Tally, summaries: Iterable[InteractionSummary] = ()
) -> tuple[str, ...]:
    """What makes the run no valid evidence, one line each; empty for a run that may be believed."""
    return (
        *_unfinished(evidence, tally),
        *_too_little(evidence, tally),
        *_failures(tuple(summaries), evidence.outage_expected),
        *_missed_arrivals(evidence),
        *_saturated(evidence.marks),
    )


def _unfinished(evidence: Evidence, tally: Tally) -> Iterator[str]:
    if not evidence.record:
        yield "there is no run.json: the run did not come to its end"
    elif evidence.record["read_back"] != "complete":
        yield f"the state was not read back: {evidence.record['read_back'] or 'gpload was stopped before'}"
    if evidence.record.get("cut_short"):
        yield f"the run was cut short: {evidence.record['cut_short']}"
    yield from evidence.record.get("objections", ())
    for part in evidence.record.get("parts", ()):
        if part["exit_code"] is None:
            yield (
                f"gpload was interrupted again before the generator of {part['scenario']} had stopped: what"
                " its clients did last may be missing"
            )
        elif part["exit_code"] != 0 and not _never_began(evidence, tally, part["scenario"]):
            yield f"the generator of {part['scenario']} ended with {part['exit_code']}: see {part['log']}"
    for name, missing in evidence.missing_processes.items():
        yield (
            f"the evidence of {count_of(missing, 'process', 'processes')} of {name} is missing:"
            " name the directory of every machine"
        )
    for name in evidence.unmarked:
        yield f"the process that wrote {name} did not come to its end"
    if evidence.ledger.torn:
        yield f"{count_of(evidence.ledger.torn, 'ledger ends', 'ledgers end')} in the middle of a record"
    for name, mark in evidence.marks.items():
        for exception in mark["exceptions"]:
            yield f"a client of {name} failed on its own: {exception}"


def _too_little(evidence: Evidence, tally: Tally) -> Iterator[str]:
    if not tally.operations:
        yield "no operation was recorded"
    scenarios = [part["scenario"] for part in evidence.record.get("parts", ())]
    for name in scenarios or tally.operations:
        if _never_began(evidence, tally, name):
            continue
        if tally.operations and not tally.operations[name]:
            yield f"{name} recorded no operation"
        elif tally.operations and not tally.answered[name]:
            yield f"nothing that {name} asked for was granted"
        elif _books(evidence, name) and tally.operations[name] and not tally.booked[name]:
            yield f"{name} booked nothing"
    most = evidence.plan.most_empty_searches if evidence.plan else MOST_EMPTY_SEARCHES
    if tally.searches and tally.empty_searches / tally.searches > most:
        share = tally.empty_searches / tally.searches
        yield f"{share:.0%} of searches found no free slot (at most {most:.0%})"
    yield from _missed_rounds(evidence.marks)


def _never_began(evidence: Evidence, tally: Tally, scenario: str) -> bool:
    """Whether a run that was ended early was ended before this scenario made its first request."""
    return bool(evidence.record.get("interrupted")) and not tally.operations[scenario]


def _books(evidence: Evidence, phase: str) -> bool:
    """Whether every piece of the phase's work ends in a booking, so that to book nothing is no evidence."""
    phases = evidence.plan.phases if evidence.plan else ()
    return any(each.name == phase and each.mix.keys() <= _BOOK for each in phases)


def _missed_arrivals(evidence: Evidence) -> Iterator[str]:
    """Arrivals that no client was free for were never asked: the load was not the one declared."""
    most = evidence.plan.most_missed if evidence.plan else MOST_MISSED_ARRIVALS
    for part in evidence.record.get("parts", ()):
        marks = [mark for mark in evidence.marks.values() if mark.get("phase") == part["scenario"]]
        due = sum(mark.get("arrivals_due", 0) for mark in marks)
        missed = sum(mark.get("arrivals_missed", 0) for mark in marks)
        if due and missed / due > most:
            yield (
                f"{part['scenario']} missed {missed:,} of {due:,} arrivals ({missed / due:.1%}, at most"
                f" {most:.1%}) for want of a free client: the load was less than declared; more clients, or a"
                " lower rate"
            )


def _missed_rounds(marks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    missed = sum(mark["rounds_missed"] for mark in marks.values())
    made = sum(mark["rounds_made"] for mark in marks.values())
    if missed and missed / (missed + made) > MOST_ROUNDS_MISSED:
        yield f"clients were late for {missed / (missed + made):.0%} of the rounds: use fewer users"


def _failures(summaries: tuple[InteractionSummary, ...], outage_expected: bool) -> Iterator[str]:
    operations = sum(summary.count for summary in summaries)
    unknown = sum(summary.unknown for summary in summaries)
    if operations and unknown / operations > MOST_UNKNOWN and not outage_expected:
        yield (
            f"{unknown / operations:.1%} of requests had no definite answer (at most {MOST_UNKNOWN:.0%};"
            " --expect-outage where the provider is stopped on purpose)"
        )
    for summary in summaries:
        for count, words in ((summary.refused, "were refused"), (summary.unknown, "had no definite answer")):
            expected = outage_expected and words != "were refused"
            if not expected and count >= FEWEST_FAILURES and count / summary.count > MOST_FAILED:
                yield (
                    f"{count / summary.count:.0%} of {summary.interaction} requests {words}"
                    f" (at most {MOST_FAILED:.0%}, lost races apart)"
                )


def _saturated(marks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A generator short of time is slow to send and slow to notice the answer."""
    for name, mark in marks.items():
        if mark.get("cpu_share", 0) > MOST_CPU:
            yield (
                f"generator saturated: the process of {name} used {mark['cpu_share']:.0%} of a core"
                f" (at most {MOST_CPU:.0%}): use fewer users or more --processes"
            )
        if mark.get("worst_lateness_ms", 0) > MOST_LATENESS_MS:
            yield (
                f"generator saturated: a client of {name} woke up {mark['worst_lateness_ms']:.0f} ms late"
                f" (at most {MOST_LATENESS_MS:.0f} ms): use fewer users or an idler machine"
            )

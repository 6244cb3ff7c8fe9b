"""Whether a run is evidence at all: what speaks against believing it, whatever the checks say."""

from collections.abc import Iterator, Mapping
from typing import Any

from loadtest.report.evidence import Evidence, Tally
from loadtest.scenarios.catalogue import parts_of, scenario_names

MOST_EMPTY_SEARCHES = 0.20
MOST_FAILURES = 0.50
MOST_ROUNDS_MISSED = 0.50


def objections(evidence: Evidence, tally: Tally) -> tuple[str, ...]:
    """What makes the run no valid evidence, one line each; empty for a run that may be believed."""
    return (*_unfinished(evidence, tally), *_too_little(evidence, tally), *_failures(tally))


def _unfinished(evidence: Evidence, tally: Tally) -> Iterator[str]:
    if not evidence.record:
        yield "there is no run.json: the run did not come to its end"
    elif evidence.record["read_back"] != "complete":
        yield f"the state was not read back: {evidence.record['read_back'] or 'gpload was stopped before'}"
    if evidence.record.get("cut_short"):
        yield f"the run was cut short: {evidence.record['cut_short']}"
    for part in evidence.record.get("parts", ()):
        if part["exit_code"] != 0 and not _never_began(evidence, tally, part["scenario"]):
            yield f"the generator of {part['scenario']} ended with {part['exit_code']}: see {part['log']}"
    for name in evidence.unmarked:
        yield f"the process that wrote {name} did not come to its end"
    if evidence.ledger.torn:
        yield f"{evidence.ledger.torn} ledgers end in the middle of a record"
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
        elif _books(name) and tally.operations[name] and not tally.booked[name]:
            yield f"{name} booked nothing"
    if tally.searches and tally.empty_searches / tally.searches > MOST_EMPTY_SEARCHES:
        share = tally.empty_searches / tally.searches
        yield f"{share:.0%} of searches found no free slot (at most {MOST_EMPTY_SEARCHES:.0%})"
    yield from _missed_rounds(evidence.marks)


def _never_began(evidence: Evidence, tally: Tally, scenario: str) -> bool:
    """Whether a run that was ended early was ended before this scenario made its first request."""
    return bool(evidence.record.get("interrupted")) and not tally.operations[scenario]


def _books(name: str) -> bool:
    return name in scenario_names() and any(scenario.books for scenario, _ in parts_of(name))


def _missed_rounds(marks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    missed = sum(mark["rounds_missed"] for mark in marks.values())
    made = sum(mark["rounds_made"] for mark in marks.values())
    if missed and missed / (missed + made) > MOST_ROUNDS_MISSED:
        yield f"clients were late for {missed / (missed + made):.0%} of the rounds: use fewer users"


def _failures(tally: Tally) -> Iterator[str]:
    operations = tally.operations.total()
    for outcome, words in (("refused", "were refused"), ("unknown", "had no definite answer")):
        if operations and tally.outcomes[outcome] / operations > MOST_FAILURES:
            share = tally.outcomes[outcome] / operations
            yield f"{share:.0%} of requests {words} (at most {MOST_FAILURES:.0%})"

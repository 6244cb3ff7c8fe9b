"""Search for free slots: what a consumer may book in a period, with what it needs to show it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from simulator.domain.availability import AccessRules, Searcher, Stretch, openings, stretches
from simulator.domain.clock import Instant
from simulator.domain.refusals import BadRequest, InvalidParameter, shown
from simulator.fhir import urls
from simulator.fhir.organization import ORGANISATION_TYPES
from simulator.fhir.search_parameters import (
    DateBound,
    Parameters,
    read_bound,
    read_token,
    required,
    values_of,
)
from simulator.interactions.interaction import InteractionRequest, InteractionResponse, Practice

LOG = logging.getLogger("gpsim")

LONGEST = timedelta(days=14)
KEPT = 512
"""Of how many ways to ask the meaning is kept: many consumers ask for the same two weeks."""

INCLUDE_SCHEDULE = "Slot:schedule"
INCLUDE_PRACTITIONER = "Schedule:actor:Practitioner"
INCLUDE_LOCATION = "Schedule:actor:Location"
INCLUDE_ORGANIZATION = "Location:managingOrganization"

UNDERSTOOD = {
    "_include": (INCLUDE_SCHEDULE,),
    "_include:recurse": (INCLUDE_PRACTITIONER, INCLUDE_LOCATION, INCLUDE_ORGANIZATION),
    "searchFilter": (urls.ORGANISATION_TYPES, urls.ODS_ORGANIZATION_CODE),
}
"""Where other values SHALL be ignored: those that say something, and the systems of a searchFilter."""

_READ_ELSEWHERE = ("status", "start", "end", "_format")


@dataclass(frozen=True, slots=True, eq=False)
class SlotSearch:
    """What a consumer looks for: slots wholly from `start` to `end`, for whom, and what comes with them.

    What is asked in the same words is one and the same object.
    """

    start: Instant
    end: Instant
    searcher: Searcher
    practitioners: bool
    locations: bool


def search_for_free_slots(request: InteractionRequest, practice: Practice) -> InteractionResponse:
    """Return a Bundle of free slots, their schedules, and the practitioners, locations and practice of these.

    Raises BadRequest and InvalidParameter. Source: specification, page "Search for free slots".
    """
    search = read_slot_search(request.parameters)
    diary = practice.diary()
    open_now = what_is_open(diary.rules, search, practice.clock.now())
    full = diary.full(search.searcher.ods_codes, practice.store)
    return InteractionResponse(
        diary.searchset(search.start, search.end, open_now, full, search.practitioners, search.locations)
    )


@lru_cache(maxsize=KEPT)
def what_is_open(rules: AccessRules, search: SlotSearch, now: Instant) -> tuple[Stretch, ...]:
    """Return what is open in a search's period: for a second the same at all practices of these rules."""
    return stretches(openings(rules.profiles, search.searcher, now), search.start, search.end)


@lru_cache(maxsize=KEPT)
def read_slot_search(parameters: Parameters) -> SlotSearch:
    """Return what the parameters ask for; raise BadRequest or InvalidParameter naming the parameter."""
    status = required(parameters, "status", "`free`")
    if status != "free":
        raise InvalidParameter(f"parameter status: {shown(status)} was sent; expected `free`")
    included = values_of(parameters, "_include")
    if INCLUDE_SCHEDULE not in included:
        came = f"{', '.join(map(shown, included))} was sent" if included else "is missing"
        raise BadRequest(f"parameter _include: {came}; expected `{INCLUDE_SCHEDULE}`")
    start = read_bound("start", required(parameters, "start", "`ge[date]`"), "ge", upper=False)
    end = read_bound("end", required(parameters, "end", "`le[date]`"), "le", upper=True)
    _check_period(start, end)
    recursed = values_of(parameters, "_include:recurse")
    for said in _ignored(parameters):
        LOG.info("search_for_free_slots: %s", said)
    return SlotSearch(
        start.instant,
        end.instant,
        _searcher(parameters),
        practitioners=INCLUDE_PRACTITIONER in recursed,
        locations=INCLUDE_LOCATION in recursed,
    )


def _ignored(parameters: Parameters) -> Iterator[str]:
    """Name what a search asks for in vain: it is no fault, but may be a slip that nothing else shows.

    What comes in a parameter or after a system that is not known may be of a patient, and is left out.
    """
    for name, value in parameters:
        if name not in UNDERSTOOD:
            if name not in _READ_ELSEWHERE:
                yield f"parameter {shown(name)} is not known, and ignored"
            continue
        system, _, code = value.partition("|")
        asked, understood = (system if name == "searchFilter" else value), UNDERSTOOD[name]
        if asked == urls.ORGANISATION_TYPES and name == "searchFilter":
            asked, understood = code, tuple(ORGANISATION_TYPES)
        if asked not in understood:
            yield f"parameter {name}: {shown(asked)} says nothing; understood are {', '.join(understood)}"


def _check_period(start: DateBound, end: DateBound) -> None:
    """Raise InvalidParameter for a period that runs backwards or over two weeks.

    Two weeks are counted in UK dates; from one time to another by UK clocks, or in hours where these are
    fewer: who counts in hours, as the conformance suite does, may ask for fourteen times 24 of them.
    """
    if end.instant < start.instant or end.day < start.day:
        raise InvalidParameter(
            f"parameter end: {end.sent} is before start {start.sent}; expected a period that runs forwards"
        )
    length = end.day - start.day
    if start.time is not None and end.time is not None:
        length = min(end.time - start.time, timedelta(seconds=end.instant - start.instant))
    if length > LONGEST:
        said = str(length).removesuffix(", 0:00:00")
        raise InvalidParameter(f"parameters start and end: the period is {said}; expected at most 14 days")


def _searcher(parameters: Parameters) -> Searcher:
    """Return for whom the search is made; filters of unknown systems say nothing."""
    tokens = [read_token(value) for value in values_of(parameters, "searchFilter")]
    return Searcher(
        frozenset(token.code for token in tokens if token and token.system == urls.ORGANISATION_TYPES),
        frozenset(token.code for token in tokens if token and token.system == urls.ODS_ORGANIZATION_CODE),
    )
